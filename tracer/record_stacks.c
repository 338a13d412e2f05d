/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/record_stacks.h"

#include "tracer/wait_cause.h"

/* Time with one path of return addresses: what is known before frames have names. */
struct stack_sum {
    const struct traced_stack *stack; /* NULL: it was not seen */
    const char *group;                /* belongs to the session */
    enum activity activity;
    enum wait_cause cause; /* ACTIVITY_BLOCKED */
    gboolean idle;
    double seconds, runnable_seconds;
    guint64 count;
};

struct stack_pass {
    struct session *session;
    const struct run *run;
    struct attribution *attribution;
    GHashTable *threads;
    GHashTable *sums;       /* path, group, activity, cause and idleness → struct stack_sum */
    GHashTable *symbols;    /* texts of a symbol → its number, from 1 */
    GPtrArray *descriptors; /* struct call_frame of each such number */
    GHashTable *children;   /* number of a frame and of a symbol → number of the frame called */
    GHashTable *stacks;     /* innermost frame, group, activity, cause and idleness → struct call_stack */
    guint kept_frames;
};

/* --- summing up
 * --------------------------------------------------------------------------------------------------- */

/* Threads of one body belong together; without a body, those of one name. */
static const char *group_of(const struct stack_pass *pass, guint32 serial)
{
    const struct thread *thread = g_hash_table_lookup(pass->threads, GUINT_TO_POINTER(serial));
    if (!thread)
        return NULL;
    return thread->region ? thread->region : thread->name;
}

static struct stack_sum *sum_of(struct stack_pass *pass, const struct stack_sum *like)
{
    gboolean known = like->stack && like->stack->image->target && like->stack->frame_count;
    g_autofree char *key = g_strdup_printf("%p %p %d %d %d %s", known ? (void *)like->stack->image : NULL,
                                           known ? (void *)like->stack->path : NULL, like->activity,
                                           like->cause, like->idle, like->group ? like->group : "");
    struct stack_sum *sum = g_hash_table_lookup(pass->sums, key);
    if (!sum) {
        sum = g_memdup2(like, sizeof(*like));
        if (!known)
            sum->stack = NULL;
        g_hash_table_insert(pass->sums, g_steal_pointer(&key), sum);
    }
    return sum;
}

static void add_sample(const struct sample_key *key, const struct sample_total *total, gpointer data)
{
    struct stack_pass *pass = data;
    const struct collection *collection = pass->attribution->collection;
    const struct traced_thread *thread = collection_find_thread(collection, key->thread);
    if (!thread || !thread->totals.sample_weight)
        return;
    const struct stack_sum like = {.stack = collection_find_stack(collection, key->stack),
                                   .group = group_of(pass, key->thread),
                                   .activity = ACTIVITY_RUNNING};
    struct stack_sum *sum = sum_of(pass, &like);
    double part = (double)total->weight / (double)thread->totals.sample_weight;
    sum->seconds += (double)thread->totals.on_cpu_ns / 1e9 * part;
    sum->runnable_seconds += (double)thread->totals.runnable_ns / 1e9 * part;
    sum->count += total->count;
}

static void add_wait(const struct wait_key *key, const struct wait_total *total, gpointer data)
{
    struct stack_pass *pass = data;
    const struct collection *collection = pass->attribution->collection;
    const struct traced_thread *thread = collection_find_thread(collection, key->thread);
    if (!thread)
        return;
    const struct stack_meaning *meaning = attribution_meaning(pass->attribution, key->stack);
    enum wait_cause cause = wait_cause_classify(key, (const char *const *)meaning->functions);
    const struct stack_sum like = {
        .stack = collection_find_stack(collection, key->stack),
        .group = group_of(pass, key->thread),
        .activity = ACTIVITY_BLOCKED,
        .cause = cause,
        .idle = attribution_wait_is_idle(pass->attribution, thread, cause, meaning),
    };
    struct stack_sum *sum = sum_of(pass, &like);
    sum->seconds += (double)total->blocked_ns / 1e9;
    sum->runnable_seconds += (double)total->runnable_ns / 1e9;
    sum->count += total->count;
}

/* What the thread's exact times have and its samples and waits do not: too short for a sample, or lost. */
static void add_unseen(struct stack_pass *pass, const struct traced_thread *thread)
{
    const struct thread_result *result = attribution_thread(pass->attribution, thread->serial);
    if (!result)
        return;
    struct stack_sum like = {.group = group_of(pass, thread->serial), .activity = ACTIVITY_RUNNING};
    if (!thread->totals.sample_weight && thread->totals.on_cpu_ns) {
        struct stack_sum *sum = sum_of(pass, &like);
        sum->seconds += (double)thread->totals.on_cpu_ns / 1e9;
        sum->runnable_seconds += (double)thread->totals.runnable_ns / 1e9;
    }
    if (result->lost_wait > 0) {
        like.activity = ACTIVITY_BLOCKED;
        like.cause = CAUSE_OTHER;
        sum_of(pass, &like)->seconds += result->lost_wait;
    }
}

/* --- frames
 * --------------------------------------------------------------------------------------------------- */

static guint descriptor_of(struct stack_pass *pass, const struct symbol *symbol)
{
    g_autofree char *function = symbol_base_name(symbol->function ? symbol->function : "?");
    const char *file = symbol->file ? region_map_relative(pass->attribution->map, symbol->file) : NULL;
    char *key = g_strdup_printf("%s\1%s\1%d\1%s", function, file ? file : "", symbol->line,
                                symbol->module ? symbol->module : "");
    guint number = GPOINTER_TO_UINT(g_hash_table_lookup(pass->symbols, key));
    if (number) {
        g_free(key);
        return number;
    }
    struct call_frame *descriptor = call_frame_new();
    descriptor->function = g_steal_pointer(&function);
    descriptor->file = g_strdup(file);
    descriptor->line = symbol->line;
    descriptor->module = g_strdup(symbol->module);
    g_ptr_array_add(pass->descriptors, descriptor);
    g_hash_table_insert(pass->symbols, key, GUINT_TO_POINTER(pass->descriptors->len));
    return pass->descriptors->len;
}

/* The number of the frame that `caller` calls; 0 when there is no more room. */
static int callee_of(struct stack_pass *pass, int caller, guint descriptor)
{
    gint64 edge = (gint64)caller << 32 | descriptor;
    int number = GPOINTER_TO_INT(g_hash_table_lookup(pass->children, &edge));
    if (number || pass->kept_frames >= FRAMES_KEPT)
        return number;
    const struct call_frame *like = g_ptr_array_index(pass->descriptors, descriptor - 1);
    struct call_frame *frame = call_frame_new();
    frame->caller = caller;
    frame->function = g_strdup(like->function);
    frame->file = g_strdup(like->file);
    frame->line = like->line;
    frame->module = g_strdup(like->module);
    g_ptr_array_add(pass->session->call_frames, frame);
    pass->kept_frames++;
    number = (int)pass->session->call_frames->len;
    g_hash_table_insert(pass->children, g_memdup2(&edge, sizeof(edge)), GINT_TO_POINTER(number));
    return number;
}

/* The number of the innermost frame; 0 when its stack no longer fits. */
static int frame_of(struct stack_pass *pass, const struct traced_stack *stack)
{
    int number = 0;
    for (guint i = stack->frame_count; i > 0; i--) {
        const GArray *symbols = target_symbolize(stack->image->target, stack->frames[i - 1], i > 1);
        for (guint k = symbols ? symbols->len : 0; k > 0; k--) {
            guint descriptor = descriptor_of(pass, &g_array_index(symbols, struct symbol, k - 1));
            number = callee_of(pass, number, descriptor);
            if (!number)
                return 0;
        }
    }
    return number;
}

/* --- into the session
 * --------------------------------------------------------------------------------------------------- */

static struct call_stack *call_stack_of(struct stack_pass *pass, const struct stack_sum *sum, int frame,
                                        gboolean merged)
{
    const char *group = merged ? NULL : sum->group;
    char *key = g_strdup_printf("%d %d %d %d %d %s", frame, merged, sum->activity, sum->cause, sum->idle,
                                group ? group : "");
    struct call_stack *stack = g_hash_table_lookup(pass->stacks, key);
    if (stack) {
        g_free(key);
        return stack;
    }
    stack = call_stack_new();
    stack->run = g_strdup(pass->run->id);
    stack->thread_group = g_strdup(group);
    stack->frame = frame;
    stack->activity = sum->activity;
    if (sum->activity == ACTIVITY_BLOCKED)
        stack->cause = g_strdup(wait_cause_name(sum->cause));
    stack->idle = sum->idle;
    g_hash_table_insert(pass->stacks, key, stack);
    g_ptr_array_add(pass->session->call_stacks, stack);
    return stack;
}

static gint compare_sums(gconstpointer first, gconstpointer second)
{
    const struct stack_sum *one = first, *other = second;
    if (one->seconds != other->seconds)
        return one->seconds > other->seconds ? -1 : 1;
    return one->count > other->count ? -1 : one->count < other->count;
}

static void keep_stacks(struct stack_pass *pass)
{
    guint kept[ACTIVITY_COUNT] = {0};
    GList *sums = g_list_sort(g_hash_table_get_values(pass->sums), compare_sums);
    for (const GList *each = sums; each; each = each->next) {
        const struct stack_sum *sum = each->data;
        gboolean fits = kept[sum->activity] < STACKS_KEPT;
        int frame = fits && sum->stack ? frame_of(pass, sum->stack) : 0;
        gboolean merged = !fits || (sum->stack && !frame);
        kept[sum->activity] += !merged;
        struct call_stack *stack = call_stack_of(pass, sum, frame, merged);
        stack->seconds += sum->seconds;
        stack->runnable_seconds += sum->runnable_seconds;
        stack->count += sum->count;
        stack->merged += merged;
    }
    g_list_free(sums);
}

void record_stacks(struct session *session, const struct run *run, struct attribution *attribution,
                   const struct watch *watch, GHashTable *threads)
{
    g_autoptr(GHashTable) sums = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GHashTable) symbols = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) descriptors = g_ptr_array_new_with_free_func((GDestroyNotify)call_frame_free);
    g_autoptr(GHashTable) children = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    g_autoptr(GHashTable) stacks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct stack_pass pass = {session, run,         attribution, threads, sums,
                              symbols, descriptors, children,    stacks,  0};
    watch_each_sample(watch, add_sample, &pass);
    watch_each_wait(watch, add_wait, &pass);
    const GPtrArray *list = attribution->collection->thread_list;
    for (guint i = 0; i < list->len; i++)
        add_unseen(&pass, g_ptr_array_index(list, i));
    keep_stacks(&pass);
}
