/* SPDX-License-Identifier: Apache-2.0 */
/* Graphs read back with libcgraph, which Graphviz's own programs use. */
#ifndef TESTS_UNIT_GRAPH_READING_H
#define TESTS_UNIT_GRAPH_READING_H

#include <graphviz/cgraph.h>

#include "reports/reports.h"

/* The DOT text; the caller's. */
char *graph_write(const struct session *session, const char *kind, const struct graph_options *options);

/* Takes the session over; agclose it. Ends the test when it is not DOT. */
Agraph_t *graph_read(struct session *session, const char *kind, const struct graph_options *options);

/* "" when there is none. */
const char *graph_attribute(void *object, const char *name);
double graph_number(void *object, const char *name);

guint graph_count_nodes(Agraph_t *graph, const char *kind);
/* The only node whose label starts with `label`; ends the test when there is none. */
Agnode_t *graph_find_node(Agraph_t *graph, const char *label);
Agedge_t *graph_find_edge(Agraph_t *graph, Agnode_t *tail, Agnode_t *head);
void graph_assert_edge(Agraph_t *graph, Agnode_t *tail, Agnode_t *head, double seconds, const char *count);

#endif
