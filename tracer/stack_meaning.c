/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/stack_meaning.h"

/* Of sections around the same frame the smallest is the innermost. */
static void note_section(struct stack_meaning *meaning, const struct session *session,
                         const struct symbol *symbol, guint index, guint first_of_frame)
{
    const struct region *section = g_ptr_array_index(session->regions, index);
    if (meaning->lock_call == NO_REGION && symbol->line == section->line)
        meaning->lock_call = index;
    if (meaning->section != NO_REGION) {
        const struct region *known = g_ptr_array_index(session->regions, meaning->section);
        gboolean same_frame = FALSE;
        for (guint i = first_of_frame; i < meaning->regions->len; i++)
            same_frame |= g_array_index(meaning->regions, guint, i) == meaning->section;
        if (!same_frame || known->end_line - known->line <= section->end_line - section->line)
            return;
    }
    meaning->section = index;
}

static void note_program_symbol(struct stack_meaning *meaning, struct region_map *map,
                                const struct session *session, const struct symbol *symbol, gboolean waits)
{
    guint before = meaning->regions->len;
    region_map_find(map, symbol, meaning->regions);
    for (guint i = before; i < meaning->regions->len; i++) {
        guint index = g_array_index(meaning->regions, guint, i);
        const struct region *region = g_ptr_array_index(session->regions, index);
        if (region->kind == REGION_THREAD_BODY || region->kind == REGION_PROCESS_BODY)
            meaning->body = index; /* the outermost comes last */
        if (region->kind == REGION_CRITICAL_SECTION && region->lock)
            note_section(meaning, session, symbol, index, before);
    }
    if (!meaning->place) {
        meaning->place = symbol;
        meaning->self_count = meaning->regions->len;
    }
    meaning->has_lines |= symbol->line > 0;
    meaning->idle_site |= waits && region_map_is_idle_site(map, symbol);
}

struct stack_meaning *stack_meaning_new(const struct traced_stack *stack, struct region_map *map,
                                        const struct session *session)
{
    struct stack_meaning *meaning = g_new0(struct stack_meaning, 1);
    g_autoptr(GPtrArray) functions = g_ptr_array_new();
    meaning->regions = g_array_new(FALSE, FALSE, sizeof(guint));
    meaning->body = meaning->section = meaning->lock_call = NO_REGION;
    /* A library between two frames of the program called back: below it, nothing waits for the next task. */
    gboolean called_back = FALSE;
    for (guint i = 0; stack && stack->image->target && i < stack->frame_count; i++) {
        const GArray *symbols = target_symbolize(stack->image->target, stack->frames[i], i > 0);
        const char *called =
            i > 0 && !meaning->place ? target_called_function(stack->image->target, stack->frames[i]) : NULL;
        if (called) /* what the frame below is, also where a stripped library does not say so */
            g_ptr_array_add(functions, symbol_base_name(called));
        for (guint k = 0; symbols && k < symbols->len; k++) {
            const struct symbol *symbol = &g_array_index(symbols, struct symbol, k);
            called_back |= meaning->place && !symbol->is_program;
            if (symbol->is_program)
                note_program_symbol(meaning, map, session, symbol, !called_back);
            else if (!meaning->place && symbol->function)
                g_ptr_array_add(functions, symbol_base_name(symbol->function));
        }
    }
    g_ptr_array_add(functions, NULL);
    meaning->functions = (char **)g_ptr_array_free(g_steal_pointer(&functions), FALSE);
    return meaning;
}

void stack_meaning_free(struct stack_meaning *meaning)
{
    if (!meaning)
        return;
    g_array_unref(meaning->regions);
    g_strfreev(meaning->functions);
    g_free(meaning);
}
