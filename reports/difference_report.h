/* SPDX-License-Identifier: Apache-2.0 */
/* What changed between two sessions, for a person or for a script. */
#ifndef REPORTS_DIFFERENCE_REPORT_H
#define REPORTS_DIFFERENCE_REPORT_H

#include "model/difference.h"
#include "reports/reports.h"

struct difference_format {
    const char *name;
    void (*render)(const struct difference *difference, const struct report_options *options, GString *out);
};

extern const struct difference_format difference_formats[]; /* ended by a NULL name */
const struct difference_format *difference_format_find(const char *name);

void difference_text(const struct difference *difference, const struct report_options *options, GString *out);
void difference_html(const struct difference *difference, const struct report_options *options, GString *out);
void difference_json(const struct difference *difference, const struct report_options *options, GString *out);

#endif
