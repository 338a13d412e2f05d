/* SPDX-License-Identifier: Apache-2.0 */
/* From the snapshots of a stack that the kernel side sends to its frames. */
#ifndef TRACER_TRACED_STACK_H
#define TRACER_TRACED_STACK_H

#include <glib.h>

#include "tracer/bpf/watch_shared.h"
#include "tracer/stack.h"

struct traced_image;

struct traced_stack {
    guint64 id;
    struct traced_image *image;
    GBytes *path;          /* what `frames` points to, shared by all stacks that are alike */
    const guint64 *frames; /* innermost first; return addresses but for the first */
    guint frame_count;
    enum unwind_end end;
    struct heap_place
        object; /* of what the first wait with this stack was on, when it has no name of its own */
};

/* What the kernel side is to be told about a stack. */
struct stack_answer {
    gboolean wants_deep; /* send a longer snapshot the next time */
    guint32 depth_bytes; /* how far above sp the outermost return address is; 0: further than was copied */
    struct stack_check check; /* count 0: none */
};

/* Pieces of long snapshots until they are complete, and the frames of all stacks so far, each path once. */
struct snapshot_pieces;
struct snapshot_pieces *snapshot_pieces_new(void);
void snapshot_pieces_free(struct snapshot_pieces *pieces);

/* NULL when more pieces must come first. `target` may be NULL: no frames then. The result is the caller's. */
struct traced_stack *traced_stack_new(struct snapshot_pieces *pieces, const struct snapshot_event *event,
                                      struct target *target, struct stack_answer *answer);
void traced_stack_free(struct traced_stack *stack);

#endif
