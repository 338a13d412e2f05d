/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "analyzer/calibration/host_file.h"
#include "cli/message.h"

#define MOST_JOBS 1024

G_DEFINE_QUARK(options - error - quark, options_error)

static void print_help(const struct command *command, GOptionContext *context)
{
    g_autofree char *help = g_option_context_get_help(context, TRUE, NULL);
    printf("corewise %s: %s\n\n%s", command->name, command->summary, help);
}

/* Where the options of a command go while they are asked for; NULL: they are parsed. */
static GArray *asked_for;

GArray *options_of(const struct command *command)
{
    char *line[] = {(char *)command->name, NULL};
    GError *told = NULL;
    asked_for = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
    command->run(1, line, &told);
    g_clear_error(&told);
    return g_steal_pointer(&asked_for);
}

static void tell(const GOptionEntry *entries, GError **error)
{
    for (; entries->long_name; entries++)
        g_array_append_val(asked_for, *entries);
    g_set_error_literal(error, OPTIONS_ERROR, 0, "the options were asked for, nothing is run");
}

gboolean options_parse(const struct command *command, int argc, char **argv, const GOptionEntry *entries,
                       char ***words, char ***rest, GError **error)
{
    if (asked_for) {
        tell(entries, error);
        return FALSE;
    }
    int own = argc;
    for (int i = 1; i < argc; i++) {
        if (g_strcmp0(argv[i], "--") == 0) {
            own = i;
            break;
        }
    }
    GPtrArray *line = g_ptr_array_new();
    for (int i = 0; i < own; i++)
        g_ptr_array_add(line, g_strdup(argv[i]));
    g_ptr_array_add(line, NULL);
    g_auto(GStrv) arguments = (char **)g_ptr_array_free(line, FALSE);

    gboolean help = FALSE;
    GOptionEntry help_entry[] = {{"help", 'h', 0, G_OPTION_ARG_NONE, &help, "Show this help", NULL}, {NULL}};
    g_autoptr(GOptionContext) context = g_option_context_new(command->usage);
    g_autofree char *program = g_strdup_printf("corewise %s", command->name);
    g_set_prgname(program);
    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_add_main_entries(context, help_entry, NULL);
    g_autoptr(GError) wrong = NULL;
    gboolean parsed = g_option_context_parse_strv(context, &arguments, &wrong);
    if (parsed && help) {
        print_help(command, context);
        exit(STATUS_CLEAN);
    }
    if (!parsed) {
        g_set_error(error, OPTIONS_ERROR, 0, "%s; see corewise %s --help", wrong->message, command->name);
        return FALSE;
    }
    *words = g_strdupv(arguments + 1);
    *rest = own < argc ? g_strdupv(argv + own + 1) : NULL;
    return TRUE;
}

void analysis_arguments_add(struct analysis_arguments *arguments, GArray *entries)
{
    const GOptionEntry own[] = {
        {"build-dir", 'p', 0, G_OPTION_ARG_FILENAME, &arguments->build_dir,
         "Folder of compile_commands.json (default: here, else ./build)", "DIR"},
        {"root", 0, 0, G_OPTION_ARG_FILENAME, &arguments->root,
         "Project root that file names are relative to", "DIR"},
        {"effects", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments->effects,
         "What the functions of a further library do (docs/effects.md); may be repeated", "FILE"},
        {"costs", 0, 0, G_OPTION_ARG_FILENAME, &arguments->costs,
         "What concurrency costs on the host that the advice is for (docs/calibrate.md; default: this one)",
         "FILE"},
        {"keep-going", 'k', 0, G_OPTION_ARG_NONE, &arguments->keep_going,
         "Units that cannot be analysed are no failure", NULL},
        {"no-cache", 0, 0, G_OPTION_ARG_NONE, &arguments->no_cache,
         "Parse every unit, also those that did not change since the last run", NULL},
        {"jobs", 'j', 0, G_OPTION_ARG_INT, &arguments->jobs,
         "Units parsed at once (default: one per core that affinity and quota grant)", "N"},
    };
    g_array_append_vals(entries, own, G_N_ELEMENTS(own));
}

void analysis_arguments_clear(struct analysis_arguments *arguments)
{
    g_free(arguments->build_dir);
    g_free(arguments->root);
    g_free(arguments->costs);
    g_strfreev(arguments->effects);
}

static void show_progress(const char *file, guint done, guint total, gpointer data)
{
    (void)data;
    g_autofree char *base = g_path_get_basename(file);
    g_autofree char *shown = g_strescape(base, NULL);
    fprintf(stderr, "\r\033[K[%u/%u] %s", done + 1, total, shown);
    if (done + 1 >= total)
        fputs("\r\033[K", stderr);
    fflush(stderr);
}

static void print_failed_units(const struct session *session)
{
    for (guint i = 0; i < session->units->len; i++) {
        const struct unit *unit = g_ptr_array_index(session->units, i);
        if (!unit->error)
            continue;
        g_autofree char *line = g_strdup_printf("%s: %s", unit->file, unit->error);
        message_print(line);
    }
}

static const char *default_build_dir(void)
{
    if (!g_file_test("compile_commands.json", G_FILE_TEST_EXISTS) &&
        g_file_test("build/compile_commands.json", G_FILE_TEST_EXISTS))
        return "build";
    return ".";
}

/* FALSE when a file that was asked for cannot be used; one that merely lies there is told of and left out. */
static gboolean load_costs(const char *file, struct host **host, GError **error)
{
    if (file) {
        *host = host_file_read(file, error);
        return *host != NULL;
    }
    g_autofree char *remark = NULL;
    g_autoptr(GError) unusable = NULL;
    *host = host_file_find(&remark, &unusable);
    if (unusable)
        fprintf(stderr, "corewise: %s; until then default costs are used\n", unusable->message);
    if (remark)
        fprintf(stderr, "corewise: %s\n", remark);
    return TRUE;
}

gboolean analysis_run(const struct analysis_arguments *arguments, const char *const *paths,
                      const char *const *flags, const char *program_name, struct session *session,
                      GError **error)
{
    g_autoptr(Host) host = NULL;
    if (arguments->jobs < 0 || arguments->jobs > MOST_JOBS) {
        g_set_error(error, OPTIONS_ERROR, 0, "cannot parse %d units at once; --jobs takes 1 to %d",
                    arguments->jobs, MOST_JOBS);
        return FALSE;
    }
    if (!load_costs(arguments->costs, &host, error))
        return FALSE;
    const struct analyze_options options = {
        .build_dir = flags                  ? NULL
                     : arguments->build_dir ? arguments->build_dir
                                            : default_build_dir(),
        .paths = paths,
        .flags = flags,
        .root = arguments->root,
        .program_name = program_name,
        .effects = (const char *const *)arguments->effects,
        .rules = arguments->rules,
        .only_findings = arguments->only_findings,
        .findings_too = arguments->findings_too,
        .host = host,
        .keep_going = arguments->keep_going,
        .no_cache = arguments->no_cache,
        .units_at_once = (guint)arguments->jobs,
        .progress = isatty(STDERR_FILENO) ? show_progress : NULL,
    };
    gboolean analysed = analyze(&options, session, error);
    print_failed_units(session);
    if (session->units->len) {
        g_autofree char *summary = analyze_summary(session);
        fprintf(stderr, "corewise: %s\n", summary);
    }
    return analysed;
}
