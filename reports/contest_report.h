/* SPDX-License-Identifier: Apache-2.0 */
/* Which way to run a job is best, for a person, a script, or as a picture. */
#ifndef REPORTS_CONTEST_REPORT_H
#define REPORTS_CONTEST_REPORT_H

#include "model/contest.h"
#include "reports/reports.h"

struct contest_format {
    const char *name;
    void (*render)(const struct contest *contest, const struct report_options *options, GString *out);
};

extern const struct contest_format contest_formats[]; /* ended by a NULL name */
const struct contest_format *contest_format_find(const char *name);

void contest_text(const struct contest *contest, const struct report_options *options, GString *out);
void contest_json(const struct contest *contest, const struct report_options *options, GString *out);
/* One SVG file that needs nothing else: a row per variant, a column per measure. */
void contest_svg(const struct contest *contest, const struct report_options *options, GString *out);

/* A value of a column as people read it; the string is the caller's. */
char *contest_value(enum contest_column column, double value);

#endif
