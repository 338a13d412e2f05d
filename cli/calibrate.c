/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>

#include "analyzer/calibration/calibration.h"
#include "analyzer/calibration/host_file.h"
#include "analyzer/host_costs.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/output.h"

struct calibrate_arguments {
    gboolean quick, show;
    char *file;                     /* of the costs; NULL: the default place */
    struct output_arguments output; /* format and report only */
};

static void show_progress(const char *subject, guint done, guint total, gpointer data)
{
    (void)data;
    fprintf(stderr, "\r\033[K[%u/%u] measuring %s", done + 1, total, subject);
    fflush(stderr);
}

static struct host *measure(gboolean quick)
{
    gboolean terminal = isatty(STDERR_FILENO);
    const struct calibration_options options = {.quick = quick, .progress = terminal ? show_progress : NULL};
    g_autoptr(GPtrArray) failures = NULL;
    struct host *host = calibrate(&options, &failures);
    if (terminal)
        fputs("\r\033[K", stderr);
    for (guint i = 0; i < failures->len; i++)
        fprintf(stderr, "corewise: %s; the default is used\n", (const char *)g_ptr_array_index(failures, i));
    return host;
}

/* What analyze would use: the costs that were measured, and defaults for the others. */
static struct host *stored(const char *file, GError **error)
{
    struct host_costs costs;
    g_autofree char *remark = NULL;
    g_autoptr(GError) unusable = NULL;
    g_autoptr(Host) host = file ? host_file_read(file, &unusable) : host_file_find(&remark, &unusable);
    if (unusable) {
        g_propagate_error(error, g_steal_pointer(&unusable));
        return NULL;
    }
    if (remark)
        fprintf(stderr, "corewise: %s\n", remark);
    if (host)
        host_costs_apply(&costs, host);
    else
        host_costs_default(&costs);
    return host_costs_record(&costs, host);
}

static gboolean calibrate_words(const struct calibrate_arguments *arguments, char **words, GError **error)
{
    if (*words) {
        g_set_error(error, OPTIONS_ERROR, 0, "corewise calibrate takes no words, but got %s", *words);
        return FALSE;
    }
    if (arguments->quick && arguments->show) {
        g_set_error(error, OPTIONS_ERROR, 0,
                    "--show measures nothing, so that --quick has no meaning with it");
        return FALSE;
    }
    if (!output_check(&arguments->output, error))
        return FALSE;
    g_autoptr(Session) session = session_new();
    if (arguments->show) {
        session->host = stored(arguments->file, error);
        return session->host && output_report(&arguments->output, session, error);
    }
    g_autofree char *path = arguments->file ? g_strdup(arguments->file) : host_file_default_path();
    g_autoptr(Host) measured = measure(arguments->quick);
    if (!host_file_write(measured, path, error))
        return FALSE;
    struct host_costs costs;
    host_costs_apply(&costs, measured);
    session->host = host_costs_record(&costs, measured);
    gboolean reported = output_report(&arguments->output, session, error);
    if (reported)
        fprintf(stderr, "corewise: written to %s\n", path);
    return reported;
}

static int calibrate_run(int argc, char **argv, GError **error)
{
    struct calibrate_arguments arguments = {0};
    const GOptionEntry entries[] = {
        {"quick", 'q', 0, G_OPTION_ARG_NONE, &arguments.quick,
         "Fewer repetitions: about two seconds, more spread", NULL},
        {"show", 's', 0, G_OPTION_ARG_NONE, &arguments.show,
         "Measure nothing, show what analyze and check would use", NULL},
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &arguments.file,
         "File of the costs (default: corewise/host.yaml in the cache folder)", "FILE"},
        {"format", 'f', 0, G_OPTION_ARG_STRING, &arguments.output.format,
         "Format of what is printed (default: text)", "text|json"},
        {NULL},
    };
    g_auto(GStrv) words = NULL;
    g_auto(GStrv) rest = NULL;
    gboolean done = options_parse(&calibrate_command, argc, argv, entries, &words, &rest, error) &&
                    calibrate_words(&arguments, words, error);
    g_free(arguments.file);
    output_arguments_clear(&arguments.output);
    return done ? STATUS_CLEAN : STATUS_COULD_NOT_RUN;
}

const struct command calibrate_command = {
    .name = "calibrate",
    .usage = "",
    .summary = "measure what threads, processes, switches and messages cost on this host",
    .run = calibrate_run,
};
