/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "analyzer/facts.h"

static struct fact_function *add_function(struct fact_unit *unit)
{
    struct fact_function *function = fact_function_new();
    function->key = g_strdup("work@/p/a.c");
    function->name = g_strdup("work");
    function->file = g_strdup("/p/a.c");
    function->line = 3;
    function->end_line = 70000;
    function->is_static = TRUE;
    function->signature = g_strdup("int (void *)");
    function->operations = 12;
    g_ptr_array_add(function->parameters, g_strdup("data"));
    struct fact_block *entry = fact_block_new(), *exit = fact_block_new();
    int next = 1;
    g_array_append_val(entry->successors, next);
    exit->loop = 0;
    entry->unlikely = next;
    entry->rare = entry->fails = TRUE;
    g_ptr_array_add(function->blocks, entry);
    g_ptr_array_add(function->blocks, exit);
    struct fact_loop *loop = fact_loop_new();
    loop->trip_count = G_MAXINT64;
    loop->dependence = ITERATIONS_DEPENDENT;
    loop->carried = g_strdup("sum");
    g_ptr_array_add(function->loops, loop);
    g_ptr_array_add(unit->functions, function);
    return function;
}

static void add_call(struct fact_function *function)
{
    struct fact_event *call = fact_event_new(EVENT_CALL);
    call->line = 9;
    call->end_line = 11;
    call->block = 1;
    call->loop = 0;
    call->via = g_strdup("struct ops.run");
    call->signature = g_strdup("void (int)");
    call->result = g_strdup("n");
    call->checked = TRUE;
    struct fact_argument *argument = fact_argument_new();
    argument->kind = ARGUMENT_INTEGER;
    argument->integer = G_MININT64;
    argument->type = g_strdup("long");
    g_ptr_array_add(call->arguments, argument);
    argument = fact_argument_new();
    argument->kind = ARGUMENT_STRING;
    argument->text = g_strdup("raw \xff byte");
    g_ptr_array_add(call->arguments, argument);
    g_ptr_array_add(function->events, call);
    struct fact_event *write = fact_event_new(EVENT_WRITE);
    write->path = g_strdup("struct conn.lock");
    g_ptr_array_add(function->events, write);
}

static struct fact_unit *example(void)
{
    struct fact_unit *unit = fact_unit_new("/p/a.c");
    g_ptr_array_add(unit->files, g_strdup("/p/a.c"));
    g_ptr_array_add(unit->dependencies, g_strdup("/usr/include/stdio.h"));
    add_call(add_function(unit));
    struct fact_variable *variable = fact_variable_new();
    variable->path = g_strdup("cache_lock");
    variable->type = g_strdup("pthread_mutex_t");
    variable->is_lock = TRUE;
    variable->lock = LOCK_MUTEX;
    g_ptr_array_add(unit->variables, variable);
    struct fact_function_value *value = fact_function_value_new();
    value->path = g_strdup("struct ops.run");
    value->function = g_strdup("work@/p/a.c");
    value->signature = g_strdup("int (void *)");
    g_ptr_array_add(unit->values, value);
    struct fact_function_flow *flow = fact_function_flow_new();
    flow->path = g_strdup("struct ops.run");
    flow->source = g_strdup("set_run#1");
    g_ptr_array_add(unit->flows, flow);
    struct fact_function_flow *descriptor = fact_function_flow_new();
    descriptor->path = g_strdup("struct conn.fd");
    descriptor->source = g_strdup("serve:fd");
    g_ptr_array_add(unit->descriptors, descriptor);
    unit->error = g_strdup("half understood");
    return unit;
}

/* Through bytes, as between two processes. */
static GVariant *travel(const struct fact_unit *unit)
{
    g_autoptr(GVariant) sent = g_variant_ref_sink(facts_to_variant(unit));
    g_autoptr(GBytes) bytes = g_variant_get_data_as_bytes(sent);
    return g_variant_ref_sink(g_variant_new_from_bytes(g_variant_get_type(sent), bytes, FALSE));
}

static void test_round_trip(void)
{
    struct fact_unit *unit = example();
    g_autoptr(GVariant) received = travel(unit);
    struct fact_unit *copy = facts_from_variant(received);
    g_assert_nonnull(copy);
    g_assert_cmpstr(copy->error, ==, "half understood");
    const struct fact_function *function = copy->functions->pdata[0];
    g_assert_cmpint(function->end_line, ==, 70000);
    g_assert_cmpstr(function->parameters->pdata[0], ==, "data");
    const struct fact_function_value *value = copy->values->pdata[0];
    g_assert_cmpstr(value->signature, ==, "int (void *)");
    const struct fact_function_flow *descriptor = copy->descriptors->pdata[0];
    g_assert_cmpstr(descriptor->source, ==, "serve:fd");
    const struct fact_block *block = function->blocks->pdata[0];
    g_assert_cmpint(block->unlikely, ==, 1);
    g_assert_true(block->rare && block->fails && !block->stops);
    const struct fact_loop *loop = function->loops->pdata[0];
    g_assert_cmpint(loop->trip_count, ==, G_MAXINT64);
    g_assert_cmpstr(loop->carried, ==, "sum");
    const struct fact_event *call = function->events->pdata[0];
    g_assert_cmpstr(call->via, ==, "struct ops.run");
    g_assert_null(call->callee);
    g_assert_true(call->checked);
    const struct fact_argument *number = call->arguments->pdata[0], *text = call->arguments->pdata[1];
    g_assert_cmpint(number->integer, ==, G_MININT64);
    g_assert_cmpstr(text->text, ==, "raw \xff byte");
    const struct fact_event *write = function->events->pdata[1];
    g_assert_cmpint(write->kind, ==, EVENT_WRITE);
    g_assert_cmpstr(write->path, ==, "struct conn.lock");
    g_assert_cmpstr(((struct fact_function_flow *)copy->flows->pdata[0])->source, ==, "set_run#1");
    g_autoptr(GVariant) again = travel(copy);
    g_assert_true(g_variant_equal(received, again));
    fact_unit_free(copy);
    fact_unit_free(unit);
}

static void test_wrong_shape(void)
{
    g_autoptr(GVariant) other = g_variant_ref_sink(g_variant_new_string("facts"));
    g_assert_null(facts_from_variant(other));
    struct fact_unit *unit = example();
    struct fact_function *function = unit->functions->pdata[0];
    int nowhere = 77;
    g_array_append_val(((struct fact_block *)function->blocks->pdata[0])->successors, nowhere);
    g_autoptr(GVariant) received = travel(unit);
    g_assert_null(facts_from_variant(received));
    fact_unit_free(unit);
}

/* Whatever happens to the bytes on the way, reading them ends with facts that can be followed, or with none.
 */
static void test_damaged(void)
{
    struct fact_unit *unit = example();
    g_autoptr(GVariant) sent = g_variant_ref_sink(facts_to_variant(unit));
    gsize size = g_variant_get_size(sent);
    guint refused = 0;
    for (gsize at = 0; at < size; at++) {
        guint8 *bytes = g_memdup2(g_variant_get_data(sent), size);
        bytes[at] ^= 0x55;
        g_autoptr(GVariant) received = g_variant_ref_sink(
            g_variant_new_from_data(g_variant_get_type(sent), bytes, size, FALSE, g_free, bytes));
        struct fact_unit *copy = facts_from_variant(received);
        refused += copy == NULL;
        fact_unit_free(copy);
    }
    g_assert_cmpint(refused, >, 0);
    fact_unit_free(unit);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/facts_variant/round_trip", test_round_trip);
    g_test_add_func("/facts_variant/wrong_shape", test_wrong_shape);
    g_test_add_func("/facts_variant/damaged", test_damaged);
    return g_test_run();
}
