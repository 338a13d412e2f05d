/* SPDX-License-Identifier: Apache-2.0 */
#include <elf.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>
#include <unistd.h>

#include "fixture_process.h"
#include "tracer/debug_type.h"
#include "tracer/lock_site.h"
#include "tracer/module.h"
#include "tracer/stack.h"
#include "tracer/tracer.h"

static const struct symbol *only_symbol(struct target *target, const void *address)
{
    const GArray *symbols = target_symbolize(target, (guint64)(guintptr)address, FALSE);
    g_assert_cmpuint(symbols->len, ==, 1);
    return &g_array_index(symbols, struct symbol, 0);
}

static void test_own_process(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Target) target = target_open(getpid(), &error);
    g_assert_no_error(error);
    const struct symbol *own = only_symbol(target, (const void *)test_own_process);
    g_assert_cmpstr(own->function, ==, "test_own_process");
    g_assert_true(g_str_has_suffix(own->file, "/tests/unit/symbols_test.c"));
    g_assert_true(g_path_is_absolute(own->file));
    g_assert_cmpint(own->line, >, 1);
    g_assert_true(own->is_program);
    g_assert_true(only_symbol(target, (const void *)test_own_process)->function == own->function);

    const struct symbol *library = only_symbol(target, (const void *)strtoull);
    g_assert_true(strstr(library->function, "strtoull") || strstr(library->function, "strtoul"));
    g_assert_false(library->is_program);
    g_assert_nonnull(strstr(library->module, "libc.so"));
}

/* The kernel's library is in no file. */
static void test_kernel_library(void)
{
    const guint8 *image = (const guint8 *)getauxval(AT_SYSINFO_EHDR);
    if (!image) {
        g_test_skip("no vDSO in this process");
        return;
    }
    g_autoptr(Target) target = target_open(getpid(), NULL);
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)image;
    const struct symbol *start = only_symbol(target, image + header->e_ehsize);
    g_assert_cmpstr(start->function, ==, "[vdso]+0x40");
    gboolean named = FALSE;
    for (guint offset = 0; offset < 4096 && !named; offset += 16)
        named = strstr(only_symbol(target, image + offset)->function, "clock_gettime") != NULL;
    g_assert_true(named);
}

static void test_wild_addresses(void)
{
    g_autoptr(Target) target = target_open(getpid(), NULL);
    const struct symbol *wild = only_symbol(target, (const void *)0x10);
    g_assert_cmpstr(wild->function, ==, "0x10");
    g_assert_cmpstr(wild->module, ==, "");
    g_assert_null(wild->file);
    g_assert_false(wild->is_program);
    g_assert_cmpstr(only_symbol(target, (const void *)G_MAXUINT64)->function, ==, "0xffffffffffffffff");
}

/* Frames of the thread that waits in an inlined function, as file:line lists. */
static GPtrArray *condition_places(const char *program)
{
    g_autofree char *plugin = fixture_path("libstack_plugin.so");
    guint8 bytes[FIXTURE_STACK_BYTES];
    struct fixture_process *process = fixture_process_start(program, plugin, 11);
    g_autoptr(Target) target = target_open(process->pid, NULL);
    GPtrArray *places = g_ptr_array_new_with_free_func(g_free);
    int tid = atoi(fixture_process_find(process, "condition"));
    struct stack_snapshot snapshot;
    guint64 frames[STACK_FRAMES_MAX];
    enum unwind_end end;
    g_usleep(100000); /* from its announcement to its wait */
    if (!fixture_thread_stop(tid)) {
        fixture_process_stop(process);
        return places;
    }
    fixture_thread_read(tid, bytes, &snapshot);
    fixture_thread_release(tid);
    guint count = target_unwind(target, &snapshot, frames, STACK_FRAMES_MAX, &end);
    for (guint i = 0; i < count; i++) {
        const GArray *symbols = target_symbolize(target, frames[i], i > 0);
        for (guint j = 0; j < symbols->len; j++) {
            const struct symbol *symbol = &g_array_index(symbols, struct symbol, j);
            if (symbol->is_program)
                g_ptr_array_add(places, g_strdup_printf("%s %s:%d", symbol->function,
                                                        symbol->file ? symbol->file : "?", symbol->line));
        }
    }
    fixture_process_stop(process);
    return places;
}

static void check_inlined(const char *program)
{
    static const char source[] = FIXTURE_SOURCE_DIR "/stack_shapes.c";
    static const struct {
        const char *function, *text;
    } expected[] = {
        {"wait_for_item", "pthread_cond_wait(&never"},
        {"take_item", "    wait_for_item();"},
        {"condition_body", "    take_item();"},
    };
    g_autoptr(GPtrArray) places = condition_places(program);
    if (places->len == 0) {
        g_test_skip("ptrace is forbidden here");
        return;
    }
    g_assert_cmpuint(places->len, ==, G_N_ELEMENTS(expected));
    for (guint i = 0; i < places->len; i++) {
        g_autofree char *place = g_strdup_printf("%s %s:%d", expected[i].function, source,
                                                 fixture_line("stack_shapes.c", expected[i].text));
        g_assert_cmpstr(places->pdata[i], ==, place);
    }
}

static void test_inlined(void)
{
    check_inlined("stack_shapes");
    check_inlined("stack_shapes_split");
}

static void test_outside_of_symbols(void)
{
    g_autoptr(GPtrArray) places = condition_places("stack_shapes_stripped");
    if (places->len == 0) {
        g_test_skip("ptrace is forbidden here");
        return;
    }
    g_assert_cmpuint(places->len, ==, 2);
    g_assert_true(g_str_has_prefix(places->pdata[0], "stack_shapes_stripped+0x"));
    g_assert_true(g_str_has_suffix(places->pdata[0], " ?:0"));
}

static void test_sources(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *program = fixture_path("lock_places");
    g_autoptr(GPtrArray) sources = executable_sources(program, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(sources->len, ==, 2);
    for (guint i = 0; i < sources->len; i++)
        g_assert_true(g_str_has_prefix(sources->pdata[i], FIXTURE_SOURCE_DIR "/lock_places"));

    g_autofree char *stripped = fixture_path("lock_places_stripped");
    g_autoptr(GPtrArray) none = executable_sources(stripped, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(none->len, ==, 0);
}

static char *write_file(const char *content, gsize size)
{
    char *path = g_strdup("/tmp/corewise-symbols-XXXXXX");
    int file = g_mkstemp(path);
    g_assert_cmpint(file, >=, 0);
    g_assert_cmpint(write(file, content, size), ==, size);
    close(file);
    return path;
}

static void test_sources_of_others(void)
{
    static const char script[] = "#!/bin/sh\nexit 0\n", noise[] = "neither a script nor a program";
    g_autoptr(GError) error = NULL;
    g_autofree char *script_path = write_file(script, sizeof script - 1);
    g_autoptr(GPtrArray) none = executable_sources(script_path, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(none->len, ==, 0);
    g_unlink(script_path);

    g_autofree char *noise_path = write_file(noise, sizeof noise - 1);
    g_assert_null(executable_sources(noise_path, &error));
    g_assert_error(error, TRACER_ERROR, TRACER_ERROR_TARGET);
    g_clear_error(&error);
    g_unlink(noise_path);
    g_assert_null(executable_sources("/nonexistent/program", &error));
    g_assert_error(error, TRACER_ERROR, TRACER_ERROR_TARGET);
    g_clear_error(&error);
    g_assert_null(executable_sources("no-such-program-anywhere", &error));
    g_assert_error(error, TRACER_ERROR, TRACER_ERROR_TARGET);
}

/* Everything that is ever read from a file. */
static void read_all(struct module *module)
{
    const guint step = 48;
    const GArray *slots = module_pointer_slots(module);
    struct debug_index *debug = module_debug(module);
    for (guint i = 0; i < MIN(slots->len, 100); i++) {
        const struct pointer_slot *slot = &g_array_index(slots, struct pointer_slot, i);
        g_autofree char *name = pointer_slot_name(slot, debug);
        g_autoptr(GString) path = g_string_new(NULL);
        g_assert_nonnull(name);
        if (debug)
            debug_type_path(debug, &slot->pointee, (guint64)i * 8, path);
    }
    guint64 end = MIN(module->high, module->low + 0x6000);
    for (guint64 address = module->low; address < end; address += step) {
        module_unwind_rule(module, address);
        module_called_function(module, address);
        module_lock_site(module, address, LOCK_MUTEX);
        g_assert_cmpuint(module_symbolize(module, address, TRUE)->len, >, 0);
    }
}

/* Cut off and overwritten at random: an error or a result, never a crash or a hang. */
static void test_malformed(void)
{
    const char *rounds = g_getenv("COREWISE_MALFORMED_ROUNDS");
    guint64 count = rounds ? g_ascii_strtoull(rounds, NULL, 10) : 300;
    g_autofree char *program = fixture_path("lock_places");
    g_autofree char *content = NULL;
    gsize size = 0;
    g_assert_true(g_file_get_contents(program, &content, &size, NULL));
    g_autoptr(GRand) random = g_rand_new_with_seed(rounds ? (guint32)count : 4711);
    for (guint64 i = 0; i < count; i++) {
        g_autofree char *copy = g_memdup2(content, size);
        gsize length = i % 5 == 0 ? (gsize)g_rand_int_range(random, 0, (gint32)size) : size;
        for (guint64 j = 0; j < i % 30; j++)
            copy[g_rand_int_range(random, 0, i % 3 ? (gint32)size : 1024)] = (char)g_rand_int(random);
        g_autofree char *path = write_file(copy, length);
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) sources = executable_sources(path, &error);
        g_autoptr(Module) module = module_open_path(path, NULL);
        if (module)
            read_all(module);
        g_unlink(path);
        g_assert_true((sources != NULL) == (error == NULL));
    }
}

/* Tables that name the two-millionth register, for which libdw makes room at every look-up. */
static void test_costly_tables(void)
{
    static const char usual[] = {0x0c, 0x07, 0x08, (char)0x90,
                                 0x01}; /* CFA is sp + 8, return address below */
    static const char costly[] = {0x07, (char)0xff, (char)0xff, 0x7f, 0x00};
    g_autofree char *program = fixture_path("lock_places");
    g_autofree char *content = NULL;
    gsize size = 0;
    guint patched = 0;
    g_assert_true(g_file_get_contents(program, &content, &size, NULL));
    for (gsize at = 0; at + sizeof usual <= size; at++) {
        if (memcmp(content + at, usual, sizeof usual) == 0) {
            memcpy(content + at, costly, sizeof costly);
            patched++;
        }
    }
    g_assert_cmpuint(patched, >, 0);
    g_autofree char *path = write_file(content, size);
    g_autoptr(Module) module = module_open_path(path, NULL);
    g_unlink(path);
    g_assert_nonnull(module);
    clock_t start = clock();
    for (guint i = 0; i < 2000; i++)
        module_unwind_rule(module, module->low + 0x1000 + i);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    g_test_message("2000 look-ups in %.2f s", seconds);
    g_assert_cmpfloat(seconds, <, 2);
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/symbols/own-process", test_own_process);
    g_test_add_func("/symbols/kernel-library", test_kernel_library);
    g_test_add_func("/symbols/wild-addresses", test_wild_addresses);
    g_test_add_func("/symbols/inlined", test_inlined);
    g_test_add_func("/symbols/outside-of-symbols", test_outside_of_symbols);
    g_test_add_func("/symbols/sources", test_sources);
    g_test_add_func("/symbols/sources-of-others", test_sources_of_others);
    g_test_add_func("/symbols/malformed", test_malformed);
    g_test_add_func("/symbols/costly-tables", test_costly_tables);
    return g_test_run();
}
