/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/rules/flag_loops.h"

#include <string.h>

#define OPERATIONS_MAX 8     /* of one turn: more is work */
#define PAUSE_DEPTH    1     /* functions around what pauses: cpu_relax() */
#define SPINS_MIN      10000 /* more looks than a short wait before a long one takes */

/* A place in the program that changes a variable. */
struct change {
    const struct graph_function *function;
    guint event;
};

struct finder {
    const struct lint *lint;
    GHashTable *changes; /* path → GArray of struct change */
    GPtrArray *found;
};

/* --- what a turn of the loop does
 * ---------------------------------------------------------------------------- */

gboolean call_sleeps(const struct call_site *call)
{
    return call->effect && call->effect->block == BLOCK_CAUSE && call->effect->cause == CAUSE_TIMER;
}

static gboolean is_yield(const char *name)
{
    static const char *const names[] = {"sched_yield", "pthread_yield",        "thrd_yield", "g_thread_yield",
                                        "_mm_pause",   "__builtin_ia32_pause", NULL};
    return name && g_strv_contains(names, name);
}

/* `cpu_relax()` of the program: nothing but a pause, or nothing that can be seen (an instruction). */
static gboolean pauses(const struct call_site *call, int depth)
{
    const char *name = call_site_name(call);
    if (is_yield(name))
        return TRUE;
    if (call->resolution != CALL_DIRECT || depth == 0)
        return FALSE;
    const struct graph_function *target = g_ptr_array_index(call->targets, 0);
    for (guint i = 0; i < target->calls->len; i++) {
        if (!pauses(g_ptr_array_index(target->calls, i), depth - 1))
            return FALSE;
    }
    return target->facts->loops->len == 0 && target->facts->events->len == target->calls->len;
}

static gboolean is_try(const struct call_site *call)
{
    if (!call->effect || !call->event->callee || call->event->result || !call->event->checked)
        return FALSE;
    const struct fact_argument *flags = call_site_argument(call, 2);
    gboolean looks = g_str_has_prefix(call->event->callee, "waitpid") && flags &&
                     flags->kind == ARGUMENT_INTEGER && flags->integer == 1; /* WNOHANG */
    return looks || (call->effect->lock == LOCK_TRY && call->effect->lock_kind != LOCK_CONDITION);
}

/* The result with which the loop goes on: waitpid's 0, and what says that the lock was not taken. */
static gboolean goes_on_in_vain(const struct flag_loop *loop)
{
    const struct fact_function *facts = loop->function->facts;
    g_autofree char *subject = g_strdup_printf("#%u", loop->try->event_index);
    gboolean zero_goes_on =
        loop->try->effect->lock != LOCK_TRY || (loop->try->effect->properties & EFFECT_TRUE_ON_SUCCESS);
    for (guint i = 0; i < facts->blocks->len; i++) {
        const struct fact_block *block = g_ptr_array_index(facts->blocks, i);
        if (g_strcmp0(block->test.subject, subject) != 0 || block->when_true < 0 || block->when_false < 0)
            continue;
        const struct fact_block *on_true = g_ptr_array_index(facts->blocks, (guint)block->when_true);
        gboolean stays = loop_contains(facts, loop->loop, on_true->loop);
        gboolean equal = block->test.relation == RELATION_EQUAL && block->test.constant == 0;
        gboolean different = block->test.relation == RELATION_NONE ||
                             (block->test.relation == RELATION_DIFFERENT && block->test.constant == 0);
        if (!equal && !different)
            return FALSE;
        return (equal == stays) == zero_goes_on;
    }
    return FALSE;
}

static gboolean handles_lock(const struct call_site *call)
{
    return call->effect && (call->effect->lock == LOCK_TAKE || call->effect->lock == LOCK_RELEASE);
}

static gboolean only_loads(const struct fact_event *event)
{
    return event->callee && strstr(event->callee, "load") != NULL;
}

static const struct call_site *call_at(const struct graph_function *function, guint event)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call->event_index == event)
            return call;
    }
    return NULL;
}

/* The look of a function that does nothing but look at one global object: `pending_count(id)`; or NULL. */
static const struct fact_event *look_of_callee(const struct call_site *call)
{
    const struct fact_event *look = NULL;
    if (call->resolution != CALL_DIRECT)
        return NULL;
    const struct fact_function *facts = ((struct graph_function *)g_ptr_array_index(call->targets, 0))->facts;
    for (guint i = 0; i < facts->events->len; i++) {
        const struct fact_event *event = g_ptr_array_index(facts->events, i);
        if (event->kind == EVENT_ASSIGN)
            continue;
        gboolean looks = event->kind == EVENT_READ || (event->kind == EVENT_ATOMIC && only_loads(event));
        if (look || !looks || !event->path || !event->place || *event->place == '%')
            return NULL;
        look = event;
    }
    return facts->loops->len == 0 ? look : NULL;
}

/* FALSE when the loop does more than look and pause. */
static gboolean take_call(struct flag_loop *loop, const struct call_site *call)
{
    if (call_sleeps(call))
        loop->sleep = call;
    else if (pauses(call, PAUSE_DEPTH))
        loop->yields = TRUE;
    else if (is_try(call) && !loop->try)
        loop->try = call;
    else if (handles_lock(call))
        loop->locked = TRUE;
    else
        return look_of_callee(call) != NULL;
    return TRUE;
}

static gboolean take_event(struct flag_loop *loop, const struct graph_function *function, guint index)
{
    const struct fact_event *event = g_ptr_array_index(function->facts->events, index);
    const struct call_site *call = event->kind == EVENT_CALL ? call_at(function, index) : NULL;
    if (event->kind == EVENT_CALL)
        return call && take_call(loop, call);
    return event->kind == EVENT_READ || event->kind == EVENT_ASSIGN ||
           (event->kind == EVENT_ATOMIC && only_loads(event));
}

static gboolean is_innermost(const struct fact_function *facts, int loop)
{
    for (guint i = 0; i < facts->loops->len; i++) {
        if (((const struct fact_loop *)g_ptr_array_index(facts->loops, i))->parent == loop)
            return FALSE;
    }
    return TRUE;
}

/* --- who changes it
 * ------------------------------------------------------------------------------------------ */

static void note_changes(struct finder *finder, const struct graph_function *function)
{
    for (guint i = 0; i < function->facts->events->len; i++) {
        const struct fact_event *event = g_ptr_array_index(function->facts->events, i);
        gboolean changes = event->kind == EVENT_WRITE || (event->kind == EVENT_ATOMIC && !only_loads(event));
        if (!changes || !event->path)
            continue;
        GArray *list = g_hash_table_lookup(finder->changes, event->path);
        if (!list) {
            list = g_array_new(FALSE, FALSE, sizeof(struct change));
            g_hash_table_insert(finder->changes, (gpointer)event->path, list);
        }
        struct change change = {function, i};
        g_array_append_val(list, change);
    }
}

static gboolean find_writer(const struct finder *finder, const struct program_flows *program,
                            const struct thread_flow *reader, struct flag_loop *loop)
{
    const GArray *changes = g_hash_table_lookup(finder->changes, loop->path);
    for (guint i = 0; changes && i < changes->len; i++) {
        const struct change *change = &g_array_index(changes, struct change, i);
        const struct fact_event *event = g_ptr_array_index(change->function->facts->events, change->event);
        gboolean own = change->function == loop->function &&
                       loop_contains(loop->function->facts, loop->loop, event->loop);
        for (guint j = 0; !own && j < program->flows->len; j++) {
            const struct thread_flow *writer = g_ptr_array_index(program->flows, j);
            if (!writer->reaches[change->function->index] ||
                !flows_parallel(program, reader, loop->function, loop->look_index, writer, change->function,
                                change->event))
                continue;
            loop->reader = reader;
            loop->writer = writer;
            loop->writing = change->function;
            loop->write = event;
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean is_outside(const struct flag_loop *loop, int block)
{
    const struct fact_function *facts = loop->function->facts;
    const struct fact_block *after = g_ptr_array_index(facts->blocks, (guint)block);
    return !loop_contains(facts, loop->loop, after->loop);
}

/* At once, or through a block that only breaks. */
static gboolean block_leaves(const struct flag_loop *loop, const struct fact_block *block)
{
    for (guint i = 0; i < block->successors->len; i++) {
        int next = g_array_index(block->successors, int, i);
        const struct fact_block *after = g_ptr_array_index(loop->function->facts->blocks, (guint)next);
        if (is_outside(loop, next) ||
            (after->successors->len == 1 && is_outside(loop, g_array_index(after->successors, int, 0))))
            return TRUE;
    }
    return FALSE;
}

/* The condition of the block that the look belongs to leads out of the loop. What is not named there is the
 * result of an atomic operation. */
static gboolean decides(const struct flag_loop *loop, const struct fact_event *look, const char *subject)
{
    const struct fact_function *facts = loop->function->facts;
    if (look->block < 0 || (guint)look->block >= facts->blocks->len)
        return FALSE;
    const struct fact_block *block = g_ptr_array_index(facts->blocks, (guint)look->block);
    gsize length = strlen(subject);
    const char *tested = block->test.subject;
    gboolean named =
        tested && strncmp(tested, subject, length) == 0 && (tested[length] == '\0' || tested[length] == '&');
    return block_leaves(loop, block) && (named || (look->kind == EVENT_ATOMIC && !tested));
}

/* The same object in each turn: otherwise the loop walks over data. */
static gboolean is_flag(const struct flag_loop *loop, const struct fact_event *event)
{
    return event->loop == loop->loop && event->path && event->place &&
           (event->kind == EVENT_READ || event->kind == EVENT_ATOMIC) &&
           place_is_exact(g_quark_from_string(event->place)) && decides(loop, event, event->place);
}

/* The same for a call of what looks: its arguments do not change. */
static const struct fact_event *called_flag(const struct flag_loop *loop, guint index)
{
    const struct fact_event *event = g_ptr_array_index(loop->function->facts->events, index);
    const struct call_site *call =
        event->kind == EVENT_CALL && event->loop == loop->loop ? call_at(loop->function, index) : NULL;
    const struct fact_event *look = call ? look_of_callee(call) : NULL;
    for (int i = 0; look && i < (int)event->arguments->len; i++) {
        const struct fact_argument *argument = call_site_argument(call, i);
        gboolean fixed =
            argument->kind == ARGUMENT_INTEGER || (argument->index && !strpbrk(argument->index, "~#"));
        if (!fixed)
            return NULL;
    }
    g_autofree char *subject = g_strdup_printf("#%u", index);
    return look && decides(loop, event, subject) ? look : NULL;
}

/* Some thread reads there what another one may change meanwhile. */
static gboolean find_threads(const struct finder *finder, struct flag_loop *loop)
{
    for (guint i = 0; i < finder->lint->reach->programs->len; i++) {
        const struct program_flows *program = g_ptr_array_index(finder->lint->reach->programs, i);
        for (guint j = 0; j < program->flows->len; j++) {
            const struct thread_flow *reader = g_ptr_array_index(program->flows, j);
            if (reader->reaches[loop->function->index] && find_writer(finder, program, reader, loop))
                return TRUE;
        }
    }
    return FALSE;
}

static gboolean find_flag(const struct finder *finder, struct flag_loop *loop)
{
    const struct fact_function *facts = loop->function->facts;
    for (guint i = 0; i < facts->events->len; i++) {
        const struct fact_event *event = g_ptr_array_index(facts->events, i);
        const struct fact_event *called = called_flag(loop, i);
        if (!called && !is_flag(loop, event))
            continue;
        loop->look = event;
        loop->look_index = i;
        loop->path = called ? called->path : event->path;
        if (find_threads(finder, loop))
            return TRUE;
    }
    return FALSE;
}

/* An endless loop that adds up what several threads show, and does nothing else: it comes to another result
 * only when one of them changes something. What leads to the objects must not change either. */
static gboolean find_sum(const struct finder *finder, struct flag_loop *loop)
{
    const struct fact_function *facts = loop->function->facts;
    const struct fact_loop *outer = g_ptr_array_index(facts->loops, (guint)loop->loop);
    if (outer->trip_count != G_MAXINT64 || !outer->has_exit)
        return FALSE;
    for (guint i = 0; i < facts->events->len; i++) {
        const struct fact_event *event = g_ptr_array_index(facts->events, i);
        const struct call_site *call = event->kind == EVENT_CALL ? call_at(loop->function, i) : NULL;
        const struct fact_event *look = call ? look_of_callee(call) : event;
        if (event->kind == EVENT_ASSIGN || !loop_contains(facts, loop->loop, event->loop))
            continue;
        if (!look || (event->kind == EVENT_ATOMIC && !only_loads(event)) || event->kind == EVENT_WRITE ||
            !look->place || *look->place == '%')
            return FALSE;
        if (event->loop != loop->loop && look->kind == EVENT_ATOMIC && !loop->look) {
            loop->look = event;
            loop->look_index = i;
            loop->path = look->path;
        }
    }
    return loop->look && find_threads(finder, loop);
}

/* --- all of them
 * --------------------------------------------------------------------------------------------- */

static void check_loop(struct finder *finder, const struct graph_function *function, int index)
{
    const struct fact_loop *facts = g_ptr_array_index(function->facts->loops, (guint)index);
    gboolean waits = facts->trip_count < 0 || (facts->trip_count == G_MAXINT64 && facts->has_exit) ||
                     (facts->trip_count >= SPINS_MIN && facts->trip_count < G_MAXINT64);
    struct flag_loop loop = {.function = function, .loop = index};
    if (!waits || facts->operations > OPERATIONS_MAX)
        return;
    if (!is_innermost(function->facts, index)) {
        if (find_sum(finder, &loop))
            g_ptr_array_add(finder->found, g_memdup2(&loop, sizeof(loop)));
        return;
    }
    for (guint i = 0; i < function->facts->events->len; i++) {
        const struct fact_event *event = g_ptr_array_index(function->facts->events, i);
        if (event->loop == index && !take_event(&loop, function, i))
            return;
    }
    if (loop.try) {
        loop.look = loop.try->event;
        loop.look_index = loop.try->event_index;
    }
    if (loop.try && !goes_on_in_vain(&loop))
        return;
    if (loop.try || find_flag(finder, &loop))
        g_ptr_array_add(finder->found, g_memdup2(&loop, sizeof(loop)));
}

GPtrArray *flag_loops_find(const struct lint *lint)
{
    g_autoptr(GHashTable) changes =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_array_unref);
    struct finder finder = {lint, changes, g_ptr_array_new_with_free_func(g_free)};
    for (guint i = 0; i < lint->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(lint->graph->functions, i);
        if (function->reachable)
            note_changes(&finder, function);
    }
    for (guint i = 0; i < lint->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(lint->graph->functions, i);
        for (guint j = 0; function->reachable && j < function->facts->loops->len; j++)
            check_loop(&finder, function, (int)j);
    }
    return finder.found;
}
