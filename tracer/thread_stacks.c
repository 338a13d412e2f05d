/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/thread_stacks.h"

#include "tracer/attribute.h"
#include "tracer/tracer.h"
#include "tracer/wait_cause.h"

struct stack_pass {
    struct attribution *attribution;
    const struct traced_thread *thread;
    GHashTable *by_frames; /* what tells two of them apart → struct thread_stack of the result */
    GPtrArray *stacks;
};

static void thread_stack_free(gpointer pointer)
{
    struct thread_stack *stack = pointer;
    g_ptr_array_unref(stack->frames);
    g_free(stack);
}

static char *frame_text(const struct stack_pass *pass, const struct symbol *symbol)
{
    const char *function = symbol->function ? symbol->function : "?";
    if (symbol->file && symbol->line)
        return g_strdup_printf("%s %s:%d", function,
                               region_map_relative(pass->attribution->map, symbol->file), symbol->line);
    return g_strdup(function);
}

static GPtrArray *frames_of(const struct stack_pass *pass, guint64 id)
{
    GPtrArray *frames = g_ptr_array_new_with_free_func(g_free);
    const struct traced_stack *stack = collection_find_stack(pass->attribution->collection, id);
    for (guint i = 0; stack && stack->image->target && i < stack->frame_count; i++) {
        const GArray *symbols = target_symbolize(stack->image->target, stack->frames[i], i > 0);
        for (guint k = 0; symbols && k < symbols->len; k++)
            g_ptr_array_add(frames, frame_text(pass, &g_array_index(symbols, struct symbol, k)));
    }
    if (!frames->len)
        g_ptr_array_add(frames, g_strdup("no stack was seen"));
    return frames;
}

/* Addresses on the same lines are one place to people. */
static struct thread_stack *stack_of(struct stack_pass *pass, guint64 id, const struct thread_stack *like)
{
    GPtrArray *frames = frames_of(pass, id);
    GString *key = g_string_new(NULL);
    g_string_printf(key, "%d %d %d", like->on_core, (int)like->cause, like->idle);
    for (guint i = 0; i < frames->len; i++)
        g_string_append_printf(key, "\n%s", (const char *)g_ptr_array_index(frames, i));
    struct thread_stack *stack = g_hash_table_lookup(pass->by_frames, key->str);
    if (stack) {
        g_string_free(key, TRUE);
        g_ptr_array_unref(frames);
        return stack;
    }
    stack = g_memdup2(like, sizeof(*like));
    stack->frames = frames;
    g_ptr_array_add(pass->stacks, stack);
    g_hash_table_insert(pass->by_frames, g_string_free(key, FALSE), stack);
    return stack;
}

static void note_sample(const struct sample_key *key, const struct sample_total *total, gpointer data)
{
    struct stack_pass *pass = data;
    const struct thread_totals *totals = &pass->thread->totals;
    if (key->thread != pass->thread->serial || !totals->sample_weight)
        return;
    struct thread_stack *stack = stack_of(pass, key->stack, &(struct thread_stack){.on_core = TRUE});
    stack->count += total->count;
    stack->seconds += (double)totals->on_cpu_ns / 1e9 * (double)total->weight / (double)totals->sample_weight;
}

static void note_wait(const struct wait_key *key, const struct wait_total *total, gpointer data)
{
    struct stack_pass *pass = data;
    if (key->thread != pass->thread->serial)
        return;
    const struct stack_meaning *meaning = attribution_meaning(pass->attribution, key->stack);
    struct thread_stack like = {.cause = wait_cause_classify(key, (const char *const *)meaning->functions)};
    like.idle = attribution_wait_is_idle(pass->attribution, pass->thread, like.cause, meaning);
    struct thread_stack *stack = stack_of(pass, key->stack, &like);
    stack->count += total->count;
    stack->seconds += (double)total->blocked_ns / 1e9;
}

static gint compare_stacks(gconstpointer left, gconstpointer right)
{
    const struct thread_stack *a = *(struct thread_stack *const *)left,
                              *b = *(struct thread_stack *const *)right;
    return a->seconds < b->seconds ? 1 : a->seconds > b->seconds ? -1 : 0;
}

GPtrArray *thread_stacks_new(const struct collection *collection, const struct session *session,
                             const struct watch *watch, int tid)
{
    g_autoptr(Attribution) attribution = attribution_new(collection, session);
    g_autoptr(GHashTable) by_frames = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct stack_pass pass = {attribution, NULL, by_frames,
                              g_ptr_array_new_with_free_func(thread_stack_free)};
    for (guint i = 0; i < collection->thread_list->len; i++) {
        const struct traced_thread *thread = g_ptr_array_index(collection->thread_list, i);
        if (thread->tid == tid)
            pass.thread = thread;
    }
    if (!pass.thread)
        return pass.stacks;
    watch_each_sample(watch, note_sample, &pass);
    watch_each_wait(watch, note_wait, &pass);
    g_ptr_array_sort(pass.stacks, compare_stacks);
    return pass.stacks;
}
