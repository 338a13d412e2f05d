/* SPDX-License-Identifier: Apache-2.0 */
/* Folded stacks, a line each: `group;outermost;…;innermost MICROSECONDS`, for flamegraph.pl, inferno,
 * speedscope. A graph adds everything up, so what ran and what waited are two formats. */
#include <math.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/formats.h"
#include "reports/stack_time.h"

/* A frame must not hold what parts frames. Of a trailing number the line's last word remains the value. */
static void append_frame(GString *out, const char *name)
{
    g_autofree char *visible = escape_text(name && *name ? name : "[unknown]");
    g_string_append(out, g_strdelimit(visible, ";", ':'));
}

static void append_line(const struct stack_time *time, GString *out)
{
    gint64 microseconds = llround(time->seconds * 1e6);
    if (microseconds == 0)
        return; /* the readers take whole numbers only */
    append_frame(out, time->group);
    for (guint i = 0; i < time->frames->len; i++) {
        const struct call_frame *frame = g_ptr_array_index(time->frames, i);
        g_string_append_c(out, ';');
        append_frame(out, frame->function);
    }
    g_autofree char *leaf = stack_time_leaf(time);
    if (leaf) {
        g_string_append_c(out, ';');
        append_frame(out, leaf);
    }
    g_string_append_printf(out, " %" G_GINT64_FORMAT "\n", microseconds);
}

static gboolean render_states(const struct session *session, const gboolean *states, GString *out,
                              GError **error)
{
    g_autoptr(ReportIndex) index = report_index_new(session);
    g_autoptr(GPtrArray) times = stack_times_of(index, error);
    for (guint i = 0; times && i < times->len; i++) {
        const struct stack_time *time = g_ptr_array_index(times, i);
        if (states[time->state])
            append_line(time, out);
    }
    return times != NULL;
}

static gboolean on_cpu_render(const struct session *session, const struct report_options *options,
                              GString *out, GError **error)
{
    static const gboolean states[STACK_STATE_COUNT] = {[STACK_RUNNING] = TRUE};
    (void)options;
    return render_states(session, states, out, error);
}

static gboolean off_cpu_render(const struct session *session, const struct report_options *options,
                               GString *out, GError **error)
{
    const gboolean states[STACK_STATE_COUNT] = {
        [STACK_RUNNABLE] = TRUE, [STACK_BLOCKED] = TRUE, [STACK_IDLE] = options && options->all};
    return render_states(session, states, out, error);
}

const struct format format_folded = {"folded", "call stacks on the core in microseconds, for flame graphs",
                                     on_cpu_render, FALSE};
const struct format format_folded_off_cpu = {
    "folded-off-cpu", "call stacks that were blocked or waited for a core, in microseconds", off_cpu_render,
    FALSE};
