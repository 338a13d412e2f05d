/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"
#include "cli/options.h"
#include "cli/output.h"
#include "model/session_file.h"

struct graph_arguments {
    char *kind, *type, *file;
    char *group, *threshold, *source_url;
    int nodes;
    gboolean dark, no_legend;
};

static void add_entries(struct graph_arguments *arguments, GArray *entries)
{
    const GOptionEntry own[] = {
        {"kind", 'k', 0, G_OPTION_ARG_STRING, &arguments->kind,
         "contention (default), wait-for, lock-order or calls", "NAME"},
        {"type", 'T', 0, G_OPTION_ARG_STRING, &arguments->type,
         "Form of the graph (default: from the file's ending)", "svg|png|pdf|dot"},
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &arguments->file, "File for the graph (default: stdout)",
         "FILE"},
        {"nodes", 'n', 0, G_OPTION_ARG_INT, &arguments->nodes,
         "Draw at most so many nodes, the heaviest (default: what a page can hold)", "COUNT"},
        {"threshold", 't', 0, G_OPTION_ARG_STRING, &arguments->threshold,
         "Leave out arrows with less than this part of the heaviest one's weight", "PERCENT"},
        {"group", 'g', 0, G_OPTION_ARG_STRING, &arguments->group,
         "What threads share a node: auto (default), thread (none), body or process", "HOW"},
        {"dark", 0, 0, G_OPTION_ARG_NONE, &arguments->dark, "For a dark page", NULL},
        {"no-legend", 0, 0, G_OPTION_ARG_NONE, &arguments->no_legend, "Without the legend", NULL},
        {"source-url", 0, 0, G_OPTION_ARG_STRING, &arguments->source_url,
         "Make places links; {file} and {line} are replaced", "TEMPLATE"},
    };
    g_array_append_vals(entries, own, G_N_ELEMENTS(own));
}

static void clear(struct graph_arguments *arguments)
{
    g_free(arguments->kind);
    g_free(arguments->type);
    g_free(arguments->file);
    g_free(arguments->group);
    g_free(arguments->threshold);
    g_free(arguments->source_url);
}

static gboolean read_threshold(const char *text, double *threshold, GError **error)
{
    char *end = NULL;
    double percent = g_ascii_strtod(text, &end);
    while (g_ascii_isspace(*end) || *end == '%')
        end++;
    if (end == text || *end || !(percent >= 0 && percent <= 100)) {
        g_set_error(error, OPTIONS_ERROR, 0, "--threshold takes a percentage from 0 to 100, not %s", text);
        return FALSE;
    }
    *threshold = percent / 100;
    return TRUE;
}

static gboolean read_grouping(const char *text, enum graph_grouping *grouping, GError **error)
{
    for (enum graph_grouping how = 0; how < GRAPH_GROUPING_COUNT; how++) {
        if (g_strcmp0(graph_grouping_names[how], text) == 0) {
            *grouping = how;
            return TRUE;
        }
    }
    g_set_error(error, OPTIONS_ERROR, 0, "--group takes auto, thread, body or process, not %s", text);
    return FALSE;
}

static gboolean read_options(const struct graph_arguments *arguments, struct graph_options *options,
                             GError **error)
{
    *options = (struct graph_options){
        .dark = arguments->dark, .no_legend = arguments->no_legend, .source_url = arguments->source_url};
    if (arguments->nodes < 0) {
        g_set_error(error, OPTIONS_ERROR, 0, "--nodes takes a positive number, not %d", arguments->nodes);
        return FALSE;
    }
    options->nodes_max = (guint)arguments->nodes;
    return (!arguments->threshold || read_threshold(arguments->threshold, &options->threshold, error)) &&
           (!arguments->group || read_grouping(arguments->group, &options->grouping, error));
}

static gboolean graph_file(const struct graph_arguments *arguments, const char *file, GError **error)
{
    struct graph_options options;
    if (!read_options(arguments, &options, error))
        return FALSE;
    g_autoptr(Session) session = session_file_read(file, error);
    return session && output_graph(session, arguments->kind ? arguments->kind : "contention", &options,
                                   arguments->type, arguments->file ? arguments->file : "-", error);
}

static int graph_run(int argc, char **argv, GError **error)
{
    struct graph_arguments arguments = {0};
    g_autoptr(GArray) entries = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
    add_entries(&arguments, entries);
    g_auto(GStrv) words = NULL;
    g_auto(GStrv) rest = NULL;
    gboolean done =
        options_parse(&graph_command, argc, argv, (GOptionEntry *)entries->data, &words, &rest, error);
    if (done && (rest || g_strv_length(words) != 1)) {
        g_set_error(error, OPTIONS_ERROR, 0,
                    "graph takes exactly one session file: corewise graph FILE.cw -o graph.svg");
        done = FALSE;
    }
    done = done && graph_file(&arguments, words[0], error);
    clear(&arguments);
    return done ? STATUS_CLEAN : STATUS_COULD_NOT_RUN;
}

const struct command graph_command = {
    .name = "graph",
    .usage = "FILE.cw",
    .summary = "draw who waits for whom, locks and their order, and calls, through Graphviz",
    .run = graph_run,
};
