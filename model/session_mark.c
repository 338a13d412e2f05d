/* SPDX-License-Identifier: Apache-2.0 */
#include "model/session_mark.h"

struct session_mark session_mark_set(const struct session *session)
{
    struct session_mark mark;
    for (guint i = 0; i < SESSION_LISTS; i++)
        mark.lengths[i] = session_list(session, i)->len;
    return mark;
}

void session_mark_return(struct session *session, const struct session_mark *mark)
{
    for (guint i = 0; i < SESSION_LISTS; i++) {
        GPtrArray *list = session_list(session, i);
        if (list->len > mark->lengths[i])
            g_ptr_array_set_size(list, (gint)mark->lengths[i]);
    }
}
