/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "analyzer/rules/rule.h"
#include "cli/command.h"
#include "cli/gate.h"
#include "cli/options.h"
#include "cli/output.h"
#include "model/nearest_name.h"
#include "model/session_file.h"

struct lint_arguments {
    struct analysis_arguments analysis;
    struct output_arguments output;
    struct gate_arguments gate;
    char *fail_on; /* a severity, or "never" */
    char *rules;   /* names with commas between them */
    gboolean list;
};

static gboolean check_rules(char **names, GError **error)
{
    for (char **name = names; name && *name; name++) {
        if (rule_find(*name))
            continue;
        g_autofree const char **known = rule_names();
        g_set_error(error, OPTIONS_ERROR, 0,
                    "unknown rule %s; did you mean %s? corewise lint --list-rules shows them all", *name,
                    nearest_name(*name, known));
        return FALSE;
    }
    return TRUE;
}

static gboolean check_line(struct lint_arguments *arguments, char **words, char **flags, GError **error)
{
    int severity = 0;
    if (flags && !*words) {
        g_set_error(error, OPTIONS_ERROR, 0,
                    "compiler flags after -- but no file before it; corewise lint FILE… -- FLAGS");
        return FALSE;
    }
    if (arguments->fail_on && g_strcmp0(arguments->fail_on, "never") != 0 &&
        !vocabulary_find(&severity_vocabulary, arguments->fail_on, &severity)) {
        g_set_error(error, OPTIONS_ERROR, 0, "--fail-on takes error, warning, note or never, not %s",
                    arguments->fail_on);
        return FALSE;
    }
    if (!arguments->output.format || strcmp(arguments->output.format, "text") == 0) {
        g_free(arguments->output.format);
        arguments->output.format = g_strdup("findings");
    }
    return gate_check(&arguments->gate, error) && output_check(&arguments->output, error);
}

/* What is doubtful is said only when asked for. Returns how many that were, the suppressed ones not counted.
 */
static guint drop_notes(struct session *session)
{
    guint dropped = 0;
    for (guint i = session->findings->len; i > 0; i--) {
        const struct finding *finding = g_ptr_array_index(session->findings, i - 1);
        if (finding->severity != SEVERITY_NOTE)
            continue;
        dropped += !finding->suppressed;
        g_ptr_array_remove_index(session->findings, i - 1);
    }
    return dropped;
}

static guint count_at_least(const struct session *session, enum severity severity)
{
    guint count = 0;
    for (guint i = 0; i < session->findings->len; i++) {
        const struct finding *finding = g_ptr_array_index(session->findings, i);
        count += !finding->suppressed && finding->severity >= severity;
    }
    return count;
}

static int status_of(const struct lint_arguments *arguments, const struct session *session)
{
    int severity = SEVERITY_WARNING;
    if (g_strcmp0(arguments->fail_on, "never") == 0)
        return STATUS_CLEAN;
    if (arguments->fail_on)
        vocabulary_find(&severity_vocabulary, arguments->fail_on, &severity);
    return count_at_least(session, (enum severity)severity) > 0 ? STATUS_FINDINGS : STATUS_CLEAN;
}

/* Whether every unit of the program was analysed. */
static gboolean is_whole(const struct session *session, char **words, char **flags)
{
    guint failed = 0;
    for (guint i = 0; i < session->units->len; i++)
        failed += ((const struct unit *)g_ptr_array_index(session->units, i))->error != NULL;
    return failed == 0 && (flags || !*words);
}

static gboolean lint_program(struct lint_arguments *arguments, const struct configuration *configuration,
                             const char *const *rule_list, char **words, char **flags,
                             struct session *session, GError **error)
{
    guint hidden = 0;
    arguments->analysis.rules = rule_list;
    arguments->analysis.only_findings = TRUE;
    if (!analysis_run(&arguments->analysis, *words ? (const char *const *)words : NULL,
                      (const char *const *)flags, NULL, session, error))
        return FALSE;
    if (configuration)
        configuration_apply(configuration, session);
    if (!arguments->output.all)
        hidden = drop_notes(session);
    if (!gate_apply(&arguments->gate, is_whole(session, words, flags) ? rule_list : NULL, session, error) ||
        !output_session(&arguments->output, session, STAGE_ALL, error) ||
        !output_report(&arguments->output, session, error))
        return FALSE;
    gate_print_summary(session, hidden);
    return TRUE;
}

static int lint_words(struct lint_arguments *arguments, char **words, char **flags, GError **error)
{
    g_auto(GStrv) names = arguments->rules ? g_strsplit(arguments->rules, ",", -1) : NULL;
    g_autoptr(Configuration) configuration = NULL;
    g_autoptr(Session) session = session_new();
    if (!check_rules(names, error) || !check_line(arguments, words, flags, error))
        return STATUS_USAGE;
    if (!gate_configure(&arguments->gate, &arguments->analysis, words, &configuration, error))
        return STATUS_COULD_NOT_RUN;
    if (configuration)
        gate_adopt(configuration, &arguments->analysis);
    g_autofree const char **wanted = configuration ? configuration_rules(configuration) : rule_names();
    if (!lint_program(arguments, configuration, names ? (const char *const *)names : wanted, words, flags,
                      session, error))
        return STATUS_COULD_NOT_RUN;
    return status_of(arguments, session);
}

static int list_rules(void)
{
    for (const struct rule *const *rule = rules; *rule; rule++)
        printf("%-32s %s\n", (*rule)->name, (*rule)->summary);
    return STATUS_CLEAN;
}

static int lint_run(int argc, char **argv, GError **error)
{
    struct lint_arguments arguments = {0};
    g_autoptr(GArray) entries = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
    const GOptionEntry own[] = {
        {"fail-on", 0, 0, G_OPTION_ARG_STRING, &arguments.fail_on,
         "Lowest severity that makes the exit status 1: error, warning (default), note or never",
         "error|warning|note|never"},
        {"rules", 0, 0, G_OPTION_ARG_STRING, &arguments.rules, "Only these rules, with commas between them",
         "NAMES"},
        {"write-baseline", 0, 0, G_OPTION_ARG_NONE, &arguments.gate.write_baseline,
         "Write all findings of now to the file of --baseline", NULL},
        {"list-rules", 0, 0, G_OPTION_ARG_NONE, &arguments.list, "Show the rules and exit", NULL},
    };
    analysis_arguments_add(&arguments.analysis, entries);
    output_arguments_add(&arguments.output, entries);
    gate_arguments_add(&arguments.gate, entries);
    g_array_append_vals(entries, own, G_N_ELEMENTS(own));
    g_auto(GStrv) words = NULL;
    g_auto(GStrv) flags = NULL;
    int status = STATUS_USAGE;
    if (options_parse(&lint_command, argc, argv, (GOptionEntry *)entries->data, &words, &flags, error))
        status = arguments.list ? list_rules() : lint_words(&arguments, words, flags, error);
    analysis_arguments_clear(&arguments.analysis);
    output_arguments_clear(&arguments.output);
    gate_arguments_clear(&arguments.gate);
    g_free(arguments.fail_on);
    g_free(arguments.rules);
    return status;
}

const struct command lint_command = {
    .name = "lint",
    .usage = "[PATH…] [-- COMPILER FLAGS…]",
    .summary = "hazards of concurrency, as a gate: findings only, and an exit status",
    .run = lint_run,
};
