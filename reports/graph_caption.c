/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/graph_caption.h"

#include "reports/escape.h"
#include "reports/quantity.h"
#include "reports/text_page.h"

#define NAME_COLUMNS 60

char *graph_caption(const struct report_index *index, const char *what, gboolean needs_run)
{
    const struct program *program = index->session->program;
    const char *raw = program ? program->name : index->run ? index->run->command : "no program";
    g_autofree char *visible = escape_text(raw);
    g_autofree char *name = text_elide(visible, NAME_COLUMNS);
    if (!index->run)
        return needs_run ? g_strdup_printf("%s: not watched yet", name)
                         : g_strdup_printf("%s: %s", name, what);
    g_autofree char *seconds = quantity_seconds(index->run->seconds);
    return g_strdup_printf("%s: %s in %s", name, what, seconds);
}

const char *graph_nothing(const struct report_index *index, const char *seen)
{
    return index->run ? seen : "Nothing was traced yet: corewise check or trace watches the program.";
}
