/* SPDX-License-Identifier: Apache-2.0 */
/* The linker of the whole program and its cycles, on facts made by hand. */
#include "analyzer/program_graph.h"

#include <string.h>

#include "analyzer/block_frequency.h"

static struct fact_unit *unit_of(const char *file)
{
    struct fact_unit *unit = fact_unit_new(file);
    fact_list_add(unit, unit->files, fact_text(unit, file));
    return unit;
}

static struct fact_function *function_in(struct fact_unit *unit, const char *key, const char *signature)
{
    struct fact_function *function = fact_function_new(unit);
    function->key = fact_text(unit, key);
    function->name = fact_text_take(unit, g_strndup(key, strcspn(key, "@")));
    function->file = unit->file;
    function->line = (int)unit->functions->len * 10 + 1;
    function->signature = fact_text(unit, signature);
    fact_list_add(unit, unit->functions, function);
    return function;
}

static struct fact_event *call_from(struct fact_unit *unit, struct fact_function *function,
                                    const char *callee)
{
    struct fact_event *event = fact_event_new(unit, EVENT_CALL);
    event->callee = fact_text(unit, callee);
    event->loop = -1;
    fact_list_add(unit, function->events, event);
    return event;
}

static void store(struct fact_unit *unit, const char *path, const char *function)
{
    struct fact_function_value *value = fact_function_value_new(unit);
    value->path = fact_text(unit, path);
    value->function = fact_text(unit, function);
    fact_list_add(unit, unit->values, value);
}

static const struct call_site *only_call(const struct program_graph *graph, const struct fact_unit *unit,
                                         const char *key)
{
    const struct graph_function *function = program_graph_find(graph, unit, key);
    g_assert_cmpuint(function->calls->len, ==, 1);
    return g_ptr_array_index(function->calls, 0);
}

static const char *target_key(const struct call_site *call)
{
    g_assert_cmpuint(call->targets->len, ==, 1);
    return ((const struct graph_function *)g_ptr_array_index(call->targets, 0))->facts->key;
}

struct program {
    GPtrArray *units;
    struct effects *effects;
    struct fact_unit *first, *second;
};

static void set_up(struct program *program, gconstpointer unused)
{
    (void)unused;
    program->units = g_ptr_array_new_with_free_func((GDestroyNotify)fact_unit_free);
    program->effects = effects_load(NULL, NULL);
    program->first = unit_of("/project/source/a.c");
    program->second = unit_of("/project/library/b.c");
    g_ptr_array_add(program->units, program->first);
    g_ptr_array_add(program->units, program->second);
}

static void tear_down(struct program *program, gconstpointer unused)
{
    (void)unused;
    g_ptr_array_unref(program->units);
    effects_free(program->effects);
}

static void test_statics_apart(struct program *program, gconstpointer unused)
{
    (void)unused;
    call_from(program->first, function_in(program->first, "main", "int (void)"),
              "helper@/project/source/a.c");
    function_in(program->first, "helper@/project/source/a.c", "void (void)");
    function_in(program->second, "helper@/project/library/b.c", "void (void)");
    g_autoptr(ProgramGraph) graph = program_graph_new(program->units, program->effects, NULL);
    g_assert_cmpstr(graph->root, ==, "/project");
    g_assert_cmpuint(graph->functions->len, ==, 3);
    g_assert_cmpstr(target_key(only_call(graph, program->first, "main")), ==, "helper@/project/source/a.c");
    g_assert_true(program_graph_find(graph, NULL, "helper@/project/source/a.c")->reachable);
    g_assert_false(program_graph_find(graph, NULL, "helper@/project/library/b.c")->reachable);
    g_assert_cmpstr(program_graph_find(graph, NULL, "main")->file, ==, "source/a.c");
}

static void test_pointers(struct program *program, gconstpointer unused)
{
    (void)unused;
    struct fact_event *by_field =
        call_from(program->first, function_in(program->first, "main", "int (void)"), NULL);
    by_field->via = "struct watcher.callback";
    by_field->signature = "void (int)";
    struct fact_event *guessed =
        call_from(program->first, function_in(program->first, "other", "int (void)"), NULL);
    guessed->via = "other#0";
    guessed->signature = "void (char)";
    function_in(program->second, "stored", "void (int)");
    function_in(program->second, "elsewhere", "void (int)");
    function_in(program->second, "alike", "void (char)");
    store(program->second, "watch#1", "stored");
    store(program->second, "table", "elsewhere");
    store(program->second, "table", "alike");
    struct fact_function_flow *flow = fact_function_flow_new(program->first);
    flow->path = "struct watcher.callback";
    flow->source = "watch#1";
    fact_list_add(program->first, program->first->flows, flow);
    g_autoptr(ProgramGraph) graph = program_graph_new(program->units, program->effects, NULL);
    const struct call_site *call = only_call(graph, NULL, "main");
    g_assert_cmpint(call->resolution, ==, CALL_BY_VALUE);
    g_assert_cmpstr(target_key(call), ==, "stored");
    call = only_call(graph, NULL, "other");
    g_assert_cmpint(call->resolution, ==, CALL_BY_SIGNATURE);
    g_assert_cmpstr(target_key(call), ==, "alike");
}

static void test_library(struct program *program, gconstpointer unused)
{
    (void)unused;
    call_from(program->first, function_in(program->first, "main", "int (void)"), "usleep");
    call_from(program->first, function_in(program->first, "other", "int (void)"), "mystery_function");
    g_autoptr(ProgramGraph) graph = program_graph_new(program->units, program->effects, NULL);
    g_assert_cmpstr(only_call(graph, NULL, "main")->effect->name, ==, "usleep");
    g_assert_null(only_call(graph, NULL, "other")->effect);
}

static void call_through(struct program *program, const char *caller, const char *via)
{
    struct fact_event *event =
        call_from(program->first, function_in(program->first, caller, "int (void)"), NULL);
    event->via = via;
    event->signature = "void (int)";
    struct fact_function_flow *flow = fact_function_flow_new(program->first);
    flow->path = via;
    flow->source = "struct entry.run";
    flow->otherwise = TRUE;
    fact_list_add(program->first, program->first->flows, flow);
}

/* An element of a table is what is stored there, and anything of the table when nothing is; a pointer to one
 * function of a library is a call of it. */
static void test_elements(struct program *program, gconstpointer unused)
{
    (void)unused;
    call_through(program, "first", "table[0].run");
    call_through(program, "second", "table[1].run");
    call_through(program, "third", "table[2].run");
    function_in(program->second, "stored", "void (int)");
    function_in(program->second, "other", "void (int)");
    store(program->second, "table[0].run", "fsync");
    store(program->second, "table[1].run", "stored");
    store(program->second, "struct entry.run", "fsync");
    store(program->second, "struct entry.run", "stored");
    store(program->second, "struct entry.run", "other");
    g_autoptr(ProgramGraph) graph = program_graph_new(program->units, program->effects, NULL);
    const struct call_site *call = only_call(graph, NULL, "first");
    g_assert_cmpint(call->resolution, ==, CALL_LIBRARY);
    g_assert_cmpstr(call->effect->name, ==, "fsync");
    g_assert_cmpstr(call->event->callee, ==, "fsync");
    g_assert_cmpstr(target_key(only_call(graph, NULL, "second")), ==, "stored");
    g_assert_cmpuint(only_call(graph, NULL, "third")->targets->len, ==, 2);
}

static struct fact_event *call_field(struct program *program, const char *caller, const char *field)
{
    struct fact_event *event =
        call_from(program->first, function_in(program->first, caller, "int (void)"), NULL);
    event->via = field;
    event->signature = "void (void *)";
    return event;
}

/* An optional hook that nobody fills is none of the functions that are only called from another field, or
 * through a parameter; what went where no call is seen it may be. */
static void test_unfilled_field(struct program *program, gconstpointer unused)
{
    (void)unused;
    call_field(program, "main", "struct context.hook");
    call_field(program, "other", "struct plugin.cleanup");
    call_field(program, "third", "apply#0");
    function_in(program->second, "clean", "void (void *)");
    function_in(program->second, "passed", "void (void *)");
    function_in(program->second, "hidden", "void (void *)");
    store(program->second, "struct plugin.cleanup", "clean");
    store(program->second, "struct plugin.cleanup", "hidden");
    store(program->second, "apply#0", "passed");
    store(program->second, "g_hash_table_insert#2", "hidden");
    g_autoptr(ProgramGraph) graph = program_graph_new(program->units, program->effects, NULL);
    const struct call_site *call = only_call(graph, NULL, "main");
    g_assert_cmpint(call->resolution, ==, CALL_BY_SIGNATURE);
    g_assert_cmpstr(target_key(call), ==, "hidden");
    g_assert_cmpuint(only_call(graph, NULL, "other")->targets->len, ==, 2);
}

/* Slots are filled as one type and read as others: `slot_any.run` gets what `slot_one.run` calls. A field
 * that is called itself is nobody's twin. */
static void test_twins(struct program *program, gconstpointer unused)
{
    (void)unused;
    call_field(program, "main", "slot_one.run");
    call_field(program, "other", "job.run");
    function_in(program->first, "wanted", "void (void *)");
    function_in(program->first, "of_another_type", "void (int)");
    function_in(program->first, "of_a_job", "void (void *)");
    store(program->first, "slot_any.run", "wanted");
    store(program->first, "slot_any.run", "of_another_type");
    store(program->first, "job.run", "of_a_job");
    g_autoptr(ProgramGraph) graph = program_graph_new(program->units, program->effects, NULL);
    const struct call_site *call = only_call(graph, NULL, "main");
    g_assert_cmpint(call->resolution, ==, CALL_BY_VALUE);
    g_assert_cmpstr(target_key(call), ==, "wanted");
}

/* main → a ⇄ b → c, c → c: callees come first, and only what calls itself is recursive. */
static void test_components(struct program *program, gconstpointer unused)
{
    (void)unused;
    call_from(program->first, function_in(program->first, "main", "int (void)"), "a");
    call_from(program->first, function_in(program->first, "a", "void (void)"), "b");
    struct fact_function *b = function_in(program->first, "b", "void (void)");
    call_from(program->first, b, "a");
    call_from(program->first, b, "c");
    call_from(program->second, function_in(program->second, "c", "void (void)"), "c");
    g_autoptr(ProgramGraph) graph = program_graph_new(program->units, program->effects, NULL);
    const struct graph_function *main_function = program_graph_find(graph, NULL, "main");
    const struct graph_function *first = program_graph_find(graph, NULL, "a");
    const struct graph_function *last = program_graph_find(graph, NULL, "c");
    g_assert_cmpuint(first->component, ==, program_graph_find(graph, NULL, "b")->component);
    g_assert_cmpuint(last->component, <, first->component);
    g_assert_cmpuint(first->component, <, main_function->component);
    g_assert_true(first->recursive && last->recursive);
    g_assert_false(main_function->recursive);
    g_assert_true(g_ptr_array_index(graph->order, 0) == last);
    g_assert_true(g_ptr_array_index(graph->order, 3) == main_function);
}

static void add_block(struct fact_unit *unit, struct fact_function *function, int loop, int first, int second)
{
    struct fact_block *block = fact_block_new(unit);
    block->loop = loop;
    if (first >= 0)
        fact_numbers_add(unit, block->successors, first);
    if (second >= 0)
        fact_numbers_add(unit, block->successors, second);
    fact_list_add(unit, function->blocks, block);
}

/* 0 branches to 1 (calls exit) and 2; 2 is a loop's head over 3; 4 is the exit. */
static void test_frequencies(struct program *program, gconstpointer unused)
{
    (void)unused;
    struct fact_function *function = function_in(program->first, "main", "int (void)");
    struct fact_loop *loop = fact_loop_new(program->first);
    loop->parent = -1;
    fact_list_add(program->first, function->loops, loop);
    add_block(program->first, function, -1, 1, 2);
    add_block(program->first, function, -1, 4, -1);
    add_block(program->first, function, 0, 3, 4);
    add_block(program->first, function, 0, 2, -1);
    add_block(program->first, function, -1, -1, -1);
    call_from(program->first, function, "exit")->block = 1;
    g_autoptr(ProgramGraph) graph = program_graph_new(program->units, program->effects, NULL);
    struct endings *endings = endings_find(graph);
    const struct graph_function *linked = program_graph_find(graph, NULL, "main");
    const struct branch_knowledge known = {.endings = endings};
    g_autofree double *frequency = block_frequencies(linked, &known);
    g_autofree gboolean *without_return = blocks_without_return(linked, endings);
    g_assert_cmpfloat(frequency[0], ==, 1);
    g_assert_cmpfloat(frequency[1], <, 0.05);
    g_assert_cmpfloat(frequency[2], >, 0.95);
    g_assert_cmpfloat(frequency[3], ==, frequency[2]);
    g_assert_true(without_return[1]);
    g_assert_false(without_return[0] || without_return[2] || without_return[3]);
    g_assert_false(endings->stops[linked->index]);
    endings_free(endings);
}

/* 1 is the head of a loop over 2, which goes back, 3, which leaves by break, and 4, which ends the program.
 */
static void test_leaving_blocks(struct program *program, gconstpointer unused)
{
    (void)unused;
    struct fact_function *function = function_in(program->first, "main", "int (void)");
    struct fact_loop *loop = fact_loop_new(program->first);
    loop->parent = -1;
    fact_list_add(program->first, function->loops, loop);
    add_block(program->first, function, -1, 1, -1);
    add_block(program->first, function, 0, 2, 5);
    add_block(program->first, function, 0, 3, 1);
    add_block(program->first, function, 0, 4, 5);
    add_block(program->first, function, 0, 1, -1);
    add_block(program->first, function, -1, -1, -1);
    call_from(program->first, function, "exit")->block = 4;
    g_autoptr(ProgramGraph) graph = program_graph_new(program->units, program->effects, NULL);
    struct endings *endings = endings_find(graph);
    g_autofree int *loops = blocks_repeating_loops(program_graph_find(graph, NULL, "main"), endings);
    const int expected[] = {-1, 0, 0, -1, -1, -1};
    for (gsize i = 0; i < G_N_ELEMENTS(expected); i++)
        g_assert_cmpint(loops[i], ==, expected[i]);
    endings_free(endings);
}

#define ADD(NAME, TEST) g_test_add("/program-graph/" NAME, struct program, NULL, set_up, TEST, tear_down)

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    ADD("statics-apart", test_statics_apart);
    ADD("pointers", test_pointers);
    ADD("library", test_library);
    ADD("elements", test_elements);
    ADD("unfilled-field", test_unfilled_field);
    ADD("twins", test_twins);
    ADD("components", test_components);
    ADD("frequencies", test_frequencies);
    ADD("leaving-blocks", test_leaving_blocks);
    return g_test_run();
}
