/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/live_numbers.h"

#include <math.h>
#include <string.h>

#include "reports/live_advice.h"
#include "reports/report_index.h"

#define ROUNDING 1e-6 /* seconds that sums of the same times may differ by */

static void thread_free_live(gpointer data)
{
    struct live_thread *thread = data;
    g_free(thread->id);
    g_free(thread->name);
    g_free(thread->body);
    g_free(thread);
}

static void wait_free_live(gpointer data)
{
    struct live_wait *wait = data;
    g_free(wait->key);
    g_free(wait->waiter);
    g_free(wait->holder);
    g_free(wait->lock);
    g_free(wait->place);
    g_free(wait);
}

static void lock_name_free(gpointer data)
{
    struct live_lock_name *lock = data;
    g_free(lock->id);
    g_free(lock->name);
    g_free(lock);
}

static void rounds_free(gpointer data)
{
    struct live_rounds *rounds = data;
    g_free(rounds->thread);
    g_free(rounds);
}

double live_states_blocked(const struct live_states *states)
{
    double sum = 0;
    for (guint cause = 0; cause < WAIT_CAUSE_COUNT; cause++)
        sum += states->blocked[cause];
    return sum;
}

double live_states_sum(const struct live_states *states)
{
    return states->on_core + states->io_work + states->runnable + live_states_blocked(states) + states->idle;
}

static double or_zero(double value)
{
    return isnan(value) ? 0 : value;
}

static double thread_value(const struct report_index *index, const struct thread *thread, const char *metric)
{
    return or_zero(report_index_value(index, SUBJECT_THREAD, thread->id, metric));
}

static void add_thread(struct live_numbers *numbers, const struct report_index *index,
                       const struct thread *recorded)
{
    struct live_thread *thread = g_new0(struct live_thread, 1);
    const struct region *body =
        recorded->region ? g_hash_table_lookup(index->regions, recorded->region) : NULL;
    thread->id = g_strdup(recorded->id);
    thread->name = g_strdup(recorded->name);
    thread->body = body ? g_strdup(body->function) : NULL;
    thread->pid = recorded->pid;
    thread->tid = recorded->tid;
    thread->states.io_work = thread_value(index, recorded, "io_work_seconds");
    thread->states.on_core = thread_value(index, recorded, "cpu_seconds") - thread->states.io_work;
    thread->states.runnable = thread_value(index, recorded, "runnable_seconds");
    thread->states.idle = thread_value(index, recorded, "idle_seconds");
    g_ptr_array_add(numbers->threads, thread);
    g_hash_table_insert(numbers->thread_by_id, thread->id, thread);
}

static char *place_of(const struct wait_edge *edge)
{
    if (edge->file)
        return g_strdup_printf("%s:%d", edge->file, edge->line);
    return g_strdup(edge->function);
}

static void add_wait(struct live_numbers *numbers, const struct wait_edge *edge)
{
    struct live_thread *thread = g_hash_table_lookup(numbers->thread_by_id, edge->waiter);
    struct live_wait *wait = g_new0(struct live_wait, 1);
    wait->place = place_of(edge);
    wait->key = g_strdup_printf("%s\n%s\n%s\n%d\n%d\n%s", edge->waiter, edge->holder ? edge->holder : "",
                                edge->lock ? edge->lock : "", edge->cause, edge->idle,
                                wait->place ? wait->place : "");
    if (thread && !edge->idle)
        thread->states.blocked[edge->cause] += edge->seconds;
    struct live_wait *known = g_hash_table_lookup(numbers->wait_by_key, wait->key);
    if (known) { /* the reason why a holder is unknown makes no difference here */
        known->seconds += edge->seconds;
        known->longest = MAX(known->longest, edge->longest_seconds);
        known->count += (gint64)edge->count;
        wait_free_live(wait);
        return;
    }
    wait->waiter = g_strdup(edge->waiter);
    wait->holder = g_strdup(edge->holder);
    wait->lock = g_strdup(edge->lock);
    wait->cause = edge->cause;
    wait->idle = edge->idle;
    wait->seconds = edge->seconds;
    wait->longest = edge->longest_seconds;
    wait->count = (gint64)edge->count;
    g_ptr_array_add(numbers->waits, wait);
    g_hash_table_insert(numbers->wait_by_key, wait->key, wait);
}

/* What the thread was blocked for and no wait accounts for: its sum is exact, waits may have been lost. */
static void complete_blocked(struct live_numbers *numbers, const struct report_index *index)
{
    for (guint i = 0; i < numbers->threads->len; i++) {
        struct live_thread *thread = g_ptr_array_index(numbers->threads, i);
        double wall = or_zero(report_index_value(index, SUBJECT_THREAD, thread->id, "wall_seconds"));
        double missing = wall - live_states_sum(&thread->states);
        if (missing > ROUNDING)
            thread->states.blocked[CAUSE_OTHER] += missing;
    }
}

static void add_lock(struct live_numbers *numbers, const struct lock *recorded)
{
    struct live_lock_name *lock = g_new0(struct live_lock_name, 1);
    lock->id = g_strdup(recorded->id);
    lock->name = g_strdup(recorded->name ? recorded->name : recorded->id);
    lock->kind = recorded->kind;
    g_ptr_array_add(numbers->locks, lock);
    g_hash_table_insert(numbers->lock_by_id, lock->id, lock);
}

static struct live_numbers *numbers_new(void)
{
    struct live_numbers *numbers = g_new0(struct live_numbers, 1);
    numbers->parallelism = NAN;
    numbers->threads = g_ptr_array_new_with_free_func(thread_free_live);
    numbers->waits = g_ptr_array_new_with_free_func(wait_free_live);
    numbers->locks = g_ptr_array_new_with_free_func(lock_name_free);
    numbers->rounds = g_ptr_array_new_with_free_func(rounds_free);
    numbers->thread_by_id = g_hash_table_new(g_str_hash, g_str_equal);
    numbers->wait_by_key = g_hash_table_new(g_str_hash, g_str_equal);
    numbers->lock_by_id = g_hash_table_new(g_str_hash, g_str_equal);
    return numbers;
}

struct live_numbers *live_numbers_new(const struct session *session)
{
    g_autoptr(ReportIndex) index = report_index_new(session);
    struct live_numbers *numbers = numbers_new();
    numbers->suggestions = live_advice_new(index);
    if (!index->run)
        return numbers;
    numbers->command = g_strdup(index->run->command);
    numbers->seconds = index->run->seconds;
    numbers->cores = index->run->cores;
    numbers->lost_events = index->run->lost_events;
    numbers->cpu_seconds = or_zero(report_index_value(index, SUBJECT_PROGRAM, NULL, "cpu_seconds"));
    numbers->tracer_seconds = or_zero(report_index_value(index, SUBJECT_PROGRAM, NULL, "tracer_cpu_seconds"));
    numbers->parallelism = report_index_value(index, SUBJECT_PROGRAM, NULL, "parallelism");
    for (guint i = 0; i < session->threads->len; i++) {
        const struct thread *thread = g_ptr_array_index(session->threads, i);
        if (report_index_is_shown(index, thread->run))
            add_thread(numbers, index, thread);
    }
    for (guint i = 0; i < session->waits->len; i++) {
        const struct wait_edge *edge = g_ptr_array_index(session->waits, i);
        if (edge->waiter && report_index_is_shown(index, edge->run))
            add_wait(numbers, edge);
    }
    complete_blocked(numbers, index);
    for (guint i = 0; i < session->locks->len; i++)
        add_lock(numbers, g_ptr_array_index(session->locks, i));
    return numbers;
}

void live_numbers_free(struct live_numbers *numbers)
{
    if (!numbers)
        return;
    g_free(numbers->command);
    g_hash_table_unref(numbers->thread_by_id);
    g_hash_table_unref(numbers->wait_by_key);
    g_hash_table_unref(numbers->lock_by_id);
    g_ptr_array_unref(numbers->threads);
    g_ptr_array_unref(numbers->waits);
    g_ptr_array_unref(numbers->locks);
    g_ptr_array_unref(numbers->rounds);
    g_ptr_array_unref(numbers->suggestions);
    g_free(numbers);
}

void live_numbers_add_rounds(struct live_numbers *numbers, guint place, const struct histogram *durations)
{
    if (place >= numbers->threads->len)
        return;
    const struct live_thread *thread = g_ptr_array_index(numbers->threads, place);
    struct live_rounds *rounds = g_new(struct live_rounds, 1);
    rounds->thread = g_strdup(thread->id);
    rounds->durations = *durations;
    g_ptr_array_add(numbers->rounds, rounds);
}

const struct live_rounds *live_numbers_rounds(const struct live_numbers *numbers, const char *thread)
{
    for (guint i = 0; i < numbers->rounds->len; i++) {
        const struct live_rounds *rounds = g_ptr_array_index(numbers->rounds, i);
        if (strcmp(rounds->thread, thread) == 0)
            return rounds;
    }
    return NULL;
}
