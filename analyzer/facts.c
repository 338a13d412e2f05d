/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/facts.h"

#include <string.h>

#define FIRST_CAPACITY 4

struct fact_list *fact_list_new(struct fact_unit *unit)
{
    return arena_take(unit->memory, sizeof(struct fact_list));
}

struct fact_argument *fact_argument_new(struct fact_unit *unit)
{
    return arena_take(unit->memory, sizeof(struct fact_argument));
}

struct fact_number *fact_number_new(struct fact_unit *unit)
{
    return arena_take(unit->memory, sizeof(struct fact_number));
}

struct fact_event *fact_event_new(struct fact_unit *unit, enum event_kind kind)
{
    struct fact_event *event = arena_take(unit->memory, sizeof(*event));
    event->kind = kind;
    event->loop = -1;
    if (kind == EVENT_CALL)
        event->arguments = fact_list_new(unit);
    return event;
}

struct fact_loop *fact_loop_new(struct fact_unit *unit)
{
    struct fact_loop *loop = arena_take(unit->memory, sizeof(*loop));
    loop->parent = -1;
    loop->trip_count = -1;
    return loop;
}

struct fact_block *fact_block_new(struct fact_unit *unit)
{
    struct fact_block *block = arena_take(unit->memory, sizeof(*block));
    block->successors = arena_take(unit->memory, sizeof(struct fact_numbers));
    block->loop = block->when_true = block->when_false = block->unlikely = -1;
    return block;
}

struct fact_case *fact_case_new(struct fact_unit *unit)
{
    return arena_take(unit->memory, sizeof(struct fact_case));
}

struct fact_function *fact_function_new(struct fact_unit *unit)
{
    struct fact_function *function = arena_take(unit->memory, sizeof(*function));
    function->parameters = fact_list_new(unit);
    function->blocks = fact_list_new(unit);
    function->loops = fact_list_new(unit);
    function->events = fact_list_new(unit);
    function->comparisons = fact_list_new(unit);
    return function;
}

struct fact_function_value *fact_function_value_new(struct fact_unit *unit)
{
    return arena_take(unit->memory, sizeof(struct fact_function_value));
}

struct fact_function_flow *fact_function_flow_new(struct fact_unit *unit)
{
    return arena_take(unit->memory, sizeof(struct fact_function_flow));
}

struct fact_variable *fact_variable_new(struct fact_unit *unit)
{
    struct fact_variable *variable = arena_take(unit->memory, sizeof(*variable));
    variable->lock = LOCK_UNKNOWN;
    return variable;
}

struct fact_unit *fact_unit_new(const char *file)
{
    struct fact_unit *unit = g_new0(struct fact_unit, 1);
    unit->memory = arena_new();
    unit->file = fact_text(unit, file);
    unit->files = fact_list_new(unit);
    unit->functions = fact_list_new(unit);
    unit->variables = fact_list_new(unit);
    unit->values = fact_list_new(unit);
    unit->flows = fact_list_new(unit);
    unit->descriptors = fact_list_new(unit);
    unit->numbers = fact_list_new(unit);
    unit->dependencies = fact_list_new(unit);
    return unit;
}

void fact_unit_free(struct fact_unit *unit)
{
    if (!unit)
        return;
    arena_free(unit->memory);
    g_clear_pointer(&unit->source, g_variant_unref);
    g_free(unit);
}

/* Room for one more: the items at their new place, or where they are. */
static gpointer grow(struct fact_unit *unit, gconstpointer items, guint len, guint *capacity,
                     gsize item_bytes)
{
    if (len < *capacity)
        return (gpointer)items;
    *capacity = MAX(*capacity * 2, FIRST_CAPACITY);
    gpointer grown = arena_take(unit->memory, *capacity * item_bytes);
    return len ? memcpy(grown, items, len * item_bytes) : grown;
}

void fact_list_add(struct fact_unit *unit, struct fact_list *list, gconstpointer item)
{
    list->pdata = grow(unit, list->pdata, list->len, &list->capacity, sizeof(gpointer));
    list->pdata[list->len++] = (gpointer)item;
}

void fact_list_insert(struct fact_unit *unit, struct fact_list *list, guint index, gconstpointer item)
{
    fact_list_add(unit, list, item);
    memmove(list->pdata + index + 1, list->pdata + index, (list->len - 1 - index) * sizeof(gpointer));
    list->pdata[index] = (gpointer)item;
}

void fact_numbers_add(struct fact_unit *unit, struct fact_numbers *numbers, int number)
{
    numbers->data = grow(unit, numbers->data, numbers->len, &numbers->capacity, sizeof(int));
    numbers->data[numbers->len++] = number;
}

const char *fact_text(struct fact_unit *unit, const char *text)
{
    return arena_text(unit->memory, text);
}

const char *fact_text_take(struct fact_unit *unit, char *text)
{
    const char *copy = fact_text(unit, text);
    g_free(text);
    return copy;
}
