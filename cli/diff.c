/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"
#include "cli/options.h"
#include "cli/output.h"
#include "model/session_file.h"
#include "reports/difference_report.h"

struct diff_arguments {
    char *format, *report, *fail_on;
    gboolean all;
};

static gboolean check_line(const struct diff_arguments *arguments, char **words, char **rest, GError **error)
{
    static const char *const reasons[] = {"refuted", "changed", "never", NULL};
    if (rest || g_strv_length(words) != 2)
        g_set_error(error, OPTIONS_ERROR, 0,
                    "diff takes two session files: corewise diff BEFORE.cw AFTER.cw");
    else if (arguments->format && !difference_format_find(arguments->format))
        g_set_error(error, OPTIONS_ERROR, 0, "unknown format %s; diff knows text, json and html",
                    arguments->format);
    else if (arguments->fail_on && !g_strv_contains(reasons, arguments->fail_on))
        g_set_error(error, OPTIONS_ERROR, 0, "--fail-on takes refuted, changed or never, not %s",
                    arguments->fail_on);
    else
        return TRUE;
    return FALSE;
}

static int status_of(const struct diff_arguments *arguments, const struct difference *difference)
{
    if (g_strcmp0(arguments->fail_on, "never") == 0)
        return STATUS_CLEAN;
    gboolean failed = difference_newly_refuted(difference) ||
                      (g_strcmp0(arguments->fail_on, "changed") == 0 && difference_significant(difference));
    return failed ? STATUS_FINDINGS : STATUS_CLEAN;
}

static int diff_files(const struct diff_arguments *arguments, char **files, GError **error)
{
    g_autoptr(Session) before = session_file_read(files[0], error);
    g_autoptr(Session) after = before ? session_file_read(files[1], error) : NULL;
    if (!after)
        return STATUS_COULD_NOT_RUN;
    g_autoptr(Difference) difference = difference_new(before, after);
    struct report_options options = output_look(arguments->report);
    options.all = arguments->all;
    GString *text = g_string_new(NULL);
    difference_format_find(arguments->format ? arguments->format : "text")
        ->render(difference, &options, text);
    gboolean written = output_write(arguments->report, text->str, text->len, error);
    g_string_free(text, TRUE);
    return written ? status_of(arguments, difference) : STATUS_COULD_NOT_RUN;
}

static int diff_run(int argc, char **argv, GError **error)
{
    struct diff_arguments arguments = {0};
    const GOptionEntry entries[] = {
        {"format", 'f', 0, G_OPTION_ARG_STRING, &arguments.format, "text, json or html (default: text)",
         "NAME"},
        {"report", 'r', 0, G_OPTION_ARG_FILENAME, &arguments.report, "File for the report (default: stdout)",
         "FILE"},
        {"all", 'a', 0, G_OPTION_ARG_NONE, &arguments.all, "Also what may be chance", NULL},
        {"fail-on", 0, 0, G_OPTION_ARG_STRING, &arguments.fail_on,
         "Exit with 1 when a prediction is refuted that was not before, or also when anything changed, or "
         "never "
         "(default: refuted)",
         "refuted|changed|never"},
        {NULL},
    };
    g_auto(GStrv) words = NULL;
    g_auto(GStrv) rest = NULL;
    int status = STATUS_USAGE;
    if (options_parse(&diff_command, argc, argv, entries, &words, &rest, error) &&
        check_line(&arguments, words, rest, error))
        status = diff_files(&arguments, words, error);
    g_free(arguments.format);
    g_free(arguments.report);
    g_free(arguments.fail_on);
    return status;
}

const struct command diff_command = {
    .name = "diff",
    .usage = "BEFORE.cw AFTER.cw",
    .summary = "what changed between two sessions, and whether it is more than chance",
    .run = diff_run,
};
