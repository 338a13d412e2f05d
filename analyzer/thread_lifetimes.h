/* SPDX-License-Identifier: Apache-2.0 */
/* Which threads were created and not yet joined, relative to the start of each function. */
#ifndef ANALYZER_THREAD_LIFETIMES_H
#define ANALYZER_THREAD_LIFETIMES_H

#include "analyzer/parallel_reach.h"

/* What happens to threads from the start of a function up to some place in it. */
struct spawn_change {
    guint64 created, joined; /* bit per spawn: may be alive, are over */
};

struct function_spawns {
    gboolean changes;          /* creates or joins anything, itself or below */
    struct spawn_change whole; /* from call to return */
    struct spawn_change *at;   /* by event index, with `changes` */
};

/* Fills program->functions once program->spawns are known. */
void thread_lifetimes_find(struct program_flows *program);
void thread_lifetimes_free(struct program_flows *program);

/* Spawns alive at the event when `alive` were so at the start of the function. */
guint64 spawns_alive_at(const struct program_flows *program, const struct graph_function *function,
                        guint event, guint64 alive);

#endif
