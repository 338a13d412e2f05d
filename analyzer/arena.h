/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that is taken in small pieces and given back all at once. */
#ifndef ANALYZER_ARENA_H
#define ANALYZER_ARENA_H

#include <glib.h>

struct arena;

struct arena *arena_new(void);
/* Accepts NULL. */
void arena_free(struct arena *arena);

/* Zeroed bytes, aligned for pointers and 64-bit numbers. */
gpointer arena_take(struct arena *arena, gsize size_bytes);

/* A copy of `text`; NULL of NULL. */
char *arena_text(struct arena *arena, const char *text);

#endif
