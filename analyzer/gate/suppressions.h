/* SPDX-License-Identifier: Apache-2.0 */
/* Comments that say why a finding is no problem:
 *
 *     counter++; // corewise: allow(data-race, volatile-as-synchronization) only a statistic
 *
 * at the end of the line of a finding, above the statement, or above (or beside the head of) a function, for
 * all that is found in it. docs/lint.md has the rules. */
#ifndef ANALYZER_GATE_SUPPRESSIONS_H
#define ANALYZER_GATE_SUPPRESSIONS_H

#include "analyzer/program_graph.h"
#include "model/session.h"

/* Nothing is looked for by these two: they are what the comments themselves are reported with. */
extern const struct rule unused_suppression_rule, invalid_suppression_rule;

/* Marks the findings that a comment in one of the program's files suppresses, with its reason, and adds
 * findings for comments that are wrong, and for rules that a comment names in vain. `ran`: names of the rules
 * that ran, NULL: all. `whole`: every unit of the program was analysed; otherwise nothing can be in vain. */
void suppressions_apply(struct session *session, const struct program_graph *graph, const char *const *ran,
                        gboolean whole);

#endif
