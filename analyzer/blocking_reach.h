/* SPDX-License-Identifier: Apache-2.0 */
/* Which calls lead to a wait that is long enough to matter to others: a millisecond as a rule. */
#ifndef ANALYZER_BLOCKING_REACH_H
#define ANALYZER_BLOCKING_REACH_H

#include "analyzer/block_frequency.h"
#include "analyzer/blocking.h"
#include "analyzer/held_locks.h"

struct blocking_use {
    const struct call_site *call;     /* in this function: the call that waits, or the one that leads to it */
    const struct blocking_use *inner; /* in the callee; NULL when `call` waits itself */
    const struct call_site *wait;     /* the library call that waits */
    enum wait_cause cause;
    gboolean certain; /* always waits; FALSE: a descriptor that may be non-blocking or of unknown kind */
    GArray *given;    /* struct held_lock: the caller's locks that are given up meanwhile */
};

struct blocking_reach {
    guint count;
    GPtrArray **functions; /* by function index: struct blocking_use */
};

struct blocking_reach *blocking_reach_find(const struct program_graph *graph, const struct host_costs *host,
                                           const struct held_locks *locks, const struct endings *endings);
void blocking_reach_free(struct blocking_reach *reach);

/* What is waited for, in words: `a name to be resolved`, `a disk`. */
/* TRUE when it may be no wait, or hardly one that is reached. */
gboolean blocking_use_is_doubtful(const struct blocking_use *use);

const char *blocking_use_words(const struct blocking_use *use);

#endif
