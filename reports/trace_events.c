/* SPDX-License-Identifier: Apache-2.0 */
/* The timeline of the newest run in the Trace Event Format (JSON), which Perfetto (ui.perfetto.dev),
 * chrome://tracing and speedscope open: a track per thread with what it did when, and a counter of the
 * running threads. One event per line; times are microseconds since the run began. */
#include <math.h>

#include "reports/escape.h"
#include "reports/formats.h"
#include "reports/report_index.h"

/* Exact to the nanosecond: viewers drop slices of one track that overlap. */
static void append_microseconds(GString *out, const char *member, gint64 time_ns)
{
    g_string_append_printf(out, ", \"%s\": %" G_GINT64_FORMAT ".%03d", member, time_ns / 1000,
                           (int)(time_ns % 1000));
}

static gint64 nanoseconds(double seconds)
{
    return llround(seconds * 1e9);
}

static void append_text(GString *out, const char *member, const char *text)
{
    g_string_append_printf(out, ", \"%s\": ", member);
    escape_append_json(out, text);
}

static void begin_event(GString *out, const char *phase, const char *name, const struct thread *thread)
{
    gboolean first = out->str[out->len - 2] == '[';
    g_string_append_printf(out, "%s{\"ph\": \"%s\", \"pid\": %d, \"tid\": %d", first ? "" : ",\n", phase,
                           thread->pid, thread->tid);
    append_text(out, "name", name);
}

static void name_track(const char *what, const char *name, const struct thread *thread, GString *out)
{
    begin_event(out, "M", what, thread);
    g_string_append(out, ", \"args\": {\"name\": ");
    escape_append_json(out, name);
    g_string_append(out, "}}");
}

static void name_threads(const struct report_index *index, GString *out)
{
    for (guint i = 0; i < index->session->threads->len; i++) {
        const struct thread *thread = g_ptr_array_index(index->session->threads, i);
        if (!report_index_is_shown(index, thread->run))
            continue;
        if (thread->pid == thread->tid)
            name_track("process_name", thread->name, thread, out);
        name_track("thread_name", report_index_thread_group(index, thread->id), thread, out);
    }
}

static const char *interval_name(const struct interval *interval)
{
    return interval->activity == ACTIVITY_BLOCKED && interval->cause ? interval->cause
                                                                     : activity_name(interval->activity);
}

/* Colours of chrome://tracing; other viewers choose by name. */
static const char *const activity_colours[ACTIVITY_COUNT] = {
    [ACTIVITY_RUNNING] = "thread_state_running",
    [ACTIVITY_RUNNABLE] = "thread_state_runnable",
    [ACTIVITY_BLOCKED] = "thread_state_sleeping",
};

static void write_interval(const struct interval *interval, const struct thread *thread, GString *out)
{
    gint64 start_ns = nanoseconds(interval->start_seconds);
    gint64 end_ns = nanoseconds(interval->start_seconds + interval->seconds);
    begin_event(out, "X", interval_name(interval), thread);
    append_microseconds(out, "ts", MAX(start_ns, 0));
    append_microseconds(out, "dur", MAX(end_ns - start_ns, 0));
    append_text(out, "cat", activity_name(interval->activity));
    append_text(out, "cname", activity_colours[interval->activity]);
    if (interval->function) {
        g_string_append(out, ", \"args\": {\"function\": ");
        escape_append_json(out, interval->function);
        g_string_append_c(out, '}');
    }
    g_string_append_c(out, '}');
}

/* --- how many threads ran when ----------------------------------------------------------------------------
 */

struct turn {
    gint64 time_ns;
    int change;
};

static gint compare_turns(gconstpointer left, gconstpointer right)
{
    const struct turn *a = left, *b = right;
    return a->time_ns < b->time_ns ? -1 : a->time_ns > b->time_ns ? 1 : a->change - b->change;
}

/* `turns` by time; one event per moment at which the number is another than before. */
static void write_running(const GArray *turns, const struct thread *first, GString *out)
{
    int running = 0, told = 0;
    for (guint i = 0; i < turns->len; i++) {
        const struct turn *turn = &g_array_index(turns, struct turn, i);
        running += turn->change;
        gboolean last_of_moment =
            i + 1 == turns->len || g_array_index(turns, struct turn, i + 1).time_ns > turn->time_ns;
        if (!last_of_moment || running == told)
            continue;
        begin_event(out, "C", "running threads", first);
        append_microseconds(out, "ts", MAX(turn->time_ns, 0));
        g_string_append_printf(out, ", \"args\": {\"running\": %d}}", running);
        told = running;
    }
}

/* --- the format -------------------------------------------------------------------------------------------
 */

static gboolean write_intervals(const struct report_index *index, GString *out)
{
    g_autoptr(GArray) turns = g_array_new(FALSE, FALSE, sizeof(struct turn));
    const struct thread *first = NULL;
    for (guint i = 0; i < index->session->timeline->len; i++) {
        const struct interval *interval = g_ptr_array_index(index->session->timeline, i);
        const struct thread *thread = g_hash_table_lookup(index->threads, interval->thread);
        if (!thread || !report_index_is_shown(index, interval->run))
            continue;
        first = first ? first : thread;
        write_interval(interval, thread, out);
        if (interval->activity != ACTIVITY_RUNNING)
            continue;
        const struct turn begin = {nanoseconds(interval->start_seconds), 1};
        const struct turn end = {nanoseconds(interval->start_seconds + interval->seconds), -1};
        g_array_append_val(turns, begin);
        g_array_append_val(turns, end);
    }
    g_array_sort(turns, compare_turns);
    if (first)
        write_running(turns, first, out);
    return first != NULL;
}

static gboolean trace_events_render(const struct session *session, const struct report_options *options,
                                    GString *out, GError **error)
{
    (void)options;
    g_autoptr(ReportIndex) index = report_index_new(session);
    g_string_append(out, "{\"displayTimeUnit\": \"ns\", \"traceEvents\": [\n");
    name_threads(index, out);
    if (!write_intervals(index, out)) {
        g_set_error(error, FORMAT_ERROR, FORMAT_ERROR_NOTHING,
                    "cannot draw trace events: %s; record it with corewise trace --timeline 100000",
                    index->run ? "the run was watched without a timeline" : "the session holds no run");
        return FALSE;
    }
    g_string_append(out, "\n]}\n");
    return TRUE;
}

const struct format format_trace_events = {
    "trace-events", "the timeline for Perfetto, chrome://tracing and speedscope", trace_events_render, FALSE};
