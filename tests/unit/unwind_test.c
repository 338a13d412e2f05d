/* SPDX-License-Identifier: Apache-2.0 */
#include <dwarf.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture_process.h"
#include "tracer/stack.h"
#include "tracer/unwind_expression.h"

#define SHAPE_COUNT 11
#define NAMES_MAX   8

/* The program's own functions on a stack, innermost first: `?` is code without any name. Library frames,
 * which vary, stand between them; `library` is one of them that must be there. */
static const struct shape {
    const char *name;
    const char *functions[NAMES_MAX];
    const char *library;
    int repeated; /* how often functions[1] stands there; 0 = once */
} shapes[SHAPE_COUNT] = {
    {"main", {"sleep_long", "run_forever", "main", "_start"}, "nanosleep", 0},
    {"mutex", {"update_table", "mutex_body"}, "pthread_mutex_lock", 0},
    {"condition", {"take_item", "condition_body"}, "pthread_cond_wait", 0},
    {"semaphore", {"semaphore_body"}, NULL, 0},
    {"callback", {"sleep_long", "compare_and_sleep", "callback_body"}, "qsort_r", 0},
    {"recursion", {"sleep_long", "descend", "recursion_body"}, "nanosleep", 101},
    {"signal", {"sleep_long", "handle_signal", "interrupt_myself", "signal_body"}, "raise", 0},
    {"busy", {"keep_busy", "busy_body"}, NULL, 0},
    {"plugin", {"sleep_long", "plugin_call", "plugin_body"}, NULL, 0},
    {"generated", {"sleep_long", "?", "generated_body"}, NULL, 0},
    {"stepping", {"stepping_body"}, NULL, 0},
};

static struct fixture_process *start_shapes(const char *program)
{
    g_autofree char *plugin = fixture_path("libstack_plugin.so");
    return fixture_process_start(program, plugin, SHAPE_COUNT);
}

/* The innermost-first names of frames that have no place in a library, without inlined ones. */
static GPtrArray *own_functions(struct target *target, const guint64 *frames, guint count, GPtrArray *library)
{
    GPtrArray *names = g_ptr_array_new();
    for (guint i = 0; i < count; i++) {
        const GArray *symbols = target_symbolize(target, frames[i], i > 0);
        g_assert_cmpuint(symbols->len, >, 0);
        const struct symbol *outer = &g_array_index(symbols, struct symbol, symbols->len - 1);
        gboolean wild = outer->module[0] == '\0';
        if (outer->is_program || wild || strstr(outer->module, "libstack_plugin"))
            g_ptr_array_add(names, wild ? "?" : (char *)outer->function);
        else
            g_ptr_array_add(library, (char *)outer->function);
    }
    return names;
}

static gboolean has_shape(const struct shape *shape, const GPtrArray *names, GPtrArray *library,
                          gboolean named)
{
    guint position = 0;
    for (guint i = 0; shape->functions[i]; i++) {
        guint repeated = i == 1 && shape->repeated > 0 ? (guint)shape->repeated : 1;
        for (guint j = 0; j < repeated; j++, position++) {
            if (position >= names->len)
                return FALSE;
            const char *name = names->pdata[position];
            if (named ? !g_str_equal(name, shape->functions[i]) && !g_str_equal(shape->name, "stepping")
                      : !strchr(name, '+') && !g_str_equal(name, shape->functions[i]))
                return FALSE;
        }
    }
    if (shape->library && !g_ptr_array_find_with_equal_func(library, shape->library, g_str_equal, NULL))
        return FALSE;
    return position == names->len || g_str_equal(shape->name, "stepping");
}

struct look {
    guint count;
    enum unwind_end end;
    guint64 frames[STACK_FRAMES_MAX];
    double first_us, again_us;
};

static gboolean look_at(struct target *target, int tid, struct look *look)
{
    const int repetitions = 100;
    guint8 bytes[FIXTURE_STACK_BYTES];
    struct stack_snapshot snapshot;
    if (!fixture_thread_stop(tid))
        return FALSE;
    fixture_thread_read(tid, bytes, &snapshot);
    fixture_thread_release(tid);
    gint64 start = g_get_monotonic_time();
    look->count = target_unwind(target, &snapshot, look->frames, STACK_FRAMES_MAX, &look->end);
    look->first_us = (double)(g_get_monotonic_time() - start);
    start = g_get_monotonic_time();
    for (int i = 0; i < repetitions; i++)
        target_unwind(target, &snapshot, look->frames, STACK_FRAMES_MAX, &look->end);
    look->again_us = (double)(g_get_monotonic_time() - start) / repetitions;
    return TRUE;
}

/* A thread announces itself just before it comes to rest. */
static void check_shape(struct target *target, const struct fixture_process *process,
                        const struct shape *shape, gboolean named)
{
    const int attempts = 200;
    const char *tid = fixture_process_find(process, shape->name);
    g_assert_nonnull(tid);
    for (int i = 0;; i++) {
        g_autoptr(GPtrArray) library = g_ptr_array_new();
        struct look look;
        if (!look_at(target, atoi(tid), &look)) {
            g_test_skip("ptrace is forbidden here");
            return;
        }
        g_autoptr(GPtrArray) names = own_functions(target, look.frames, look.count, library);
        if (look.end == UNWIND_COMPLETE && has_shape(shape, names, library, named)) {
            g_test_message("%s: %u frames, %.0f us at first, %.2f us again", shape->name, look.count,
                           look.first_us, look.again_us);
            return;
        }
        if (i == attempts) {
            g_ptr_array_add(names, NULL);
            g_ptr_array_add(library, NULL);
            g_autofree char *text = g_strjoinv(" < ", (char **)names->pdata);
            g_autofree char *others = g_strjoinv(" < ", (char **)library->pdata);
            g_test_message("%s: %u frames, %s: %s; library: %s", shape->name, look.count,
                           unwind_end_name(look.end), text, others);
            g_test_fail();
            return;
        }
        g_usleep(10000);
    }
}

static void test_shapes(gconstpointer data)
{
    const char *program = data;
    g_autoptr(GError) error = NULL;
    struct fixture_process *process = start_shapes(program);
    g_autoptr(Target) target = target_open(process->pid, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < SHAPE_COUNT; i++)
        check_shape(target, process, &shapes[i], !g_str_has_suffix(program, "_stripped"));
    fixture_process_stop(process);
}

/* What was called is known where the callee's own name is not: sem_wait jumps on to a function without a
 * public name, and in a stripped program only the import table is left. */
static void test_called_function(gconstpointer program)
{
    static const char *const expected[][2] = {
        {"semaphore", "sem_wait"}, {"condition", "pthread_cond_wait"}, {"callback", "qsort"}};
    struct fixture_process *process = start_shapes(program);
    g_autoptr(Target) target = target_open(process->pid, NULL);
    g_usleep(100000); /* from the announcements to the waits */
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
        struct look look;
        gboolean called = FALSE;
        if (!look_at(target, atoi(fixture_process_find(process, expected[i][0])), &look)) {
            g_test_skip("ptrace is forbidden here");
            break;
        }
        for (guint j = 1; j < look.count; j++) {
            const char *name = target_called_function(target, look.frames[j]);
            const GArray *caller = target_symbolize(target, look.frames[j], TRUE);
            if (g_array_index(caller, struct symbol, 0).is_program && g_strcmp0(name, expected[i][1]) == 0)
                called = TRUE;
        }
        g_assert_true(called);
    }
    g_assert_null(target_called_function(target, 0x10));
    fixture_process_stop(process);
}

/* At every instruction of a loop that calls through the PLT the whole chain must be found. */
static void test_every_instruction(void)
{
    const int steps = 4000;
    struct fixture_process *process = start_shapes("stack_shapes");
    g_autoptr(Target) target = target_open(process->pid, NULL);
    guint8 bytes[FIXTURE_STACK_BYTES];
    int tid = atoi(fixture_process_find(process, "stepping"));
    guint in_library = 0, incomplete = 0, wrong = 0;
    if (!fixture_thread_stop(tid)) {
        g_test_skip("ptrace is forbidden here");
        fixture_process_stop(process);
        return;
    }
    for (int i = 0; i < steps; i++) {
        struct look look;
        struct stack_snapshot snapshot;
        g_autoptr(GPtrArray) library = g_ptr_array_new();
        fixture_thread_read(tid, bytes, &snapshot);
        look.count = target_unwind(target, &snapshot, look.frames, STACK_FRAMES_MAX, &look.end);
        g_autoptr(GPtrArray) names = own_functions(target, look.frames, look.count, library);
        const char *outermost = names->len > 0 ? names->pdata[names->len - 1] : "";
        if (look.end != UNWIND_COMPLETE && incomplete++ < 10) {
            const GArray *symbols = target_symbolize(target, look.frames[look.count - 1], look.count > 1);
            const struct symbol *last = &g_array_index(symbols, struct symbol, 0);
            g_test_message("step %d at 0x%" G_GINT64_MODIFIER
                           "x: %s after %u frames at %s (%s+0x%" G_GINT64_MODIFIER "x)",
                           i, snapshot.ip, unwind_end_name(look.end), look.count, last->function,
                           last->module, look.frames[look.count - 1]);
        }
        wrong += !g_str_equal(outermost, "stepping_body");
        in_library += look.count > names->len + 2; /* besides clone3 and start_thread */
        fixture_thread_step(tid);
    }
    fixture_thread_release(tid);
    fixture_process_stop(process);
    g_assert_cmpuint(incomplete, ==, 0);
    g_assert_cmpuint(wrong, ==, 0);
    g_assert_cmpuint(in_library, >, steps / 4); /* it really went there */
}

/* What was opened while the process lived is unwound and named after its end. */
static void test_after_exit(void)
{
    struct fixture_process *process = start_shapes("stack_shapes");
    g_autoptr(Target) target = target_open(process->pid, NULL);
    guint8 bytes[FIXTURE_STACK_BYTES];
    g_autoptr(GPtrArray) library = g_ptr_array_new();
    struct stack_snapshot snapshot;
    struct look look;
    int tid = atoi(fixture_process_find(process, "recursion"));
    check_shape(target, process, &shapes[5], TRUE);
    if (!fixture_thread_stop(tid)) {
        g_test_skip("ptrace is forbidden here");
        fixture_process_stop(process);
        return;
    }
    fixture_thread_read(tid, bytes, &snapshot);
    fixture_thread_release(tid);
    g_autoptr(Target) child = target_fork(target, process->pid);
    fixture_process_stop(process);
    target_refresh(target);
    look.count = target_unwind(target, &snapshot, look.frames, STACK_FRAMES_MAX, &look.end);
    g_autoptr(GPtrArray) names = own_functions(target, look.frames, look.count, library);
    g_assert_cmpint(look.end, ==, UNWIND_COMPLETE);
    g_assert_true(has_shape(&shapes[5], names, library, TRUE));
    g_assert_cmpuint(target_unwind(child, &snapshot, look.frames, STACK_FRAMES_MAX, &look.end), ==,
                     look.count);

    snapshot.size = 512;
    guint count = target_unwind(target, &snapshot, look.frames, STACK_FRAMES_MAX, &look.end);
    g_assert_cmpint(look.end, ==, UNWIND_TRUNCATED);
    g_assert_cmpuint(count, >, 2);
    g_assert_cmpuint(count, <, look.count);
    g_assert_cmpuint(target_unwind(target, &snapshot, look.frames, 3, &look.end), ==, 3);
    g_assert_cmpint(look.end, ==, UNWIND_TRUNCATED);
}

/* Snapshots of noise end somewhere, within the limit and without a crash. */
static void test_random_snapshots(void)
{
    struct fixture_process *process = start_shapes("stack_shapes");
    g_autoptr(Target) target = target_open(process->pid, NULL);
    guint8 bytes[FIXTURE_STACK_BYTES];
    g_autoptr(GRand) random = g_rand_new_with_seed(4711);
    struct stack_snapshot real;
    int tid = atoi(fixture_process_find(process, "callback"));
    if (!fixture_thread_stop(tid)) {
        g_test_skip("ptrace is forbidden here");
        fixture_process_stop(process);
        return;
    }
    fixture_thread_read(tid, bytes, &real);
    fixture_thread_release(tid);
    for (int i = 0; i < 20000; i++) {
        guint64 frames[STACK_FRAMES_MAX];
        guint64 noise[64];
        enum unwind_end end = UNWIND_END_COUNT;
        struct stack_snapshot snapshot = real;
        for (guint j = 0; j < G_N_ELEMENTS(noise); j++)
            noise[j] = (g_rand_int(random) & 1) ? snapshot.sp + (g_rand_int(random) & 1016)
                                                : snapshot.ip + (g_rand_int(random) & 0xffff) - 0x8000;
        snapshot.ip += (g_rand_int(random) & 0xfffff) - 0x80000u;
        snapshot.bp = noise[0];
        snapshot.bytes = (const guint8 *)noise;
        snapshot.size = g_rand_int(random) % (sizeof noise + 1);
        guint count = target_unwind(target, &snapshot, frames, STACK_FRAMES_MAX, &end);
        g_assert_cmpuint(count, >=, 1);
        g_assert_cmpuint(count, <=, STACK_FRAMES_MAX);
        g_assert_cmpint(end, <, UNWIND_END_COUNT);
        for (guint j = 0; j < count; j++)
            g_assert_cmpuint(target_symbolize(target, frames[j], j > 0)->len, >, 0);
    }
    fixture_process_stop(process);
}

static enum unwind_read evaluate(Dwarf_Op *operations, guint count, guint64 ip, guint64 *result)
{
    static const guint64 words[2] = {0x1111, 0x2222};
    const struct stack_snapshot snapshot = {
        .sp = 0x7000, .bytes = (const guint8 *)words, .size = sizeof words};
    struct unwind_state state = {.snapshot = &snapshot};
    state.registers[UNWIND_REGISTER_SP] = 0x7000;
    state.registers[UNWIND_REGISTER_RETURN] = ip;
    state.known = 1u << UNWIND_REGISTER_SP | 1u << UNWIND_REGISTER_RETURN;
    return unwind_evaluate(&(struct unwind_expression){operations, count}, &state, 0x5000, result);
}

static void test_expressions(void)
{
    /* what linkers write for a PLT entry: after its push the stack is one word deeper */
    Dwarf_Op plt[] = {{DW_OP_breg7, 8, 0, 0}, {DW_OP_breg16, 0, 0, 2}, {DW_OP_lit15, 0, 0, 4},
                      {DW_OP_and, 0, 0, 5},   {DW_OP_lit11, 0, 0, 6},  {DW_OP_ge, 0, 0, 7},
                      {DW_OP_lit3, 0, 0, 8},  {DW_OP_shl, 0, 0, 9},    {DW_OP_plus, 0, 0, 10}};
    guint64 result = 0;
    g_assert_cmpint(evaluate(plt, G_N_ELEMENTS(plt), 0x401026, &result), ==, READ_DONE);
    g_assert_cmphex(result, ==, 0x7008);
    g_assert_cmpint(evaluate(plt, G_N_ELEMENTS(plt), 0x40102b, &result), ==, READ_DONE);
    g_assert_cmphex(result, ==, 0x7010);

    Dwarf_Op memory[] = {{DW_OP_breg7, 8, 0, 0}, {DW_OP_deref, 0, 0, 2}};
    g_assert_cmpint(evaluate(memory, 2, 0, &result), ==, READ_DONE);
    g_assert_cmphex(result, ==, 0x2222);
    memory[0].number = 16;
    g_assert_cmpint(evaluate(memory, 2, 0, &result), ==, READ_ABOVE);
    memory[0].number = (guint64)-8;
    g_assert_cmpint(evaluate(memory, 2, 0, &result), ==, READ_ELSEWHERE);

    Dwarf_Op jump[] = {
        {DW_OP_lit1, 0, 0, 0}, {DW_OP_bra, 1, 0, 1}, {DW_OP_lit5, 0, 0, 4}, {DW_OP_lit7, 0, 0, 5}};
    g_assert_cmpint(evaluate(jump, 4, 0, &result), ==, READ_DONE);
    g_assert_cmpuint(result, ==, 7);
    Dwarf_Op endless[] = {{DW_OP_skip, (guint64)-3, 0, 0}};
    g_assert_cmpint(evaluate(endless, 1, 0, &result), ==, READ_ELSEWHERE);
    Dwarf_Op unknown_register[] = {{DW_OP_breg0, 0, 0, 0}};
    g_assert_cmpint(evaluate(unknown_register, 1, 0, &result), ==, READ_ELSEWHERE);
    Dwarf_Op underflow[] = {{DW_OP_plus, 0, 0, 0}};
    g_assert_cmpint(evaluate(underflow, 1, 0, &result), ==, READ_ELSEWHERE);
    g_assert_cmpint(evaluate(underflow, 0, 0, &result), ==, READ_ELSEWHERE);
}

/* The file that a process runs may be gone or be another one by now. */
static void test_deleted_file(void)
{
    g_autofree char *program = fixture_path("stack_shapes");
    g_autofree char *copy = fixture_path("stack_shapes_deleted");
    g_autofree char *content = NULL;
    gsize size = 0;
    g_assert_true(g_file_get_contents(program, &content, &size, NULL));
    g_assert_true(
        g_file_set_contents_full(copy, content, (gssize)size, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
    struct fixture_process *process = start_shapes("stack_shapes_deleted");
    g_assert_true(g_file_set_contents(copy, "replaced", -1, NULL));
    g_assert_cmpint(g_unlink(copy), ==, 0);
    g_autoptr(Target) target = target_open(process->pid, NULL);
    check_shape(target, process, &shapes[0], TRUE);
    const char *tid = fixture_process_find(process, "main");
    struct look look;
    if (look_at(target, atoi(tid), &look)) {
        const GArray *symbols = target_symbolize(target, look.frames[look.count - 1], TRUE);
        g_assert_true(
            g_str_has_suffix(g_array_index(symbols, struct symbol, 0).module, "/stack_shapes_deleted"));
    }
    fixture_process_stop(process);
}

static void test_missing_process(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(target_open(0x3fffffff, &error));
    g_assert_nonnull(error);
    g_assert_nonnull(strstr(error->message, "no such process"));
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_data_func("/unwind/shapes", "stack_shapes", test_shapes);
    g_test_add_data_func("/unwind/shapes-stripped", "stack_shapes_stripped", test_shapes);
    g_test_add_data_func("/unwind/shapes-split-debug", "stack_shapes_split", test_shapes);
    g_test_add_data_func("/unwind/called-function", "stack_shapes", test_called_function);
    g_test_add_data_func("/unwind/called-function-stripped", "stack_shapes_stripped", test_called_function);
    g_test_add_func("/unwind/every-instruction", test_every_instruction);
    g_test_add_func("/unwind/after-exit", test_after_exit);
    g_test_add_func("/unwind/random-snapshots", test_random_snapshots);
    g_test_add_func("/unwind/expressions", test_expressions);
    g_test_add_func("/unwind/deleted-file", test_deleted_file);
    g_test_add_func("/unwind/missing-process", test_missing_process);
    return g_test_run();
}
