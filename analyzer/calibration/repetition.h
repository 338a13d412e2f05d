/* SPDX-License-Identifier: Apache-2.0 */
/* The same work again and again: its median and how far the middle half of the repetitions lies apart. */
#ifndef ANALYZER_CALIBRATION_REPETITION_H
#define ANALYZER_CALIBRATION_REPETITION_H

#include <errno.h>
#include <glib.h>

struct repetition {
    double median, low, high; /* low and high: the quartiles */
    guint samples;            /* 0: nothing was measured */
};

/* How long to try. A repetition lasts at least batch_seconds, so that the clock does not matter, and as short
 * as that allows, so that most are over before the scheduler runs something else. */
struct effort {
    double batch_seconds, limit_seconds; /* of one repetition; of all, after the least number */
    guint repetitions;
    double (*clock)(void);   /* seconds that count; NULL: clock_seconds */
    double disturbed_factor; /* see repetition_measure; 0: all count */
};
#define REPETITIONS_MINIMUM 5

/* Does the work `count` times and returns how often it was really done; 0 when it failed, with errno set:
 * after REPETITION_AGAIN the repetition is left out and tried again. */
#define REPETITION_AGAIN ECANCELED
typedef guint64 repeated_work(guint64 count, gpointer data);

/* Seconds of one time, after a warm-up that also finds the count of a repetition. A repetition that took more
 * than disturbed_factor times as long as the fastest tenth had to wait for other programs and is left out.
 * FALSE with errno when the work failed, also when it asked to be tried again all the time. */
gboolean repetition_measure(const struct effort *effort, repeated_work *work, gpointer data,
                            struct repetition *result);

/* Of numbers that were measured elsewhere; reorders them. */
void repetition_of(double *values, guint count, struct repetition *result);

/* value · factor + offset, for all of them. */
void repetition_scale(struct repetition *repetition, double factor, double offset);

double clock_seconds(void); /* what passes */
/* What all threads of this process, and the children that it has waited for, spent on cores. Where all of the
 * work is done by these, and on one core, it is what passes on a machine that does nothing else. */
double clock_spent_seconds(void);

#endif
