/* SPDX-License-Identifier: Apache-2.0 */
/* Fields that hold many flags. Of an object of which the program asks for many independent properties
 * (`c->flags & REPLICA`, `& MONITOR`, `& CLOSE_SOON` …) few are set at a time: that a given one is set is the
 * exception. */
#ifndef ANALYZER_FLAG_FIELDS_H
#define ANALYZER_FLAG_FIELDS_H

#include "analyzer/program_graph.h"

struct flag_fields;

struct flag_fields *flag_fields_find(const struct program_graph *graph);
void flag_fields_free(struct flag_fields *fields);

enum flag_answer { FLAG_UNKNOWN, FLAG_TRUE_UNLIKELY, FLAG_FALSE_UNLIKELY };

/* Whether the condition asks for few of many flags, and which answer is the exception. */
enum flag_answer flag_fields_ask(const struct flag_fields *fields, const struct fact_test *test);

#endif
