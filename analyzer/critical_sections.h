/* SPDX-License-Identifier: Apache-2.0 */
/* The code between taking a lock and giving it up, within one function, followed along the control flow.
 * Functions that come back holding a lock, or give up one they did not take (pigz's possess and release),
 * count as the lock calls. */
#ifndef ANALYZER_CRITICAL_SECTIONS_H
#define ANALYZER_CRITICAL_SECTIONS_H

#include "analyzer/program_graph.h"

struct critical_section {
    struct graph_function *function;
    const struct call_site *take;
    char *lock;     /* by type or global: `struct lock_s.mutex`, `cache_lock` */
    char *instance; /* as near to the object as the source says: `compress_have` for possess(compress_have) */
    enum lock_kind kind;
    int line, end_line;
    GPtrArray *calls; /* struct call_site inside, borrowed; the take itself is not among them */
};

/* All sections of the reachable functions; the caller unrefs the array. */
GPtrArray *critical_sections_find(const struct program_graph *graph);

/* The canonical name of the lock object in argument `index` of `call`, or NULL when the source does not say.
 */
const char *call_lock_name(const struct call_site *call, int index);

#endif
