/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "analyzer/arena.h"

/* Pieces of many sizes are zeroed, aligned and do not overlap: each keeps what was written into it. */
static void test_pieces(void)
{
    struct arena *arena = arena_new();
    guint8 *pieces[400];
    for (guint i = 0; i < G_N_ELEMENTS(pieces); i++) {
        gsize size = i % 7 == 0 ? (gsize)i * 3000 : i % 40;
        pieces[i] = arena_take(arena, size);
        g_assert_cmpuint((guintptr)pieces[i] % sizeof(gint64), ==, 0);
        for (gsize at = 0; at < size; at++)
            g_assert_cmpuint(pieces[i][at], ==, 0);
        memset(pieces[i], (int)(i % 255) + 1, size);
        arena_text(arena, "odd"); /* four bytes: what follows has to be aligned again */
    }
    for (guint i = 0; i < G_N_ELEMENTS(pieces); i++) {
        gsize size = i % 7 == 0 ? (gsize)i * 3000 : i % 40;
        for (gsize at = 0; at < size; at++)
            g_assert_cmpuint(pieces[i][at], ==, i % 255 + 1);
    }
    arena_free(arena);
}

static void test_texts(void)
{
    struct arena *arena = arena_new();
    g_autofree char *longest = g_strnfill(1 << 20, 'x');
    char source[] = "copied";
    const char *copy = arena_text(arena, source), *empty = arena_text(arena, "");
    const char *large = arena_text(arena, longest);
    source[0] = 'X';
    g_assert_cmpstr(copy, ==, "copied");
    g_assert_cmpstr(empty, ==, "");
    g_assert_cmpstr(large, ==, longest);
    g_assert_null(arena_text(arena, NULL));
    arena_free(arena);
    arena_free(NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/arena/pieces", test_pieces);
    g_test_add_func("/arena/texts", test_texts);
    return g_test_run();
}
