/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/arena.h"

#include <string.h>

#define FIRST_CHUNK_BYTES ((gsize)4 << 10)
#define CHUNK_BYTES_MAX   ((gsize)256 << 10) /* bigger pieces have a chunk of their own */
#define ALIGNMENT_BYTES   sizeof(gint64)

struct chunk {
    struct chunk *older;
    guint8 bytes[];
};

struct arena {
    struct chunk *newest;
    guint8 *next;
    gsize left_bytes, chunk_bytes;
};

struct arena *arena_new(void)
{
    struct arena *arena = g_new0(struct arena, 1);
    arena->chunk_bytes = FIRST_CHUNK_BYTES;
    return arena;
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    for (struct chunk *chunk = arena->newest, *older; chunk; chunk = older) {
        older = chunk->older;
        g_free(chunk);
    }
    g_free(arena);
}

static void add_chunk(struct arena *arena, gsize at_least_bytes)
{
    gsize size = MAX(arena->chunk_bytes, at_least_bytes);
    struct chunk *chunk = g_malloc(sizeof(*chunk) + size);
    chunk->older = arena->newest;
    arena->newest = chunk;
    arena->next = chunk->bytes;
    arena->left_bytes = size;
    arena->chunk_bytes = MIN(arena->chunk_bytes * 2, CHUNK_BYTES_MAX);
}

static guint8 *take(struct arena *arena, gsize size_bytes, gsize alignment)
{
    gsize padding = -(guintptr)arena->next & (alignment - 1);
    if (!arena->next || padding + size_bytes > arena->left_bytes) {
        add_chunk(arena, size_bytes);
        padding = 0;
    }
    guint8 *bytes = arena->next + padding;
    arena->next = bytes + size_bytes;
    arena->left_bytes -= padding + size_bytes;
    return bytes;
}

gpointer arena_take(struct arena *arena, gsize size_bytes)
{
    return memset(take(arena, size_bytes, ALIGNMENT_BYTES), 0, size_bytes);
}

char *arena_text(struct arena *arena, const char *text)
{
    gsize size = text ? strlen(text) + 1 : 0;
    return text ? memcpy(take(arena, size, 1), text, size) : NULL;
}
