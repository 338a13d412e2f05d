/* SPDX-License-Identifier: Apache-2.0 */
/* What a call into the library waits for. */
#ifndef ANALYZER_BLOCKING_H
#define ANALYZER_BLOCKING_H

#include "analyzer/host_costs.h"
#include "analyzer/program_graph.h"

struct blocking {
    gboolean blocks;
    enum wait_cause cause;
    gboolean known; /* FALSE: the descriptor has several origins, or some that were not found; `cause` is the
                       one that waits longest, CAUSE_OTHER without any */
    double wait_ns[WAIT_LEVEL_COUNT];
};

/* What the library call `call` waits for; blocks is FALSE for calls inside the program and unknown ones, and
 * for operations on descriptors that were made non-blocking. */
struct blocking blocking_of(const struct program_graph *graph, const struct host_costs *costs,
                            const struct call_site *call);

/* TRUE when the call waits for another thread to give up a lock, not for something to happen. */
gboolean cause_is_exclusion(enum wait_cause cause);

#endif
