/* SPDX-License-Identifier: Apache-2.0 */
/* Every kind of graph, one line each; the kind itself is in the file of its name. */
#include "reports/formats.h"

const struct graph_kind *const graph_kinds[] = {
    &graph_kind_contention,
    &graph_kind_wait_for,
    &graph_kind_lock_order,
    &graph_kind_calls,
    NULL,
};

const char *const graph_grouping_names[GRAPH_GROUPING_COUNT] = {"auto", "thread", "body", "process"};

const struct graph_kind *graph_kind_find(const char *name)
{
    for (const struct graph_kind *const *kind = graph_kinds; *kind; kind++) {
        if (g_strcmp0((*kind)->name, name) == 0)
            return *kind;
    }
    return NULL;
}
