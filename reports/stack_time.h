/* SPDX-License-Identifier: Apache-2.0 */
/* The call stacks of the newest run as profile formats want them: time in a state, with frames outermost
 * first. */
#ifndef REPORTS_STACK_TIME_H
#define REPORTS_STACK_TIME_H

#include "reports/report_index.h"

enum stack_state { STACK_RUNNING, STACK_RUNNABLE, STACK_BLOCKED, STACK_IDLE, STACK_STATE_COUNT };

struct stack_time {
    enum stack_state state;
    const char *group; /* body or name of the threads; "several" when they differ; as recorded */
    GPtrArray *frames; /* const struct call_frame, outermost first; empty when it is not known */
    const char *cause; /* of a wait; NULL otherwise */
    int merged;        /* stacks summed here, whose frames are not known; 0: one stack */
    double seconds;
    guint64 count; /* samples or waits; 0 for STACK_RUNNABLE, which is counted with what it follows */
};

/* struct stack_time, in the order of the session, without those of no time. NULL with FORMAT_ERROR_NOTHING
 * when the session has no stacks. The caller unrefs; names are borrowed from the session. */
GPtrArray *stack_times_of(const struct report_index *index, GError **error);

/* How a frame without a name or a row without frames is shown: "[unknown]", "[12 lighter stacks]", "[mutex]",
 * "[waiting for a core]". NULL when the stack needs no such frame below it. The caller frees it. */
char *stack_time_leaf(const struct stack_time *time);

#endif
