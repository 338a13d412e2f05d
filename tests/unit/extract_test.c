/* SPDX-License-Identifier: Apache-2.0 */
/* Small sources through database, worker and libclang, and what the facts then say. */
#include <glib/gstdio.h>
#include <string.h>

#include "parsed_source.h"

static gboolean has_event(const struct fact_function *function, enum event_kind kind, const char *path)
{
    for (guint i = 0; i < function->events->len; i++) {
        const struct fact_event *event = function->events->pdata[i];
        if (event->kind == kind && g_strcmp0(event->path, path) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean has_value(const struct parsed *parsed, const char *path, const char *function)
{
    for (guint i = 0; i < parsed->unit->values->len; i++) {
        const struct fact_function_value *value = parsed->unit->values->pdata[i];
        if (strcmp(value->path, path) == 0 && strcmp(value->function, function) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean has_flow(const struct parsed *parsed, const char *path, const char *source)
{
    for (guint i = 0; i < parsed->unit->flows->len; i++) {
        const struct fact_function_flow *flow = parsed->unit->flows->pdata[i];
        if (strcmp(flow->path, path) == 0 && strcmp(flow->source, source) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean reaches(const struct fact_function *function, int from, int to)
{
    g_autofree gboolean *seen = g_new0(gboolean, function->blocks->len);
    g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(int));
    g_array_append_val(stack, from);
    while (stack->len > 0) {
        int block = g_array_index(stack, int, stack->len - 1);
        g_array_set_size(stack, stack->len - 1);
        const struct fact_block *facts = function->blocks->pdata[block];
        for (guint i = 0; i < facts->successors->len; i++) {
            int next = g_array_index(facts->successors, int, i);
            if (next == to)
                return TRUE;
            if (!seen[next])
                g_array_append_val(stack, next);
            seen[next] = TRUE;
        }
    }
    return FALSE;
}

static gboolean call_reaches(const struct fact_function *function, const char *from, const char *to)
{
    const struct fact_event *first = event_of(function, EVENT_CALL, from, 0);
    const struct fact_event *second = event_of(function, EVENT_CALL, to, 0);
    g_assert_nonnull(first);
    g_assert_nonnull(second);
    return reaches(function, first->block, second->block);
}

static void test_control_flow(void)
{
    struct parsed parsed =
        parse("void a(void), b(void), c(void), d(void); int t(void), u(void);\n"
              "_Noreturn void die(void);\n"
              "void both(void) { if (t() && u()) a(); else b(); c(); }\n"
              "void pick(int n) { switch (n) { case 1: a(); case 2: b(); break; case 3: c(); } d(); }\n"
              "void jump(int n) { for (;;) { a(); if (n--) goto out; } b(); out: c(); }\n"
              "void stop(int n) { if (n) { a(); die(); b(); } c(); }\n"
              "int value(int n) { int x = n ? t() : u(); a(); return x; }\n");
    const struct fact_function *both = function_named(&parsed, "both");
    g_assert_true(call_reaches(both, "t", "b"));
    g_assert_true(call_reaches(both, "u", "a"));
    g_assert_false(call_reaches(both, "a", "b"));
    g_assert_true(call_reaches(both, "b", "c"));
    const struct fact_function *pick = function_named(&parsed, "pick");
    g_assert_true(call_reaches(pick, "a", "b"));
    g_assert_false(call_reaches(pick, "b", "c"));
    g_assert_true(call_reaches(pick, "c", "d"));
    const struct fact_function *jump = function_named(&parsed, "jump");
    g_assert_true(call_reaches(jump, "a", "c"));
    g_assert_false(call_reaches(jump, "a", "b"));
    g_assert_true(call_reaches(jump, "a", "a"));
    g_assert_true(loop_of(&parsed, "jump", 0)->has_exit);
    const struct fact_function *stop = function_named(&parsed, "stop");
    g_assert_false(call_reaches(stop, "die", "c"));
    g_assert_false(call_reaches(stop, "a", "b"));
    const struct fact_function *value = function_named(&parsed, "value");
    g_assert_false(call_reaches(value, "t", "u"));
    g_assert_true(call_reaches(value, "u", "a"));
    parsed_clear(&parsed);
}

static void check_argument(const struct fact_event *call, guint index, enum argument_kind kind,
                           const char *text)
{
    g_assert_cmpuint(call->arguments->len, >, index);
    const struct fact_argument *argument = call->arguments->pdata[index];
    g_assert_cmpint(argument->kind, ==, kind);
    g_assert_cmpstr(argument->text, ==, text);
}

static void test_calls(void)
{
    struct parsed parsed =
        parse("#include <fcntl.h>\n#include <pthread.h>\n#include <unistd.h>\n"
              "struct conn { int fd; pthread_mutex_t lock; };\n"
              "static void *worker(void *data) { return data; }\n"
              "int serve(struct conn *conn, char *name)\n{\n"
              "  pthread_t id;\n"
              "  pthread_mutex_t *lock = &conn->lock;\n"
              "  conn->fd = open(\"/tmp/x\", O_RDWR | O_NONBLOCK,\n                  0600);\n"
              "  int n = read(conn->fd, name, 10);\n"
              "  if (n < 0) return 1;\n"
              "  write(1, name, 2);\n"
              "  pthread_create(&id, NULL, &worker, (void *)conn);\n"
              "  pthread_mutex_lock(lock);\n"
              "  return close(conn->fd) == 0;\n}\n");
    const struct fact_function *serve = function_named(&parsed, "serve");
    const struct fact_event *call = event_of(serve, EVENT_CALL, "open", 0);
    check_argument(call, 0, ARGUMENT_STRING, "/tmp/x");
    check_argument(call, 1, ARGUMENT_INTEGER, NULL);
    g_assert_cmpint(((struct fact_argument *)call->arguments->pdata[1])->integer, ==, 04002);
    g_assert_cmpstr(call->result, ==, "struct conn.fd");
    g_assert_false(call->checked);
    g_assert_cmpint(call->line, ==, 10);
    g_assert_cmpint(call->end_line, ==, 11);
    call = event_of(serve, EVENT_CALL, "read", 0);
    check_argument(call, 0, ARGUMENT_PATH, "struct conn.fd");
    check_argument(call, 1, ARGUMENT_PATH, "serve:name");
    g_assert_cmpstr(call->result, ==, "n");
    g_assert_true(call->checked);
    call = event_of(serve, EVENT_CALL, "write", 0);
    g_assert_null(call->result);
    g_assert_false(call->checked);
    call = event_of(serve, EVENT_CALL, "pthread_create", 0);
    g_autofree char *key = g_strconcat("worker@", parsed.file, NULL);
    check_argument(call, 1, ARGUMENT_INTEGER, NULL);
    check_argument(call, 2, ARGUMENT_FUNCTION, key);
    check_argument(call, 3, ARGUMENT_PATH, "serve:conn");
    g_assert_cmpstr(((struct fact_argument *)call->arguments->pdata[3])->type, ==, "struct conn *");
    g_assert_true(has_value(&parsed, "pthread_create#2", key));
    check_argument(event_of(serve, EVENT_CALL, "pthread_mutex_lock", 0), 0, ARGUMENT_PATH,
                   "struct conn.lock");
    g_assert_true(event_of(serve, EVENT_CALL, "close", 0)->checked);
    parsed_clear(&parsed);
}

static void test_access_paths(void)
{
    struct parsed parsed =
        parse("#include <pthread.h>\n"
              "static int counter; int shared[4]; _Thread_local int own; const int limit = 3;\n"
              "static struct { int hits; struct { int deep; } in; union { int low; }; } state;\n"
              "typedef struct { int size; } box; void keep(int *);\n"
              "void f(box *b, int i)\n{\n"
              "  static pthread_mutex_t guard; static int calls; int local = 0, kept = 0; box mine;\n"
              "  pthread_mutex_lock(&guard);\n"
              "  counter++; shared[i] = own; state.hits = state.in.deep; state.low = 1;\n"
              "  b->size = local; mine.size = 2; calls += mine.size; keep(&kept); kept = limit;\n}\n");
    const struct fact_function *f = function_named(&parsed, "f");
    static const struct {
        enum event_kind kind;
        const char *path;
        gboolean file;
    } cases[] = {
        {EVENT_READ, "counter", TRUE},     {EVENT_WRITE, "counter", TRUE},
        {EVENT_WRITE, "shared[]", FALSE},  {EVENT_READ, "own", FALSE},
        {EVENT_WRITE, "state.hits", TRUE}, {EVENT_READ, "state.in.deep", TRUE},
        {EVENT_WRITE, "state.low", TRUE},  {EVENT_WRITE, "box.size", FALSE},
        {EVENT_WRITE, "f:calls", TRUE},    {EVENT_WRITE, "f:kept", FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path =
            cases[i].file ? g_strconcat(cases[i].path, "@", parsed.file, NULL) : g_strdup(cases[i].path);
        g_test_message("%s", path);
        g_assert_true(has_event(f, cases[i].kind, path));
    }
    g_assert_false(has_event(f, EVENT_READ, "box.size")); /* only of a local that nobody else knows */
    g_assert_false(has_event(f, EVENT_READ, "f:local"));
    g_autofree char *guard = g_strconcat("f:guard@", parsed.file, NULL);
    check_argument(event_of(f, EVENT_CALL, "pthread_mutex_lock", 0), 0, ARGUMENT_PATH, guard);
    parsed_clear(&parsed);
}

static void test_atomics(void)
{
    struct parsed parsed = parse("#include <stdatomic.h>\n"
                                 "int plain; atomic_int counter; struct s { _Atomic long hits; } s;\n"
                                 "void f(struct s *p)\n{\n"
                                 "  __atomic_fetch_add(&plain, 1, __ATOMIC_SEQ_CST);\n"
                                 "  __sync_fetch_and_add(&plain, 1);\n"
                                 "  atomic_fetch_add(&counter, 1);\n"
                                 "  counter++;\n"
                                 "  p->hits = 4;\n}\n");
    const struct fact_function *f = function_named(&parsed, "f");
    static const char *const paths[] = {"plain", "plain", "counter", "counter", "struct s.hits"};
    static const char *const names[] = {"__atomic_fetch_add", "__sync_fetch_and_add_4",
                                        "__c11_atomic_fetch_add", NULL, NULL};
    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        const struct fact_event *event = event_of(f, EVENT_ATOMIC, NULL, i);
        g_assert_nonnull(event);
        g_assert_cmpstr(event->path, ==, paths[i]);
        g_assert_cmpstr(event->callee, ==, names[i]);
    }
    g_assert_null(event_of(f, EVENT_WRITE, NULL, 0));
    parsed_clear(&parsed);
}

static void test_function_values(void)
{
    struct parsed parsed = parse(
        "typedef void handler(int);\n"
        "struct ops { int id; handler *run; struct { handler *in[2]; } deep; };\n"
        "void a(int), b(int), c(int);\n"
        "struct ops table[] = { { 1, a, { { b, c } } }, { .run = b, .deep.in[1] = a }, { 3, c, b, a } };\n"
        "handler *const list[] = { [2] = c, a };\n"
        "handler *single = b; struct loop { struct ops *ops; handler *wake; };\n"
        "void add(struct loop *l, handler *h) { l->wake = h; l->ops->run = l->wake; }\n"
        "handler *choose(int n) { return n ? a : b; }\n"
        "void use(struct loop *l, handler *h, int n)\n{\n"
        "  handler *mine = n ? b : c;\n"
        "  add(l, a); l->ops->run(1); (*l->wake)(2); h(3); mine(4); list[n](5); choose(1)(6);\n}\n");
    static const struct {
        const char *path, *function;
    } values[] = {
        {"struct ops.run", "a"}, {"struct ops.run", "b"},
        {"struct ops.run", "c"}, {"struct ops.deep.in[]", "a"},
        {"list[]", "a"},         {"struct ops.deep.in[]", "c"},
        {"list[]", "c"},         {"struct ops.deep.in[]", "b"},
        {"single", "b"},         {"add#1", "a"},
        {"use:mine", "c"},       {"choose#return", "b"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(values); i++) {
        g_test_message("%s = %s", values[i].path, values[i].function);
        g_assert_true(has_value(&parsed, values[i].path, values[i].function));
    }
    g_assert_true(has_flow(&parsed, "struct loop.wake", "add#1"));
    g_assert_true(has_flow(&parsed, "struct ops.run", "struct loop.wake"));
    static const char *const via[] = {"struct ops.run", "struct loop.wake", "use#1",
                                      "use:mine",       "list[]",           "choose#return"};
    const struct fact_function *use = function_named(&parsed, "use");
    for (guint i = 0, n = 0; i < use->events->len; i++) {
        const struct fact_event *event = use->events->pdata[i];
        if (event->kind != EVENT_CALL || event->callee)
            continue;
        g_assert_cmpuint(n, <, G_N_ELEMENTS(via));
        g_assert_cmpstr(event->via, ==, via[n++]);
        g_assert_cmpstr(event->signature, ==, "void (int)");
    }
    parsed_clear(&parsed);
}

static void test_lock_variables(void)
{
    static const struct {
        const char *path;
        enum lock_kind kind;
        gboolean file;
    } cases[] = {
        {"global", LOCK_MUTEX, FALSE},
        {"ready", LOCK_CONDITION, TRUE},
        {"struct conn.lock", LOCK_RWLOCK, FALSE},
        {"struct conn.inner.sem", LOCK_SEMAPHORE, FALSE},
        {"spin[]", LOCK_SPINLOCK, FALSE},
        {"f:barrier", LOCK_BARRIER, FALSE},
        {"struct conn.shared", LOCK_MUTEX, FALSE},
    };
    struct parsed parsed =
        parse("#include <pthread.h>\n#include <semaphore.h>\n"
              "typedef pthread_mutex_t my_lock;\n"
              "my_lock global; static pthread_cond_t ready; pthread_spinlock_t spin[3]; int number;\n"
              "struct conn { int fd; pthread_rwlock_t lock; struct { sem_t sem; } inner;\n"
              "  pthread_mutex_t *shared; };\n"
              "void f(void) { pthread_barrier_t barrier; pthread_barrier_wait(&barrier); }\n");
    guint locks = 0;
    for (guint v = 0; v < parsed.unit->variables->len; v++) {
        const struct fact_variable *variable = parsed.unit->variables->pdata[v];
        locks += variable->is_lock;
    }
    g_assert_cmpuint(locks, ==, G_N_ELEMENTS(cases));
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = g_strdup(cases[i].path);
        if (g_str_has_suffix(name, "[]"))
            name[strlen(name) - 2] = '\0';
        g_autofree char *path = cases[i].file ? g_strconcat(name, "@", parsed.file, NULL) : g_strdup(name);
        gboolean found = FALSE;
        for (guint v = 0; v < parsed.unit->variables->len; v++) {
            const struct fact_variable *variable = parsed.unit->variables->pdata[v];
            found = found || (strcmp(variable->path, path) == 0 && variable->is_lock &&
                              variable->lock == cases[i].kind);
        }
        g_test_message("%s", path);
        g_assert_true(found);
    }
    parsed_clear(&parsed);
}

static void test_long_expression(void)
{
    GString *source = g_string_new("int f(int a) { return 0");
    for (int i = 0; i < 60000; i++)
        g_string_append_printf(source, " + a%s", i % 1000 ? "" : "\n");
    g_string_append(source, "; }\nint g(void) { return f(1); }\n");
    g_autofree char *text = g_string_free(source, FALSE);
    struct parsed parsed = parse(text);
    g_assert_cmpint(function_named(&parsed, "f")->operations, ==, 60000);
    g_assert_nonnull(event_of(function_named(&parsed, "g"), EVENT_CALL, "f", 0));
    parsed_clear(&parsed);
}

static void test_hostile_flags(void)
{
    g_autofree char *folder = g_dir_make_tmp("corewise-test-XXXXXX", NULL);
    g_autofree char *dependencies = g_build_filename(folder, "precious.d", NULL);
    g_assert_true(g_file_set_contents(dependencies, "precious", -1, NULL));
    const char *const flags[] = {"-MD",
                                 "-MF",
                                 dependencies,
                                 "-mpreferred-stack-boundary=6",
                                 "-fno-such-thing",
                                 "-march=none",
                                 "-std=gnu99x",
                                 "-fconserve-stack",
                                 "-DVALUE=7",
                                 "-Werror",
                                 "-c",
                                 "-o",
                                 "x.o",
                                 NULL};
    struct parsed parsed = parse_with("void use(int);\nvoid f(void) { use(VALUE); int unused; }\n", flags);
    g_assert_cmpstr(parsed.unit->error, ==, NULL);
    const struct fact_event *call = event_of(function_named(&parsed, "f"), EVENT_CALL, "use", 0);
    g_assert_cmpint(((struct fact_argument *)call->arguments->pdata[0])->integer, ==, 7);
    g_autofree char *content = NULL;
    g_assert_true(g_file_get_contents(dependencies, &content, NULL, NULL));
    g_assert_cmpstr(content, ==, "precious");
    g_unlink(dependencies);
    g_rmdir(folder);
    parsed_clear(&parsed);
}

static void test_errors(void)
{
    static const char *const flags[] = {"-O2", NULL};
    struct parsed parsed =
        parse_with("int f(void) { return 1; }\n#include \"generated.h\"\nint g(void) { return X; }\n", flags);
    g_assert_nonnull(strstr(parsed.unit->error, "input.c:2: 'generated.h' file not found"));
    g_assert_nonnull(function_named(&parsed, "f")); /* what was understood is kept */
    const struct unit *unit = parsed.session->units->pdata[0];
    g_assert_cmpstr(unit->error, ==, parsed.unit->error);
    g_assert_cmpstr(unit->file, ==, "input.c");
    g_assert_cmpuint(strlen(unit->content_hash), ==, 64);
    parsed_clear(&parsed);
    parsed = parse_with("this is no C at all {{{\n", flags);
    g_assert_nonnull(parsed.unit->error);
    parsed_clear(&parsed);
}

static void test_old_c(void)
{
    struct parsed parsed =
        parse("f(a) int a; { undeclared(a); return 1; }\n"
              "char *g(void) { return 5; }\nvoid *h(void) { int (*p)(void) = g; return p; }\n");
    g_assert_nonnull(event_of(function_named(&parsed, "f"), EVENT_CALL, "undeclared", 0));
    parsed_clear(&parsed);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/extract/control_flow", test_control_flow);
    g_test_add_func("/extract/calls", test_calls);
    g_test_add_func("/extract/access_paths", test_access_paths);
    g_test_add_func("/extract/atomics", test_atomics);
    g_test_add_func("/extract/function_values", test_function_values);
    g_test_add_func("/extract/lock_variables", test_lock_variables);
    g_test_add_func("/extract/long_expression", test_long_expression);
    g_test_add_func("/extract/hostile_flags", test_hostile_flags);
    g_test_add_func("/extract/errors", test_errors);
    g_test_add_func("/extract/old_c", test_old_c);
    return g_test_run();
}
