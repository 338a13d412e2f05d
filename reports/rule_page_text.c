/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <string.h>

#include "reports/rule_pages.h"

const char *rule_page_find(const char *rule)
{
    for (const struct rule_page *page = rule_pages; page->name; page++) {
        if (g_strcmp0(page->name, rule) == 0)
            return page->text;
    }
    return NULL;
}

char *rule_page_summary(const char *rule)
{
    const char *page = rule_page_find(rule), *start = page ? strstr(page, "\n\n") : NULL;
    const char *end = start ? strstr(start + 2, "\n\n") : NULL;
    if (!start)
        return NULL;
    char *summary = end ? g_strndup(start + 2, (gsize)(end - start - 2)) : g_strdup(start + 2);
    return g_strstrip(g_strdelimit(summary, "\n", ' '));
}
