/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"
#include "cli/options.h"
#include "cli/output.h"
#include "model/session_file.h"

static gboolean graph_file(const char *file, const char *kind, const char *type, const char *image,
                           GError **error)
{
    g_autoptr(Session) session = session_file_read(file, error);
    return session && output_graph(session, kind ? kind : "contention", type, image ? image : "-", error);
}

static int graph_run(int argc, char **argv, GError **error)
{
    g_autofree char *kind = NULL;
    g_autofree char *type = NULL;
    g_autofree char *image = NULL;
    const GOptionEntry entries[] = {
        {"kind", 'k', 0, G_OPTION_ARG_STRING, &kind, "Which graph (default: contention)", "NAME"},
        {"type", 'T', 0, G_OPTION_ARG_STRING, &type, "Form of the graph (default: from the file's ending)",
         "svg|png|pdf|dot"},
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &image, "File for the graph (default: stdout)", "FILE"},
        {NULL},
    };
    g_auto(GStrv) words = NULL;
    g_auto(GStrv) rest = NULL;
    gboolean done = options_parse(&graph_command, argc, argv, entries, &words, &rest, error);
    if (done && (rest || g_strv_length(words) != 1)) {
        g_set_error(error, OPTIONS_ERROR, 0,
                    "graph takes exactly one session file: corewise graph FILE.cw -o graph.svg");
        done = FALSE;
    }
    done = done && graph_file(words[0], kind, type, image, error);
    return done ? STATUS_CLEAN : STATUS_COULD_NOT_RUN;
}

const struct command graph_command = {
    .name = "graph",
    .usage = "FILE.cw",
    .summary = "draw who waits for whom on which lock, through Graphviz",
    .run = graph_run,
};
