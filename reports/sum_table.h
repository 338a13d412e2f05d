/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of seconds by name. */
#ifndef REPORTS_SUM_TABLE_H
#define REPORTS_SUM_TABLE_H

#include <glib.h>

/* Name → double; the caller unrefs it. */
GHashTable *sum_table_new(void);
/* Returns the sum that is there then. The name is copied. */
double sum_table_add(GHashTable *sums, const char *name, double seconds);
/* The names, borrowed: the largest sum first, equal ones by name. The caller unrefs the array. */
GPtrArray *sum_table_order(GHashTable *sums);

#endif
