/* SPDX-License-Identifier: Apache-2.0 */
#include "example_session.h"

int example_add_frame(struct session *session, int caller, const char *function, const char *file, int line)
{
    struct call_frame *frame = call_frame_new();
    frame->caller = caller;
    frame->function = g_strdup(function);
    frame->file = g_strdup(file);
    frame->line = line;
    frame->module = g_strdup(file ? "/usr/bin/pigz" : "/usr/lib/libc.so.6");
    g_ptr_array_add(session->call_frames, frame);
    return (int)session->call_frames->len;
}

struct call_stack *example_add_stack(struct session *session, const char *group, int frame,
                                     enum activity activity, double seconds, guint64 count)
{
    struct call_stack *stack = call_stack_new();
    stack->run = g_strdup(EXAMPLE_RUN);
    stack->thread_group = g_strdup(group);
    stack->frame = frame;
    stack->activity = activity;
    stack->seconds = seconds;
    stack->count = count;
    g_ptr_array_add(session->call_stacks, stack);
    return stack;
}

static struct call_stack *add_wait(struct session *session, const char *group, int frame, const char *cause,
                                   double seconds, guint64 count)
{
    struct call_stack *stack = example_add_stack(session, group, frame, ACTIVITY_BLOCKED, seconds, count);
    stack->cause = g_strdup(cause);
    return stack;
}

void example_add_stacks(struct session *session, const char *compressing)
{
    int start = example_add_frame(session, 0, "start_thread", NULL, 0);
    int body = example_add_frame(session, start, "compress_thread", "pigz.c", 1690);
    int slow = example_add_frame(session, body, "deflate_slow", "deflate.c", 1830);
    int match = example_add_frame(session, slow, "longest_match", "deflate.c", 1280);
    int possess = example_add_frame(session, body, "possess", "yarn.c", 96);
    int lock = example_add_frame(session, possess, "pthread_mutex_lock", NULL, 0);
    int main_frame = example_add_frame(session, 0, "main", "pigz.c", 4200);
    int join = example_add_frame(session, main_frame, "join", "yarn.c", 340);
    int readn = example_add_frame(session, main_frame, "readn", "pigz.c", 740);

    example_add_stack(session, compressing, match, ACTIVITY_RUNNING, 4.08, 4068)->runnable_seconds = 0.04;
    example_add_stack(session, compressing, slow, ACTIVITY_RUNNING, 2.74, 2732)->runnable_seconds = 0.06;
    example_add_stack(session, "pigz", readn, ACTIVITY_RUNNING, 0.51, 508);
    example_add_stack(session, "pigz", 0, ACTIVITY_RUNNING, 0.01, 10);
    example_add_stack(session, NULL, 0, ACTIVITY_RUNNING, 0.02, 20)->merged = 12;
    add_wait(session, compressing, lock, "mutex", 0.26, 217)->runnable_seconds = 0.01;
    add_wait(session, "pigz", readn, "disk", 0.25, 88);
    add_wait(session, "pigz", join, "join", 3.38, 1)->idle = TRUE;
}
