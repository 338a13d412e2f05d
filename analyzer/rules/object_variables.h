/* SPDX-License-Identifier: Apache-2.0 */
/* The declared variable behind a place, with what its type says. */
#ifndef ANALYZER_RULES_OBJECT_VARIABLES_H
#define ANALYZER_RULES_OBJECT_VARIABLES_H

#include "analyzer/program_graph.h"

/* Access path → struct fact_variable (borrowed) of all units; the caller unrefs the table. */
GHashTable *object_variables_new(const struct program_graph *graph);

/* The variable itself, or the one that the place begins with (`own[0]`, `server.clients`); NULL for locals
 * and what only a pointer leads to. */
const struct fact_variable *object_variable_find(GHashTable *variables, const char *place);

#endif
