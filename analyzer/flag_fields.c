/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/flag_fields.h"

#include <string.h>

#define MANY_FLAGS 8 /* asked for one by one */
#define FEW_PART   4 /* a mask of at most a quarter of them asks for few */

/* By name: places know the variable, but not its type. */
struct flag_fields {
    GHashTable *asked; /* field name → guint64 *: bits that are asked for alone */
};

/* Splits `%f:c*.flags&4` into the field's name (the caller frees it) and the mask; NULL when it is no mask of
 * a field. */
static char *masked_field(const struct fact_test *test, guint64 *mask)
{
    const char *mark = test->subject ? strrchr(test->subject, '&') : NULL;
    const char *dot = mark ? g_strrstr_len(test->subject, mark - test->subject, ".") : NULL;
    if (!dot)
        return NULL;
    *mask = (guint64)g_ascii_strtoll(mark + 1, NULL, 10);
    return g_strndup(dot + 1, (gsize)(mark - dot - 1));
}

static void note_test(struct flag_fields *fields, const struct fact_test *test)
{
    guint64 mask = 0;
    g_autofree char *name = masked_field(test, &mask);
    if (!name || __builtin_popcountll(mask) != 1)
        return;
    guint64 *asked = g_hash_table_lookup(fields->asked, name);
    if (!asked) {
        asked = g_new0(guint64, 1);
        g_hash_table_insert(fields->asked, g_steal_pointer(&name), asked);
    }
    *asked |= mask;
}

struct flag_fields *flag_fields_find(const struct program_graph *graph)
{
    struct flag_fields *fields = g_new(struct flag_fields, 1);
    fields->asked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (guint i = 0; i < graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(graph->functions, i);
        for (guint j = 0; j < function->facts->blocks->len; j++)
            note_test(fields, &((const struct fact_block *)function->facts->blocks->pdata[j])->test);
    }
    return fields;
}

void flag_fields_free(struct flag_fields *fields)
{
    if (!fields)
        return;
    g_hash_table_unref(fields->asked);
    g_free(fields);
}

enum flag_answer flag_fields_ask(const struct flag_fields *fields, const struct fact_test *test)
{
    guint64 mask = 0;
    g_autofree char *name = fields ? masked_field(test, &mask) : NULL;
    const guint64 *asked = name ? g_hash_table_lookup(fields->asked, name) : NULL;
    int known = asked ? __builtin_popcountll(*asked) : 0;
    if (known < MANY_FLAGS || __builtin_popcountll(mask) * FEW_PART > known)
        return FLAG_UNKNOWN;
    if (test->relation == RELATION_EQUAL)
        return test->constant == 0 ? FLAG_FALSE_UNLIKELY : FLAG_TRUE_UNLIKELY;
    if (test->relation == RELATION_DIFFERENT || test->relation == RELATION_NONE)
        return test->constant == 0 ? FLAG_TRUE_UNLIKELY : FLAG_FALSE_UNLIKELY;
    return FLAG_UNKNOWN;
}
