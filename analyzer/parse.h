/* SPDX-License-Identifier: Apache-2.0 */
/* One translation unit through libclang into facts. Meant for a worker process with a large stack: it changes
 * the working directory, and what libclang cannot bear ends the process. */
#ifndef ANALYZER_PARSE_H
#define ANALYZER_PARSE_H

#include "analyzer/facts.h"

struct parse_request {
    const char *file;         /* absolute */
    const char *directory;    /* absolute: where relative flags mean something */
    const char *const *flags; /* cleaned (command_line.h) */
    const char *root;         /* absolute: headers below it belong to the project */
};

/* Never NULL: what could not be understood is in the unit's error, with what could be. Flags that clang
 * refuses are left out, and the unit parsed again. */
struct fact_unit *parse_unit(const struct parse_request *request);

#endif
