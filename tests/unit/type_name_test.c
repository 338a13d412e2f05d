/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "fixture_process.h"
#include "tracer/stack.h"
#include "tracer/stack_meaning.h"
#include "tracer/wait_cause.h"

#define WAIT_ATTEMPTS 500
#define ATTEMPT_US    10000

struct case_expected {
    const char *name;
    enum lock_kind kind;
    const char *lock;        /* NULL: nothing is certain */
    const char *source;      /* with the declaration of the member */
    const char *declaration; /* the first text like this */
    gboolean needs_place;
};

static const struct case_expected cases[] = {
    {"parameter", LOCK_CONDITION, "struct lock_s.cond", "lock_types.c", "pthread_cond_t cond;", FALSE},
    {"wrapper", LOCK_MUTEX, "struct connection.lock", "lock_types.c", "/* of struct connection */", FALSE},
    {"inlined", LOCK_MUTEX, "worker.lock", "lock_types.c", "/* of worker */", FALSE},
    {"nested", LOCK_SEMAPHORE, "struct server.load.free", "lock_types.c", "sem_t free;", FALSE},
    {"nested_named", LOCK_MUTEX, "struct connection.lock", "lock_types.c", "/* of struct connection */",
     FALSE},
    {"two", LOCK_MUTEX, "struct pair.second", "lock_types.c", "first, second;", TRUE},
    {"two_in_array", LOCK_MUTEX, "struct pair.first", "lock_types.c", "first, second;", TRUE},
    {"row", LOCK_MUTEX, "struct table.rows[]", "lock_types.c", "rows[4];", FALSE},
    {"rwlock", LOCK_RWLOCK, "struct table.whole", "lock_types.c", "pthread_rwlock_t whole;", FALSE},
    {"through_pointer", LOCK_MUTEX, "struct connection.lock", "lock_types.c", "/* of struct connection */",
     FALSE},
    {"member_pointer", LOCK_MUTEX, "struct view.shared", "lock_types.c", "*shared;", FALSE},
    {"opaque", LOCK_MUTEX, "struct queue.lock", "lock_places_queue.c", "pthread_mutex_t lock;", FALSE},
    {"hidden", LOCK_MUTEX, NULL, NULL, NULL, FALSE},
};

struct wait_look {
    guint64 frames[STACK_FRAMES_MAX];
    guint count;
    guint64 address;
};

/* The futex that the thread waits for; it announces itself just before. */
static guint64 wait_address(int pid, int tid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/syscall", pid, tid);
    g_autofree char *futex = g_strdup_printf("%d ", SYS_futex);
    for (int i = 0; i < WAIT_ATTEMPTS; i++) {
        g_autofree char *text = NULL;
        if (g_file_get_contents(path, &text, NULL, NULL) && g_str_has_prefix(text, futex))
            return g_ascii_strtoull(text + strlen(futex), NULL, 16);
        g_usleep(ATTEMPT_US);
    }
    return 0;
}

/* FALSE when the system forbids ptrace. */
static gboolean look_at(struct target *target, int pid, int tid, struct wait_look *look)
{
    guint8 bytes[FIXTURE_STACK_BYTES];
    struct stack_snapshot snapshot;
    enum unwind_end end;
    look->address = wait_address(pid, tid);
    g_assert_cmpuint(look->address, !=, 0);
    if (!fixture_thread_stop(tid))
        return FALSE;
    fixture_thread_read(tid, bytes, &snapshot);
    fixture_thread_release(tid);
    look->count = target_unwind(target, &snapshot, look->frames, STACK_FRAMES_MAX, &end);
    g_assert_cmpint(end, ==, UNWIND_COMPLETE);
    return TRUE;
}

static void check_lock(const struct case_expected *expected, struct target *target,
                       const struct wait_look *look, const struct heap_place *place)
{
    g_autofree char *file = NULL;
    int line = -1;
    g_autofree char *name =
        target_type_name(target, look->frames, look->count, expected->kind, place, &file, &line);
    gboolean known = expected->lock && (place || !expected->needs_place);
    g_assert_cmpstr(name, ==, known ? expected->lock : NULL);
    if (!known) {
        g_assert_null(file);
        g_assert_cmpint(line, ==, 0);
        return;
    }
    g_assert_nonnull(file);
    g_autofree char *suffix = g_strconcat("/fixtures/", expected->source, NULL);
    g_assert_true(g_path_is_absolute(file));
    g_assert_true(g_str_has_suffix(file, suffix));
    g_assert_cmpint(line, ==, fixture_line(expected->source, expected->declaration));
}

/* Names without memory are asked for last: the process has ended then. */
static void test_cases(gconstpointer program)
{
    struct fixture_process *process = fixture_process_start(program, NULL, G_N_ELEMENTS(cases));
    g_autoptr(Target) target = target_open(process->pid, NULL);
    g_autofree struct wait_look *looks = g_new0(struct wait_look, G_N_ELEMENTS(cases));
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *tid = fixture_process_find(process, cases[i].name);
        struct heap_place place;
        g_assert_nonnull(tid);
        if (!look_at(target, process->pid, atoi(tid), &looks[i])) {
            g_test_skip("ptrace is forbidden here");
            fixture_process_stop(process);
            return;
        }
        target_heap_place(target, looks[i].address, &place);
        check_lock(&cases[i], target, &looks[i], &place);
    }
    fixture_process_stop(process);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        check_lock(&cases[i], target, &looks[i], NULL);
}

/* Of another kind, there is none; without debug information there are no types. */
static void test_no_lock(gconstpointer program)
{
    struct fixture_process *process = fixture_process_start(program, NULL, G_N_ELEMENTS(cases));
    g_autoptr(Target) target = target_open(process->pid, NULL);
    struct wait_look look;
    g_autofree char *file = NULL;
    int line = -1;
    if (look_at(target, process->pid, atoi(fixture_process_find(process, "parameter")), &look)) {
        enum lock_kind kind = strstr(program, "stripped") ? LOCK_CONDITION : LOCK_SEMAPHORE;
        g_assert_null(target_type_name(target, look.frames, look.count, kind, NULL, &file, &line));
    } else {
        g_test_skip("ptrace is forbidden here");
    }
    fixture_process_stop(process);
}

static void test_heap_place(void)
{
    struct fixture_process *process = fixture_process_start("lock_types", NULL, G_N_ELEMENTS(cases));
    g_autoptr(Target) target = target_open(process->pid, NULL);
    struct heap_place place;
    /* struct pair is { long; 40 bytes; 40 bytes }, of which malloc makes a block of 88 usable bytes */
    guint64 second = wait_address(process->pid, atoi(fixture_process_find(process, "two")));
    g_assert_true(target_heap_place(target, second, &place));
    g_assert_cmpuint(place.offset, ==, 48);
    g_assert_cmpuint(place.size, ==, 88);
    guint64 fourth = wait_address(process->pid, atoi(fixture_process_find(process, "two_in_array")));
    g_assert_true(target_heap_place(target, fourth, &place));
    g_assert_cmpuint(place.offset, ==, 3 * 88 + 8);
    g_assert_cmpuint(place.size, >=, 5 * 88);
    g_assert_false(target_heap_place(target, 0, &place));
    g_assert_false(target_heap_place(target, G_MAXUINT64, &place));
    g_assert_cmpuint(place.size, ==, 0);
    fixture_process_stop(process);
    g_assert_false(target_heap_place(target, second, &place));
}

/* A stripped C library shows no name for the function that waits; the program's call has it. */
static void test_cause(gconstpointer program)
{
    struct fixture_process *process = fixture_process_start(program, NULL, G_N_ELEMENTS(cases));
    g_autoptr(Target) target = target_open(process->pid, NULL);
    g_autoptr(Session) session = session_new();
    g_autoptr(RegionMap) map = region_map_new(session);
    struct traced_image image = {.target = target};
    struct wait_look look;
    if (look_at(target, process->pid, atoi(fixture_process_find(process, "nested")), &look)) {
        struct traced_stack stack = {.image = &image, .frames = look.frames, .frame_count = look.count};
        struct stack_meaning *meaning = stack_meaning_new(&stack, map, session);
        struct wait_key key = {.syscall = SYS_futex, .operation = 0x189, .value = FUTEX_VALUE_ZERO};
        g_assert_true(g_strv_contains((const char *const *)meaning->functions, "sem_wait"));
        g_assert_cmpint(wait_cause_classify(&key, (const char *const *)meaning->functions), ==,
                        CAUSE_SEMAPHORE);
        stack_meaning_free(meaning);
    } else {
        g_test_skip("ptrace is forbidden here");
    }
    fixture_process_stop(process);
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_data_func("/type-name/debug", "lock_types", test_cases);
    g_test_add_data_func("/type-name/split-debug", "lock_types_split", test_cases);
    g_test_add_data_func("/type-name/other-kind", "lock_types", test_no_lock);
    g_test_add_data_func("/type-name/stripped", "lock_types_stripped", test_no_lock);
    g_test_add_func("/type-name/heap-place", test_heap_place);
    g_test_add_data_func("/type-name/cause", "lock_types", test_cause);
    g_test_add_data_func("/type-name/cause-stripped", "lock_types_stripped", test_cause);
    return g_test_run();
}
