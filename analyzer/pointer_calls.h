/* SPDX-License-Identifier: Apache-2.0 */
/* What a call through a pointer may call: a part of linking the program graph, which nothing else needs. */
#ifndef ANALYZER_POINTER_CALLS_H
#define ANALYZER_POINTER_CALLS_H

#include "analyzer/program_graph.h"

/* The functions of the program that are stored somewhere (struct graph_function, borrowed). The caller unrefs
 * the array. */
GPtrArray *address_taken_find(const struct program_graph *graph);

/* Sets targets, resolution and effect of a call without a callee's name: what was stored where the pointer
 * comes from, of the program or of a library; else every one of `address_taken` with its signature. */
void pointer_call_resolve(struct program_graph *graph, GPtrArray *address_taken, struct call_site *call);

#endif
