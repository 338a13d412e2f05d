/* SPDX-License-Identifier: Apache-2.0 */
/* Findings put to the test: whether a run did what a rule warns of, as far as waits and time on the core can
 * tell. A pure function of the session; docs/check.md has what is looked for. */
#ifndef ANALYZER_FINDING_VERDICTS_H
#define ANALYZER_FINDING_VERDICTS_H

#include "model/session.h"

/* Replaces session->finding_verdicts: one per finding and run. */
void finding_verdicts_set(struct session *session);

#endif
