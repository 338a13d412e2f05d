/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/live_view.h"

#include "model/work_class.h"
#include "reports/sum_table.h"

#define SHORTEST 1e-6 /* seconds that are told */

struct view_pass {
    const struct live_numbers *now, *before;
    struct live_view *view;
    GHashTable *rows;    /* thread id → struct live_thread_row */
    GHashTable *locks;   /* lock id → struct live_lock_row */
    GHashTable *holders; /* by lock and holder: sum_table */
    GHashTable *worst;   /* thread id → seconds (double) of its worst wait */
};

const char *live_thread_label(const struct live_thread *thread)
{
    return thread->body ? thread->body : thread->name ? thread->name : thread->id;
}

static double grown(double now, double before)
{
    return MAX(0, now - before);
}

/* --- threads ------------------------------------------------------------------------------------------- */

static void add_thread(struct view_pass *pass, const struct live_thread *thread)
{
    static const struct live_states nothing;
    const struct live_thread *former =
        pass->before ? g_hash_table_lookup(pass->before->thread_by_id, thread->id) : NULL;
    const struct live_states *states = &thread->states, *past = former ? &former->states : &nothing;
    struct live_thread_row row = {.thread = thread};
    row.states.on_core = grown(states->on_core, past->on_core);
    row.states.io_work = grown(states->io_work, past->io_work);
    row.states.runnable = grown(states->runnable, past->runnable);
    row.states.idle = grown(states->idle, past->idle);
    for (guint cause = 0; cause < WAIT_CAUSE_COUNT; cause++) {
        row.states.blocked[cause] = grown(states->blocked[cause], past->blocked[cause]);
        row.blocked += row.states.blocked[cause];
        if (wait_cause_is_lock((enum wait_cause)cause))
            row.on_lock += row.states.blocked[cause];
    }
    if (live_states_sum(&row.states) <= SHORTEST)
        return; /* it ended before */
    struct live_thread_row *kept = g_memdup2(&row, sizeof(row));
    g_ptr_array_add(pass->view->threads, kept);
    g_hash_table_insert(pass->rows, thread->id, kept);
}

static double sort_value(const struct live_thread_row *row, enum live_sort sort)
{
    switch (sort) {
    case LIVE_SORT_RUNNABLE:
        return row->states.runnable;
    case LIVE_SORT_BLOCKED:
        return row->blocked;
    case LIVE_SORT_LOCK:
        return row->on_lock;
    case LIVE_SORT_IDLE:
        return row->states.idle;
    default:
        return row->states.on_core + row->states.io_work;
    }
}

static gint compare_threads(gconstpointer left, gconstpointer right, gpointer data)
{
    const struct live_thread_row *a = *(struct live_thread_row *const *)left,
                                 *b = *(struct live_thread_row *const *)right;
    enum live_sort sort = *(const enum live_sort *)data;
    double one = sort_value(a, sort), other = sort_value(b, sort);
    if (sort == LIVE_SORT_NAME) {
        int order = g_strcmp0(live_thread_label(a->thread), live_thread_label(b->thread));
        return order ? order : a->thread->tid - b->thread->tid;
    }
    return one < other ? 1 : one > other ? -1 : a->thread->tid - b->thread->tid;
}

/* --- waits --------------------------------------------------------------------------------------------- */

static struct live_lock_row *lock_row(struct view_pass *pass, const char *id)
{
    const struct live_lock_name *known = g_hash_table_lookup(pass->now->lock_by_id, id);
    struct live_lock_row *row = g_hash_table_lookup(pass->locks, id);
    if (row || !known)
        return row;
    row = g_new0(struct live_lock_row, 1);
    row->id = known->id;
    row->name = known->name;
    row->kind = known->kind;
    g_hash_table_insert(pass->locks, known->id, row);
    return row;
}

/* A wait that goes on has no holder yet; when it has ended it is counted under the one that it had, and no
 * longer without: sums may only be cut at zero when all is added up. */
static void add_lock_wait(struct view_pass *pass, const struct live_wait *wait, double seconds, gint64 count)
{
    struct live_lock_row *row = lock_row(pass, wait->lock);
    if (!row)
        return;
    row->waited += seconds;
    row->count += count;
    row->longest = MAX(row->longest, wait->longest);
    if (seconds > row->waiter_seconds) {
        row->waiter_seconds = seconds;
        row->waiter = g_hash_table_lookup(pass->now->thread_by_id, wait->waiter);
        row->place = wait->place;
    }
    if (!wait->holder)
        return;
    g_autofree char *key = g_strdup_printf("%s\n%s", wait->lock, wait->holder);
    double held = sum_table_add(pass->holders, key, seconds);
    if (held > row->holder_seconds) {
        row->holder_seconds = held;
        row->holder = g_hash_table_lookup(pass->now->thread_by_id, wait->holder);
    }
}

static void add_wait(struct view_pass *pass, const struct live_wait *wait)
{
    const struct live_wait *former =
        pass->before ? g_hash_table_lookup(pass->before->wait_by_key, wait->key) : NULL;
    double seconds = wait->seconds - (former ? former->seconds : 0);
    gint64 count = wait->count - (former ? former->count : 0);
    struct live_thread_row *row = g_hash_table_lookup(pass->rows, wait->waiter);
    if (wait->idle)
        return;
    if (wait->lock)
        add_lock_wait(pass, wait, seconds, count);
    double *worst = g_hash_table_lookup(pass->worst, wait->waiter);
    if (!row || seconds <= SHORTEST || (worst && *worst >= seconds))
        return;
    row->worst = wait;
    g_hash_table_insert(pass->worst, wait->waiter, g_memdup2(&seconds, sizeof(seconds)));
}

/* What was counted otherwise before, and is not any more. */
static void take_back(struct view_pass *pass, const struct live_wait *former)
{
    struct live_lock_row *row = former->lock ? lock_row(pass, former->lock) : NULL;
    if (!row || former->idle || g_hash_table_contains(pass->now->wait_by_key, former->key))
        return;
    row->waited -= former->seconds;
    row->count -= former->count;
}

static gint compare_locks(gconstpointer left, gconstpointer right)
{
    const struct live_lock_row *a = *(struct live_lock_row *const *)left,
                               *b = *(struct live_lock_row *const *)right;
    return a->waited < b->waited ? 1 : a->waited > b->waited ? -1 : g_strcmp0(a->name, b->name);
}

static void keep_locks(struct view_pass *pass)
{
    GHashTableIter iterator;
    gpointer row;
    g_hash_table_iter_init(&iterator, pass->locks);
    while (g_hash_table_iter_next(&iterator, NULL, &row)) {
        if (((const struct live_lock_row *)row)->waited > SHORTEST)
            g_ptr_array_add(pass->view->locks, row);
        else
            g_free(row);
    }
    g_ptr_array_sort(pass->view->locks, compare_locks);
}

/* --- loops --------------------------------------------------------------------------------------------- */

/* Those that are in `now` and were not before. */
static struct histogram *rounds_between(const struct live_rounds *now, const struct live_rounds *before)
{
    struct histogram *grown_by = g_memdup2(&now->durations, sizeof(now->durations));
    for (guint i = 0; before && i < G_N_ELEMENTS(grown_by->counts); i++) {
        guint64 former = MIN(before->durations.counts[i], grown_by->counts[i]);
        grown_by->counts[i] -= former;
        grown_by->total -= former;
    }
    return grown_by;
}

static void add_loop(struct view_pass *pass, const struct live_rounds *rounds)
{
    const struct live_thread_row *thread = g_hash_table_lookup(pass->rows, rounds->thread);
    if (!thread)
        return;
    const struct live_rounds *former =
        pass->before ? live_numbers_rounds(pass->before, rounds->thread) : NULL;
    g_autofree struct histogram *recent = rounds_between(rounds, former);
    struct live_loop_row row = {.thread = thread->thread, .worst = thread->worst};
    row.count = recent->total;
    row.longest = recent->total ? histogram_quantile(recent, 1) : 0;
    row.longest_ever = histogram_quantile(&rounds->durations, 1);
    row.busy = live_states_sum(&thread->states) - thread->states.idle;
    row.goes_on = !row.count && thread->states.idle <= SHORTEST;
    if (row.goes_on)
        row.longest = row.busy;
    if (row.count || row.goes_on)
        g_ptr_array_add(pass->view->loops, g_memdup2(&row, sizeof(row)));
}

static gint compare_loops(gconstpointer left, gconstpointer right)
{
    const struct live_loop_row *a = *(struct live_loop_row *const *)left,
                               *b = *(struct live_loop_row *const *)right;
    return a->longest < b->longest ? 1 : a->longest > b->longest ? -1 : a->thread->tid - b->thread->tid;
}

/* --- all of it ----------------------------------------------------------------------------------------- */

struct live_view *live_view_new(const struct live_numbers *now, const struct live_numbers *before,
                                enum live_sort sort)
{
    struct live_view *view = g_new0(struct live_view, 1);
    g_autoptr(GHashTable) rows = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) locks = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) holders = sum_table_new();
    g_autoptr(GHashTable) worst = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    struct view_pass pass = {now, before, view, rows, locks, holders, worst};
    view->seconds = now->seconds - (before ? before->seconds : 0);
    view->cpu_seconds = grown(now->cpu_seconds, before ? before->cpu_seconds : 0);
    view->tracer_seconds = grown(now->tracer_seconds, before ? before->tracer_seconds : 0);
    view->threads = g_ptr_array_new_with_free_func(g_free);
    view->locks = g_ptr_array_new_with_free_func(g_free);
    view->loops = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < now->threads->len; i++)
        add_thread(&pass, g_ptr_array_index(now->threads, i));
    for (guint i = 0; i < now->waits->len; i++)
        add_wait(&pass, g_ptr_array_index(now->waits, i));
    for (guint i = 0; before && i < before->waits->len; i++)
        take_back(&pass, g_ptr_array_index(before->waits, i));
    keep_locks(&pass);
    for (guint i = 0; i < now->rounds->len; i++)
        add_loop(&pass, g_ptr_array_index(now->rounds, i));
    g_ptr_array_sort_with_data(view->threads, compare_threads, &sort);
    g_ptr_array_sort(view->loops, compare_loops);
    return view;
}

void live_view_free(struct live_view *view)
{
    if (!view)
        return;
    g_ptr_array_unref(view->threads);
    g_ptr_array_unref(view->locks);
    g_ptr_array_unref(view->loops);
    g_free(view);
}
