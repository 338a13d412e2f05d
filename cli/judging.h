/* SPDX-License-Identifier: Apache-2.0 */
/* What every command that judges does: predictions, then advice, then findings. */
#ifndef CLI_JUDGING_H
#define CLI_JUDGING_H

#include "model/session.h"

/* Replaces all verdicts of the session. */
void judging_run(struct session *session);

#endif
