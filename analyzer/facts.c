/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/facts.h"

static void fact_argument_free(gpointer data)
{
    struct fact_argument *argument = data;
    g_free(argument->text);
    g_free(argument->type);
    g_free(argument);
}

static void fact_event_free(gpointer data)
{
    struct fact_event *event = data;
    g_free(event->callee);
    g_free(event->via);
    g_free(event->signature);
    g_clear_pointer(&event->arguments, g_ptr_array_unref);
    g_free(event->result);
    g_free(event->path);
    g_free(event);
}

static void fact_loop_free(gpointer data)
{
    struct fact_loop *loop = data;
    g_free(loop->carried);
    g_free(loop);
}

static void fact_block_free(gpointer data)
{
    struct fact_block *block = data;
    g_array_unref(block->successors);
    g_free(block);
}

static void fact_function_free(gpointer data)
{
    struct fact_function *function = data;
    g_free(function->key);
    g_free(function->name);
    g_free(function->file);
    g_free(function->signature);
    g_ptr_array_unref(function->parameters);
    g_ptr_array_unref(function->blocks);
    g_ptr_array_unref(function->loops);
    g_ptr_array_unref(function->events);
    g_free(function);
}

static void fact_function_value_free(gpointer data)
{
    struct fact_function_value *value = data;
    g_free(value->path);
    g_free(value->function);
    g_free(value->signature);
    g_free(value);
}

static void fact_function_flow_free(gpointer data)
{
    struct fact_function_flow *flow = data;
    g_free(flow->path);
    g_free(flow->source);
    g_free(flow);
}

static void fact_variable_free(gpointer data)
{
    struct fact_variable *variable = data;
    g_free(variable->path);
    g_free(variable->type);
    g_free(variable);
}

struct fact_argument *fact_argument_new(void)
{
    return g_new0(struct fact_argument, 1);
}

struct fact_event *fact_event_new(enum event_kind kind)
{
    struct fact_event *event = g_new0(struct fact_event, 1);
    event->kind = kind;
    event->loop = -1;
    if (kind == EVENT_CALL)
        event->arguments = g_ptr_array_new_with_free_func(fact_argument_free);
    return event;
}

struct fact_loop *fact_loop_new(void)
{
    struct fact_loop *loop = g_new0(struct fact_loop, 1);
    loop->parent = -1;
    loop->trip_count = -1;
    return loop;
}

struct fact_block *fact_block_new(void)
{
    struct fact_block *block = g_new0(struct fact_block, 1);
    block->successors = g_array_new(FALSE, FALSE, sizeof(int));
    block->loop = -1;
    block->unlikely = -1;
    return block;
}

struct fact_function *fact_function_new(void)
{
    struct fact_function *function = g_new0(struct fact_function, 1);
    function->parameters = g_ptr_array_new_with_free_func(g_free);
    function->blocks = g_ptr_array_new_with_free_func(fact_block_free);
    function->loops = g_ptr_array_new_with_free_func(fact_loop_free);
    function->events = g_ptr_array_new_with_free_func(fact_event_free);
    return function;
}

struct fact_function_value *fact_function_value_new(void)
{
    return g_new0(struct fact_function_value, 1);
}

struct fact_function_flow *fact_function_flow_new(void)
{
    return g_new0(struct fact_function_flow, 1);
}

struct fact_variable *fact_variable_new(void)
{
    struct fact_variable *variable = g_new0(struct fact_variable, 1);
    variable->lock = LOCK_UNKNOWN;
    return variable;
}

struct fact_unit *fact_unit_new(const char *file)
{
    struct fact_unit *unit = g_new0(struct fact_unit, 1);
    unit->file = g_strdup(file);
    unit->files = g_ptr_array_new_with_free_func(g_free);
    unit->functions = g_ptr_array_new_with_free_func(fact_function_free);
    unit->variables = g_ptr_array_new_with_free_func(fact_variable_free);
    unit->values = g_ptr_array_new_with_free_func(fact_function_value_free);
    unit->flows = g_ptr_array_new_with_free_func(fact_function_flow_free);
    unit->descriptors = g_ptr_array_new_with_free_func(fact_function_flow_free);
    unit->dependencies = g_ptr_array_new_with_free_func(g_free);
    return unit;
}

void fact_unit_free(struct fact_unit *unit)
{
    if (!unit)
        return;
    g_free(unit->file);
    g_ptr_array_unref(unit->files);
    g_ptr_array_unref(unit->functions);
    g_ptr_array_unref(unit->variables);
    g_ptr_array_unref(unit->values);
    g_ptr_array_unref(unit->flows);
    g_ptr_array_unref(unit->descriptors);
    g_ptr_array_unref(unit->dependencies);
    g_free(unit->error);
    g_free(unit);
}
