/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/plain_watch.h"

#include <string.h>

#include "tracer/switch_ring.h"
#include "tracer/wait_look.h"

#define CALL_UNKNOWN (WATCH_SYSCALLS - 1) /* a wait that nobody has looked at */

struct plain_thread {
    struct thread_state state;
    char name[16];
    gboolean looked; /* at what it waits for now */
};

struct plain_watch {
    struct watch_handlers handlers;
    struct switch_rings *rings;
    GHashTable *threads;    /* tid → struct plain_thread: the living */
    GArray *waits;          /* struct wait_slot */
    GHashTable *wait_index; /* struct wait_key → position in `waits` + 1 */
    GHashTable *stacks;     /* stack ids that were sent */
    struct watch_totals totals;
    struct span_sum running; /* as of struct watch_core */
    guint32 next_thread, next_image;
    int launched;
};

static guint key_hash(gconstpointer pointer)
{
    const struct wait_key *key = pointer;
    return g_int64_hash(&key->stack) ^ g_int64_hash(&key->object) ^ key->thread * 31 ^ (guint)key->syscall;
}

static gboolean key_equal(gconstpointer first, gconstpointer second)
{
    return memcmp(first, second, sizeof(struct wait_key)) == 0;
}

struct plain_watch *plain_watch_new(const struct watch_handlers *handlers)
{
    struct plain_watch *plain = g_new0(struct plain_watch, 1);
    plain->handlers = *handlers;
    plain->threads = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    plain->waits = g_array_new(FALSE, FALSE, sizeof(struct wait_slot));
    plain->wait_index = g_hash_table_new_full(key_hash, key_equal, g_free, NULL);
    plain->stacks = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    plain->next_thread = plain->next_image = 1;
    return plain;
}

void plain_watch_free(struct plain_watch *plain)
{
    if (!plain)
        return;
    switch_rings_close(plain->rings);
    g_hash_table_unref(plain->threads);
    g_array_unref(plain->waits);
    g_hash_table_unref(plain->wait_index);
    g_hash_table_unref(plain->stacks);
    g_free(plain);
}

gboolean plain_watch_follow(struct plain_watch *plain, int pid, GError **error)
{
    plain->launched = pid;
    plain->totals.started_ns = watch_now_ns();
    plain->rings = switch_rings_open(pid, error);
    return plain->rings != NULL;
}

int plain_watch_descriptor(const struct plain_watch *plain)
{
    return switch_rings_descriptor(plain->rings);
}

const GArray *plain_watch_waits(const struct plain_watch *plain)
{
    return plain->waits;
}

const struct watch_totals *plain_watch_totals(const struct plain_watch *plain)
{
    return &plain->totals;
}

const struct span_sum *plain_watch_running(const struct plain_watch *plain)
{
    return &plain->running;
}

static void report(const struct plain_watch *plain, const struct plain_thread *thread,
                   enum thread_event_kind kind, gboolean alive, guint64 now)
{
    const struct thread_state *state = &thread->state;
    struct thread_event event = {
        .kind = kind,
        .thread = state->thread,
        .tid = state->tid,
        .tgid = state->tgid,
        .namespace_tid = state->namespace_tid,
        .image = state->image,
        .parent = state->parent,
        .alive = alive != FALSE,
        .time_ns = now,
        .started_ns = state->started_ns,
        .totals = state->totals,
    };
    memcpy(event.name, thread->name, sizeof(event.name));
    plain->handlers.thread(&event, plain->handlers.data);
}

static void span_add(struct span_sum *spans, gboolean begin, guint64 now)
{
    spans->sum_ns += begin ? -now : now;
    spans->open += begin ? 1 : -1;
}

static void set_active(struct plain_watch *plain, gboolean active, guint64 now)
{
    struct watch_totals *totals = &plain->totals;
    span_add(&plain->running, active, now);
    totals->active_threads += active ? 1 : -1;
    if (totals->active_threads == (active ? 1 : 0))
        span_add(&totals->active, active, now);
}

static struct plain_thread *begin(struct plain_watch *plain, const struct switch_record *record,
                                  const struct plain_thread *creator)
{
    struct plain_thread *thread = g_new0(struct plain_thread, 1);
    struct thread_state *state = &thread->state;
    state->thread = plain->next_thread++;
    state->tid = state->namespace_tid = (guint32)record->tid;
    state->tgid = (guint32)record->pid;
    state->image = creator ? creator->state.image : (guint32)record->pid;
    state->parent = creator ? creator->state.thread : 0;
    state->started_ns = state->since_ns = record->time_ns;
    state->state = THREAD_RUNNABLE;
    state->cpu = G_MAXUINT32;
    memcpy(thread->name, creator ? creator->name : record->name, sizeof(thread->name));
    g_hash_table_insert(plain->threads, GINT_TO_POINTER(record->tid), thread);
    plain->totals.live_threads++;
    plain->totals.peak_threads = MAX(plain->totals.peak_threads, plain->totals.live_threads);
    set_active(plain, TRUE, record->time_ns);
    report(plain, thread, THREAD_EVENT_START, TRUE, record->time_ns);
    return thread;
}

static void add_wait(struct plain_watch *plain, const struct plain_thread *thread, guint64 blocked_ns)
{
    struct wait_key key = thread->state.current.key;
    if (!thread->looked) {
        memset(&key, 0, sizeof(key));
        key.thread = thread->state.thread;
        key.syscall = CALL_UNKNOWN;
        plain->totals.lost_waits++;
    }
    guint position = GPOINTER_TO_UINT(g_hash_table_lookup(plain->wait_index, &key));
    if (!position) {
        struct wait_slot fresh = {.key = key};
        g_array_append_val(plain->waits, fresh);
        position = plain->waits->len;
        g_hash_table_insert(plain->wait_index, g_memdup2(&key, sizeof(key)), GUINT_TO_POINTER(position));
    }
    struct wait_total *total = &g_array_index(plain->waits, struct wait_slot, position - 1).total;
    total->count++;
    total->blocked_ns += blocked_ns;
    total->longest_ns = MAX(total->longest_ns, blocked_ns);
}

/* Adds the time since the last record to the state that the thread was in. */
static void close_state(struct plain_watch *plain, struct plain_thread *thread, guint64 now)
{
    struct thread_state *state = &thread->state;
    guint64 elapsed = now > state->since_ns ? now - state->since_ns : 0;
    state->since_ns = now;
    switch ((enum watch_thread_state)state->state) {
    case THREAD_RUNNING:
        state->totals.on_cpu_ns += elapsed;
        break;
    case THREAD_BLOCKED:
        state->totals.blocked_ns += elapsed;
        add_wait(plain, thread, elapsed);
        break;
    default:
        state->totals.runnable_ns += elapsed;
    }
}

static void end(struct plain_watch *plain, struct plain_thread *thread, gboolean alive, guint64 now)
{
    close_state(plain, thread, now);
    if (thread->state.state != THREAD_BLOCKED)
        set_active(plain, FALSE, now);
    plain->totals.live_threads--;
    report(plain, thread, THREAD_EVENT_END, alive, now);
}

static void switch_in(struct plain_watch *plain, struct plain_thread *thread,
                      const struct switch_record *record)
{
    close_state(plain, thread, record->time_ns);
    if (thread->state.state == THREAD_BLOCKED)
        set_active(plain, TRUE, record->time_ns);
    thread->state.state = THREAD_RUNNING;
    if (thread->state.cpu != (guint32)record->core)
        thread->state.totals.migrations += thread->state.cpu != G_MAXUINT32;
    thread->state.cpu = (guint32)record->core;
}

static void switch_out(struct plain_watch *plain, struct plain_thread *thread,
                       const struct switch_record *record)
{
    /* The first record after an exec is one of leaving the core. */
    if (thread->state.state != THREAD_BLOCKED)
        thread->state.state = THREAD_RUNNING;
    close_state(plain, thread, record->time_ns);
    if (record->kind == RECORD_PREEMPTED) {
        thread->state.state = THREAD_RUNNABLE;
        thread->state.totals.involuntary++;
        return;
    }
    if (thread->state.state != THREAD_BLOCKED)
        set_active(plain, FALSE, record->time_ns);
    thread->state.state = THREAD_BLOCKED;
    thread->state.totals.voluntary++;
    thread->looked = FALSE;
}

static void executed(struct plain_watch *plain, struct plain_thread *thread,
                     const struct switch_record *record)
{
    memcpy(thread->name, record->name, sizeof(thread->name));
    thread->state.image = WATCH_IMAGE_EXEC | plain->next_image++;
    report(plain, thread, THREAD_EVENT_EXEC, TRUE, record->time_ns);
}

/* The program of the launched process begins. */
static void begin_program(struct plain_watch *plain, const struct switch_record *record)
{
    plain->totals.started_ns = record->time_ns;
    struct plain_thread *thread = begin(plain, record, NULL);
    thread->state.state = THREAD_RUNNING;
    executed(plain, thread, record);
}

static void take_record(const struct switch_record *record, gpointer data)
{
    struct plain_watch *plain = data;
    struct plain_thread *thread = g_hash_table_lookup(plain->threads, GINT_TO_POINTER(record->tid));
    if (record->kind == RECORD_LOST) {
        plain->totals.lost_waits += record->lost;
        return;
    }
    if (record->kind == RECORD_FORK) {
        begin(plain, record, g_hash_table_lookup(plain->threads, GINT_TO_POINTER(record->parent)));
        *(record->pid == record->tid ? &plain->totals.processes_created : &plain->totals.threads_created) +=
            1;
        return;
    }
    if (!thread) {
        if (record->kind == RECORD_EXEC && record->pid == plain->launched)
            begin_program(plain, record);
        return;
    }
    switch (record->kind) {
    case RECORD_IN:
        switch_in(plain, thread, record);
        break;
    case RECORD_BLOCKED:
    case RECORD_PREEMPTED:
        switch_out(plain, thread, record);
        break;
    case RECORD_EXEC:
        executed(plain, thread, record);
        break;
    case RECORD_EXIT:
        thread->state.state = THREAD_RUNNING;
        end(plain, thread, FALSE, record->time_ns);
        g_hash_table_remove(plain->threads, GINT_TO_POINTER(record->tid));
        break;
    default:
        memcpy(thread->name, record->name, sizeof(thread->name));
    }
}

static void send_snapshot(struct plain_watch *plain, const struct snapshot_event *event)
{
    if (g_hash_table_contains(plain->stacks, &event->stack))
        return;
    g_hash_table_add(plain->stacks, g_memdup2(&event->stack, sizeof(event->stack)));
    struct stack_answer answer;
    plain->handlers.snapshot(event, plain->handlers.data, &answer);
}

/* What blocked threads wait for, once per wait: it stands still meanwhile. */
static void look_at_waits(struct plain_watch *plain)
{
    GHashTableIter iterator;
    gpointer value;
    g_hash_table_iter_init(&iterator, plain->threads);
    while (g_hash_table_iter_next(&iterator, NULL, &value)) {
        struct plain_thread *thread = value;
        struct snapshot_event event = {.thread = thread->state.thread,
                                       .tid = thread->state.tid,
                                       .tgid = thread->state.tgid,
                                       .image = thread->state.image};
        if (thread->state.state != THREAD_BLOCKED || thread->looked ||
            !wait_look(&thread->state.current.key, &event))
            continue;
        thread->looked = TRUE;
        send_snapshot(plain, &event);
    }
}

void plain_watch_poll(struct plain_watch *plain)
{
    switch_rings_read(plain->rings, FALSE, take_record, plain);
    look_at_waits(plain);
}

void plain_watch_finish(struct plain_watch *plain)
{
    guint64 now = watch_now_ns();
    switch_rings_read(plain->rings, TRUE, take_record, plain);
    GHashTableIter iterator;
    gpointer value;
    g_hash_table_iter_init(&iterator, plain->threads);
    while (g_hash_table_iter_next(&iterator, NULL, &value))
        end(plain, value, TRUE, now);
    g_hash_table_remove_all(plain->threads);
}
