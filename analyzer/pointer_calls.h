/* SPDX-License-Identifier: Apache-2.0 */
/* What a call through a pointer may call: a part of linking the program graph, which nothing else needs. */
#ifndef ANALYZER_POINTER_CALLS_H
#define ANALYZER_POINTER_CALLS_H

#include "analyzer/program_graph.h"
#include "analyzer/unseen_pointers.h"

/* Sets targets, resolution and effect of a call without a callee's name: what was stored where the pointer
 * comes from, of the program or of a library; else what `unseen` guesses. */
void pointer_call_resolve(struct program_graph *graph, const struct unseen_pointers *unseen,
                          struct call_site *call);

#endif
