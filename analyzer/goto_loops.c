/* SPDX-License-Identifier: Apache-2.0 */
/* Loops that are written with labels and gotos: the natural loops of the backward jumps (A. Aho et al.,
 * Compilers, 2nd ed., 9.6). A jump back to where a failed attempt starts over is no loop over work. */
#include <string.h>

#include "analyzer/body.h"

#define LABELS_MAX 128 /* beyond: generated state machines, where every label looks like a loop */

struct goto_loop {
    int file, line, end_line; /* from the first to the last thing inside */
    gboolean *inside;         /* by block */
    guint size;               /* number of blocks inside */
};

static const struct fact_block *block_at(const struct body *body, int block)
{
    return body->function->blocks->pdata[block];
}

static struct fact_loop *loop_at(const struct body *body, int loop)
{
    return body->function->loops->pdata[loop];
}

/* Edges turned round: per block a GArray of the blocks that lead to it. */
static GPtrArray *predecessors_of(const struct body *body)
{
    GPtrArray *predecessors = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
    int count = (int)body->function->blocks->len;
    for (int i = 0; i < count; i++)
        g_ptr_array_add(predecessors, g_array_new(FALSE, FALSE, sizeof(int)));
    for (int i = 0; i < count; i++) {
        const struct fact_numbers *successors = block_at(body, i)->successors;
        for (guint s = 0; s < successors->len; s++)
            g_array_append_val((GArray *)predecessors->pdata[g_array_index(successors, int, s)], i);
    }
    return predecessors;
}

/* Per block: can it run after `start` (which itself counts when it can run again); -1: at all. */
static gboolean *blocks_after(const struct body *body, int start)
{
    gboolean *after = g_new0(gboolean, body->function->blocks->len);
    g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(int));
    int block = MAX(start, 0);
    after[block] = start < 0;
    g_array_append_val(stack, block);
    while (stack->len > 0) {
        block = g_array_index(stack, int, stack->len - 1);
        g_array_set_size(stack, stack->len - 1);
        const struct fact_numbers *successors = block_at(body, block)->successors;
        for (guint s = 0; s < successors->len; s++) {
            int next = g_array_index(successors, int, s);
            if (!after[next])
                g_array_append_val(stack, next);
            after[next] = TRUE;
        }
    }
    return after;
}

/* Marks what leads from `header` to `from`. FALSE when there is another way in, or `from` is never reached.
 */
static gboolean natural_loop(const GPtrArray *predecessors, const gboolean *reachable, int from, int header,
                             gboolean *inside)
{
    g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(int));
    if (!reachable[from])
        return FALSE;
    inside[header] = TRUE;
    if (!inside[from])
        g_array_append_val(stack, from);
    inside[from] = TRUE;
    while (stack->len > 0) {
        int block = g_array_index(stack, int, stack->len - 1);
        g_array_set_size(stack, stack->len - 1);
        if (block == 0)
            return FALSE; /* the function's entry is not part of it: the header does not dominate */
        const GArray *before = predecessors->pdata[block];
        for (guint p = 0; p < before->len; p++) {
            int next = g_array_index(before, int, p);
            if (!inside[next] && reachable[next])
                g_array_append_val(stack, next);
            inside[next] = inside[next] || reachable[next];
        }
    }
    return TRUE;
}

static gboolean is_retry(CXCursor label)
{
    static const char *const words[] = {"retry", "again", "restart", "redo", "try"};
    g_autofree char *name = clang_string_take(clang_getCursorSpelling(label));
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (strcasestr(name, words[i]))
            return TRUE;
    return FALSE;
}

/* The innermost loop that holds every block of `inside`; -1 when none does. */
static int common_loop(const struct body *body, const gboolean *inside)
{
    int common = -2;
    for (guint i = 0; i < body->function->blocks->len; i++) {
        if (!inside[i])
            continue;
        int loop = block_at(body, (int)i)->loop;
        if (common == -2)
            common = loop;
        while (common >= 0) {
            int above = loop;
            while (above > common)
                above = loop_at(body, above)->parent;
            if (above == common)
                break;
            common = loop_at(body, common)->parent;
        }
    }
    return MAX(common, -1);
}

static void shift(int *loop, int from)
{
    if (*loop >= from)
        (*loop)++;
}

/* Makes room for a loop at `index`: outer loops stand before inner ones. */
static void loop_insert(struct body *body, int index, struct fact_loop *loop)
{
    struct fact_function *function = body->function;
    for (guint i = 0; i < function->loops->len; i++)
        shift(&loop_at(body, (int)i)->parent, index);
    for (guint i = 0; i < function->blocks->len; i++)
        shift(&((struct fact_block *)function->blocks->pdata[i])->loop, index);
    for (guint i = 0; i < function->events->len; i++)
        shift(&((struct fact_event *)function->events->pdata[i])->loop, index);
    fact_list_insert(body->extraction->unit, function->loops, (guint)index, loop);
}

/* TRUE for a loop directly inside `parent` with blocks of the new loop: it stands inside that one. */
static gboolean is_taken_in(const struct body *body, int loop, int parent, const gboolean *inside)
{
    if (loop_at(body, loop)->parent != parent)
        return FALSE;
    for (guint i = 0; i < body->function->blocks->len; i++) {
        int above = block_at(body, (int)i)->loop;
        while (inside[i] && above > loop)
            above = loop_at(body, above)->parent;
        if (inside[i] && above == loop)
            return TRUE;
    }
    return FALSE;
}

static gboolean leaves(const struct body *body, const gboolean *inside)
{
    for (guint i = 0; i < body->function->blocks->len; i++) {
        const struct fact_numbers *successors = block_at(body, (int)i)->successors;
        if (!inside[i])
            continue;
        for (guint s = 0; s < successors->len; s++)
            if (!inside[g_array_index(successors, int, s)])
                return TRUE;
    }
    return FALSE;
}

/* Blocks, events and operations that belonged to `parent` and are in the loop now belong to it. */
static void take_over(struct body *body, int index, int parent, const gboolean *inside)
{
    struct fact_function *function = body->function;
    int *outer = parent >= 0 ? &loop_at(body, parent)->operations : &function->operations;
    for (guint i = 0; i < function->blocks->len; i++) {
        struct fact_block *block = function->blocks->pdata[i];
        if (!inside[i] || block->loop != parent)
            continue;
        int operations = g_array_index(body->block_operations, int, i);
        block->loop = index;
        loop_at(body, index)->operations += operations;
        *outer -= operations;
    }
    for (guint i = 0; i < function->events->len; i++) {
        struct fact_event *event = function->events->pdata[i];
        if (inside[event->block] && event->loop == parent)
            event->loop = index;
    }
}

static void goto_loop_add(struct body *body, const struct goto_loop *found)
{
    int parent = common_loop(body, found->inside), count = (int)body->function->loops->len, index = count;
    g_autofree gboolean *taken_in = g_new0(gboolean, (gsize)count + 1);
    for (int i = count - 1; i >= 0; i--)
        if ((taken_in[i] = is_taken_in(body, i, parent, found->inside)))
            index = i;
    struct fact_loop *loop = fact_loop_new(body->extraction->unit);
    loop->file = found->file;
    loop->line = found->line;
    loop->end_line = found->end_line;
    loop->has_exit = leaves(body, found->inside);
    loop->trip_count = loop->has_exit ? -1 : G_MAXINT64;
    loop_insert(body, index, loop);
    loop->parent = parent;
    for (int i = 0; i < count; i++)
        if (taken_in[i])
            loop_at(body, i >= index ? i + 1 : i)->parent = index;
    take_over(body, index, parent, found->inside);
}

static void goto_loop_free(gpointer data)
{
    struct goto_loop *loop = data;
    g_free(loop->inside);
    g_free(loop);
}

static void span_add(struct goto_loop *loop, int line)
{
    loop->line = MIN(loop->line, line);
    loop->end_line = MAX(loop->end_line, line);
}

static void find_span(const struct body *body, CXCursor label, struct goto_loop *loop)
{
    loop->file = extraction_place(body->extraction, clang_getCursorLocation(label), &loop->line, NULL);
    loop->end_line = loop->line;
    for (guint i = 0; i < body->gotos->len; i++) {
        const struct pending_goto *other = &g_array_index(body->gotos, struct pending_goto, i);
        CXSourceLocation location = clang_getCursorLocation(body->tree->nodes[other->node].cursor);
        int line = 0;
        if (loop->inside[other->block] &&
            extraction_place(body->extraction, location, &line, NULL) == loop->file)
            span_add(loop, line);
    }
    for (guint i = 0; i < body->function->events->len; i++) {
        const struct fact_event *event = body->function->events->pdata[i];
        if (!loop->inside[event->block] || event->file != loop->file)
            continue;
        span_add(loop, event->line);
        span_add(loop, event->end_line);
    }
}

static struct goto_loop *goto_loop_new(guint blocks)
{
    struct goto_loop *loop = g_new0(struct goto_loop, 1);
    loop->inside = g_new0(gboolean, blocks);
    return loop;
}

/* The loop that begins at the label of `block`; NULL when nothing leads back to it. */
static struct goto_loop *goto_loop_find(const struct body *body, const GPtrArray *predecessors,
                                        const gboolean *reachable, CXCursor label, int block)
{
    guint blocks = body->function->blocks->len;
    const GArray *before = predecessors->pdata[block];
    struct goto_loop *loop = goto_loop_new(blocks);
    for (guint i = 0; i < before->len; i++) {
        g_autofree gboolean *inside = g_new0(gboolean, blocks);
        if (!natural_loop(predecessors, reachable, g_array_index(before, int, i), block, inside))
            continue;
        for (guint b = 0; b < blocks; b++)
            loop->inside[b] = loop->inside[b] || inside[b];
    }
    for (guint b = 0; b < blocks; b++)
        loop->size += loop->inside[b];
    if (loop->size == 0)
        g_clear_pointer(&loop, goto_loop_free);
    else
        find_span(body, label, loop);
    return loop;
}

static gint compare_size(gconstpointer a, gconstpointer b)
{
    const struct goto_loop *left = *(struct goto_loop *const *)a, *right = *(struct goto_loop *const *)b;
    if (left->size != right->size)
        return left->size > right->size ? -1 : 1;
    return left->line - right->line;
}

/* `goto *labels[*code]` at the end of each label's code: one loop with no single way in. NULL when there is
 * none, or when a loop statement stands around it. */
static struct goto_loop *dispatch_loop_find(const struct body *body, const GPtrArray *predecessors,
                                            CXCursor label)
{
    guint blocks = body->function->blocks->len;
    if (body->computed_gotos->len == 0)
        return NULL;
    g_autoptr(GArray) before = g_array_new(FALSE, FALSE, sizeof(int));
    int dispatch = g_array_index(body->computed_gotos, int, body->computed_gotos->len - 1);
    g_autofree gboolean *after = blocks_after(body, dispatch);
    if (!after[dispatch] || block_at(body, dispatch)->loop >= 0)
        return NULL;
    struct goto_loop *loop = goto_loop_new(blocks);
    loop->inside[dispatch] = TRUE;
    g_array_append_val(before, dispatch);
    while (before->len > 0) {
        const GArray *next = predecessors->pdata[g_array_index(before, int, before->len - 1)];
        g_array_set_size(before, before->len - 1);
        loop->size++;
        for (guint i = 0; i < next->len; i++) {
            int block = g_array_index(next, int, i);
            if (after[block] && !loop->inside[block])
                g_array_append_val(before, block);
            loop->inside[block] = loop->inside[block] || after[block];
        }
    }
    find_span(body, label, loop);
    return loop;
}

static gboolean is_addressed(const struct body *body, gpointer identity)
{
    return g_ptr_array_find(body->addressed_labels, identity, NULL);
}

static void find_loops(const struct body *body, const GArray *labels, GPtrArray *loops)
{
    g_autoptr(GPtrArray) predecessors = predecessors_of(body);
    g_autofree gboolean *reachable = blocks_after(body, -1);
    gboolean dispatched = FALSE;
    for (guint i = 0; i < labels->len; i++) {
        CXCursor label = body->tree->nodes[g_array_index(labels, int, i)].cursor;
        gpointer identity = (gpointer)statement_identity(label);
        int block = GPOINTER_TO_INT(g_hash_table_lookup(body->labels, identity)) - 1;
        struct goto_loop *loop = NULL;
        if (block < 0 || is_retry(label))
            continue;
        if (!is_addressed(body, identity) && labels->len <= LABELS_MAX)
            loop = goto_loop_find(body, predecessors, reachable, label, block);
        else if (is_addressed(body, identity) && !dispatched)
            loop = dispatch_loop_find(body, predecessors, label);
        dispatched = dispatched || is_addressed(body, identity);
        if (loop)
            g_ptr_array_add(loops, loop);
    }
}

void goto_loops_add(struct body *body)
{
    g_autoptr(GArray) labels = g_array_new(FALSE, FALSE, sizeof(int));
    g_autoptr(GPtrArray) loops = g_ptr_array_new_with_free_func(goto_loop_free);
    if (g_hash_table_size(body->labels) == 0)
        return;
    for (int node = 0; node < body->tree->count; node++)
        if (body->tree->nodes[node].kind == CXCursor_LabelStmt)
            g_array_append_val(labels, node);
    find_loops(body, labels, loops);
    g_ptr_array_sort(loops, compare_size); /* inner ones find the outer ones there */
    for (guint i = 0; i < loops->len; i++)
        goto_loop_add(body, loops->pdata[i]);
}
