/* SPDX-License-Identifier: Apache-2.0 */
/* A C extension computes for long while it holds the interpreter's lock, though nothing there needs it. */
#include "analyzer/interpreter_lock.h"
#include "analyzer/rules/rules.h"
#include "analyzer/shared_state.h"

#define LONG_SECONDS  1e-3  /* typically: other threads of the interpreter feel it */
#define LEAST_SECONDS 10e-6 /* with little data: giving the lock up and taking it back pays all the same */

static struct fact_event place_event(const struct held_place *place)
{
    if (place->loop < 0)
        return *place->call->event;
    const struct fact_loop *loop = g_ptr_array_index(place->function->facts->loops, (guint)place->loop);
    return (struct fact_event){
        .kind = EVENT_CALL, .file = loop->file, .line = loop->line, .end_line = loop->end_line, .column = 1};
}

/* Memory that all threads share would no longer be protected by the lock. */
static gboolean is_free(const struct lint *lint, const struct held_place *place)
{
    const struct graph_function *function = place->function;
    int loop = place->loop;
    if (loop < 0 && place->call->targets->len > 0)
        function = g_ptr_array_index(place->call->targets, 0);
    else if (loop < 0)
        return !(place->call->effect && (place->call->effect->properties & EFFECT_NOT_THREAD_SAFE));
    g_autoptr(GPtrArray) unsafe = obstacles_find(lint->model, function, loop, OBSTACLE_UNSAFE_CALL);
    g_autoptr(GPtrArray) writes = obstacles_find(lint->model, function, loop, OBSTACLE_GLOBAL_WRITE);
    return unsafe->len == 0 && writes->len == 0;
}

static gboolean is_sure(const struct lint *lint, const struct held_place *place)
{
    int few = TRIPS_FEW * WAIT_LEVEL_COUNT + WAIT_TYPICAL;
    struct cost cost = place->loop >= 0 ? cost_of_loop(lint->model, place->function, place->loop, few)
                                        : cost_of_call(lint->model, place->call, few);
    return cost.split.on_cpu >= LEAST_SECONDS;
}

static void report(struct lint *lint, const char *lock, const struct method *method)
{
    const struct held_place *place = &method->place;
    struct fact_event event = place_event(place);
    g_autofree char *what = place->loop >= 0 ? g_strdup_printf("the loop in %s", place->function->facts->name)
                                             : call_display(place->call);
    char *message = g_strdup_printf(
        "%s computes for about %.3g ms inside %s with the %s held, and needs nothing of the interpreter: "
        "none "
        "of its other threads runs meanwhile; put it between Py_BEGIN_ALLOW_THREADS and Py_END_ALLOW_THREADS",
        what, place->cost.split.on_cpu * 1e3, method->function->facts->name, lock);
    struct finding *finding = finding_report(lint, &gil_held_across_computation_rule,
                                             is_sure(lint, place) ? SEVERITY_WARNING : SEVERITY_NOTE,
                                             place->function, &event, what, message);
    finding_step(lint, finding, place->function, &event, g_strdup("computes with the lock held"));
}

static void check(struct lint *lint)
{
    struct interpreter_lock *lock = interpreter_lock_find(lint->model);
    if (!lock)
        return;
    g_autoptr(GHashTable) reported = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < lock->methods->len; i++) {
        const struct method *method = g_ptr_array_index(lock->methods, i);
        const struct held_place *place = &method->place;
        if (!place->function || place->waits || place->needs_lock ||
            place->cost.split.on_cpu < LONG_SECONDS || (place->loop < 0 && !place->call) ||
            !is_free(lint, place))
            continue;
        struct fact_event event = place_event(place);
        if (g_hash_table_add(reported, g_strdup_printf("%s:%d", place->function->file, event.line)))
            report(lint, lock->name, method);
    }
    interpreter_lock_free(lock);
}

const struct rule gil_held_across_computation_rule = {
    .name = "gil-held-across-computation",
    .summary = "an extension computes for long while it holds the interpreter's lock",
    .check = check,
};
