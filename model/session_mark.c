/* SPDX-License-Identifier: Apache-2.0 */
#include "model/session_mark.h"

static void arrays_of(const struct session *session, GPtrArray *arrays[SESSION_ARRAYS])
{
    GPtrArray *all[] = {session->units,
                        session->regions,
                        session->locks,
                        session->findings,
                        session->advice,
                        session->predictions,
                        session->runs,
                        session->threads,
                        session->measurements,
                        session->waits,
                        session->timeline,
                        session->call_frames,
                        session->call_stacks,
                        session->lock_orders,
                        session->gaps,
                        session->verdicts,
                        session->advice_verdicts,
                        session->finding_verdicts,
                        session->unknown_functions};
    G_STATIC_ASSERT(G_N_ELEMENTS(all) == SESSION_ARRAYS);
    for (guint i = 0; i < SESSION_ARRAYS; i++)
        arrays[i] = all[i];
}

struct session_mark session_mark_set(const struct session *session)
{
    struct session_mark mark;
    GPtrArray *arrays[SESSION_ARRAYS];
    arrays_of(session, arrays);
    for (guint i = 0; i < SESSION_ARRAYS; i++)
        mark.lengths[i] = arrays[i]->len;
    return mark;
}

void session_mark_return(struct session *session, const struct session_mark *mark)
{
    GPtrArray *arrays[SESSION_ARRAYS];
    arrays_of(session, arrays);
    for (guint i = 0; i < SESSION_ARRAYS; i++) {
        if (arrays[i]->len > mark->lengths[i])
            g_ptr_array_set_size(arrays[i], (gint)mark->lengths[i]);
    }
}
