/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/rules/object_variables.h"

#include <string.h>

GHashTable *object_variables_new(const struct program_graph *graph)
{
    GHashTable *variables = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < graph->units->len; i++) {
        const struct fact_unit *unit = g_ptr_array_index(graph->units, i);
        for (guint j = 0; j < unit->variables->len; j++) {
            struct fact_variable *variable = g_ptr_array_index(unit->variables, j);
            g_hash_table_insert(variables, (gpointer)variable->path, variable);
        }
    }
    return variables;
}

/* The name of a static one goes on with its file (`own@/src/own.c[0]`), in which there are dots, too. */
const struct fact_variable *object_variable_find(GHashTable *variables, const char *place)
{
    const struct fact_variable *exact = g_hash_table_lookup(variables, place);
    const char *file = strchr(place, '@');
    gsize end = file ? (gsize)(file - place) : 0;
    while (!exact && *place != '%' && place[end]) {
        end += strcspn(place + end, ".[*");
        g_autofree char *root = g_strndup(place, end);
        exact = g_hash_table_lookup(variables, root);
        if (!file)
            break;
        end += place[end] != '\0';
    }
    return exact;
}
