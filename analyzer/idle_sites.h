/* SPDX-License-Identifier: Apache-2.0 */
/* The calls that wait for the next task: the first wait in the outermost task loop of a thread or process
 * body, an event loop, or an accept loop, when it is a wait for a condition, a semaphore, descriptors, a
 * connection or a message. Later waits of the same loop (for space in an output queue) are part of the task.
 */
#ifndef ANALYZER_IDLE_SITES_H
#define ANALYZER_IDLE_SITES_H

#include "analyzer/blocking.h"
#include "analyzer/roots.h"

struct idle_sites {
    GHashTable *calls;   /* struct call_site (borrowed): the set of all of them */
    GHashTable *by_root; /* struct graph_function → GPtrArray of struct call_site: those of one body */
};

struct idle_sites *idle_sites_find(const struct program_graph *graph, const struct host_costs *costs,
                                   const struct roots *roots);
void idle_sites_free(struct idle_sites *sites);

gboolean idle_sites_contain(const struct idle_sites *sites, const struct call_site *call);

#endif
