/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/attribute.h"

#include "tracer/wait_cause.h"

#define SECONDS(NANOSECONDS) ((double)(NANOSECONDS) / 1e9)

struct wait_pass {
    struct attribution *attribution;
    void (*each_wait)(const struct attributed_wait *wait, gpointer data);
    gpointer data;
};

struct attribution *attribution_new(const struct collection *collection, const struct session *session)
{
    struct attribution *attribution = g_new0(struct attribution, 1);
    attribution->collection = collection;
    attribution->session = session;
    attribution->map = region_map_new(session);
    attribution->regions = g_new0(struct tally, session->regions->len + 1);
    attribution->threads = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    attribution->meanings =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)stack_meaning_free);
    return attribution;
}

void attribution_free(struct attribution *attribution)
{
    if (!attribution)
        return;
    region_map_free(attribution->map);
    g_free(attribution->regions);
    g_hash_table_unref(attribution->threads);
    g_hash_table_unref(attribution->meanings);
    g_free(attribution);
}

static struct thread_result *thread_result(struct attribution *attribution, guint32 serial)
{
    struct thread_result *result = g_hash_table_lookup(attribution->threads, GUINT_TO_POINTER(serial));
    if (!result) {
        result = g_new0(struct thread_result, 1);
        result->body = NO_REGION;
        g_hash_table_insert(attribution->threads, GUINT_TO_POINTER(serial), result);
    }
    return result;
}

const struct thread_result *attribution_thread(const struct attribution *attribution, guint32 serial)
{
    return g_hash_table_lookup(attribution->threads, GUINT_TO_POINTER(serial));
}

const struct stack_meaning *attribution_meaning(struct attribution *attribution, guint64 stack)
{
    struct stack_meaning *meaning = g_hash_table_lookup(attribution->meanings, &stack);
    if (!meaning) {
        gint64 start_us = g_get_monotonic_time();
        meaning = stack_meaning_new(collection_find_stack(attribution->collection, stack), attribution->map,
                                    attribution->session);
        g_hash_table_insert(attribution->meanings, g_memdup2(&stack, sizeof(stack)), meaning);
        attribution->named_us += g_get_monotonic_time() - start_us;
    }
    return meaning;
}

/* A first thread is not the body of a thread although it may call the same function. */
static void note_body(struct attribution *attribution, struct thread_result *result,
                      const struct traced_thread *thread, const struct stack_meaning *meaning)
{
    if (meaning->body == NO_REGION || result->body != NO_REGION)
        return;
    const struct region *region = g_ptr_array_index(attribution->session->regions, meaning->body);
    if (region->kind == REGION_PROCESS_BODY || !thread->is_main)
        result->body = meaning->body;
}

static void add_cpu(struct tally *tally, double seconds, double preempted, gboolean io,
                    const struct sample_total *samples)
{
    /* A piece of time on the core is what one sample stands for: of all squared, the sum over the pieces'
     * squares. */
    double pieces =
        samples->weight ? (double)samples->squares / ((double)samples->weight * (double)samples->weight) : 0;
    *(io ? &tally->split.io_work : &tally->split.on_cpu) += seconds;
    *(io ? &tally->squares.io_work : &tally->squares.on_cpu) += seconds * seconds * pieces;
    tally->split.runnable += preempted;
    tally->squares.runnable += preempted * preempted * pieces;
    tally->cpu += seconds;
    tally->samples += samples->count;
    tally->sample_weight += (double)samples->weight;
    tally->shared_weight += (double)samples->parts / SAMPLE_PARTS;
}

static void spread_sample(const struct sample_key *key, const struct sample_total *total, gpointer data)
{
    struct attribution *attribution = data;
    const struct traced_thread *thread = collection_find_thread(attribution->collection, key->thread);
    if (!thread || !thread->totals.sample_weight)
        return;
    /* Each sample stands for its part of what the thread exactly used. */
    double part = (double)total->weight / (double)thread->totals.sample_weight;
    double seconds = SECONDS(thread->totals.on_cpu_ns) * part;
    double preempted = SECONDS(thread->totals.runnable_ns) * part;
    gboolean io = key->in_kernel && wait_cause_is_io_call(key->syscall);
    const struct stack_meaning *meaning = attribution_meaning(attribution, key->stack);
    struct thread_result *result = thread_result(attribution, key->thread);

    if (!meaning->place)
        attribution->unattributed += seconds + preempted;
    add_cpu(&result->tally, seconds, preempted, io, total);
    note_body(attribution, result, thread, meaning);
    for (guint i = 0; i < meaning->regions->len; i++) {
        struct tally *tally = &attribution->regions[g_array_index(meaning->regions, guint, i)];
        add_cpu(tally, seconds, preempted, io, total);
        if (i >= meaning->self_count)
            continue;
        tally->self.cpu += seconds;
        tally->self.io_work += io ? seconds : 0;
        tally->self.runnable += preempted;
    }
}

/* FALSE for what no task arrives by: at the place where the next task is fetched, these are still contention
 * or I/O. */
static gboolean may_wait_for_work(enum wait_cause cause)
{
    switch (cause) {
    case CAUSE_MUTEX:
    case CAUSE_RWLOCK:
    case CAUSE_BARRIER:
    case CAUSE_KERNEL_LOCK:
    case CAUSE_PAGE_FAULT:
    case CAUSE_DISK:
    case CAUSE_STOPPED:
        return FALSE;
    default:
        return TRUE;
    }
}

gboolean attribution_wait_is_idle(const struct attribution *attribution, const struct traced_thread *thread,
                                  enum wait_cause cause, const struct stack_meaning *meaning)
{
    if (wait_cause_is_idle(cause) || (meaning->idle_site && may_wait_for_work(cause)))
        return TRUE;
    if (attribution->session->program && meaning->has_lines)
        return FALSE;
    /* Nobody has read the source: workers wait for work, and the first thread waits for its workers. */
    if (cause == CAUSE_CONDITION || cause == CAUSE_SEMAPHORE)
        return !thread->is_main;
    return cause == CAUSE_POLL;
}

/* The part of a split that a wait belongs to. */
static double *part_of(struct time_split *split, const struct attributed_wait *wait)
{
    return wait->idle ? &split->idle : wait_cause_is_lock(wait->cause) ? &split->lock_wait : &split->io_wait;
}

static void add_wait(struct tally *tally, const struct attributed_wait *wait)
{
    *part_of(&tally->split, wait) += wait->blocked;
    /* No wait was longer than the longest, so the squares add up to no more than this. */
    *part_of(&tally->squares, wait) += wait->blocked * wait->longest;
    tally->split.runnable += wait->woken;
    tally->squares.runnable += wait->count ? wait->woken * wait->woken / (double)wait->count : 0;
    if (wait_cause_fills_cache(wait->cause, wait->key->syscall))
        tally->cold_cache += wait->blocked;
    if (!wait->idle && wait_cause_is_lock(wait->cause))
        tally->holder_queue += MIN(wait->queued, wait->blocked);
    tally->blocked[wait->cause] += wait->blocked;
    tally->waits += wait->count;
    if (!wait->idle)
        tally->longest_block = MAX(tally->longest_block, wait->longest);
}

static void add_own_wait(struct tally *tally, const struct attributed_wait *wait)
{
    tally->self.runnable += wait->woken;
    if (wait->idle) {
        tally->self.idle += wait->blocked;
        return;
    }
    tally->self.blocked += wait->blocked;
    tally->self.blocked_by[wait->cause] += wait->blocked;
}

static void spread_wait(const struct wait_key *key, const struct wait_total *total, gpointer data)
{
    const struct wait_pass *pass = data;
    struct attribution *attribution = pass->attribution;
    const struct traced_thread *thread = collection_find_thread(attribution->collection, key->thread);
    if (!thread)
        return;
    const struct stack_meaning *meaning = attribution_meaning(attribution, key->stack);
    enum wait_cause cause = wait_cause_classify(key, (const char *const *)meaning->functions);
    struct attributed_wait wait = {
        .key = key,
        .thread = thread,
        .meaning = meaning,
        .cause = cause,
        .idle = attribution_wait_is_idle(attribution, thread, cause, meaning),
        .blocked = SECONDS(total->blocked_ns),
        .longest = SECONDS(total->longest_ns),
        .woken = SECONDS(total->runnable_ns),
        .queued = SECONDS(total->queued_ns),
        .count = total->count,
    };
    struct thread_result *result = thread_result(attribution, key->thread);

    if (!meaning->place && !wait.idle)
        attribution->unattributed += wait.blocked + wait.woken;
    note_body(attribution, result, thread, meaning);
    add_wait(&result->tally, &wait);
    for (guint i = 0; i < meaning->regions->len; i++) {
        struct tally *tally = &attribution->regions[g_array_index(meaning->regions, guint, i)];
        add_wait(tally, &wait);
        if (i < meaning->self_count)
            add_own_wait(tally, &wait);
    }
    pass->each_wait(&wait, pass->data);
}

static void split_sum(struct time_split *sum, const struct time_split *part)
{
    sum->on_cpu += part->on_cpu;
    sum->io_work += part->io_work;
    sum->runnable += part->runnable;
    sum->io_wait += part->io_wait;
    sum->lock_wait += part->lock_wait;
    sum->idle += part->idle;
}

static void tally_sum(struct tally *sum, const struct tally *part)
{
    split_sum(&sum->split, &part->split);
    split_sum(&sum->squares, &part->squares);
    sum->cold_cache += part->cold_cache;
    sum->holder_queue += part->holder_queue;
    sum->sample_weight += part->sample_weight;
    sum->shared_weight += part->shared_weight;
    sum->cpu += part->cpu;
    sum->samples += part->samples;
    sum->waits += part->waits;
    sum->longest_block = MAX(sum->longest_block, part->longest_block);
    for (guint cause = 0; cause < WAIT_CAUSE_COUNT; cause++)
        sum->blocked[cause] += part->blocked[cause];
}

/* What no stack accounts for: threads too short for a sample, and waits that were lost. The times of a thread
 * are exact all the same; its body, when one is known, gets them too. */
static void complete_thread(struct attribution *attribution, const struct traced_thread *thread)
{
    struct thread_result *result = thread_result(attribution, thread->serial);
    struct tally rest = {0};
    double blocked = 0;
    for (guint cause = 0; cause < WAIT_CAUSE_COUNT; cause++)
        blocked += result->tally.blocked[cause];
    if (!result->tally.samples)
        add_cpu(&rest, SECONDS(thread->totals.on_cpu_ns), SECONDS(thread->totals.runnable_ns), FALSE,
                &(struct sample_total){0});
    double lost = SECONDS(thread->totals.blocked_ns) - blocked;
    if (lost > 1e-6) {
        rest.blocked[CAUSE_OTHER] = lost;
        rest.split.io_wait = lost;
        result->lost_wait = lost;
    }
    tally_sum(&result->tally, &rest);
    if (result->body != NO_REGION)
        tally_sum(&attribution->regions[result->body], &rest);
    tally_sum(&attribution->program, &result->tally);
}

void attribution_run(struct attribution *attribution, const struct watch *watch,
                     void (*each_wait)(const struct attributed_wait *wait, gpointer data), gpointer data)
{
    struct wait_pass pass = {attribution, each_wait, data};
    watch_each_sample(watch, spread_sample, attribution);
    watch_each_wait(watch, spread_wait, &pass);
    const GPtrArray *threads = attribution->collection->thread_list;
    for (guint i = 0; i < threads->len; i++)
        complete_thread(attribution, g_ptr_array_index(threads, i));
}
