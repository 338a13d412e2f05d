/* SPDX-License-Identifier: Apache-2.0 */
/* Usage: write_examples FOLDER. Keeps the example sessions there as NAME.cw, for tests of what the program
 * makes of them. */
#include "example_session.h"
#include "model/session_file.h"

static struct interval *add_interval(struct session *session, int tid, double start, double seconds,
                                     enum activity activity)
{
    struct interval *interval = interval_new();
    interval->run = g_strdup(EXAMPLE_RUN);
    interval->thread = g_strdup_printf("%s/%d", EXAMPLE_RUN, tid);
    interval->start_seconds = start;
    interval->seconds = seconds;
    interval->activity = activity;
    g_ptr_array_add(session->timeline, interval);
    return interval;
}

/* The first two threads take turns for a while, every state comes up; text is as hostile as the session's. */
static struct session *with_timeline(struct session *session)
{
    const struct thread *first = g_ptr_array_index(session->threads, 0);
    const struct thread *second = g_ptr_array_index(session->threads, session->threads->len > 1);
    for (int i = 0; i < 100; i++) {
        double start = 0.01 * i;
        add_interval(session, first->tid, start, 0.006123456, ACTIVITY_RUNNING);
        struct interval *blocked =
            add_interval(session, first->tid, start + 0.006123456, 0.003876544, ACTIVITY_BLOCKED);
        blocked->cause = g_strdup("mutex");
        blocked->function = g_strdup(first->name);
        if (second == first)
            continue;
        add_interval(session, second->tid, start, 0.005, ACTIVITY_RUNNABLE);
        add_interval(session, second->tid, start + 0.005, 0.005, ACTIVITY_RUNNING);
    }
    return session;
}

/* Names that mean something to Markdown, to code hosts and to spreadsheets. */
static struct session *markup(void)
{
    static const char *const names[] = {"@octocat",
                                        "#12 !34",
                                        "**bold** _i_ `c`",
                                        "- item",
                                        "1. first",
                                        "# title",
                                        "https://evil.test",
                                        "www.evil.test",
                                        "me@evil.test",
                                        "![i](http://x)",
                                        "a|b||c",
                                        "~~gone~~ $x$",
                                        "=SUM(A1:A9)",
                                        "+1",
                                        "@cmd|' /C calc'!A0",
                                        "&amp; &lt;b&gt;",
                                        "<!-- hidden --",
                                        "\\`*{}[]()#+-.!",
                                        "<img src=x onerror=alert(1)>"};
    struct session *session = example_session_trace();
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        example_add_thread(session, 5000 + (int)i, names[i], NULL, 1);
        example_add_lock(session, names[i], LOCK_MUTEX, names[i], 7, TRUE);
        struct wait_edge *wait = example_add_wait(session, 5000 + (int)i, 5000, names[i], CAUSE_MUTEX, 1, 1);
        wait->file = g_strdup(names[i]);
        wait->line = 7;
    }
    return session;
}

static struct session *hostile(void)
{
    struct session *session = example_session_hostile();
    const struct thread *thread = g_ptr_array_index(session->threads, 0);
    int frame = example_add_frame(session, 0, thread->name, "a\"b;c.c", 7);
    example_add_stack(session, thread->name, frame, ACTIVITY_RUNNING, 0.25, 250);
    frame = example_add_frame(session, frame, "evil;frame 12\n\x1b]0;x\x07", NULL, 0);
    example_add_stack(session, "group;1 2", frame, ACTIVITY_BLOCKED, 0.5, 3)->cause = g_strdup("mutex");
    return session;
}

static struct session *crowd(void)
{
    return example_session_crowd(40);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        struct session *(*make)(void);
    } examples[] = {{"pigz", example_session_pigz},
                    {"analysis", example_session_analysis},
                    {"trace", example_session_trace},
                    {"hostile", hostile},
                    {"crowd", crowd},
                    {"markup", markup},
                    {"empty", session_new}};
    if (argc != 2)
        return 2;
    for (guint i = 0; i < G_N_ELEMENTS(examples); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Session) session = examples[i].make();
        g_autofree char *name = g_strconcat(examples[i].name, ".cw", NULL);
        g_autofree char *file = g_build_filename(argv[1], name, NULL);
        if (session->threads->len)
            with_timeline(session);
        if (!session_file_write(session, file, STAGE_ALL, &error))
            g_error("%s", error->message);
    }
    return 0;
}
