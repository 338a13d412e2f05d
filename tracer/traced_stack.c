/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/traced_stack.h"

#include <string.h>
#include <sys/uio.h>

#include "tracer/stack_check.h"

#define PAGE_BYTES         4096u
#define STANDING_PAGES_MAX 64u /* read from a thread that stands still */
#define PENDING_MAX        64u /* long snapshots that wait for their next piece */

struct snapshot_pieces {
    GHashTable *pending; /* stack → GByteArray */
    GHashTable *paths;   /* GBytes of frames */
};

struct snapshot_pieces *snapshot_pieces_new(void)
{
    struct snapshot_pieces *pieces = g_new0(struct snapshot_pieces, 1);
    pieces->pending =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_byte_array_unref);
    pieces->paths = g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
    return pieces;
}

void snapshot_pieces_free(struct snapshot_pieces *pieces)
{
    g_hash_table_unref(pieces->pending);
    g_hash_table_unref(pieces->paths);
    g_free(pieces);
}

/* The whole of it when this was its last piece, else NULL. The caller's. */
static GByteArray *add_piece(struct snapshot_pieces *pieces, const struct snapshot_event *event)
{
    guint32 size = MIN(event->size, WATCH_SNAPSHOT_BYTES);
    if (event->offset == 0) {
        if (g_hash_table_size(pieces->pending) >= PENDING_MAX)
            g_hash_table_remove_all(pieces->pending);
        g_hash_table_replace(pieces->pending, g_memdup2(&event->stack, sizeof(event->stack)),
                             g_byte_array_new());
    }
    GByteArray *bytes = g_hash_table_lookup(pieces->pending, &event->stack);
    if (!bytes || bytes->len != event->offset) /* one was lost */
        return NULL;
    g_byte_array_append(bytes, event->bytes, size);
    if (event->piece != PIECE_LAST)
        return NULL;
    g_byte_array_ref(bytes);
    g_hash_table_remove(pieces->pending, &event->stack);
    return bytes;
}

/* Where the thread's stack pointer is while it waits in a system call, else 0. */
static guint64 standing_sp(const struct snapshot_event *event)
{
    g_autofree char *path = g_strdup_printf("/proc/%u/task/%u/syscall", event->tgid, event->tid);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    /* `number arg0 … arg5 sp ip` */
    const char *last = strrchr(text, ' ');
    while (last && last > text && last[-1] != ' ')
        last--;
    return last ? g_ascii_strtoull(last, NULL, 16) : 0;
}

/* The thread still waits where it was seen: its stack stands still, and can be read as far as it goes. NULL
 * when it is somewhere else. */
static GByteArray *read_standing(const struct snapshot_event *event)
{
    struct iovec pages[STANDING_PAGES_MAX];
    guint64 at = event->sp;
    if (standing_sp(event) != at)
        return NULL;
    for (guint i = 0; i < G_N_ELEMENTS(pages); i++) {
        pages[i].iov_base = (void *)(guintptr)at; // NOLINT(performance-no-int-to-ptr): not our memory
        pages[i].iov_len = PAGE_BYTES - (at & (PAGE_BYTES - 1));
        at += pages[i].iov_len;
    }
    GByteArray *bytes = g_byte_array_sized_new(STANDING_PAGES_MAX * PAGE_BYTES);
    g_byte_array_set_size(bytes, STANDING_PAGES_MAX * PAGE_BYTES);
    struct iovec local = {bytes->data, bytes->len};
    ssize_t length = process_vm_readv((pid_t)event->tgid, &local, 1, pages, G_N_ELEMENTS(pages), 0);
    g_byte_array_set_size(bytes, length > 0 ? (guint)length : 0);
    /* it may have gone on and come back by another way since the snapshot */
    guint compared = MIN(MIN(event->size, WATCH_SNAPSHOT_BYTES), bytes->len);
    if (bytes->len > 0 && memcmp(bytes->data, event->bytes, compared) == 0)
        return bytes;
    g_byte_array_unref(bytes);
    return NULL;
}

static void set_frames(struct snapshot_pieces *pieces, struct traced_stack *stack, const guint64 *frames,
                       guint count)
{
    g_autoptr(GBytes) path = g_bytes_new(frames, count * sizeof(frames[0]));
    GBytes *known = g_hash_table_lookup(pieces->paths, path);
    if (!known) {
        known = path;
        g_hash_table_add(pieces->paths, g_bytes_ref(path));
    }
    if (stack->path)
        g_bytes_unref(stack->path);
    stack->path = g_bytes_ref(known);
    stack->frames = g_bytes_get_data(known, NULL);
    stack->frame_count = count;
}

static void unwind(struct snapshot_pieces *pieces, struct traced_stack *stack,
                   const struct snapshot_event *event, struct target *target, GBytes *copied,
                   struct stack_answer *answer)
{
    gsize size = 0;
    const guint8 *bytes = g_bytes_get_data(copied, &size);
    guint64 frames[STACK_FRAMES_MAX], places[STACK_FRAMES_MAX];
    const struct stack_snapshot snapshot = {
        .ip = event->ip,
        .sp = event->sp,
        .bp = event->bp,
        .bx = event->bx,
        .r12 = event->r12,
        .r13 = event->r13,
        .r14 = event->r14,
        .r15 = event->r15,
        .bytes = bytes,
        .size = (guint32)size,
    };
    guint count = target_unwind_places(target, &snapshot, frames, places, G_N_ELEMENTS(frames), &stack->end);
    set_frames(pieces, stack, frames, count);
    answer->wants_deep = stack->end == UNWIND_TRUNCATED && count < STACK_FRAMES_MAX;
    answer->depth_bytes = answer->wants_deep ? 0 : 1;
    if (!answer->wants_deep && places[count - 1] > event->sp)
        answer->depth_bytes = (guint32)MIN(places[count - 1] - event->sp, size);
    stack_check_make(&answer->check, target, event->sp, frames, places, count);
}

/* All that is there of it now; NULL when more pieces must come first. */
static GBytes *copy_of(struct snapshot_pieces *pieces, const struct snapshot_event *event)
{
    GByteArray *whole = NULL;
    if (event->piece != PIECE_ONLY) {
        whole = add_piece(pieces, event);
        return whole ? g_byte_array_free_to_bytes(whole) : NULL;
    }
    if (event->origin == SNAPSHOT_ATTACH)
        whole = read_standing(event);
    return whole ? g_byte_array_free_to_bytes(whole)
                 : g_bytes_new_static(event->bytes, MIN(event->size, WATCH_SNAPSHOT_BYTES));
}

struct traced_stack *traced_stack_new(struct snapshot_pieces *pieces, const struct snapshot_event *event,
                                      struct target *target, struct stack_answer *answer)
{
    memset(answer, 0, sizeof(*answer));
    g_autoptr(GBytes) copied = copy_of(pieces, event);
    if (!copied)
        return NULL;
    struct traced_stack *stack = g_new0(struct traced_stack, 1);
    stack->id = event->stack;
    stack->end = UNWIND_NO_RULE;
    if (!target)
        return stack;
    unwind(pieces, stack, event, target, copied, answer);
    gboolean may_stand = event->origin == SNAPSHOT_WAIT && event->piece == PIECE_ONLY;
    GByteArray *standing = may_stand && answer->wants_deep ? read_standing(event) : NULL;
    if (standing) {
        g_autoptr(GBytes) whole = g_byte_array_free_to_bytes(standing);
        unwind(pieces, stack, event, target, whole, answer);
    }
    /* no second time: then the stack goes further than anybody looks */
    answer->wants_deep &= event->piece == PIECE_ONLY && event->origin != SNAPSHOT_ATTACH;
    return stack;
}

void traced_stack_free(struct traced_stack *stack)
{
    if (!stack)
        return;
    if (stack->path)
        g_bytes_unref(stack->path);
    g_free(stack);
}
