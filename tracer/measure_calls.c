/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/measure.h"
#include "tracer/system_call.h"

/* Sums of one system call: of a thread, or of the program. */
struct call_sum {
    guint32 thread; /* 0: the program */
    gint32 number;
    struct call_total total;
};

struct call_pass {
    const struct collection *collection;
    GHashTable *sums; /* struct call_sum to itself */
};

static guint sum_hash(gconstpointer pointer)
{
    const struct call_sum *sum = pointer;
    return sum->thread * 1024 + (guint)sum->number;
}

static gboolean sum_equal(gconstpointer first, gconstpointer second)
{
    const struct call_sum *one = first, *other = second;
    return one->thread == other->thread && one->number == other->number;
}

static void add_to(GHashTable *sums, guint32 thread, gint32 number, const struct call_total *total)
{
    struct call_sum key = {.thread = thread, .number = number};
    struct call_sum *sum = g_hash_table_lookup(sums, &key);
    if (!sum) {
        sum = g_memdup2(&key, sizeof(key));
        g_hash_table_add(sums, sum);
    }
    sum->total.count += total->count;
    sum->total.total_ns += total->total_ns;
    sum->total.longest_ns = MAX(sum->total.longest_ns, total->longest_ns);
}

static void add_call(const struct call_key *key, const struct call_total *total, gpointer data)
{
    const struct call_pass *pass = data;
    if (!collection_find_thread(pass->collection, key->thread))
        return; /* of the launched process before its program began */
    add_to(pass->sums, key->thread, key->number, total);
    add_to(pass->sums, 0, key->number, total);
}

static gint compare_sums(gconstpointer first, gconstpointer second)
{
    const struct call_sum *one = first, *other = second;
    if (one->thread != other->thread)
        return one->thread < other->thread ? -1 : 1;
    return one->number - other->number;
}

static void measure_call(struct session *session, const struct run *run, const char *thread,
                         const struct call_sum *sum, double scale)
{
    enum subject_kind kind = thread ? SUBJECT_THREAD : SUBJECT_PROGRAM;
    g_autofree char *name = system_call_name(sum->number);
    g_autofree char *count = g_strdup_printf("syscalls.%s", name);
    g_autofree char *seconds = g_strdup_printf("syscall_seconds.%s", name);
    g_autofree char *longest = g_strdup_printf("syscall_longest_seconds.%s", name);
    guint64 samples = sum->total.count;
    session_add_measurement(session, run->id, kind, thread, count, (double)samples * scale, samples);
    if (!sum->total.longest_ns)
        return;
    session_add_measurement(session, run->id, kind, thread, seconds,
                            (double)sum->total.total_ns / 1e9 * scale, samples);
    session_add_measurement(session, run->id, kind, thread, longest, (double)sum->total.longest_ns / 1e9,
                            samples);
}

void measure_calls(struct session *session, const struct run *run, const struct collection *collection,
                   const struct watch *watch, GHashTable *threads)
{
    g_autoptr(GHashTable) sums = g_hash_table_new_full(sum_hash, sum_equal, NULL, g_free);
    struct call_pass pass = {collection, sums};
    double watched = (double)watch_calls_ns(watch) / 1e9;
    watch_each_call(watch, add_call, &pass);
    /* Watched in slices: what was seen stands for the rest. All the time: it is exact. */
    double scale = watch_calls_are_sliced(watch) && watched > 0 ? MAX(1, run->seconds / watched) : 1;
    GList *sorted = g_list_sort(g_hash_table_get_keys(sums), compare_sums);
    for (const GList *each = sorted; each; each = each->next) {
        const struct call_sum *sum = each->data;
        const struct thread *thread =
            sum->thread ? g_hash_table_lookup(threads, GUINT_TO_POINTER(sum->thread)) : NULL;
        measure_call(session, run, thread ? thread->id : NULL, sum, scale);
    }
    g_list_free(sorted);
}
