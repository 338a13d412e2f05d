/* SPDX-License-Identifier: Apache-2.0 */
/* What a distinct stack means to a session: its regions, its place, whether it waits for the next task. */
#ifndef TRACER_STACK_MEANING_H
#define TRACER_STACK_MEANING_H

#include <glib.h>

#include "model/session.h"
#include "tracer/collection.h"
#include "tracer/region_map.h"

#define NO_REGION G_MAXUINT

struct stack_meaning {
    GArray *regions;  /* guint: regions on the stack, those of the innermost program frame first */
    guint self_count; /* how many of them hold the innermost program frame */
    guint body;       /* outermost thread or process body; NO_REGION without one */
    guint section;    /* innermost critical section with a known lock; NO_REGION without one */
    guint lock_call; /* innermost critical section at whose first line, the taking of its lock, a frame stands
                      */
    gboolean idle_site;
    gboolean has_lines;
    char **functions; /* base names of the innermost frames up to the first of the program itself, and of the
                       * functions that their callers meant to call */
    const struct symbol *place; /* innermost frame of the program; NULL without one */
};

/* `stack` may be NULL: a stack that was lost means nothing. Symbols belong to the stack's target. */
struct stack_meaning *stack_meaning_new(const struct traced_stack *stack, struct region_map *map,
                                        const struct session *session);
void stack_meaning_free(struct stack_meaning *meaning);

#endif
