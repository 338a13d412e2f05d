/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/changes.h"

#include "analyzer/shared_state.h"

#define PLACES_OF_A_KIND 8 /* more would be a list to read, not a thing to do */

struct change_list {
    const struct cost_model *model;
    const struct site *site;
    GPtrArray *changes; /* struct place */
};

G_GNUC_PRINTF(4, 5)
static void add(const struct change_list *list, const char *file, int line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_ptr_array_add(list->changes, place_new(file, line, text));
}

static void add_at_call(const struct change_list *list, const struct call_site *call, const char *text)
{
    g_autofree char *file = program_graph_event_file(list->model->graph, call->caller, call->event);
    add(list, file, call->event->line, "%s", text);
}

/* One change per obstacle of this kind: `writes total: make it per worker …` */
static void add_obstacles(const struct change_list *list, enum obstacle_kind kind, const char *what_to_do)
{
    g_autoptr(GPtrArray) places = obstacles_find(list->model, list->site->function, list->site->loop, kind);
    for (guint i = 0; i < MIN(places->len, PLACES_OF_A_KIND); i++) {
        const struct place *place = g_ptr_array_index(places, i);
        add(list, place->file, place->line, "%s: %s", place->text, what_to_do);
    }
}

static const struct fact_loop *site_loop(const struct site *site)
{
    return g_ptr_array_index(site->function->facts->loops, (guint)site->loop);
}

/* A loop of a sequential program, or the iterations of one. */
static void divide_loop(const struct change_list *list, enum execution_model suggested)
{
    const struct site *site = list->site;
    const struct fact_loop *loop = site_loop(site);
    const char *file = site->function->file;
    gboolean sums = loop->dependence == ITERATIONS_REDUCTION;
    if (suggested == MODEL_THREADS)
        add(list, file, loop->line,
            "give each thread of a pool its own range of the items, and join them after line %d",
            loop->end_line);
    else if (suggested == MODEL_PROCESSES)
        add(list, file, loop->line,
            "fork a worker per core, give each its own range of the items, and pass the results back through "
            "a pipe");
    else
        add(list, file, loop->line,
            "start all the waits before the first result is needed, and take them as they become ready");
    if (sums && suggested == MODEL_THREADS)
        add(list, file, loop->line, "let each worker sum up on its own, and add the sums after the join");
    if (suggested == MODEL_PROCESSES)
        add_obstacles(list, OBSTACLE_UNSAFE_CALL,
                      "is not thread-safe and stays as it is, one call at a time per process");
    if (suggested == MODEL_THREADS)
        add_obstacles(list, OBSTACLE_SHARED_WRITE,
                      "must belong to one item, or be made per thread, or get a lock");
}

/* From a thread or process per connection to an event loop. */
static void leave_to_loop(const struct change_list *list, const struct root *root, gboolean pool)
{
    const char *body = root->function->facts->name;
    g_autofree char *text = g_strdup_printf("set the accepted descriptor non-blocking (SOCK_NONBLOCK) and "
                                            "add it to the event loop instead of starting %s",
                                            body);
    add_at_call(list, root->creation, text);
    add_obstacles(list, OBSTACLE_WAIT, "return to the loop on EAGAIN and go on when the descriptor is ready");
    if (pool)
        add_obstacles(list, OBSTACLE_STOP,
                      "hand this to a thread of a pool, which wakes the loop with an eventfd");
}

/* One loop is not enough, or something in it blocks. */
static void relieve_loop(const struct change_list *list, const struct event_loop *loop,
                         enum execution_model suggested)
{
    const struct workload *work = &list->site->workload;
    const struct graph_function *callback = list->site->function;
    if (suggested == MODEL_ASYNC_PROCESSES) {
        if (loop)
            add_at_call(list, loop->wait,
                        "fork one process per core before this loop; each opens the listening port with "
                        "SO_REUSEPORT");
        return;
    }
    if (suggested != MODEL_ASYNC_THREADS)
        return;
    if (work->stop_seconds > 0)
        add_obstacles(list, OBSTACLE_STOP,
                      "hand this to a thread of a pool, which wakes the loop with an eventfd");
    if (work->cpu_seconds > work->stop_seconds) {
        add(list, callback->file, callback->facts->line,
            "hand the computing of %s to a thread of a pool, or run a loop per thread",
            callback->facts->name);
        add_obstacles(list, OBSTACLE_SHARED_WRITE,
                      "is then shared by threads: protect it or make it per thread");
    }
}

/* The right model with one lock in its way. */
static void relieve_lock(const struct change_list *list, const struct lock_pressure *pressure)
{
    const struct critical_section *section = pressure->section;
    g_autofree char *lock = path_display(section->lock);
    add(list, section->function->file, section->line,
        "lock to split or to hold for less: %s; compute before taking it and keep inside only what changes "
        "shared data",
        lock);
}

void changes_add(struct advice *advice, const struct cost_model *model, const struct program_shape *shape,
                 const struct site *site)
{
    struct change_list list = {model, site, advice->changes};
    enum execution_model suggested = advice->suggested_model;
    if (site->pressure && site->pressure->held_share * site->pressure->threads > 1)
        relieve_lock(&list, site->pressure);
    if (suggested == advice->current_model || !site->function)
        return;
    if (site->kind == SITE_LOOP)
        divide_loop(&list, suggested);
    else if (site->kind == SITE_EVENT_LOOP)
        relieve_loop(&list, shape->loop, suggested);
    else if (site->root && site->root->creation &&
             (suggested == MODEL_ASYNC || suggested == MODEL_ASYNC_THREADS ||
              suggested == MODEL_ASYNC_PROCESSES))
        leave_to_loop(&list, site->root, suggested == MODEL_ASYNC_THREADS);
    else if (suggested == MODEL_PROCESSES)
        add_obstacles(&list, OBSTACLE_UNSAFE_CALL,
                      "is not thread-safe: one process per worker makes it safe");
    else if (suggested == MODEL_THREADS)
        add_obstacles(&list, OBSTACLE_SHARED_WRITE, "is then shared: protect it or make it per thread");
    else if (site->root)
        add(&list, site->function->file, site->function->facts->line,
            "call %s where its result is needed: what making a worker costs is more than it saves",
            site->function->facts->name);
}
