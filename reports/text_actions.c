/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "reports/escape.h"
#include "reports/first_actions.h"
#include "reports/quantity.h"
#include "reports/text_sections.h"

#define WORTH_TELLING 0.01 /* of the run */

/* "saves up to 0.9 s of 1.8 s, 2.0 times as fast; confirmed by the run" */
static char *worth_of(const struct report_index *index, const struct action *action)
{
    g_autoptr(GString) line = g_string_new(NULL);
    g_autofree char *run = quantity_seconds(index->run->seconds);
    if (action->saved_seconds >= WORTH_TELLING * index->run->seconds) {
        g_autofree char *saved = quantity_seconds(action->saved_seconds);
        g_string_append_printf(line, "saves up to %s of %s", saved, run);
    }
    if (action->gain >= 1.05 && isnan(action->saved_seconds))
        g_string_append_printf(line, "up to %.1f times as many tasks per second, if so many come",
                               action->gain);
    else if (action->gain >= 1.05)
        g_string_append_printf(line, "%sthat part %.1f times as fast", line->len ? ", " : "", action->gain);
    if (action->memory_gain > 1)
        g_string_append_printf(line, "%s%.1f times less memory", line->len ? ", " : "", action->memory_gain);
    g_autofree char *basis = g_strdelimit(g_strdup(action->basis), "_", ' ');
    g_string_append_printf(line, "%s%s by the run", line->len ? "; " : "", basis);
    return g_string_free(g_steal_pointer(&line), FALSE);
}

void text_action_section(const struct report_index *index, struct text_page *page)
{
    if (!index->run || !index->session->program)
        return;
    g_autoptr(GPtrArray) actions = first_actions_find(index);
    text_page_heading(page, "Do first", "what the run says is worth most");
    if (actions->len == 0)
        text_page_paragraph(page, 2, TEXT_PLAIN,
                            "Nothing: no change that was advised or found would be felt.");
    for (guint i = 0; i < actions->len; i++) {
        const struct action *action = g_ptr_array_index(actions, i);
        g_autofree char *place =
            action->file ? g_strdup_printf(" (%s:%d)", action->file, action->line) : g_strdup("");
        g_autofree char *raw = g_strdup_printf("%u. %s%s", i + 1, action->text, place);
        g_autofree char *text = escape_text(raw);
        g_autofree char *worth = worth_of(index, action);
        text_page_paragraph(page, 2, TEXT_BOLD, text);
        text_page_paragraph(page, 5, TEXT_PLAIN, worth);
    }
}
