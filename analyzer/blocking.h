/* SPDX-License-Identifier: Apache-2.0 */
/* What a call into the library waits for. */
#ifndef ANALYZER_BLOCKING_H
#define ANALYZER_BLOCKING_H

#include "analyzer/host_costs.h"
#include "analyzer/program_graph.h"

struct blocking {
    gboolean blocks;
    enum wait_cause cause;
    gboolean known; /* FALSE: the origin of the descriptor was not found, cause is CAUSE_OTHER */
    double wait_ns[WAIT_LEVEL_COUNT];
};

/* What the library call `call` waits for; blocks is FALSE for calls inside the program and unknown ones. */
struct blocking blocking_of(const struct program_graph *graph, const struct host_costs *costs,
                            const struct call_site *call);

/* What an operation on the descriptor in argument `index` waits for, from where the descriptor was made: in
 * the same function, by the callers of the function, or anywhere it was stored. FALSE when the origin was not
 * found. */
gboolean descriptor_origin(const struct program_graph *graph, const struct call_site *call, int index,
                           enum wait_cause *cause);

/* TRUE when the call waits for another thread to give up a lock, not for something to happen. */
gboolean cause_is_exclusion(enum wait_cause cause);

#endif
