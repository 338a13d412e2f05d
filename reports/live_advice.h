/* SPDX-License-Identifier: Apache-2.0 */
/* What the numbers of a run that goes on support: advice that the run does not refute where there is an
 * analysis, and what the shares alone say where there is none. A share counts when its whole interval
 * (model/judge.h) is on one side of the threshold. */
#ifndef REPORTS_LIVE_ADVICE_H
#define REPORTS_LIVE_ADVICE_H

#include "reports/report_index.h"

/* char *, most worthwhile first; never empty: the last resort says that there is nothing. The caller's. */
GPtrArray *live_advice_new(const struct report_index *index);

#endif
