/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/thread_lifetimes.h"

#include <string.h>

struct walk {
    const struct program_flows *program;
    const struct graph_function *function;
    struct function_spawns *result;
    struct spawn_change *start; /* by block */
    gboolean *reached;
    guint64 *loop_joins; /* by block: joined once the loop around it is entered */
};

static gboolean is_join(const struct call_site *call)
{
    return call->effect && call->effect->block == BLOCK_CAUSE && call->effect->cause == CAUSE_JOIN;
}

/* Handles of arrays are known by the array. */
static gboolean same_handle(const char *a, const char *b)
{
    return a && b && strcspn(a, "[") == strcspn(b, "[") && strncmp(a, b, strcspn(a, "[")) == 0;
}

static const char *handle_of(const struct call_site *creation)
{
    const struct fact_argument *argument = call_site_argument(creation, 0);
    if (creation->effect)
        return argument && argument->kind == ARGUMENT_PATH ? argument->text : NULL;
    return creation->event->result;
}

/* The name of a local alone, as results are given. */
static const char *short_name(const char *path)
{
    const char *colon = path ? strchr(path, ':') : NULL;
    return colon ? colon + 1 : path;
}

static gboolean handle_matches(const struct call_site *creation, const char *joined)
{
    const char *handle = handle_of(creation);
    if (same_handle(handle, joined))
        return TRUE;
    return !creation->effect && handle && joined && same_handle(short_name(handle), short_name(joined));
}

/* A handle that no creation is seen to fill may be any thread's. */
static guint64 joined_by(const struct program_flows *program, const struct call_site *join)
{
    const struct fact_argument *argument = call_site_argument(join, 0);
    guint64 matched = 0;
    for (guint i = 0; i < program->spawns->len; i++) {
        const struct spawn *spawn = &g_array_index(program->spawns, struct spawn, i);
        if (argument && handle_matches(spawn->call, argument->text))
            matched |= G_GUINT64_CONSTANT(1) << i;
    }
    return matched ? matched : G_MAXUINT64;
}

static guint64 created_by(const struct program_flows *program, const struct call_site *call)
{
    guint64 created = 0;
    for (guint i = 0; i < program->spawns->len; i++) {
        if (g_array_index(program->spawns, struct spawn, i).call == call)
            created |= G_GUINT64_CONSTANT(1) << i;
    }
    return created;
}

static void apply(struct spawn_change *change, const struct spawn_change *next)
{
    change->created = (change->created & ~next->joined) | next->created;
    change->joined = (change->joined | next->joined) & ~next->created;
}

static gboolean passes(const struct program_flows *program, const struct call_site *call,
                       struct spawn_change *change)
{
    struct spawn_change next = {created_by(program, call), is_join(call) ? joined_by(program, call) : 0};
    /* what several targets do: any may create, all must join */
    for (guint i = 0; call->resolution != CALL_BY_SIGNATURE && i < call->targets->len; i++) {
        const struct graph_function *target = g_ptr_array_index(call->targets, i);
        const struct function_spawns *callee = &program->functions[target->index];
        next.created |= callee->whole.created;
        if (call->targets->len == 1)
            next.joined |= callee->whole.joined;
    }
    next.joined &= ~next.created;
    apply(change, &next);
    return next.created || next.joined;
}

static struct spawn_change pass_block(struct walk *walk, int block)
{
    struct spawn_change change = walk->start[block];
    struct spawn_change loop = {0, walk->loop_joins[block]};
    apply(&change, &loop);
    for (guint i = 0; i < walk->function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(walk->function->calls, i);
        if (call->event->block != block)
            continue;
        walk->result->at[call->event_index] = change;
        passes(walk->program, call, &change);
    }
    return change;
}

static gboolean arrive(struct walk *walk, int block, const struct spawn_change *change)
{
    struct spawn_change *start = &walk->start[block], before = *start;
    if (!walk->reached[block]) {
        walk->reached[block] = TRUE;
        *start = *change;
        return TRUE;
    }
    start->created |= change->created;
    start->joined |= change->joined; /* what a condition guards is joined whenever it runs */
    return before.created != start->created || before.joined != start->joined;
}

/* A loop that only joins is over when all are joined, also on the way that skips it. */
static void find_loop_joins(struct walk *walk)
{
    const struct fact_function *facts = walk->function->facts;
    for (guint i = 0; i < walk->function->calls->len; i++) {
        const struct call_site *join = g_ptr_array_index(walk->function->calls, i);
        int outer = -1;
        for (int loop = is_join(join) ? join->event->loop : -1; loop >= 0;
             loop = ((const struct fact_loop *)g_ptr_array_index(facts->loops, (guint)loop))->parent) {
            gboolean creates = FALSE;
            for (guint j = 0; j < walk->function->calls->len; j++) {
                const struct call_site *call = g_ptr_array_index(walk->function->calls, j);
                struct spawn_change change = {0, 0};
                if (loop_contains(facts, loop, call->event->loop))
                    passes(walk->program, call, &change);
                creates |= change.created != 0;
            }
            if (creates)
                break;
            outer = loop;
        }
        for (guint block = 0; outer >= 0 && block < facts->blocks->len; block++) {
            const struct fact_block *there = g_ptr_array_index(facts->blocks, block);
            if (there->loop >= 0 && loop_contains(facts, outer, there->loop))
                walk->loop_joins[block] |= joined_by(walk->program, join);
        }
    }
}

/* Events that are no calls have the change of their block's calls before them. */
static void fill_events(struct walk *walk)
{
    const struct fact_list *events = walk->function->facts->events;
    const GPtrArray *calls = walk->function->calls;
    guint blocks = walk->function->facts->blocks->len, call_index = 0;
    g_autofree struct spawn_change *changes = g_new0(struct spawn_change, blocks);
    for (guint block = 0; block < blocks; block++) {
        struct spawn_change loop = {0, walk->loop_joins[block]};
        changes[block] = walk->start[block];
        apply(&changes[block], &loop);
    }
    for (guint i = 0; i < events->len; i++) {
        const struct fact_event *event = g_ptr_array_index(events, i);
        walk->result->at[i] = changes[event->block];
        while (call_index < calls->len &&
               ((const struct call_site *)g_ptr_array_index(calls, call_index))->event_index < i)
            call_index++;
        if (event->kind == EVENT_CALL && call_index < calls->len)
            passes(walk->program, g_ptr_array_index(calls, call_index), &changes[event->block]);
    }
}

static void run(struct walk *walk)
{
    const struct fact_list *blocks = walk->function->facts->blocks;
    g_autoptr(GQueue) pending = g_queue_new();
    struct spawn_change nothing = {0, 0}, end = {0, 0};
    arrive(walk, 0, &nothing);
    g_queue_push_tail(pending, GINT_TO_POINTER(0));
    while (!g_queue_is_empty(pending)) {
        int index = GPOINTER_TO_INT(g_queue_pop_head(pending));
        const struct fact_block *block = g_ptr_array_index(blocks, (guint)index);
        struct spawn_change change = pass_block(walk, index);
        for (guint i = 0; i < block->successors->len; i++) {
            int next = g_array_index(block->successors, int, i);
            if (arrive(walk, next, &change))
                g_queue_push_tail(pending, GINT_TO_POINTER(next));
        }
    }
    for (guint i = 0; i < blocks->len; i++) {
        const struct fact_block *block = g_ptr_array_index(blocks, i);
        if (!walk->reached[i] || block->successors->len > 0 || block->stops)
            continue;
        struct spawn_change change = pass_block(walk, (int)i);
        end.created |= change.created;
        end.joined |= change.joined;
    }
    walk->result->whole = end;
}

static gboolean is_concerned(const struct program_flows *program, const struct graph_function *function)
{
    for (guint i = 0; i < function->calls->len; i++) {
        struct spawn_change change = {0, 0};
        if (passes(program, g_ptr_array_index(function->calls, i), &change))
            return TRUE;
    }
    return FALSE;
}

static void find_in(struct program_flows *program, const struct graph_function *function)
{
    struct function_spawns *result = &program->functions[function->index];
    guint blocks = function->facts->blocks->len;
    if (blocks == 0 || !is_concerned(program, function))
        return;
    g_autofree struct spawn_change *start = g_new0(struct spawn_change, blocks);
    g_autofree gboolean *reached = g_new0(gboolean, blocks);
    g_autofree guint64 *loop_joins = g_new0(guint64, blocks);
    struct walk walk = {program, function, result, start, reached, loop_joins};
    result->changes = TRUE;
    g_free(result->at);
    result->at = g_new0(struct spawn_change, function->facts->events->len + 1);
    find_loop_joins(&walk);
    run(&walk);
    fill_events(&walk);
}

void thread_lifetimes_find(struct program_flows *program)
{
    program->functions = g_new0(struct function_spawns, program->graph->functions->len + 1);
    for (guint i = 0; program->spawns->len > 0 && i < program->graph->order->len; i++)
        find_in(program, g_ptr_array_index(program->graph->order, i));
}

void thread_lifetimes_free(struct program_flows *program)
{
    for (guint i = 0; program->functions && i < program->graph->functions->len; i++)
        g_free(program->functions[i].at);
    g_free(program->functions);
}

guint64 spawns_alive_at(const struct program_flows *program, const struct graph_function *function,
                        guint event, guint64 alive)
{
    const struct function_spawns *spawns = &program->functions[function->index];
    if (!spawns->changes)
        return alive;
    return (alive & ~spawns->at[event].joined) | spawns->at[event].created;
}
