/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/reporters.h"

#include <string.h>

#define SEARCH_DEPTH 4 /* functions between a log function and the write */

static gboolean is_one_of(const char *name, const char *const *names, gsize count)
{
    for (gsize i = 0; name && i < count; i++)
        if (strcmp(name, names[i]) == 0)
            return TRUE;
    return FALSE;
}

/* To stderr, or to the system's log, or asking for a text that only such a message needs. */
static gboolean library_reports(const struct call_site *call)
{
    static const char *const names[] = {"syslog",
                                        "vsyslog",
                                        "perror",
                                        "warn",
                                        "warnx",
                                        "vwarn",
                                        "vwarnx",
                                        "g_log",
                                        "g_warning",
                                        "g_printerr",
                                        "psignal",
                                        "psiginfo",
                                        "ERR_print_errors_fp",
                                        "strerror",
                                        "gai_strerror",
                                        "ERR_error_string",
                                        "ERR_error_string_n",
                                        "dlerror",
                                        "backtrace"};
    if (is_one_of(call->event->callee, names, G_N_ELEMENTS(names)))
        return TRUE;
    const struct fact_argument *stream = call->effect && call->effect->block == BLOCK_DESCRIPTOR
                                             ? call_site_argument(call, call->effect->descriptor_argument)
                                             : NULL;
    return stream && ((stream->kind == ARGUMENT_INTEGER && stream->integer == 2) ||
                      g_strcmp0(stream->text, "stderr") == 0);
}

/* A write to anything that the caller did not choose, but for the program's output. */
static gboolean writes_log(const struct call_site *call)
{
    static const char *const writers[] = {"fprintf", "vfprintf", "fputs",   "fwrite",
                                          "write",   "writev",   "dprintf", "vdprintf"};
    if (!is_one_of(call->event->callee, writers, G_N_ELEMENTS(writers)) || !call->effect)
        return library_reports(call);
    const struct fact_argument *stream = call_site_argument(call, call->effect->descriptor_argument);
    return stream && g_strcmp0(stream->text, "stdout") != 0 &&
           !(stream->kind == ARGUMENT_INTEGER && stream->integer == 1);
}

static gboolean reaches_log(const struct graph_function *function, int depth)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call->effect && writes_log(call))
            return TRUE;
        if (depth > 0 && call->resolution == CALL_DIRECT &&
            reaches_log(g_ptr_array_index(call->targets, 0), depth - 1))
            return TRUE;
    }
    return FALSE;
}

/* `void complain(const char *format, ...)`, and not one that is told where to write. */
static gboolean has_format(const struct fact_function *facts)
{
    const char *open = facts->variadic && facts->signature ? strrchr(facts->signature, '(') : NULL;
    return open && g_str_has_suffix(facts->signature, "const char *, ...)") && !strstr(open, "FILE *");
}

/* `log_error`, `serverLog`, `warnx`, whatever it does with what it is told; a part of a word (`dialog`) is
 * no name. */
static gboolean named_as_log(const char *name)
{
    static const char *const words[] = {"log", "warn", "debug", "trace", "complain", "panic"};
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        g_autofree char *capital = g_strdup(words[i]);
        capital[0] = g_ascii_toupper(capital[0]);
        const char *lower = strstr(name, words[i]);
        if (strstr(name, capital) || (lower && (lower == name || !g_ascii_isalpha(lower[-1]))))
            return TRUE;
    }
    return FALSE;
}

static gboolean call_reports(const struct call_site *call, const gboolean *reporters)
{
    if (call->resolution == CALL_DIRECT)
        return reporters[((const struct graph_function *)g_ptr_array_index(call->targets, 0))->index];
    return call->resolution == CALL_LIBRARY && library_reports(call);
}

static void mark_calls(const struct program_graph *graph, const gboolean *reporters)
{
    for (guint i = 0; i < graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(graph->functions, i);
        for (guint j = 0; j < function->calls->len; j++) {
            struct call_site *call = g_ptr_array_index(function->calls, j);
            call->reports = call_reports(call, reporters);
        }
    }
}

gboolean *reporters_find(const struct program_graph *graph)
{
    gboolean *reporters = g_new0(gboolean, graph->functions->len + 1);
    for (guint i = 0; i < graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(graph->functions, i);
        reporters[i] = has_format(function->facts) &&
                       (named_as_log(function->facts->name) || reaches_log(function, SEARCH_DEPTH));
    }
    mark_calls(graph, reporters);
    return reporters;
}
