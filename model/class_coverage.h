/* SPDX-License-Identifier: Apache-2.0 */
/* How much of a run's active time passed in code whose class the analysis told, and was right about. Pure. */
#ifndef MODEL_CLASS_COVERAGE_H
#define MODEL_CLASS_COVERAGE_H

#include "model/session.h"

/* Seconds on the core and of waits that were not idle, each moment counted for the innermost function of the
 * program. */
struct class_coverage {
    double seconds[VERDICT_KIND_COUNT]; /* in regions, by the verdict on their static class */
    double guessed[VERDICT_KIND_COUNT]; /* the part of it whose class is a guess */
    double unattributed;                /* in no region */
    double active;                      /* all of it */
};

/* A region that had time of its own, and what the run says of its class. */
struct class_judgement {
    const struct region *region;
    double seconds;          /* of its own, as in the coverage */
    struct verdict *verdict; /* its `why` names the share that decided; it belongs to no prediction */
};

/* The class was said with too little confidence to be claimed (CLASS_CLAIM_CONFIDENCE). */
gboolean class_is_guess(const struct region *region);

/* Zero where the run has no measurement. */
struct class_coverage class_coverage_of(const struct session *session, const struct run *run);

/* What the coverage adds up: struct class_judgement, the longest first. The regions are the session's; the
 * caller frees the array with its verdicts. */
GPtrArray *class_judgements(const struct session *session, const struct run *run);

/* The verdict on the class of one region, claimed by a prediction or not. The caller's (verdict_free). */
struct verdict *class_verdict(const struct session *session, const struct run *run,
                              const struct region *region);

#endif
