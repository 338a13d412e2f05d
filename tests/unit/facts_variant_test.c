/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "analyzer/facts.h"

static struct fact_function *add_function(struct fact_unit *unit)
{
    struct fact_function *function = fact_function_new(unit);
    function->key = fact_text(unit, "work@/p/a.c");
    function->name = fact_text(unit, "work");
    function->file = fact_text(unit, "/p/a.c");
    function->line = 3;
    function->end_line = 70000;
    function->is_static = TRUE;
    function->signature = fact_text(unit, "int (void *)");
    function->operations = 12;
    fact_list_add(unit, function->parameters, fact_text(unit, "data"));
    struct fact_block *entry = fact_block_new(unit), *exit = fact_block_new(unit);
    fact_numbers_add(unit, entry->successors, 1);
    exit->loop = 0;
    entry->unlikely = 1;
    entry->rare = entry->fails = TRUE;
    fact_list_add(unit, function->blocks, entry);
    fact_list_add(unit, function->blocks, exit);
    struct fact_loop *loop = fact_loop_new(unit);
    loop->trip_count = G_MAXINT64;
    loop->dependence = ITERATIONS_DEPENDENT;
    loop->carried = fact_text(unit, "sum");
    fact_list_add(unit, function->loops, loop);
    fact_list_add(unit, unit->functions, function);
    return function;
}

static void add_call(struct fact_unit *unit, struct fact_function *function)
{
    struct fact_event *call = fact_event_new(unit, EVENT_CALL);
    call->line = 9;
    call->end_line = 11;
    call->block = 1;
    call->loop = 0;
    call->via = fact_text(unit, "struct ops.run");
    call->signature = fact_text(unit, "void (int)");
    call->result = fact_text(unit, "n");
    call->checked = TRUE;
    struct fact_argument *argument = fact_argument_new(unit);
    argument->kind = ARGUMENT_INTEGER;
    argument->integer = G_MININT64;
    argument->type = fact_text(unit, "long");
    fact_list_add(unit, call->arguments, argument);
    argument = fact_argument_new(unit);
    argument->kind = ARGUMENT_STRING;
    argument->text = fact_text(unit, "raw \xff byte");
    fact_list_add(unit, call->arguments, argument);
    fact_list_add(unit, function->events, call);
    struct fact_event *write = fact_event_new(unit, EVENT_WRITE);
    write->path = fact_text(unit, "struct conn.lock");
    fact_list_add(unit, function->events, write);
}

static struct fact_unit *example(void)
{
    struct fact_unit *unit = fact_unit_new("/p/a.c");
    fact_list_add(unit, unit->files, fact_text(unit, "/p/a.c"));
    fact_list_add(unit, unit->dependencies, fact_text(unit, "/usr/include/stdio.h"));
    add_call(unit, add_function(unit));
    struct fact_variable *variable = fact_variable_new(unit);
    variable->path = fact_text(unit, "cache_lock");
    variable->type = fact_text(unit, "pthread_mutex_t");
    variable->is_lock = TRUE;
    variable->lock = LOCK_MUTEX;
    fact_list_add(unit, unit->variables, variable);
    struct fact_function_value *value = fact_function_value_new(unit);
    value->path = fact_text(unit, "struct ops.run");
    value->function = fact_text(unit, "work@/p/a.c");
    value->signature = fact_text(unit, "int (void *)");
    fact_list_add(unit, unit->values, value);
    struct fact_function_flow *flow = fact_function_flow_new(unit);
    flow->path = fact_text(unit, "struct ops.run");
    flow->source = fact_text(unit, "set_run#1");
    flow->otherwise = TRUE;
    fact_list_add(unit, unit->flows, flow);
    struct fact_function_flow *descriptor = fact_function_flow_new(unit);
    descriptor->path = fact_text(unit, "struct conn.fd");
    descriptor->source = fact_text(unit, "serve:fd");
    fact_list_add(unit, unit->descriptors, descriptor);
    unit->error = fact_text(unit, "half understood");
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
    g_assert_true(((struct fact_function_flow *)copy->flows->pdata[0])->otherwise);
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
    fact_numbers_add(unit, ((struct fact_block *)function->blocks->pdata[0])->successors, 77);
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
