/* SPDX-License-Identifier: Apache-2.0 */
/* What changed between the newest runs of two sessions, and whether it is more than chance. A pure function
 * of the two. Regions are matched by kind, function and file, in the order of their lines, so that a fix may
 * move them; locks by name; predictions by region, metric, comparison and value. Threads have no counterpart
 * in another run. */
#ifndef MODEL_DIFFERENCE_H
#define MODEL_DIFFERENCE_H

#include "model/session.h"

/* Of all differences together, so many in a hundred sets of them may be called significant by chance. */
#define DIFFERENCE_ERROR 0.05

/* One metric of one subject on both sides. */
struct metric_difference {
    enum subject_kind subject_kind;
    const char *before_subject, *after_subject; /* ids; NULL for the program */
    const char *metric;
    const char *unit;     /* of the metric table */
    double before, after; /* shares of class are without the time in the queue for a core, as the judge's */
    double low, high;     /* interval of after - before */
    gboolean judged;      /* FALSE: one run each tells nothing about chance (wall_seconds) */
    gboolean significant; /* the interval leaves 0 out */
};

/* A prediction whose verdict changed. */
struct verdict_difference {
    const struct prediction *before_prediction, *after_prediction;
    const struct verdict *before, *after;
};

enum difference_kind { ONLY_BEFORE, ONLY_AFTER };

/* Something that is in one of the two only. */
struct lone_record {
    enum difference_kind kind;
    const char *what; /* "region" "lock" "finding" */
    const char *id;   /* of a finding its message */
};

/* Borrows both sessions, which must outlive it and stay as they are. */
struct difference {
    const struct session *before, *after;
    const struct run *before_run, *after_run; /* the newest; NULL without one */
    GArray *metrics;                          /* struct metric_difference: the program, regions, locks */
    GArray *pairs;                            /* what the rows of `metrics` were judged by; of difference.c */
    GArray *verdicts;                         /* struct verdict_difference */
    GArray *lone;                             /* struct lone_record */
};

struct difference *difference_new(const struct session *before, const struct session *after);
void difference_free(struct difference *difference);
typedef struct difference Difference;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Difference, difference_free)

/* A prediction is refuted that was not before. */
gboolean difference_newly_refuted(const struct difference *difference);
gboolean difference_significant(const struct difference *difference);

/* Interval of y - x from the intervals of both at the same confidence (R. G. Newcombe, Statistics in Medicine
 * 17, 1998, method 10; G. Y. Zou and A. Donner, Statistics in Medicine 27, 2008, for any measure). */
void difference_interval(double x, double x_low, double x_high, double y, double y_low, double y_high,
                         double *low, double *high);

#endif
