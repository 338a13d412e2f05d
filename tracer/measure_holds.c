/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/measure.h"

/* How long locks were held that are taken where one critical section begins. */
struct section_holds {
    struct hold_total total;
    struct histogram durations;
};

struct hold_pass {
    struct attribution *attribution;
    GHashTable *sections; /* index + 1 → struct section_holds */
};

/* NULL when no section begins where the stack calls. */
static struct section_holds *section_of(struct hold_pass *pass, guint64 stack)
{
    const struct stack_meaning *meaning = attribution_meaning(pass->attribution, stack);
    if (meaning->lock_call == NO_REGION)
        return NULL;
    gpointer key = GUINT_TO_POINTER(meaning->lock_call + 1);
    struct section_holds *holds = g_hash_table_lookup(pass->sections, key);
    if (!holds) {
        holds = g_new0(struct section_holds, 1);
        g_hash_table_insert(pass->sections, key, holds);
    }
    return holds;
}

static void add_total(guint64 stack, const struct hold_total *total, gpointer data)
{
    struct section_holds *holds = section_of(data, stack);
    if (!holds)
        return;
    holds->total.count += total->count;
    holds->total.hold_ns += total->hold_ns;
    holds->total.longest_ns = MAX(holds->total.longest_ns, total->longest_ns);
}

static void add_part(const struct hold_part *key, guint64 count, gpointer data)
{
    struct section_holds *holds = section_of(data, key->stack);
    if (holds)
        histogram_add_part(&holds->durations, key->part, count);
}

void measure_holds(struct session *session, const struct run *run, struct attribution *attribution,
                   const struct watch *watch)
{
    g_autoptr(GHashTable) sections = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    struct hold_pass pass = {attribution, sections};
    watch_each_hold(watch, add_total, &pass);
    watch_each_hold_part(watch, add_part, &pass);
    for (guint i = 0; i < session->regions->len; i++) {
        const struct section_holds *holds = g_hash_table_lookup(sections, GUINT_TO_POINTER(i + 1));
        const char *id = ((const struct region *)g_ptr_array_index(session->regions, i))->id;
        if (!holds)
            continue;
        const struct {
            const char *metric;
            double value;
        } rows[] = {
            {"lock_acquisitions", (double)holds->total.count},
            {"lock_hold_seconds", (double)holds->total.hold_ns / 1e9},
            {"lock_longest_hold_seconds", (double)holds->total.longest_ns / 1e9},
        };
        for (guint row = 0; row < G_N_ELEMENTS(rows); row++)
            session_add_measurement(session, run->id, SUBJECT_REGION, id, rows[row].metric, rows[row].value,
                                    holds->total.count);
        if (holds->durations.total)
            measure_quantiles(session, run, SUBJECT_REGION, id, "lock_hold_seconds_p50",
                              "lock_hold_seconds_p99", &holds->durations);
    }
}
