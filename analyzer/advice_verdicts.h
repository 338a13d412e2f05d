/* SPDX-License-Identifier: Apache-2.0 */
/* Advice put to the test: what it rests on is looked up in the measurements of a run, and its formulas are
 * applied again to the measured work. A pure function, like the judge (model/judge.h) that it uses;
 * docs/advice.md has the criteria. */
#ifndef ANALYZER_ADVICE_VERDICTS_H
#define ANALYZER_ADVICE_VERDICTS_H

#include "model/session.h"

/* Replaces session->advice_verdicts: one per advice and run. */
void advice_verdicts_set(struct session *session);

#endif
