/* SPDX-License-Identifier: Apache-2.0 */
#include "model/nearest_name.h"

#include <string.h>

#define COMPARED_MAX 128 /* characters; nobody means a known name by more */

/* Levenshtein, V. (1966): Binary codes capable of correcting deletions, insertions, and reversals; one row at
 * a time. */
static guint distance(const char *left, const char *right)
{
    gsize left_length = MIN(strlen(left), COMPARED_MAX), right_length = MIN(strlen(right), COMPARED_MAX);
    guint row[COMPARED_MAX + 1];
    for (guint j = 0; j <= right_length; j++)
        row[j] = j;
    for (guint i = 1; i <= left_length; i++) {
        guint diagonal = row[0];
        row[0] = i;
        for (guint j = 1; j <= right_length; j++) {
            guint above = row[j];
            guint changed = diagonal + (g_ascii_tolower(left[i - 1]) != g_ascii_tolower(right[j - 1]));
            row[j] = MIN(changed, MIN(above, row[j - 1]) + 1);
            diagonal = above;
        }
    }
    return row[right_length];
}

const char *nearest_name(const char *name, const char *const *known)
{
    const char *nearest = NULL;
    guint least = G_MAXUINT;
    for (; *known; known++) {
        guint changes = distance(name, *known);
        if (changes < least) {
            least = changes;
            nearest = *known;
        }
    }
    return nearest;
}
