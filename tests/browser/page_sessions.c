/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the sessions that the page is tested with, and the sources that they speak of: `page_sessions
 * FOLDER`. */
#include <stdio.h>

#include "example_session.h"
#include "model/session_file.h"

#define HOSTILE "</script><img src=x onerror=window.owned=1>"
#define LINK    "javascript:window.owned=1"

static void write_source(const char *folder, const char *name, int lines, const char *line)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 1; i <= lines; i++)
        g_string_append_printf(text, "int line_%d = %d; /* %s */\n", i, i, line);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GError) error = NULL;
    g_file_set_contents(path, text->str, -1, &error);
    g_assert_no_error(error);
}

static void write_session(struct session *session, const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GError) error = NULL;
    if (session->root) {
        g_free(session->root);
        session->root = g_strdup(folder);
    }
    session_file_write(session, path, STAGE_ALL, &error);
    g_assert_no_error(error);
    session_free(session);
}

static void add_interval(struct session *session, const char *thread, double start, double seconds,
                         enum activity activity, const char *cause, const char *function)
{
    struct interval *interval = interval_new();
    interval->run = g_strdup(EXAMPLE_RUN);
    interval->thread = g_strdup(thread);
    interval->start_seconds = start;
    interval->seconds = seconds;
    interval->activity = activity;
    interval->cause = g_strdup(cause);
    interval->function = g_strdup(function);
    g_ptr_array_add(session->timeline, interval);
}

static void add_timeline(struct session *session)
{
    for (guint i = 0; i < session->threads->len; i++) {
        const struct thread *thread = g_ptr_array_index(session->threads, i);
        for (int step = 0; step < 40; step++) {
            add_interval(session, thread->id, step * 0.1, 0.06, ACTIVITY_RUNNING, NULL, NULL);
            add_interval(session, thread->id, step * 0.1 + 0.06, 0.01, ACTIVITY_RUNNABLE, NULL, NULL);
            add_interval(session, thread->id, step * 0.1 + 0.07, 0.03, ACTIVITY_BLOCKED, "mutex", HOSTILE);
        }
    }
}

/* Names that would be markup, a script or a link wherever the page forgot that they are text. */
static struct session *hostile(void)
{
    struct session *session = example_session_hostile();
    example_add_region(session, REGION_FUNCTION, HOSTILE, LINK, 1, 9, WORK_CPU, 0.9);
    example_add_region(session, REGION_FUNCTION, "outside", "../../../etc/passwd", 1, 9, WORK_CPU, 0.9);
    example_add_region(session, REGION_FUNCTION, "quiet", "sub.c", 1, 9, WORK_CPU, 0.9);
    example_add_lock(session, HOSTILE, LOCK_MUTEX, LINK, 1, FALSE);
    example_add_thread(session, 4103, HOSTILE, NULL, 1.0);
    example_add_wait(session, 4103, 4100, HOSTILE, CAUSE_MUTEX, 0.3, 2);
    struct finding *finding = finding_new();
    finding->rule = g_strdup(HOSTILE);
    finding->severity = SEVERITY_ERROR;
    finding->file = g_strdup("a\"b\\.c");
    finding->line = 4;
    finding->message = g_strdup("\xe2\x80\xae" HOSTILE "\033]0;owned\007");
    finding->fingerprint = g_strdup(HOSTILE);
    g_ptr_array_add(finding->path, place_new(LINK, 1, HOSTILE));
    g_ptr_array_add(session->findings, finding);
    struct gap *gap = gap_new();
    gap->run = g_strdup(EXAMPLE_RUN);
    gap->what = g_strdup("hot");
    gap->name = g_strdup(HOSTILE);
    gap->file = g_strdup(LINK);
    gap->missing = g_strdup(HOSTILE);
    gap->seconds = 1;
    g_ptr_array_add(session->gaps, gap);
    int frame = example_add_frame(session, 0, HOSTILE, "a\"b\\.c", 3);
    frame = example_add_frame(session, frame, LINK, LINK, 4);
    example_add_stack(session, HOSTILE, frame, ACTIVITY_RUNNING, 1, 1000);
    example_add_stack(session, LINK, frame, ACTIVITY_BLOCKED, 1, 10)->cause = g_strdup("mutex");
    add_timeline(session);
    return session;
}

static struct session *pigz(enum verdict_kind of_first)
{
    struct session *session = example_session_pigz();
    struct verdict *verdict = g_ptr_array_index(session->verdicts, 0);
    verdict->kind = of_first;
    add_timeline(session);
    return session;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: page_sessions FOLDER\n", stderr);
        return 2;
    }
    write_source(argv[1], "pigz.c", 2300, "compresses");
    write_source(argv[1], "deflate.c", 2000, "searches");
    write_source(argv[1], "a\"b\\.c", 12, HOSTILE "\033[2J");
    write_session(pigz(VERDICT_CONFIRMED), argv[1], "pigz.cw");
    write_session(pigz(VERDICT_REFUTED), argv[1], "later.cw");
    write_session(hostile(), argv[1], "hostile.cw");
    write_session(session_new(), argv[1], "empty.cw");
    write_session(example_session_analysis(), argv[1], "analysis.cw");
    write_session(example_session_trace(), argv[1], "trace.cw");
    return 0;
}
