/* SPDX-License-Identifier: Apache-2.0 */
/* What the judge makes of one measured value before it compares: its interval, and what the surroundings of
 * the run (other programs on the cores, a cold page cache) did to it. For the judge and for differences. */
#ifndef MODEL_JUDGE_SHARE_H
#define MODEL_JUDGE_SHARE_H

#include "model/judge.h"

/* Everything that a verdict on one prediction rests on. */
struct judged {
    const struct session *session;
    const struct run *run;
    const struct prediction *prediction;
    const struct measurement *measurement;
    double value; /* what is compared */
    guint64
        samples; /* that it rests on: those of the measurement, without those in a queue that is left out */
    double low, high;            /* its interval */
    double queue_share;          /* of active time: waiting for a core; 0 for what is no class share */
    gboolean queue_is_of_others; /* the program had hardly ever more threads for the cores than there are:
                                    `value` leaves the queue out */
    double cold_share;           /* of active time: waiting for the page cache to be filled */
    double holder_share;   /* of the time that `value` is a share of: waiting for a thread that waited for a
                              core */
    double lost_share;     /* of the events that the metric rests on */
    const char *lost_kind; /* their name */
};

/* `measurement` must be one of `run` and fit `prediction`. */
struct judged judged_of(const struct session *session, const struct run *run,
                        const struct prediction *prediction, const struct measurement *measurement);

/* The shares of active time that decide a class. */
gboolean is_class_share(const char *metric);

/* A share of active time, when the part of it that passed in the queue for a core is left out. */
double share_without_queue(const char *metric, double share, double queue_share);
/* When the part that passed while the page cache was filled is left out. */
double share_without_cold_cache(const char *metric, double share, double cold_share);

/* When the part that passed in waits for threads that waited for a core themselves is left out. */
double share_without_holders_queue(const char *metric, double share, double holder_share);

enum doubt {
    DOUBT_NONE,
    DOUBT_FEW,    /* too few observations */
    DOUBT_LOST,   /* too many lost events */
    DOUBT_NEAR,   /* the interval has values on both sides */
    DOUBT_QUEUE,  /* with the queue for a core left out, the verdict would be another */
    DOUBT_COLD,   /* with a warm page cache, the verdict would be another */
    DOUBT_HOLDER, /* had holders of locks not waited for a core, the verdict would be another */
};

/* The verdict, and why it is inconclusive when it is. */
enum verdict_kind judged_verdict(const struct judged *judged, enum doubt *doubt);

/* One sentence with the numbers. The caller's. */
char *judged_words(const struct judged *judged, enum verdict_kind kind, enum doubt doubt);
/* Why nothing was measured, with how much of the program the run reached. The caller's. */
char *not_exercised_words(const struct session *session, const struct run *run,
                          const struct prediction *prediction);

#endif
