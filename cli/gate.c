/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/gate.h"

#include <stdio.h>

#include "analyzer/gate/baseline.h"
#include "analyzer/gate/changed_lines.h"
#include "cli/message.h"

void gate_arguments_add(struct gate_arguments *arguments, GArray *entries)
{
    const GOptionEntry own[] = {
        {"config", 0, 0, G_OPTION_ARG_FILENAME, &arguments->configuration,
         "Settings of the project (default: the nearest " CONFIGURATION_FILE " above the files)", "FILE"},
        {"no-config", 0, 0, G_OPTION_ARG_NONE, &arguments->no_configuration,
         "Look for no " CONFIGURATION_FILE, NULL},
        {"baseline", 0, 0, G_OPTION_ARG_FILENAME, &arguments->baseline,
         "Report only findings that this file does not list", "FILE"},
        {"changed-since", 0, 0, G_OPTION_ARG_STRING, &arguments->changed_since,
         "Report only findings with a place in lines that changed since this commit of git", "REV"},
    };
    g_array_append_vals(entries, own, G_N_ELEMENTS(own));
}

void gate_arguments_clear(struct gate_arguments *arguments)
{
    g_free(arguments->configuration);
    g_free(arguments->baseline);
    g_free(arguments->changed_since);
}

gboolean gate_check(const struct gate_arguments *arguments, GError **error)
{
    const char *wrong = NULL;
    if (arguments->write_baseline && !arguments->baseline)
        wrong = "--write-baseline needs --baseline FILE, the file to write";
    else if (arguments->write_baseline && arguments->changed_since)
        wrong = "--write-baseline writes all findings: leave --changed-since out";
    else if (arguments->configuration && arguments->no_configuration)
        wrong = "--config and --no-config exclude each other";
    if (wrong)
        g_set_error_literal(error, OPTIONS_ERROR, 0, wrong);
    return !wrong;
}

static char *find_configuration(const struct analysis_arguments *analysis, char **paths)
{
    const char *start = *paths ? *paths : analysis->build_dir ? analysis->build_dir : ".";
    g_autofree char *folder =
        g_file_test(start, G_FILE_TEST_IS_DIR) ? g_strdup(start) : g_path_get_dirname(start);
    char *found = configuration_find(folder);
    return found ? found : configuration_find(".");
}

gboolean gate_configure(const struct gate_arguments *arguments, const struct analysis_arguments *analysis,
                        char **paths, struct configuration **configuration, GError **error)
{
    g_autofree char *file = arguments->no_configuration ? NULL
                            : arguments->configuration  ? g_strdup(arguments->configuration)
                                                        : find_configuration(analysis, paths);
    *configuration = file ? configuration_read(file, error) : NULL;
    return !file || *configuration;
}

void gate_adopt(const struct configuration *configuration, struct analysis_arguments *analysis)
{
    if (!analysis->root)
        analysis->root = g_strdup(configuration->folder);
    g_autoptr(GStrvBuilder) effects = g_strv_builder_new();
    if (configuration->effects)
        g_strv_builder_addv(effects, (const char **)configuration->effects);
    if (analysis->effects)
        g_strv_builder_addv(effects, (const char **)analysis->effects);
    g_strfreev(analysis->effects);
    analysis->effects = g_strv_builder_end(effects);
}

static void print_count(guint count, const char *what)
{
    if (count > 0)
        fprintf(stderr, "corewise: %u finding%s %s\n", count, count == 1 ? "" : "s", what);
}

static void print_fixed(const struct baseline *baseline, const char *const *ran)
{
    for (guint i = 0; i < baseline->entries->len; i++) {
        const struct baseline_entry *entry = g_ptr_array_index(baseline->entries, i);
        if (entry->found || !g_strv_contains(ran, entry->rule))
            continue;
        g_autofree char *line =
            g_strdup_printf("fixed: %s%s%s: %s [%s]", entry->function, *entry->function ? " in " : "",
                            entry->file, entry->message, entry->rule);
        message_print(line);
    }
}

static gboolean apply_baseline(const struct gate_arguments *arguments, const char *const *ran,
                               struct session *session, GError **error)
{
    const char *file = arguments->baseline;
    gboolean is_first = arguments->write_baseline && !g_file_test(file, G_FILE_TEST_EXISTS);
    g_autoptr(Baseline) before = is_first ? NULL : baseline_read(file, error);
    if ((!is_first && !before) || (arguments->write_baseline && !baseline_write(file, session, error)))
        return FALSE;
    guint known = before ? baseline_apply(before, session) : 0;
    if (before && ran)
        print_fixed(before, ran);
    if (!arguments->write_baseline) {
        print_count(known, "known by the baseline");
        return TRUE;
    }
    g_autoptr(Baseline) now = baseline_read(file, error);
    if (!now)
        return FALSE;
    baseline_apply(now, session);
    print_count(now->entries->len, "in the baseline now");
    return TRUE;
}

gboolean gate_apply(const struct gate_arguments *arguments, const char *const *ran, struct session *session,
                    GError **error)
{
    if (arguments->baseline && !apply_baseline(arguments, ran, session, error))
        return FALSE;
    if (!arguments->changed_since)
        return TRUE;
    g_autoptr(ChangedLines) changes = changed_lines_read(session->root, arguments->changed_since, error);
    guint removed = changes ? changed_lines_apply(changes, session) : 0;
    print_count(removed, "outside the change");
    return changes != NULL;
}

static void append_count(GString *text, guint count, const char *singular, const char *plural)
{
    if (count > 0)
        g_string_append_printf(text, "%s%u %s", text->len ? ", " : "", count, count == 1 ? singular : plural);
}

void gate_print_summary(const struct session *session, guint hidden_notes)
{
    guint counts[SEVERITY_COUNT] = {0}, suppressed = 0;
    for (guint i = 0; i < session->findings->len; i++) {
        const struct finding *finding = g_ptr_array_index(session->findings, i);
        if (finding->suppressed)
            suppressed++;
        else
            counts[finding->severity]++;
    }
    g_autoptr(GString) text = g_string_new(NULL);
    append_count(text, counts[SEVERITY_ERROR], "error", "errors");
    append_count(text, counts[SEVERITY_WARNING], "warning", "warnings");
    append_count(text, counts[SEVERITY_NOTE], "note", "notes");
    if (text->len == 0)
        g_string_append(text, "no findings");
    append_count(text, suppressed, "suppressed", "suppressed");
    append_count(text, hidden_notes, "doubtful (--all shows it)", "doubtful (--all shows them)");
    message_print(text->str);
}
