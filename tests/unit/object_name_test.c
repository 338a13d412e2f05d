/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <string.h>

#include "fixture_process.h"
#include "tracer/stack.h"

#define PLACE_COUNT 21

/* Without debug information only the symbol table speaks. */
static const struct {
    const char *name, *without_debug;
} by_symbols[] = {
    {"cache_lock", "cache_lock"},        {"tokens", "tokens"},
    {"once_lock", "once_lock"},          {"spare.lock", "spare"},
    {"workers[3].lock", "workers+0xd8"}, {"queue->lock", "queue->+0x18"},
    {"queue->filled", "queue->+0x6c"},   {"recent[1]->lock", "recent[1]->+0x8"},
    {"lone_lock", "lone_lock->+0x0"},    {"-", NULL},
};

static void check_name(struct target *target, guint64 address, const char *expected)
{
    g_autofree char *file = NULL;
    int line = 0;
    g_autofree char *name = target_object_name(target, address, &file, &line);
    if (g_str_equal(expected, "-")) {
        g_assert_null(name);
        return;
    }
    g_assert_cmpstr(name, ==, expected);
    g_assert_nonnull(file);
    g_assert_true(g_path_is_absolute(file));
    g_assert_true(g_str_has_suffix(file, "fixtures/lock_places.c"));
    g_assert_cmpint(line, >, 1);
    if (g_str_equal(expected, "queue->lock"))
        g_assert_cmpint(line, ==, fixture_line("lock_places.c", "static struct queue *queue;"));
    if (g_str_equal(expected, "server.slots[2].lock"))
        g_assert_cmpint(line, ==, fixture_line("lock_places.c", "struct server server;"));
}

static void test_names(gconstpointer program)
{
    struct fixture_process *process = fixture_process_start(program, NULL, PLACE_COUNT + 1);
    g_autoptr(GError) error = NULL;
    g_autoptr(Target) target = target_open(process->pid, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < PLACE_COUNT; i++) {
        const char *line = process->lines->pdata[i];
        const char *name = strchr(line, ' ') + 1;
        check_name(target, g_ascii_strtoull(line, NULL, 16), name);
    }
    fixture_process_stop(process);
}

static void test_names_without_debug(void)
{
    struct fixture_process *process = fixture_process_start("lock_places_symbols", NULL, PLACE_COUNT + 1);
    g_autoptr(Target) target = target_open(process->pid, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(by_symbols); i++) {
        g_autofree char *suffix = g_strconcat(" ", by_symbols[i].name, NULL);
        guint64 address = 0;
        for (guint j = 0; j < PLACE_COUNT; j++) {
            if (g_str_has_suffix(process->lines->pdata[j], suffix))
                address = g_ascii_strtoull(process->lines->pdata[j], NULL, 16);
        }
        g_assert_cmpuint(address, !=, 0);
        g_autofree char *file = NULL;
        int line = -1;
        g_autofree char *name = target_object_name(target, address, &file, &line);
        g_assert_cmpstr(name, ==, by_symbols[i].without_debug);
        g_assert_null(file);
        g_assert_cmpint(line, ==, 0);
    }
    fixture_process_stop(process);
}

/* Variables have names after the end of the process, the heap has none. */
static void test_after_exit(void)
{
    struct fixture_process *process = fixture_process_start("lock_places", NULL, PLACE_COUNT + 1);
    g_autoptr(Target) target = target_open(process->pid, NULL);
    guint64 variable = 0, heap = 0;
    for (guint i = 0; i < PLACE_COUNT; i++) {
        const char *line = process->lines->pdata[i];
        if (g_str_has_suffix(line, " cache_lock"))
            variable = g_ascii_strtoull(line, NULL, 16);
        if (g_str_has_suffix(line, " only->lock"))
            heap = g_ascii_strtoull(line, NULL, 16);
    }
    fixture_process_stop(process);
    g_autofree char *file = NULL, *other_file = NULL;
    int line = 0;
    g_autofree char *name = target_object_name(target, variable, &file, &line);
    g_assert_cmpstr(name, ==, "cache_lock");
    g_assert_null(target_object_name(target, heap, &other_file, &line));
    g_assert_null(target_object_name(target, 0, &other_file, &line));
    g_assert_null(target_object_name(target, G_MAXUINT64, &other_file, &line));
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_data_func("/object-name/debug", "lock_places", test_names);
    g_test_add_data_func("/object-name/split-debug", "lock_places_split", test_names);
    g_test_add_func("/object-name/symbols-only", test_names_without_debug);
    g_test_add_func("/object-name/after-exit", test_after_exit);
    return g_test_run();
}
