/* SPDX-License-Identifier: Apache-2.0 */
/* Functions outside the program of which no effects file tells anything: listed, never guessed. */
#ifndef ANALYZER_UNKNOWN_FUNCTIONS_H
#define ANALYZER_UNKNOWN_FUNCTIONS_H

#include "analyzer/program_graph.h"
#include "model/session.h"

/* Appends those that reachable functions of the program call to session->unknown_functions, most called
 * first. */
void unknown_functions_add(struct session *session, const struct program_graph *graph);

#endif
