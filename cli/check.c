/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "analyzer/finding_verdicts.h"
#include "analyzer/rules/rule.h"
#include "cli/command.h"
#include "cli/gate.h"
#include "cli/judging.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/tracing.h"
#include "model/session_file.h"
#include "tracer/tracer.h"

struct check_arguments {
    struct analysis_arguments analysis;
    struct tracing_arguments tracing;
    struct output_arguments output;
    struct gate_arguments gate;
    char *graph;
    char *fail_on; /* "refuted", "never", or a severity */
};

static gboolean check_line(const struct check_arguments *arguments, char **command, GError **error)
{
    if (!command || !*command) {
        g_set_error(error, OPTIONS_ERROR, 0, "no command to run: corewise check [-p BUILD_DIR] -- COMMAND…");
        return FALSE;
    }
    int severity = 0;
    if (arguments->fail_on && g_strcmp0(arguments->fail_on, "refuted") != 0 &&
        g_strcmp0(arguments->fail_on, "never") != 0 &&
        !vocabulary_find(&severity_vocabulary, arguments->fail_on, &severity)) {
        g_set_error(error, OPTIONS_ERROR, 0, "--fail-on takes refuted, error, warning, note or never, not %s",
                    arguments->fail_on);
        return FALSE;
    }
    return gate_check(&arguments->gate, error) && output_check(&arguments->output, error);
}

/* The sources that the command was compiled from, so that a database with several programs yields this one
 * alone; NULL (every unit) when the executable does not tell. */
static char **sources_of(const char *executable, GError **error)
{
    g_autoptr(GPtrArray) sources = executable_sources(executable, error);
    if (!sources || sources->len == 0)
        return NULL;
    char **paths = g_new0(char *, sources->len + 1);
    for (guint i = 0; i < sources->len; i++)
        paths[i] = g_strdup(g_ptr_array_index(sources, i));
    return paths;
}

static gboolean analyze_sources(const struct check_arguments *arguments, char **words, char **command,
                                struct session *session, GError **error)
{
    g_auto(GStrv) paths = NULL;
    if (*words) {
        paths = g_strdupv(words);
    } else {
        GError *unreadable = NULL;
        paths = sources_of(command[0], &unreadable);
        if (unreadable) {
            g_propagate_error(error, unreadable);
            return FALSE;
        }
    }
    g_autofree char *name = g_path_get_basename(command[0]);
    g_autoptr(GError) failed = NULL;
    if (analysis_run(&arguments->analysis, (const char *const *)paths, NULL, name, session, &failed))
        return TRUE;
    /* The debug info may name sources that the database does not have: then the whole database is the
     * program. */
    if (!*words && paths && g_error_matches(failed, ANALYZER_ERROR, ANALYZER_ERROR_INPUT))
        return analysis_run(&arguments->analysis, NULL, NULL, name, session, error);
    g_propagate_error(error, g_steal_pointer(&failed));
    return FALSE;
}

static gboolean any_refuted(const struct session *session)
{
    for (guint i = 0; i < session->verdicts->len; i++) {
        const struct verdict *verdict = g_ptr_array_index(session->verdicts, i);
        if (verdict->kind == VERDICT_REFUTED)
            return TRUE;
    }
    return FALSE;
}

/* Findings that count as much as the one asked for; a run that did not meet them makes them no better. */
static gboolean any_finding(const struct session *session, enum severity severity)
{
    for (guint i = 0; i < session->findings->len; i++) {
        const struct finding *finding = g_ptr_array_index(session->findings, i);
        if (!finding->suppressed && finding->severity >= severity)
            return TRUE;
    }
    return FALSE;
}

/* Doubtful findings are worth a line when they were seen, or asked for. */
static void drop_doubtful(struct session *session)
{
    for (guint i = session->findings->len; i > 0; i--) {
        const struct finding *finding = g_ptr_array_index(session->findings, i - 1);
        const struct finding_verdict *verdict = session_find_finding_verdict(session, finding->fingerprint);
        if (finding->severity == SEVERITY_NOTE && !(verdict && verdict->kind == SIGHTING_SEEN))
            g_ptr_array_remove_index(session->findings, i - 1);
    }
    finding_verdicts_set(session);
}

static int status_of(const struct check_arguments *arguments, const struct session *session)
{
    int severity = 0;
    if (g_strcmp0(arguments->fail_on, "never") == 0)
        return STATUS_CLEAN;
    if (vocabulary_find(&severity_vocabulary, arguments->fail_on, &severity) &&
        any_finding(session, (enum severity)severity))
        return STATUS_FINDINGS;
    return any_refuted(session) ? STATUS_FINDINGS : STATUS_CLEAN;
}

/* The analysis with the findings that count. Units that this program is not made of may hold the others of a
 * baseline: nothing is said to be fixed. */
static gboolean analyze_gated(struct check_arguments *arguments, char **words, char **command,
                              struct session *session, GError **error)
{
    g_autoptr(Configuration) configuration = NULL;
    if (!gate_configure(&arguments->gate, &arguments->analysis, words, &configuration, error))
        return FALSE;
    if (configuration)
        gate_adopt(configuration, &arguments->analysis);
    g_autofree const char **wanted = configuration ? configuration_rules(configuration) : rule_names();
    arguments->analysis.rules = wanted;
    gboolean analyzed = analyze_sources(arguments, words, command, session, error);
    arguments->analysis.rules = NULL;
    if (analyzed && configuration)
        configuration_apply(configuration, session);
    return analyzed && gate_apply(&arguments->gate, NULL, session, error);
}

static int check_program(struct check_arguments *arguments, char **words, char **command, GError **error)
{
    g_autoptr(Session) session = session_new();
    if (!analyze_gated(arguments, words, command, session, error) ||
        /* What is known so far is on disk before the program runs: a crash of the machine loses the run only.
         */
        !output_session(&arguments->output, session, STAGE_ALL, error) ||
        !tracing_run(&arguments->tracing, (const char *const *)command, session, error))
        return STATUS_COULD_NOT_RUN;
    judging_run(session);
    if (!arguments->output.all)
        drop_doubtful(session);
    if (!output_session(&arguments->output, session, STAGE_ALL, error) ||
        !output_report(&arguments->output, session, error) ||
        (arguments->graph && !output_graph(session, "contention", NULL, NULL, arguments->graph, error)))
        return STATUS_COULD_NOT_RUN;
    return status_of(arguments, session);
}

static int check_run(int argc, char **argv, GError **error)
{
    struct check_arguments arguments = {0};
    arguments.tracing.saved = &arguments.output;
    arguments.analysis.findings_too = TRUE;
    const GOptionEntry own[] = {
        {"graph", 'g', 0, G_OPTION_ARG_FILENAME, &arguments.graph, "Also draw the contention graph",
         "FILE.svg"},
        {"fail-on", 0, 0, G_OPTION_ARG_STRING, &arguments.fail_on,
         "Exit with 1 when a prediction is refuted (default), also on findings of this severity, or never",
         "refuted|error|warning|note|never"},
    };
    g_autoptr(GArray) entries = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
    analysis_arguments_add(&arguments.analysis, entries);
    gate_arguments_add(&arguments.gate, entries);
    tracing_arguments_add(&arguments.tracing, entries);
    output_arguments_add(&arguments.output, entries);
    g_array_append_vals(entries, own, G_N_ELEMENTS(own));
    g_auto(GStrv) words = NULL;
    g_auto(GStrv) command = NULL;
    int status = STATUS_USAGE;
    if (options_parse(&check_command, argc, argv, (GOptionEntry *)entries->data, &words, &command, error) &&
        check_line(&arguments, command, error))
        status = check_program(&arguments, words, command, error);
    analysis_arguments_clear(&arguments.analysis);
    gate_arguments_clear(&arguments.gate);
    tracing_arguments_clear(&arguments.tracing);
    output_arguments_clear(&arguments.output);
    g_free(arguments.graph);
    g_free(arguments.fail_on);
    return status;
}

const struct command check_command = {
    .name = "check",
    .usage = "[PATH…] -- COMMAND…",
    .summary = "analyze, trace, judge and report in one go: the main job",
    .run = check_run,
};
