/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of the program that a function of the library runs before it returns: what is handed to `qsort`.
 * They are no targets of the call, so that the order of the graph does not tell which of the two comes
 * first. */
#ifndef ANALYZER_LIBRARY_CALLBACKS_H
#define ANALYZER_LIBRARY_CALLBACKS_H

#include "analyzer/program_graph.h"

/* struct call_site → GPtrArray of struct graph_function, borrowed, of those calls that run any. The caller
 * unrefs the table. */
GHashTable *library_callbacks_find(const struct program_graph *graph);

/* By function index: handed on by a function that comes before it in the order of costs, or below one that
 * is. The caller frees the array. */
gboolean *library_callbacks_later(const struct program_graph *graph, GHashTable *callbacks);

#endif
