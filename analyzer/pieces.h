/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that move many pieces at once (`writev`, `epoll_wait`): how many, and through which functions of the
 * program. A part of the cost model (cost.h); nothing else needs it. */
#ifndef ANALYZER_PIECES_H
#define ANALYZER_PIECES_H

#include "analyzer/cost.h"

/* Seconds that one execution of the call takes for the pieces that it moves: as many as the loop before it
 * runs, which fills their array, or (with the property `polls`) the one after it, which goes through them. Of
 * a function that hands the pieces on, all but the first, which its own time holds. */
double pieces_seconds(const struct cost_model *model, const struct call_site *call, int scenario);

/* Notes in the costs of the caller that it hands pieces of its own callers on; callees before callers. */
void pieces_note(struct cost_model *model, const struct call_site *call);

#endif
