/* SPDX-License-Identifier: Apache-2.0 */
/* What `corewise explain` says of each class, model and verdict. */
#ifndef CLI_EXPLANATIONS_H
#define CLI_EXPLANATIONS_H

struct explanation {
    const char *name;
    const char *summary; /* one line */
    const char *text;    /* paragraphs: how it is found, what to do */
};

extern const struct explanation explanations[]; /* NULL-name terminated */

#endif
