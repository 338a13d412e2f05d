/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/stack_time.h"

#include "reports/reports.h"

static void stack_time_free(gpointer data)
{
    struct stack_time *time = data;
    g_ptr_array_unref(time->frames);
    g_free(time);
}

static GPtrArray *outermost_first(const struct session *session, const struct call_stack *stack)
{
    g_autoptr(GPtrArray) innermost_first = session_stack_frames(session, stack);
    GPtrArray *frames = g_ptr_array_sized_new(innermost_first->len);
    for (guint i = innermost_first->len; i > 0; i--)
        g_ptr_array_add(frames, g_ptr_array_index(innermost_first, i - 1));
    return frames;
}

/* The body's function, or the name of the threads. */
static const char *group_of(const struct report_index *index, const struct call_stack *stack)
{
    const struct region *body =
        stack->thread_group ? g_hash_table_lookup(index->regions, stack->thread_group) : NULL;
    return body && body->function ? body->function : stack->thread_group ? stack->thread_group : "several";
}

static void add_time(const struct report_index *index, const struct call_stack *stack, enum stack_state state,
                     double seconds, GPtrArray *times)
{
    if (!(seconds > 0))
        return;
    struct stack_time *time = g_new0(struct stack_time, 1);
    time->state = state;
    time->group = group_of(index, stack);
    time->frames = outermost_first(index->session, stack);
    time->cause = state == STACK_BLOCKED || state == STACK_IDLE ? stack->cause : NULL;
    time->merged = stack->merged;
    time->seconds = seconds;
    time->count = state == STACK_RUNNABLE ? 0 : stack->count;
    g_ptr_array_add(times, time);
}

GPtrArray *stack_times_of(const struct report_index *index, GError **error)
{
    GPtrArray *times = g_ptr_array_new_with_free_func(stack_time_free);
    for (guint i = 0; i < index->session->call_stacks->len; i++) {
        const struct call_stack *stack = g_ptr_array_index(index->session->call_stacks, i);
        if (!report_index_is_shown(index, stack->run))
            continue;
        add_time(index, stack,
                 stack->activity != ACTIVITY_BLOCKED ? STACK_RUNNING
                 : stack->idle                       ? STACK_IDLE
                                                     : STACK_BLOCKED,
                 stack->seconds, times);
        add_time(index, stack, STACK_RUNNABLE, stack->runnable_seconds, times);
    }
    if (times->len > 0)
        return times;
    g_ptr_array_unref(times);
    g_set_error(error, FORMAT_ERROR, FORMAT_ERROR_NOTHING,
                "cannot draw call stacks: %s; corewise trace and corewise check keep them",
                index->run ? "the run has none, it may be one of an older corewise"
                           : "the session holds no run");
    return NULL;
}

char *stack_time_leaf(const struct stack_time *time)
{
    if (time->merged > 0)
        return g_strdup_printf("[%d lighter stacks]", time->merged);
    if (time->state == STACK_RUNNABLE)
        return g_strdup("[waiting for a core]");
    if (time->cause)
        return g_strdup_printf("[%s%s]", time->cause, time->state == STACK_IDLE ? ", idle" : "");
    return time->frames->len == 0 ? g_strdup("[unknown]") : NULL;
}
