/* SPDX-License-Identifier: Apache-2.0 */
/* One compilation database often builds several programs. Each `main` is one; what belongs to it is what a
 * linker would take: the units that its unit names functions of, directly or through others. */
#ifndef ANALYZER_EXECUTABLES_H
#define ANALYZER_EXECUTABLES_H

#include "analyzer/program_graph.h"

/* Sets graph->main_function, the main that the program's model is about, and in_program of every function:
 * the main whose file is called like `program_name` (may be NULL; `redis-server` is src/server.c), else the
 * one with the most functions that lies in no folder of tests or examples. Without any main, every function
 * is in the program and main_function NULL. */
void executables_choose(struct program_graph *graph, const char *program_name);

/* Per main of the graph, in that order: the set of units (struct fact_unit) that make its program
 * (GHashTable). The caller unrefs the array. */
GPtrArray *executables_units(const struct program_graph *graph);

#endif
