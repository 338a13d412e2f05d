/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"
#include "cli/options.h"
#include "cli/output.h"
#include "model/session_file.h"

static gboolean analyze_words(const struct analysis_arguments *analysis, char **words, char **flags,
                              const struct output_arguments *output, GError **error)
{
    if (flags && !*words) {
        g_set_error(error, OPTIONS_ERROR, 0,
                    "compiler flags after -- but no file before it; corewise analyze FILE… -- FLAGS");
        return FALSE;
    }
    if (!output_check(output, error))
        return FALSE;
    g_autoptr(Session) session = session_new();
    return analysis_run(analysis, *words ? (const char *const *)words : NULL, (const char *const *)flags,
                        NULL, session, error) &&
           output_session(output, session, STAGE_ALL, error) && output_report(output, session, error);
}

static int analyze_run(int argc, char **argv, GError **error)
{
    struct analysis_arguments analysis = {0};
    struct output_arguments output = {0};
    g_autoptr(GArray) entries = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
    analysis_arguments_add(&analysis, entries);
    output_arguments_add(&output, entries);
    g_auto(GStrv) words = NULL;
    g_auto(GStrv) flags = NULL;
    gboolean done =
        options_parse(&analyze_command, argc, argv, (GOptionEntry *)entries->data, &words, &flags, error) &&
        analyze_words(&analysis, words, flags, &output, error);
    analysis_arguments_clear(&analysis);
    output_arguments_clear(&output);
    return done ? STATUS_CLEAN : STATUS_COULD_NOT_RUN;
}

const struct command analyze_command = {
    .name = "analyze",
    .usage = "[PATH…] [-- COMPILER FLAGS…]",
    .summary = "classes and advice for a compilation database, or for files with flags after --",
    .run = analyze_run,
};
