/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/region_map.h"

static struct region *add_region(struct session *session, enum region_kind kind, const char *function,
                                 const char *file, int line, int end_line)
{
    struct region *region = region_new();
    region->id = g_strdup_printf("%s@%s:%d", function, file, line);
    region->kind = kind;
    region->function = g_strdup(function);
    region->file = g_strdup(file);
    region->line = line;
    region->end_line = end_line;
    g_ptr_array_add(session->regions, region);
    return region;
}

/* 0: work, 1: a loop of it, 2 and 3: statics of equal name, 4: a thread body with an idle site. */
static struct session *make_session(void)
{
    struct session *session = session_new();
    session->root = g_strdup("/src/project");
    session->program = program_new();
    add_region(session, REGION_FUNCTION, "work", "core/work.c", 10, 50);
    add_region(session, REGION_LOOP, "work", "core/work.c", 20, 30);
    add_region(session, REGION_FUNCTION, "helper", "a.c", 5, 9);
    add_region(session, REGION_FUNCTION, "helper", "b.c", 5, 9);
    struct region *body = add_region(session, REGION_THREAD_BODY, "worker", "pool.c", 1, 40);
    struct place *site = place_new("pool.c", 12, "waits for work");
    site->end_line = 13;
    g_ptr_array_add(body->idle_sites, site);
    return session;
}

static void assert_regions(const struct session *session, const struct symbol *symbol, const guint *expected,
                           guint count)
{
    g_autoptr(RegionMap) map = region_map_new(session);
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(guint));
    region_map_find(map, symbol, found);
    region_map_find(map, symbol, found); /* a second frame of the same region adds nothing */
    g_assert_cmpuint(found->len, ==, count);
    for (guint i = 0; i < count; i++)
        g_assert_cmpuint(g_array_index(found, guint, i), ==, expected[i]);
}

static void test_lines(void)
{
    g_autoptr(Session) session = make_session();
    struct symbol symbol = {"work", "/src/project/core/work.c", 25, "work", TRUE};
    assert_regions(session, &symbol, (guint[]){0, 1}, 2);
    symbol.line = 31;
    assert_regions(session, &symbol, (guint[]){0}, 1);
    symbol.function = "work.constprop.0";
    assert_regions(session, &symbol, (guint[]){0}, 1);
    symbol.is_program = FALSE;
    assert_regions(session, &symbol, NULL, 0);
}

static void test_equal_names(void)
{
    g_autoptr(Session) session = make_session();
    struct symbol symbol = {"helper", "/src/project/b.c", 6, "work", TRUE};
    assert_regions(session, &symbol, (guint[]){3}, 1);
    symbol.file = NULL; /* nothing tells which of the two */
    symbol.line = 0;
    assert_regions(session, &symbol, NULL, 0);
    symbol.function = "worker";
    assert_regions(session, &symbol, (guint[]){4}, 1);
}

static void test_built_elsewhere(void)
{
    g_autoptr(Session) session = make_session();
    struct symbol symbol = {"work", "/build/elsewhere/core/work.c", 22, "work", TRUE};
    assert_regions(session, &symbol, (guint[]){0, 1}, 2);
}

static void test_idle_sites(void)
{
    g_autoptr(Session) session = make_session();
    g_autoptr(RegionMap) map = region_map_new(session);
    struct symbol symbol = {"worker", "/src/project/pool.c", 13, "work", TRUE};
    g_assert_true(region_map_is_idle_site(map, &symbol));
    symbol.line = 14;
    g_assert_false(region_map_is_idle_site(map, &symbol));
    symbol.line = 13;
    symbol.file = "/src/project/a.c";
    g_assert_false(region_map_is_idle_site(map, &symbol));
    symbol.file = NULL;
    g_assert_false(region_map_is_idle_site(map, &symbol));
}

static void test_relative(void)
{
    g_autoptr(Session) session = make_session();
    g_autoptr(RegionMap) map = region_map_new(session);
    g_assert_cmpstr(region_map_relative(map, "/src/project/core/new.c"), ==, "core/new.c");
    g_assert_cmpstr(region_map_relative(map, "/src/projects/x.c"), ==, "/src/projects/x.c");
    g_assert_cmpstr(region_map_relative(map, "/usr/include/stdio.h"), ==, "/usr/include/stdio.h");
    g_autoptr(Session) empty = session_new();
    g_autoptr(RegionMap) nothing = region_map_new(empty);
    g_assert_cmpstr(region_map_relative(nothing, "/a/b.c"), ==, "/a/b.c");
}

static void assert_base_name(const char *function, const char *expected)
{
    g_autofree char *name = symbol_base_name(function);
    g_assert_cmpstr(name, ==, expected);
}

static void test_base_names(void)
{
    assert_base_name("work.part.0.cold", "work");
    assert_base_name("sem_wait@@GLIBC_2.34", "sem_wait");
    assert_base_name("libc.so.6+0x89134", "libc.so.6+0x89134");
    assert_base_name(".hidden", ".hidden");
    assert_base_name("", "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/region_map/lines", test_lines);
    g_test_add_func("/region_map/equal_names", test_equal_names);
    g_test_add_func("/region_map/built_elsewhere", test_built_elsewhere);
    g_test_add_func("/region_map/idle_sites", test_idle_sites);
    g_test_add_func("/region_map/relative", test_relative);
    g_test_add_func("/region_map/base_names", test_base_names);
    return g_test_run();
}
