/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/sum_table.h"

GHashTable *sum_table_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

double sum_table_add(GHashTable *sums, const char *name, double seconds)
{
    double *sum = g_hash_table_lookup(sums, name);
    if (!sum) {
        sum = g_new0(double, 1);
        g_hash_table_insert(sums, g_strdup(name), sum);
    }
    return *sum += seconds;
}

static gint compare_sums(gconstpointer left, gconstpointer right, gpointer sums)
{
    const double *a = g_hash_table_lookup(sums, *(char *const *)left);
    const double *b = g_hash_table_lookup(sums, *(char *const *)right);
    if (*a != *b)
        return *a > *b ? -1 : 1;
    return g_strcmp0(*(char *const *)left, *(char *const *)right);
}

GPtrArray *sum_table_order(GHashTable *sums)
{
    GPtrArray *names = g_ptr_array_new();
    GHashTableIter iterator;
    gpointer name = NULL;
    g_hash_table_iter_init(&iterator, sums);
    while (g_hash_table_iter_next(&iterator, &name, NULL))
        g_ptr_array_add(names, name);
    g_ptr_array_sort_with_data(names, compare_sums, sums);
    return names;
}
