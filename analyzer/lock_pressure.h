/* SPDX-License-Identifier: Apache-2.0 */
/* How much threads of one body wait for each other's locks: when n threads each hold a lock for the share f
 * of their time and n·f > 1, the lock is the bottleneck and each thread waits for the n - 1 others (the
 * asymptotic bound of closed queueing networks: E. Lazowska et al., Quantitative System Performance, 1984,
 * chapter 5). */
#ifndef ANALYZER_LOCK_PRESSURE_H
#define ANALYZER_LOCK_PRESSURE_H

#include "analyzer/cost.h"

/* One lock under pressure from one thread body. */
struct lock_pressure {
    const struct root *body;
    const struct critical_section *section; /* the one that holds it longest */
    double held_share;                      /* of the body's active time without lock waits, 0 … 1 */
    double threads;
};

/* Finds the saturated locks, adds their waits to model->lock_waits and updates the model. The result (struct
 * lock_pressure) lists every lock that a body created more than once holds for at least half of its time or
 * that is saturated; the caller unrefs it. */
GPtrArray *lock_pressure_find(struct cost_model *model, GPtrArray *sections);

/* Threads that run `body` at once. */
double root_threads(const struct cost_model *model, const struct root *body);

#endif
