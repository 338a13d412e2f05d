/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/block_frequency.h"

#include <string.h>

#include "analyzer/reporters.h"

#define RARE_SHARE     1e-6 /* a branch that ends the program: at most once in a run */
#define UNLIKELY_SHARE 0.1  /* a branch that returns at once, fails, reports, or is the exception */
#define BUFFER_SHARE   1e-4 /* a branch that is taken when a buffer is full or empty */
#define LEAST_SHARE    0.01 /* whatever speaks against a branch, short of the program's end */

static const struct fact_block *block_at(const struct graph_function *function, int index)
{
    return g_ptr_array_index(function->facts->blocks, (guint)index);
}

static int successor_at(const struct fact_block *block, guint i)
{
    return g_array_index(block->successors, int, i);
}

static gboolean call_ends(const struct call_site *call, const gboolean *ending_functions)
{
    if (call->effect)
        return (call->effect->properties & EFFECT_DOES_NOT_RETURN) != 0;
    gboolean all =
        (call->resolution == CALL_DIRECT || call->resolution == CALL_BY_VALUE) && call->targets->len > 0;
    for (guint i = 0; all && i < call->targets->len; i++)
        all = ending_functions[((const struct graph_function *)g_ptr_array_index(call->targets, i))->index];
    return all;
}

/* Blocks that hold a call which does not come back. */
static gboolean *ending_blocks(const struct graph_function *function, const gboolean *ending_functions)
{
    guint count = function->facts->blocks->len;
    gboolean *ends = g_new0(gboolean, count + 1);
    for (guint i = 0; i < count; i++)
        ends[i] = block_at(function, (int)i)->stops;
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call->event->block >= 0 && (guint)call->event->block < count && call_ends(call, ending_functions))
            ends[call->event->block] = TRUE;
    }
    return ends;
}

/* Least fixed point: a block stops when it holds a call that stops, or when all ways on do. Loops never stop.
 */
gboolean *blocks_that_stop(const struct graph_function *function, const gboolean *stopping_functions)
{
    guint count = function->facts->blocks->len;
    gboolean *ends = ending_blocks(function, stopping_functions);
    gboolean changed = TRUE;
    while (changed) {
        changed = FALSE;
        for (int i = (int)count - 1; i >= 0; i--) {
            const struct fact_block *block = block_at(function, i);
            gboolean all = block->successors->len > 0;
            for (guint j = 0; j < block->successors->len; j++)
                all = all && ends[successor_at(block, j)];
            if (all && !ends[i])
                ends[i] = changed = TRUE;
        }
    }
    return ends;
}

gboolean *blocks_without_return(const struct graph_function *function, const struct endings *endings)
{
    guint count = function->facts->blocks->len;
    g_autofree gboolean *ends = ending_blocks(function, endings->never_returns);
    gboolean *without = g_new0(gboolean, count + 1);
    for (guint i = 0; i < count; i++)
        without[i] = ends[i] || block_at(function, (int)i)->successors->len > 0;
    gboolean changed = TRUE;
    while (changed) {
        changed = FALSE;
        for (int i = (int)count - 1; i >= 0; i--) {
            const struct fact_block *block = block_at(function, i);
            for (guint j = 0; without[i] && !ends[i] && j < block->successors->len; j++) {
                if (!without[successor_at(block, j)]) {
                    without[i] = FALSE;
                    changed = TRUE;
                }
            }
        }
    }
    return without;
}

struct endings *endings_find(const struct program_graph *graph)
{
    struct endings *endings = g_new0(struct endings, 1);
    endings->stops = g_new0(gboolean, graph->functions->len + 1);
    endings->never_returns = g_new0(gboolean, graph->functions->len + 1);
    endings->reports = reporters_find(graph);
    for (guint i = 0; i < graph->order->len; i++) {
        const struct graph_function *function = g_ptr_array_index(graph->order, i);
        if (function->facts->blocks->len == 0)
            continue;
        g_autofree gboolean *stops = blocks_that_stop(function, endings->stops);
        endings->stops[function->index] = stops[0];
        g_autofree gboolean *without = blocks_without_return(function, endings);
        endings->never_returns[function->index] = without[0];
    }
    return endings;
}

void endings_free(struct endings *endings)
{
    if (!endings)
        return;
    g_free(endings->stops);
    g_free(endings->never_returns);
    g_free(endings->reports);
    g_free(endings);
}

/* Depth-first numbering: the reverse of the finishing order is a topological order once back edges are left
 * out. */
struct walk {
    const struct graph_function *function;
    gboolean is_main;       /* may end the program as other functions return */
    char *state;            /* 0 new, 1 open, 2 done */
    GArray *finished;       /* int */
    GHashTable *back_edges; /* from * count + to */
};

struct step {
    int block;
    guint next; /* successor to look at */
};

static void walk_blocks(struct walk *walk)
{
    guint count = walk->function->facts->blocks->len;
    g_autoptr(GArray) path = g_array_new(FALSE, FALSE, sizeof(struct step));
    struct step start = {0, 0};
    g_array_append_val(path, start);
    walk->state[0] = 1;
    while (path->len > 0) {
        struct step *top = &g_array_index(path, struct step, path->len - 1);
        const struct fact_block *block = block_at(walk->function, top->block);
        if (top->next >= block->successors->len) {
            walk->state[top->block] = 2;
            g_array_append_val(walk->finished, top->block);
            g_array_set_size(path, path->len - 1);
            continue;
        }
        int next = successor_at(block, top->next++);
        if (walk->state[next] == 1) {
            guint edge = (guint)top->block * count + (guint)next;
            g_hash_table_add(walk->back_edges, GUINT_TO_POINTER(edge));
        } else if (walk->state[next] == 0) {
            struct step entry = {next, 0};
            walk->state[next] = 1;
            g_array_append_val(path, entry);
        }
    }
}

/* What speaks against a block, by index. */
struct doubts {
    const struct branch_knowledge *known;
    const gboolean *ends; /* the program soon ends from here */
    gboolean *works;      /* calls something */
    gboolean *fails;      /* every way on ends in failure, or trouble is reported here */
    guint *exits;         /* returns that can be reached from here, failures left out; at least 1 */
};

static void find_doubts(const struct graph_function *function, struct doubts *doubts)
{
    guint count = function->facts->blocks->len;
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call->event->block < 0 || (guint)call->event->block >= count)
            continue;
        doubts->works[call->event->block] = TRUE;
        doubts->fails[call->event->block] |= call->reports;
    }
    for (guint i = count; i-- > 0;) { /* mostly forwards: inner blocks of a failing branch */
        const struct fact_block *block = block_at(function, (int)i);
        gboolean all = block->successors->len > 1;
        for (guint j = 0; j < block->successors->len; j++)
            all = all && (doubts->fails[successor_at(block, j)] || doubts->ends[successor_at(block, j)]);
        doubts->fails[i] |= block->fails || all;
    }
}

static guint count_bits(const guint64 *words, guint count)
{
    guint bits = 0;
    for (guint i = 0; i < count; i++)
        bits += (guint)__builtin_popcountll(words[i]);
    return bits;
}

/* Code behind a row of questions each of which may return is there to run: every return is taken for as
 * likely as every other one. Least fixed point over sets of returns, a bit each. */
static void count_exits(const struct walk *walk, struct doubts *doubts)
{
    guint count = walk->function->facts->blocks->len, exits = 0;
    g_autofree guint *number = g_new0(guint, count);
    for (guint i = 0; i < count; i++)
        if (walk->state[i] == 2 && block_at(walk->function, (int)i)->successors->len == 0 &&
            !doubts->ends[i] && !doubts->fails[i])
            number[i] = ++exits;
    for (guint i = 0; i < count; i++)
        doubts->exits[i] = 1;
    if (exits < 2)
        return;
    guint words = exits / 64 + 1;
    g_autofree guint64 *reached = g_new0(guint64, (gsize)count * words);
    for (guint i = 0; i < count; i++)
        if (number[i])
            reached[(gsize)i * words + (number[i] - 1) / 64] |= G_GUINT64_CONSTANT(1) << (number[i] - 1) % 64;
    for (gboolean changed = TRUE; changed;) {
        changed = FALSE;
        for (guint i = 0; i < walk->finished->len; i++) { /* mostly successors first */
            int index = g_array_index(walk->finished, int, i);
            guint64 *own = &reached[(gsize)index * words];
            const struct fact_block *block = block_at(walk->function, index);
            for (guint j = 0; j < block->successors->len; j++) {
                const guint64 *next = &reached[(gsize)successor_at(block, j) * words];
                for (guint k = 0; k < words; k++) {
                    changed |= (next[k] & ~own[k]) != 0;
                    own[k] |= next[k];
                }
            }
        }
    }
    for (guint i = 0; i < count; i++)
        doubts->exits[i] = MAX(1, count_bits(&reached[(gsize)i * words], words));
}

static gboolean returns_at_once(const struct graph_function *function, int index, const struct doubts *doubts)
{
    const struct fact_block *block = block_at(function, index);
    if (doubts->works[index])
        return FALSE;
    if (block->successors->len == 0)
        return TRUE;
    return block->successors->len == 1 && block_at(function, successor_at(block, 0))->successors->len == 0;
}

/* How likely the rest of the program makes the condition true, 0 … 1; negative when it says nothing. */
static double likelihood_of_condition(const struct walk *walk, const struct fact_block *block,
                                      const struct branch_knowledge *known)
{
    double likelihood = return_values_likelihood(known->values, walk->function, &block->test);
    if (likelihood >= 0)
        return likelihood;
    enum flag_answer answer = flag_fields_ask(known->flags, &block->test);
    if (answer == FLAG_UNKNOWN)
        return -1;
    return answer == FLAG_TRUE_UNLIKELY ? UNLIKELY_SHARE / 2 : 1 - UNLIKELY_SHARE / 2;
}

static double likelihood_of_way(const struct walk *walk, const struct fact_block *block, int next,
                                const struct branch_knowledge *known)
{
    if (block->when_true == block->when_false || (next != block->when_true && next != block->when_false))
        return -1;
    double likelihood = likelihood_of_condition(walk, block, known);
    return likelihood < 0 || next == block->when_true ? likelihood : 1 - likelihood;
}

/* How much of the mass the way from `block` to `next` gets, before the ways are made to add up to 1. */
static double way_weight(const struct walk *walk, const struct fact_block *block, int next,
                         const struct doubts *doubts, guint most_exits)
{
    double weight = (double)doubts->exits[next] / most_exits;
    if (doubts->ends[next])
        return walk->is_main ? LEAST_SHARE : RARE_SHARE;
    if (returns_at_once(walk->function, next, doubts))
        weight *= UNLIKELY_SHARE;
    if (doubts->fails[next])
        weight *= UNLIKELY_SHARE;
    double known = likelihood_of_way(walk, block, next, doubts->known);
    if (known >= 0)
        weight *= 2 * known; /* an even one leaves it as it is */
    else if (block->unlikely == next)
        weight *= UNLIKELY_SHARE;
    return block->unlikely == next && block->rare ? BUFFER_SHARE : MAX(weight, LEAST_SHARE);
}

/* Splits the mass of `index` over its ways on. Ways out of a loop get the full mass: the loop is entered
 * once. */
static void spread(const struct walk *walk, int index, const struct doubts *doubts, double *mass)
{
    const struct fact_function *facts = walk->function->facts;
    const struct fact_block *block = block_at(walk->function, index);
    guint count = facts->blocks->len;
    double total = 0;
    g_autofree double *weight = g_new0(double, block->successors->len + 1);
    gboolean some_stay = FALSE;
    guint most_exits = 1;
    for (guint i = 0; i < block->successors->len; i++)
        most_exits = MAX(most_exits, doubts->exits[successor_at(block, i)]);
    for (guint i = 0; i < block->successors->len; i++) {
        int next = successor_at(block, i);
        gboolean leaves = !loop_contains(facts, block->loop, block_at(walk->function, next)->loop);
        weight[i] = way_weight(walk, block, next, doubts, most_exits);
        if (leaves)
            weight[i] = -weight[i];
        else
            total += weight[i];
        some_stay |= !leaves;
    }
    for (guint i = 0; i < block->successors->len; i++) {
        int next = successor_at(block, i);
        if (g_hash_table_contains(walk->back_edges, GUINT_TO_POINTER((guint)index * count + (guint)next)))
            continue;
        double share = weight[i] >= 0 ? weight[i] / total : some_stay ? 1 : -weight[i];
        mass[next] = MIN(1.0, mass[next] + mass[index] * share);
    }
}

double *block_frequencies(const struct graph_function *function, const struct branch_knowledge *known)
{
    guint count = function->facts->blocks->len;
    if (count == 0)
        return NULL;
    g_autofree gboolean *ends = blocks_that_stop(function, known->endings->stops);
    g_autofree char *state = g_new0(char, count);
    g_autoptr(GArray) finished = g_array_new(FALSE, FALSE, sizeof(int));
    g_autoptr(GHashTable) back_edges = g_hash_table_new(NULL, NULL);
    g_autofree gboolean *works = g_new0(gboolean, count), *fails = g_new0(gboolean, count);
    g_autofree guint *exits = g_new0(guint, count);
    gboolean is_main = strcmp(function->facts->key, "main") == 0;
    struct walk walk = {function, is_main, state, finished, back_edges};
    struct doubts doubts = {known, ends, works, fails, exits};
    walk_blocks(&walk);
    find_doubts(function, &doubts);
    count_exits(&walk, &doubts);
    double *mass = g_new0(double, count);
    mass[0] = 1;
    for (guint i = finished->len; i > 0; i--)
        spread(&walk, g_array_index(finished, int, i - 1), &doubts, mass);
    return mass;
}

static gboolean is_back_edge(const struct walk *walk, int from, int to)
{
    guint edge = (guint)from * walk->function->facts->blocks->len + (guint)to;
    return g_hash_table_contains(walk->back_edges, GUINT_TO_POINTER(edge));
}

/* Marks the blocks of `loop` from which its next iteration is reached. FALSE when none is. */
static gboolean mark_repeating(const struct walk *walk, int loop, const gboolean *ends, gboolean *repeats)
{
    const struct fact_function *facts = walk->function->facts;
    gboolean any = FALSE, changed = TRUE;
    memset(repeats, 0, facts->blocks->len * sizeof(*repeats));
    while (changed) {
        changed = FALSE;
        for (int i = (int)facts->blocks->len - 1; i >= 0; i--) {
            const struct fact_block *block = block_at(walk->function, i);
            gboolean inside = !ends[i] && loop_contains(facts, loop, block->loop);
            for (guint j = 0; inside && !repeats[i] && j < block->successors->len; j++) {
                int next = successor_at(block, j);
                gboolean begins_again =
                    block_at(walk->function, next)->loop == loop && is_back_edge(walk, i, next);
                if (begins_again ||
                    (repeats[next] && loop_contains(facts, loop, block_at(walk->function, next)->loop)))
                    repeats[i] = any = changed = TRUE;
            }
        }
    }
    return any;
}

int *blocks_repeating_loops(const struct graph_function *function, const struct endings *endings)
{
    const struct fact_function *facts = function->facts;
    guint count = facts->blocks->len;
    if (count == 0)
        return NULL;
    int *loops = g_new(int, count);
    for (guint i = 0; i < count; i++)
        loops[i] = block_at(function, (int)i)->loop;
    if (facts->loops->len == 0)
        return loops;
    g_autofree char *state = g_new0(char, count);
    g_autoptr(GArray) finished = g_array_new(FALSE, FALSE, sizeof(int));
    g_autoptr(GHashTable) back_edges = g_hash_table_new(NULL, NULL);
    g_autofree gboolean *repeats = g_new(gboolean, count);
    g_autofree gboolean *ends = ending_blocks(function, endings->never_returns);
    struct walk walk = {function, FALSE, state, finished, back_edges};
    walk_blocks(&walk);
    for (guint loop = facts->loops->len; loop-- > 0;) { /* inner loops come after outer ones */
        if (!mark_repeating(&walk, (int)loop, ends, repeats))
            continue;
        int parent = ((const struct fact_loop *)g_ptr_array_index(facts->loops, loop))->parent;
        for (guint i = 0; i < count; i++) {
            if (loops[i] == (int)loop && state[i] == 2 && !repeats[i])
                loops[i] = parent;
        }
    }
    return loops;
}
