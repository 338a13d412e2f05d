/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "analyzer/rules/rule.h"
#include "cli/command.h"
#include "cli/explanations.h"
#include "cli/options.h"
#include "model/metric.h"
#include "reports/rule_pages.h"

static void list_names(GString *out)
{
    for (const struct explanation *each = explanations; each->name; each++)
        g_string_append_printf(out, "  %-24s %s\n", each->name, each->summary);
    for (const struct rule *const *rule = rules; *rule; rule++)
        g_string_append_printf(out, "  %-24s rule: %s\n", (*rule)->name, (*rule)->summary);
    for (const struct metric *metric = metrics; metric->name; metric++)
        g_string_append_printf(out, "  %-24s metric (%s): %s\n", metric->name, metric->unit, metric->summary);
}

static gboolean explain_name(const char *name, GString *out)
{
    gboolean found = FALSE;
    for (const struct explanation *each = explanations; each->name; each++) {
        if (g_strcmp0(each->name, name) != 0)
            continue;
        g_string_append_printf(out, "%s%s: %s\n\n%s\n", found ? "\n" : "", each->name, each->summary,
                               each->text);
        found = TRUE;
    }
    const struct metric *metric = metric_find(name);
    if (metric)
        g_string_append_printf(out, "%s (metric, %s): %s\n\ndocs/model.md says how it is measured.\n",
                               metric->name, metric->unit, metric->summary);
    const char *page = rule_page_find(name);
    if (page)
        g_string_append(out, page);
    return found || metric || page;
}

static int explain_run(int argc, char **argv, GError **error)
{
    const GOptionEntry entries[] = {{NULL}};
    g_auto(GStrv) words = NULL;
    g_auto(GStrv) rest = NULL;
    if (!options_parse(&explain_command, argc, argv, entries, &words, &rest, error))
        return STATUS_USAGE;
    g_autoptr(GString) out = g_string_new(NULL);
    if (!*words)
        list_names(out);
    for (char **word = words; *word; word++) {
        if (!explain_name(*word, out)) {
            g_set_error(error, OPTIONS_ERROR, 0,
                        "nothing is known under the name %s; corewise explain lists all names", *word);
            return STATUS_USAGE;
        }
    }
    fputs(out->str, stdout);
    return STATUS_CLEAN;
}

const struct command explain_command = {
    .name = "explain",
    .usage = "[NAME…]",
    .summary = "what a class, a model, a verdict or a metric means, and what to do",
    .run = explain_run,
};
