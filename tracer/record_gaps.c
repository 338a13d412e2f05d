/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/record_gaps.h"

#include <string.h>

#include "tracer/wait_cause.h"

struct gap_pass {
    struct session *session;
    const struct run *run;
    struct attribution *attribution;
    GHashTable *units;   /* file → struct unit */
    GHashTable *unknown; /* names of functions without effects */
    GHashTable *gaps;    /* what, name and missing → struct gap */
};

/* Takes `missing` over. */
static void add_gap(struct gap_pass *pass, const char *what, const char *name, const char *file, int line,
                    double seconds, char *missing)
{
    g_autofree char *key = g_strdup_printf("%s\1%s\1%s", what, name, missing);
    struct gap *gap = g_hash_table_lookup(pass->gaps, key);
    if (!gap) {
        gap = gap_new();
        gap->run = g_strdup(pass->run->id);
        gap->what = g_strdup(what);
        gap->name = g_strdup(name);
        gap->file = g_strdup(file);
        gap->line = line;
        gap->missing = g_strdup(missing);
        g_hash_table_insert(pass->gaps, g_steal_pointer(&key), gap);
    }
    gap->seconds += seconds;
    g_free(missing);
}

/* Why a function of the program has no region. */
static char *missing_region(const struct gap_pass *pass, const struct symbol *place, const char *file)
{
    g_autofree char *module = g_path_get_basename(place->module ? place->module : "?");
    if (!file)
        return g_strdup_printf("debug information: %s was compiled without -g", module);
    const struct unit *unit = g_hash_table_lookup(pass->units, file);
    if (!unit)
        return g_strdup_printf("the unit: %s was not analysed", file);
    if (unit->error)
        return g_strdup_printf("the unit: %s could not be analysed: %s", file, unit->error);
    return g_strdup("the region: the analysis of its unit does not have this function");
}

/* No frame of the program: the innermost is named instead. */
static void add_foreign(struct gap_pass *pass, const char *what, guint64 id, double seconds)
{
    const struct traced_stack *stack = collection_find_stack(pass->attribution->collection, id);
    const GArray *symbols = stack && stack->image->target && stack->frame_count
                                ? target_symbolize(stack->image->target, stack->frames[0], FALSE)
                                : NULL;
    if (!symbols || !symbols->len) {
        add_gap(pass, what, "unknown code", NULL, 0, seconds, g_strdup("the stack: it was not seen"));
        return;
    }
    const struct symbol *symbol = &g_array_index(symbols, struct symbol, 0);
    g_autofree char *module = g_path_get_basename(symbol->module ? symbol->module : "?");
    add_gap(pass, what, module, NULL, 0, seconds,
            stack->end == UNWIND_COMPLETE
                ? g_strdup("a caller: no frame of the program is on its stack")
                : g_strdup_printf("the callers: the stack could not be followed (%s)",
                                  unwind_end_name(stack->end)));
}

/* The innermost regions are all said to be light; NULL when one is not. */
static const struct region *light_region(const struct gap_pass *pass, const struct stack_meaning *meaning)
{
    const struct region *light = NULL;
    for (guint i = 0; i < meaning->self_count; i++) {
        light = g_ptr_array_index(pass->session->regions, g_array_index(meaning->regions, guint, i));
        if (light->class != WORK_LIGHT)
            return NULL;
    }
    return light;
}

static char *missing_class(const struct gap_pass *pass, const struct stack_meaning *meaning)
{
    guint count = g_strv_length(meaning->functions);
    const char *called = count ? meaning->functions[count - 1] : NULL;
    if (!called)
        return g_strdup("a class: its loops are estimated to run less often");
    if (g_hash_table_contains(pass->unknown, called))
        return g_strdup_printf("effects of %s: nothing is known of it (docs/effects.md)", called);
    return g_strdup_printf("a class: %s takes longer than its effects say", called);
}

static void note_stack(struct gap_pass *pass, const char *what, guint64 stack, double seconds)
{
    const struct stack_meaning *meaning = attribution_meaning(pass->attribution, stack);
    const struct symbol *place = meaning->place;
    const struct region *light = light_region(pass, meaning);
    if (!place) {
        add_foreign(pass, what, stack, seconds);
    } else if (light) {
        add_gap(pass, what, light->id, light->file, light->line, seconds, missing_class(pass, meaning));
    } else if (!meaning->self_count) {
        const char *file = place->file ? region_map_relative(pass->attribution->map, place->file) : NULL;
        g_autofree char *name = place->function ? symbol_base_name(place->function) : g_strdup("?");
        add_gap(pass, what, name, file, place->line, seconds, missing_region(pass, place, file));
    }
}

static void note_sample(const struct sample_key *key, const struct sample_total *total, gpointer data)
{
    struct gap_pass *pass = data;
    const struct traced_thread *thread = collection_find_thread(pass->attribution->collection, key->thread);
    if (!thread || !thread->totals.sample_weight)
        return;
    double seconds =
        (double)thread->totals.on_cpu_ns / 1e9 * (double)total->weight / (double)thread->totals.sample_weight;
    note_stack(pass, "hot", key->stack, seconds);
}

static void note_wait(const struct wait_key *key, const struct wait_total *total, gpointer data)
{
    struct gap_pass *pass = data;
    const struct traced_thread *thread = collection_find_thread(pass->attribution->collection, key->thread);
    const struct stack_meaning *meaning = attribution_meaning(pass->attribution, key->stack);
    enum wait_cause cause = wait_cause_classify(key, (const char *const *)meaning->functions);
    if (thread && !attribution_wait_is_idle(pass->attribution, thread, cause, meaning))
        note_stack(pass, "blocking", key->stack, (double)total->blocked_ns / 1e9);
}

static void note_threads(struct gap_pass *pass, GHashTable *threads)
{
    const GPtrArray *list = pass->attribution->collection->thread_list;
    for (guint i = 0; i < list->len; i++) {
        const struct traced_thread *traced = g_ptr_array_index(list, i);
        const struct thread *thread = g_hash_table_lookup(threads, GUINT_TO_POINTER(traced->serial));
        const struct thread_result *result = attribution_thread(pass->attribution, traced->serial);
        if (traced->is_main || !thread || thread->region || !result)
            continue;
        const struct tally *tally = &result->tally;
        add_gap(pass, "thread", traced->name, NULL, 0, time_split_active(&tally->split),
                g_strdup(tally->samples || tally->waits
                             ? "a thread body: none of the functions on its stacks is known as one"
                             : "a stack: it ended before one could be seen"));
    }
}

/* A critical section of the lock, as the source has it. */
static gboolean has_site(const struct session *session, const char *lock)
{
    for (guint i = 0; i < session->regions->len; i++) {
        const struct region *region = g_ptr_array_index(session->regions, i);
        if (g_strcmp0(region->lock, lock) == 0)
            return TRUE;
    }
    return FALSE;
}

static void note_locks(struct gap_pass *pass)
{
    for (guint i = 0; i < pass->session->locks->len; i++) {
        const struct lock *lock = g_ptr_array_index(pass->session->locks, i);
        const struct measurement *waited = session_find_measurement(
            pass->session, pass->run->id, SUBJECT_LOCK, lock->id, "lock_wait_seconds");
        gboolean held = lock->kind == LOCK_MUTEX || lock->kind == LOCK_RWLOCK || lock->kind == LOCK_SPINLOCK;
        if (!waited || !held || has_site(pass->session, lock->id))
            continue;
        add_gap(pass, "lock", lock->name, lock->file, lock->line, waited->value,
                g_strdup(lock->traced ? "a site: the analysis knows no lock of this name"
                                      : "a critical section: where it is taken was not found in the source"));
    }
}

static gint compare_gaps(gconstpointer first, gconstpointer second)
{
    const struct gap *one = first, *other = second;
    if (one->seconds != other->seconds)
        return one->seconds > other->seconds ? -1 : 1;
    return strcmp(one->name, other->name);
}

/* The largest first; what is too small to matter is dropped. */
static void keep_gaps(struct gap_pass *pass)
{
    double least = GAP_SHARE * time_split_active(&pass->attribution->program.split);
    GList *gaps = g_list_sort(g_hash_table_get_values(pass->gaps), compare_gaps);
    for (const GList *each = gaps; each; each = each->next) {
        struct gap *gap = each->data;
        if (gap->seconds >= least && gap->seconds > 0)
            g_ptr_array_add(pass->session->gaps, gap);
        else
            gap_free(gap);
    }
    g_list_free(gaps);
}

void record_gaps(struct session *session, const struct run *run, struct attribution *attribution,
                 const struct watch *watch, GHashTable *threads)
{
    if (!session->program)
        return;
    g_autoptr(GHashTable) units = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) unknown = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) gaps = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct gap_pass pass = {session, run, attribution, units, unknown, gaps};
    for (guint i = 0; i < session->units->len; i++) {
        struct unit *unit = g_ptr_array_index(session->units, i);
        g_hash_table_insert(units, unit->file, unit);
    }
    for (guint i = 0; i < session->unknown_functions->len; i++)
        g_hash_table_add(unknown,
                         ((struct unknown_function *)g_ptr_array_index(session->unknown_functions, i))->name);
    watch_each_sample(watch, note_sample, &pass);
    watch_each_wait(watch, note_wait, &pass);
    note_threads(&pass, threads);
    note_locks(&pass);
    keep_gaps(&pass);
}
