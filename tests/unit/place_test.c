/* SPDX-License-Identifier: Apache-2.0 */
/* Small sources through libclang: the places that arguments and accesses mean, what conditions compare, and
 * what locks are then held. */
#include <glib/gstdio.h>
#include <string.h>

#include "analyzer/analyzer.h"
#include "analyzer/held_locks.h"

struct parsed {
    struct session *session;
    struct effects *effects;
    GPtrArray *units;
    struct program_graph *graph;
    char *folder, *file;
};

static struct parsed parse(const char *source)
{
    static const char *const flags[] = {"-D_GNU_SOURCE", NULL};
    struct parsed parsed = {.session = session_new()};
    parsed.folder = g_dir_make_tmp("corewise-test-XXXXXX", NULL);
    parsed.file = g_build_filename(parsed.folder, "input.c", NULL);
    g_assert_true(g_file_set_contents(parsed.file, source, -1, NULL));
    const char *paths[] = {parsed.file, NULL};
    struct analyze_options options = {.paths = paths, .flags = flags, .no_cache = TRUE};
    parsed.effects = effects_load(NULL, NULL);
    parsed.units = facts_collect(&options, parsed.session, NULL);
    parsed.graph = program_graph_new(parsed.units, parsed.effects, NULL);
    return parsed;
}

static void parsed_clear(struct parsed *parsed)
{
    g_unlink(parsed->file);
    g_rmdir(parsed->folder);
    program_graph_free(parsed->graph);
    g_ptr_array_unref(parsed->units);
    effects_free(parsed->effects);
    session_free(parsed->session);
    g_free(parsed->folder);
    g_free(parsed->file);
}

static const struct graph_function *function_named(const struct parsed *parsed, const char *name)
{
    for (guint i = 0; i < parsed->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(parsed->graph->functions, i);
        if (strcmp(function->facts->name, name) == 0)
            return function;
    }
    g_error("no function %s", name);
}

static const struct call_site *call_of(const struct graph_function *function, const char *callee, guint n)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (g_strcmp0(call->event->callee, callee) == 0 && n-- == 0)
            return call;
    }
    g_error("no call of %s", callee);
}

static void test_arguments(void)
{
    struct parsed parsed =
        parse("struct s { struct s *next; int lock, more[4]; };\n"
              "struct s table[4]; struct s *head;\n"
              "void use(int *p);\n"
              "void f(struct s *a, int i) {\n"
              "  struct s *once = a->next; struct s *twice = a; twice = head;\n"
              "  use(&a->lock); use(&table[2].lock); use(&table[i].lock);\n"
              "  use(&once->lock); use(&twice->lock); use(&head->lock); use(a->more); }\n");
    static const char *const places[] = {"%f:a*.lock",       "table[2].lock",   "table[].lock",
                                         "%f:a*.next*.lock", "%f:twice~*.lock", "head*.lock",
                                         "%f:a*.more"};
    const struct graph_function *f = function_named(&parsed, "f");
    for (guint i = 0; i < G_N_ELEMENTS(places); i++)
        g_assert_cmpstr(call_site_argument(call_of(f, "use", i), 0)->place, ==, places[i]);
    parsed_clear(&parsed);
}

static const struct fact_test *first_test(const struct graph_function *function)
{
    for (guint i = 0; i < function->facts->blocks->len; i++) {
        const struct fact_block *block = g_ptr_array_index(function->facts->blocks, i);
        if (block->test.subject || block->when_true >= 0)
            return &block->test;
    }
    g_error("no condition in %s", function->facts->name);
}

static void test_conditions(void)
{
    struct parsed parsed = parse("int g(void); struct s { int flags; } o;\n"
                                 "void a(int x) { if (3 < x) g(); }\n"
                                 "void b(void) { int r; if ((r = g()) != 0) g(); }\n"
                                 "void c(void) { if (!(o.flags & 4)) g(); }\n"
                                 "void d(int x) { int *p = &x; if (x) g(); *p = 1; }\n");
    static const struct {
        const char *function, *subject;
        enum relation relation;
        gint64 constant;
    } cases[] = {{"a", "x", RELATION_ABOVE, 3},
                 {"b", "#0", RELATION_DIFFERENT, 0},
                 {"c", "o.flags&4", RELATION_DIFFERENT, 0}, /* with the ways on exchanged */
                 {"d", NULL, RELATION_DIFFERENT, 0}};       /* others may change it */
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct fact_test *test = first_test(function_named(&parsed, cases[i].function));
        g_assert_cmpstr(test->subject, ==, cases[i].subject);
        g_assert_cmpint(test->relation, ==, cases[i].relation);
        g_assert_cmpint(test->constant, ==, cases[i].constant);
    }
    parsed_clear(&parsed);
}

static void test_held(void)
{
    struct parsed parsed =
        parse("#include <pthread.h>\n"
              "struct s { pthread_mutex_t m; }; void here(int); pthread_mutex_t g;\n"
              "static void in(struct s *s) { pthread_mutex_lock(&s->m); }\n"
              "static void out(struct s *s) { pthread_mutex_unlock(&s->m); }\n"
              "void f(struct s *o, int x) {\n"
              "  in(o); here(0); out(o); here(1);\n"
              "  if (x) pthread_mutex_lock(&g);\n"
              "  here(2);\n"
              "  if (x) { here(3); pthread_mutex_unlock(&g); }\n"
              "  here(4);\n"
              "  if (pthread_mutex_trylock(&g) == 0) { here(5); pthread_mutex_unlock(&g); }\n"
              "  here(6); }\n");
    static const struct {
        const char *must, *may;
    } cases[] = {{"%f:o*.m", "%f:o*.m"}, {NULL, NULL}, {NULL, "g"}, {"g", "g"},
                 {NULL, NULL},           {"g", "g"},   {NULL, NULL}};
    struct endings *endings = endings_find(parsed.graph);
    struct held_locks *locks = held_locks_find(parsed.graph, endings);
    const struct graph_function *f = function_named(&parsed, "f");
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct call_site *call = call_of(f, "here", i);
        const GArray *must = held_locks_must(locks, f, call->event_index);
        const GArray *may = held_locks_may(locks, f, call->event_index);
        const char *surely = must ? g_quark_to_string(g_array_index(must, struct held_lock, 0).place) : NULL;
        const char *perhaps = may ? g_quark_to_string(g_array_index(may, struct held_lock, 0).place) : NULL;
        g_assert_cmpstr(surely, ==, cases[i].must);
        g_assert_cmpstr(perhaps, ==, cases[i].may);
    }
    held_locks_free(locks);
    endings_free(endings);
    parsed_clear(&parsed);
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/place/arguments", test_arguments);
    g_test_add_func("/place/conditions", test_conditions);
    g_test_add_func("/place/held", test_held);
    return g_test_run();
}
