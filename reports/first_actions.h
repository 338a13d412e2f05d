/* SPDX-License-Identifier: Apache-2.0 */
/* What to do first, by what a run says it is worth: advice that it did not refute, findings that it saw,
 * locks that were waited for. */
#ifndef REPORTS_FIRST_ACTIONS_H
#define REPORTS_FIRST_ACTIONS_H

#include "reports/report_index.h"

#define FIRST_ACTIONS 3

struct action {
    char *text;
    char *file; /* optional: where to begin */
    int line;
    double saved_seconds; /* at most, of the run; NaN: it saves no time */
    double gain;          /* times as fast; without saved_seconds: as many tasks per second; NaN: not known */
    double memory_gain;   /* times less memory; NaN: not known, or no reason */
    const char *basis;    /* "confirmed", "inconclusive", "seen" …: what the run says; static */
    double weight;        /* they are sorted by this */
};

/* The most worthwhile first, FIRST_ACTIONS at most; empty without a run. The caller unrefs. */
GPtrArray *first_actions_find(const struct report_index *index);

#endif
