/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/judging.h"

#include "analyzer/advice_verdicts.h"
#include "analyzer/finding_verdicts.h"
#include "model/judge.h"

void judging_run(struct session *session)
{
    judge_session(session);
    advice_verdicts_set(session);
    finding_verdicts_set(session);
}
