/* SPDX-License-Identifier: Apache-2.0 */
/* How far a session went at some time, to forget what was appended since: a live view measures the same run
 * again and again beside one analysis. */
#ifndef MODEL_SESSION_MARK_H
#define MODEL_SESSION_MARK_H

#include "model/session.h"

struct session_mark {
    guint lengths[SESSION_LISTS];
};

struct session_mark session_mark_set(const struct session *session);
/* Frees the records that were appended since. What a stage replaced as a whole stays replaced. */
void session_mark_return(struct session *session, const struct session_mark *mark);

#endif
