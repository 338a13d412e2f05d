/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that tell people about trouble or progress: to stderr, to the system's log, or through the program's
 * own log functions. They stand on ways that are seldom taken, or are switched off by a level inside, and say
 * nothing about what the code around them does. */
#ifndef ANALYZER_REPORTERS_H
#define ANALYZER_REPORTERS_H

#include "analyzer/program_graph.h"

/* Per function of the graph, by index: a function of the program with a format and `...` that reports. Calls
 * of these, and of library functions that report, are marked (call_site.reports). The caller frees the array.
 */
gboolean *reporters_find(const struct program_graph *graph);

#endif
