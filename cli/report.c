/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"
#include "cli/judging.h"
#include "cli/options.h"
#include "cli/output.h"
#include "model/session_file.h"

static gboolean report_file(const char *file, gboolean judge_again, const struct output_arguments *output,
                            GError **error)
{
    if (!output_check(output, error))
        return FALSE;
    g_autoptr(Session) session = session_file_read(file, error);
    if (!session)
        return FALSE;
    if (judge_again) {
        judging_run(session);
        if (!session_file_write(session, file, STAGE_JUDGEMENT, error))
            return FALSE;
    }
    return output_session(output, session, STAGE_ALL, error) && output_report(output, session, error);
}

static int report_run(int argc, char **argv, GError **error)
{
    struct output_arguments output = {0};
    gboolean judge_again = FALSE;
    const GOptionEntry own[] = {
        {"judge", 0, 0, G_OPTION_ARG_NONE, &judge_again,
         "Judge the predictions again first and keep the verdicts in FILE", NULL},
    };
    g_autoptr(GArray) entries = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
    g_array_append_vals(entries, own, G_N_ELEMENTS(own));
    output_arguments_add(&output, entries);
    g_auto(GStrv) words = NULL;
    g_auto(GStrv) rest = NULL;
    gboolean done =
        options_parse(&report_command, argc, argv, (GOptionEntry *)entries->data, &words, &rest, error);
    if (done && (rest || g_strv_length(words) != 1)) {
        g_set_error(error, OPTIONS_ERROR, 0,
                    "report takes exactly one session file: corewise report FILE.cw");
        done = FALSE;
    }
    done = done && report_file(words[0], judge_again, &output, error);
    output_arguments_clear(&output);
    return done ? STATUS_CLEAN : STATUS_COULD_NOT_RUN;
}

const struct command report_command = {
    .name = "report",
    .usage = "FILE.cw",
    .summary = "render a session file in one of many formats",
    .run = report_run,
};
