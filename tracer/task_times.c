/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/task_times.h"

#include "model/histogram.h"
#include "tracer/measure.h"
#include "tracer/tracer.h"
#include "tracer/wait_cause.h"

struct task_times {
    GHashTable *began;   /* thread serial → end of its last idle wait, ns */
    GHashTable *threads; /* thread serial → struct task_sums */
    GHashTable *regions; /* index + 1 → struct histogram */
};

struct task_sums {
    struct histogram durations;
    struct thread_tasks tasks; /* without a thread before it was recorded */
};

static void task_sums_free(gpointer pointer)
{
    struct task_sums *sums = pointer;
    g_free(sums->tasks.thread);
    g_free(sums);
}

struct task_times *task_times_new(void)
{
    struct task_times *times = g_new0(struct task_times, 1);
    times->began = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    times->threads = g_hash_table_new_full(NULL, NULL, NULL, task_sums_free);
    times->regions = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    return times;
}

void task_times_free(struct task_times *times)
{
    if (!times)
        return;
    g_hash_table_unref(times->began);
    g_hash_table_unref(times->threads);
    g_hash_table_unref(times->regions);
    g_free(times);
}

static gpointer entry_of(GHashTable *table, guint key, gsize size)
{
    gpointer entry = g_hash_table_lookup(table, GUINT_TO_POINTER(key));
    if (!entry) {
        entry = g_malloc0(size);
        g_hash_table_insert(table, GUINT_TO_POINTER(key), entry);
    }
    return entry;
}

static void note_task(struct task_times *times, guint32 thread, const struct stack_meaning *meaning,
                      double seconds)
{
    struct task_sums *sums = entry_of(times->threads, thread, sizeof(*sums));
    histogram_add(&sums->durations, seconds);
    sums->tasks.count++;
    sums->tasks.seconds += seconds;
    sums->tasks.longest = MAX(sums->tasks.longest, seconds);
    sums->tasks.longest_ever = MAX(sums->tasks.longest_ever, seconds);
    for (guint i = 0; i < meaning->regions->len; i++) {
        guint region = g_array_index(meaning->regions, guint, i);
        histogram_add(entry_of(times->regions, region + 1, sizeof(struct histogram)), seconds);
    }
}

static void note_interval(struct attribution *attribution, const struct interval_event *event)
{
    struct task_times *times = attribution->collection->tasks;
    const struct traced_thread *thread = collection_find_thread(attribution->collection, event->thread);
    if (!thread || event->state != THREAD_BLOCKED)
        return;
    const struct stack_meaning *meaning = attribution_meaning(attribution, event->key.stack);
    enum wait_cause cause = wait_cause_classify(&event->key, (const char *const *)meaning->functions);
    if (!attribution_wait_is_idle(attribution, thread, cause, meaning))
        return;
    const guint64 *began = g_hash_table_lookup(times->began, GUINT_TO_POINTER(event->thread));
    if (began && event->start_ns > *began)
        note_task(times, event->thread, meaning, (double)(event->start_ns - *began) / 1e9);
    g_hash_table_insert(times->began, GUINT_TO_POINTER(event->thread),
                        g_memdup2(&event->end_ns, sizeof(event->end_ns)));
}

/* A timeline is looked at as a whole each time, waits only once. */
static void note_intervals(struct attribution *attribution)
{
    struct task_times *times = attribution->collection->tasks;
    GArray *events = attribution->collection->intervals;
    if (!attribution->collection->only_tasks) {
        g_hash_table_remove_all(times->began);
        g_hash_table_remove_all(times->threads);
        g_hash_table_remove_all(times->regions);
    }
    for (guint i = 0; i < events->len; i++)
        note_interval(attribution, &g_array_index(events, struct interval_event, i));
    if (attribution->collection->only_tasks)
        g_array_set_size(events, 0);
}

void measure_tasks(struct session *session, const struct run *run, struct attribution *attribution,
                   GHashTable *threads)
{
    const struct task_times *times = attribution->collection->tasks;
    GHashTableIter iterator;
    gpointer key, value;
    note_intervals(attribution);
    g_hash_table_iter_init(&iterator, times->threads);
    while (g_hash_table_iter_next(&iterator, &key, &value)) {
        struct task_sums *sums = value;
        const struct thread *thread = g_hash_table_lookup(threads, key);
        if (!thread)
            continue;
        g_free(sums->tasks.thread);
        sums->tasks.thread = g_strdup(thread->id);
        measure_quantiles(session, run, SUBJECT_THREAD, thread->id, "task_seconds_p50", "task_seconds_p99",
                          &sums->durations);
    }
    for (guint i = 0; i < session->regions->len; i++) {
        const struct region *region = g_ptr_array_index(session->regions, i);
        const struct histogram *durations = g_hash_table_lookup(times->regions, GUINT_TO_POINTER(i + 1));
        if (durations)
            measure_quantiles(session, run, SUBJECT_REGION, region->id, "task_seconds_p50",
                              "task_seconds_p99", durations);
    }
}

static void thread_tasks_free(gpointer pointer)
{
    struct thread_tasks *tasks = pointer;
    g_free(tasks->thread);
    g_free(tasks);
}

GPtrArray *task_times_take(struct task_times *times)
{
    GPtrArray *taken = g_ptr_array_new_with_free_func(thread_tasks_free);
    GHashTableIter iterator;
    gpointer value;
    g_hash_table_iter_init(&iterator, times->threads);
    while (g_hash_table_iter_next(&iterator, NULL, &value)) {
        struct thread_tasks *tasks = &((struct task_sums *)value)->tasks;
        if (!tasks->thread)
            continue;
        struct thread_tasks *copy = g_memdup2(tasks, sizeof(*tasks));
        copy->thread = g_strdup(tasks->thread);
        g_ptr_array_add(taken, copy);
        tasks->longest = 0;
    }
    return taken;
}
