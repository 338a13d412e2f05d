/* SPDX-License-Identifier: Apache-2.0 */
/* What libcyaml says of a wrong file, for an error message. */
#ifndef ANALYZER_YAML_COMPLAINT_H
#define ANALYZER_YAML_COMPLAINT_H

#include <cyaml/cyaml.h>
#include <glib.h>

struct yaml_complaint {
    GString *text;      /* ": what was wrong: …" */
    long line;          /* of the innermost entry that holds the mistake; 0 unknown */
    GString *backtrace; /* optional: the entries around the mistake, from the inside out */
};

/* Reading without aliases, which could make a small file huge; what goes wrong is collected in `complaint`,
 * whose text the caller made. */
cyaml_config_t yaml_complaint_config(struct yaml_complaint *complaint);

#endif
