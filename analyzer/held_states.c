/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/held_states.h"

#include <string.h>

/* What may be true at a place, one bit per possibility. */
enum state {
    STATE_FREE = 1 << 0,
    STATE_HELD = 1 << 1,
    STATE_NESTED = 1 << 2, /* taken by a call that a later one undoes: free before */
};
#define STATE_COUNT 3

struct function_states {
    guint8 *calls;              /* by index in function->calls: before the call */
    guint8 *blocks;             /* at the beginning; NULL without blocks */
    guint8 leaves[STATE_COUNT]; /* the state after the function, by the state before */
    gboolean handles;           /* takes the lock or gives it up, itself or below */
    gboolean needs;             /* calls what needs the lock, itself or below, or handles it */
};

struct held_states {
    const struct program_graph *graph;
    const char *name;
    struct function_states *functions; /* by index */
};

static gboolean is_about(const struct held_states *states, const struct effect *effect)
{
    return effect && g_strcmp0(effect->lock_name, states->name) == 0;
}

static guint8 after_library(const struct effect *effect, guint8 before)
{
    gboolean nests = (effect->properties & EFFECT_NESTS) != 0;
    guint8 kept = before & (STATE_HELD | STATE_NESTED);
    if (effect->lock == LOCK_TAKE)
        return nests ? kept | (before & STATE_FREE ? STATE_NESTED : 0) : STATE_HELD;
    if (effect->lock == LOCK_RELEASE)
        return nests ? (before & (STATE_HELD | STATE_FREE)) | (before & STATE_NESTED ? STATE_FREE : 0)
                     : STATE_FREE;
    return before;
}

static guint8 after_call(const struct held_states *states, const struct call_site *call, guint8 before)
{
    if (is_about(states, call->effect))
        return after_library(call->effect, before);
    if (call->resolution != CALL_DIRECT)
        return before;
    const struct graph_function *target = g_ptr_array_index(call->targets, 0);
    const struct function_states *below = &states->functions[target->index];
    guint8 after = 0;
    for (int bit = 0; below->handles && bit < STATE_COUNT; bit++)
        after |= before & 1 << bit ? below->leaves[bit] : 0;
    return after ? after : before;
}

/* Through the calls of one block; notes what is true before each of them when `calls` is given. */
static guint8 through_block(const struct held_states *states, const struct graph_function *function,
                            int block, guint8 state, guint8 *calls)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call->event->block != block && function->facts->blocks->len > 0)
            continue;
        if (calls)
            calls[i] |= state;
        state = after_call(states, call, state);
    }
    return state;
}

/* The state at the end of the function. Fills `blocks` (zeroed) with the states at their beginnings. */
static guint8 flow(const struct held_states *states, const struct graph_function *function, guint8 entry,
                   guint8 *blocks)
{
    const struct fact_list *all = function->facts->blocks;
    guint8 end = 0;
    g_autoptr(GArray) pending = g_array_new(FALSE, FALSE, sizeof(int));
    int first = 0;
    blocks[0] = entry;
    g_array_append_val(pending, first);
    while (pending->len > 0) {
        int index = g_array_index(pending, int, pending->len - 1);
        g_array_set_size(pending, pending->len - 1);
        guint8 after = through_block(states, function, index, blocks[index], NULL);
        const struct fact_block *block = g_ptr_array_index(all, (guint)index);
        end |= block->successors->len == 0 ? after : 0;
        for (guint i = 0; i < block->successors->len; i++) {
            int next = g_array_index(block->successors, int, i);
            if ((blocks[next] | after) == blocks[next])
                continue;
            blocks[next] |= after;
            g_array_append_val(pending, next);
        }
    }
    return end;
}

/* Too large to be lowered: what it does where is not known, only whether the lock is touched at all. */
static void judge_without_blocks(const struct graph_function *function, struct function_states *own)
{
    guint8 state = own->handles ? STATE_FREE | STATE_HELD : STATE_HELD;
    memset(own->calls, state, function->calls->len);
    for (int bit = 0; bit < STATE_COUNT; bit++)
        own->leaves[bit] = (guint8)(1 << bit);
}

static void judge_blocks(const struct held_states *states, const struct graph_function *function,
                         struct function_states *own)
{
    guint count = function->facts->blocks->len;
    for (int bit = 0; bit < STATE_COUNT; bit++) {
        g_autofree guint8 *blocks = g_new0(guint8, count);
        own->leaves[bit] = flow(states, function, (guint8)(1 << bit), blocks);
        if (1 << bit != STATE_HELD)
            continue;
        for (guint i = 0; i < count; i++) {
            if (blocks[i])
                through_block(states, function, (int)i, blocks[i], own->calls);
        }
        own->blocks = g_steal_pointer(&blocks);
    }
}

static gboolean is_of_interpreter(const char *name)
{
    return name && (g_str_has_prefix(name, "Py") || g_str_has_prefix(name, "_Py"));
}

gboolean call_needs_lock(const struct held_states *states, const struct call_site *call)
{
    if (call->effect)
        return is_about(states, call->effect);
    gboolean needs = call->targets->len == 0 && is_of_interpreter(call->event->callee);
    for (guint i = 0; i < call->targets->len; i++) {
        const struct graph_function *target = g_ptr_array_index(call->targets, i);
        needs |= states->functions[target->index].needs;
    }
    return needs;
}

/* Callees first. */
static void judge_function(const struct held_states *states, const struct graph_function *function)
{
    struct function_states *own = &states->functions[function->index];
    own->calls = g_new0(guint8, function->calls->len + 1);
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        own->needs |= call_needs_lock(states, call);
        own->handles |= is_about(states, call->effect) && call->effect->lock != LOCK_ACTION_NONE;
        for (guint j = 0; j < call->targets->len; j++)
            own->handles |=
                states->functions[((struct graph_function *)g_ptr_array_index(call->targets, j))->index]
                    .handles;
    }
    if (function->facts->blocks->len > 0)
        judge_blocks(states, function, own);
    else
        judge_without_blocks(function, own);
}

struct held_states *held_states_new(const struct program_graph *graph, const char *name)
{
    struct held_states *states = g_new0(struct held_states, 1);
    states->graph = graph;
    states->name = name;
    states->functions = g_new0(struct function_states, graph->functions->len + 1);
    for (guint i = 0; i < graph->order->len; i++)
        judge_function(states, g_ptr_array_index(graph->order, i));
    return states;
}

void held_states_free(struct held_states *states)
{
    if (!states)
        return;
    for (guint i = 0; i < states->graph->functions->len; i++) {
        g_free(states->functions[i].calls);
        g_free(states->functions[i].blocks);
    }
    g_free(states->functions);
    g_free(states);
}

gboolean call_is_held(const struct held_states *states, const struct call_site *call)
{
    guint index = 0;
    if (!g_ptr_array_find(call->caller->calls, call, &index))
        return FALSE;
    guint8 state = states->functions[call->caller->index].calls[index];
    return state != 0 && !(state & STATE_FREE);
}

gboolean loop_is_held(const struct held_states *states, const struct graph_function *function, int loop)
{
    const struct function_states *own = &states->functions[function->index];
    for (guint i = 0; own->blocks && i < function->facts->blocks->len; i++) {
        const struct fact_block *block = g_ptr_array_index(function->facts->blocks, i);
        if (block->loop == loop && own->blocks[i])
            return !(own->blocks[i] & STATE_FREE);
    }
    return !own->handles;
}

static const struct call_site *find_release(const struct held_states *states,
                                            const struct graph_function *function, GHashTable *seen)
{
    if (!states->functions[function->index].handles || !g_hash_table_add(seen, (gpointer)function))
        return NULL;
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (is_about(states, call->effect) && call->effect->lock == LOCK_RELEASE &&
            !(call->effect->properties & EFFECT_NESTS))
            return call;
        for (guint j = 0; j < call->targets->len; j++) {
            const struct call_site *found = find_release(states, g_ptr_array_index(call->targets, j), seen);
            if (found)
                return found;
        }
    }
    return NULL;
}

const struct call_site *call_that_gives_up(const struct held_states *states,
                                           const struct graph_function *function)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    return find_release(states, function, seen);
}
