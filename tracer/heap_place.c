/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tracer/stack.h"
#include "tracer/target.h"

/* The memory of glibc's malloc: in front of each block a word with its size, a multiple of 16 that includes
 * the word, and three flags; the block behind it follows immediately (malloc/malloc.c, struct malloc_chunk).
 */
#define PAGE_SIZE        4096u
#define PAGES_MAX        16u /* larger blocks are hardly one struct */
#define HEADER_SIZE      8u
#define CHUNK_SIZE_LEAST 32u
#define CHUNK_SIZE_MAX   ((guint64)1 << 32)
#define PREVIOUS_IN_USE  1u
#define IS_MAPPED        2u
#define FLAGS            7u

/* Whether `header`, at `address`, begins a block that is in use: the one behind it must say so. */
static gboolean is_block(const struct target *target, guint64 address, guint64 header)
{
    guint64 size = header & ~(guint64)FLAGS, next = 0;
    if (header & IS_MAPPED) /* alone in its pages, behind one unused word */
        return size % PAGE_SIZE == 0 && (address - HEADER_SIZE) % PAGE_SIZE == 0;
    return target_read(target, address + size, &next, sizeof next) && next & PREVIOUS_IN_USE &&
           (next & ~(guint64)FLAGS) % 16 == 0 && (next & ~(guint64)FLAGS) >= CHUNK_SIZE_LEAST;
}

static gboolean place_in_page(const struct target *target, guint64 page, const guint8 *bytes, guint64 address,
                              struct heap_place *place)
{
    for (guint at = PAGE_SIZE; at > 0; at -= 16) {
        guint64 start = page + at, header = 0;
        memcpy(&header, bytes + at - HEADER_SIZE, sizeof header);
        guint64 size = header & ~(guint64)FLAGS;
        if (start > address || size < CHUNK_SIZE_LEAST || size % 16 != 0 || size > CHUNK_SIZE_MAX ||
            address - start >= size - HEADER_SIZE || !is_block(target, start - HEADER_SIZE, header))
            continue;
        *place = (struct heap_place){address - start, size - HEADER_SIZE};
        return TRUE;
    }
    return FALSE;
}

gboolean target_heap_place(struct target *target, guint64 address, struct heap_place *place)
{
    guint8 bytes[PAGE_SIZE];
    *place = (struct heap_place){0, 0};
    if (target_known_image(target, address) || !target_is_alive(target))
        return FALSE;
    /* the header of a block that begins a page is the last word of the page before */
    guint64 page = address & ~(guint64)(PAGE_SIZE - 1);
    for (guint i = 0; i < PAGES_MAX && page > 0; i++, page -= PAGE_SIZE) {
        if (!target_read(target, page, bytes, sizeof bytes))
            return FALSE;
        if (place_in_page(target, page, bytes, address, place))
            return TRUE;
    }
    return FALSE;
}
