/* SPDX-License-Identifier: Apache-2.0 */
/* What a pointer may call in which nothing was seen to be stored: a part of linking the program graph, which
 * only pointer_calls.h needs. */
#ifndef ANALYZER_UNSEEN_POINTERS_H
#define ANALYZER_UNSEEN_POINTERS_H

#include "analyzer/program_graph.h"

/* Fields that are called but never filled get what the same source stores in fields of the same name that
 * are never called: structs of one shape that differ in the type of the function, of which a cast makes one
 * the other. Adds to graph->values, before any call is linked. */
void unseen_pointers_join_twins(struct program_graph *graph);

/* Functions of the program that are stored somewhere, by their type; borrows the graph's. */
struct unseen_pointers;
struct unseen_pointers *unseen_pointers_new(const struct program_graph *graph);
void unseen_pointers_free(struct unseen_pointers *unseen);
typedef struct unseen_pointers UnseenPointers;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UnseenPointers, unseen_pointers_free)

/* Adds to `found` (struct graph_function, borrowed) what the pointer at `path` may call, of this type.
 * Nothing tells what it is: a guess. A field could only have been filled unseen; so it holds none of the
 * functions whose every place is called from, or copied to where it is called. */
void unseen_pointers_collect(const struct unseen_pointers *unseen, const char *path, const char *signature,
                             GPtrArray *found);

#endif
