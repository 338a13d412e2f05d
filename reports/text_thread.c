/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "reports/quantity.h"
#include "reports/text_sections.h"

#define GROUPS_SHOWN 8

/* Threads that run the same body, or have the same name. Sums in seconds. */
struct thread_group {
    const char *name;
    guint count;
    double life, active, idle, wall;
    double cpu, runqueue, io, lock; /* of active */
    double voluntary, involuntary;  /* switches */
};

static double value_or_zero(const struct report_index *index, const struct thread *thread, const char *metric)
{
    double value = report_index_value(index, SUBJECT_THREAD, thread->id, metric);
    return isfinite(value) ? value : 0;
}

static void add_thread(const struct report_index *index, struct thread_group *group,
                       const struct thread *thread)
{
    double active = value_or_zero(index, thread, "active_seconds");
    double runqueue = value_or_zero(index, thread, "runqueue_share") * active;
    group->count++;
    group->life += thread->seconds;
    group->active += active;
    group->idle += value_or_zero(index, thread, "idle_seconds");
    group->wall += value_or_zero(index, thread, "wall_seconds");
    group->runqueue += runqueue;
    group->cpu += value_or_zero(index, thread, "cpu_share") * active - runqueue;
    group->io += value_or_zero(index, thread, "io_share") * active;
    group->lock += value_or_zero(index, thread, "lock_share") * active;
    group->voluntary += value_or_zero(index, thread, "switches.voluntary");
    group->involuntary += value_or_zero(index, thread, "switches.involuntary");
}

static gint compare_groups(gconstpointer left, gconstpointer right)
{
    const struct thread_group *a = *(struct thread_group *const *)left,
                              *b = *(struct thread_group *const *)right;
    if (a->active != b->active)
        return a->active > b->active ? -1 : 1;
    return g_strcmp0(a->name, b->name);
}

static GPtrArray *collect_groups(const struct report_index *index)
{
    GPtrArray *groups = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < index->session->threads->len; i++) {
        const struct thread *thread = g_ptr_array_index(index->session->threads, i);
        if (!report_index_is_shown(index, thread->run))
            continue;
        const char *name = report_index_thread_group(index, thread->id);
        struct thread_group *group = g_hash_table_lookup(by_name, name);
        if (!group) {
            group = g_new0(struct thread_group, 1);
            group->name = name;
            g_ptr_array_add(groups, group);
            g_hash_table_insert(by_name, (gpointer)name, group);
        }
        add_thread(index, group, thread);
    }
    g_ptr_array_sort(groups, compare_groups);
    return groups;
}

static void add_row(struct text_table *table, const struct thread_group *group)
{
    double per_active = group->active > 0 ? 1 / group->active : NAN;
    struct text_split split = {
        .cpu = group->cpu * per_active,
        .runqueue = group->runqueue * per_active,
        .io = group->io * per_active,
        .lock = group->lock * per_active,
        .idle = group->wall > 0 ? group->idle / group->wall : NAN,
    };
    text_table_add(table, TEXT_PLAIN, group->name);
    text_table_take(table, TEXT_PLAIN, quantity_count(group->count));
    text_table_take(table, TEXT_PLAIN, group->wall > 0 ? quantity_seconds(group->active) : NULL);
    text_split_add(table, &split);
    text_table_take(table, TEXT_PLAIN, quantity_seconds(group->life / group->count));
    text_table_take(table, TEXT_PLAIN, quantity_count((guint64)group->voluntary));
    text_table_take(table, TEXT_PLAIN, quantity_count((guint64)group->involuntary));
}

void text_thread_section(const struct report_index *index, struct text_page *page)
{
    static const struct text_column columns[] = {
        {"body or name", TEXT_LEFT, 16}, {"threads", TEXT_RIGHT, 0},
        {"active", TEXT_RIGHT, 0},       TEXT_SPLIT_COLUMNS,
        {"mean life", TEXT_RIGHT, 0},    {"blocked", TEXT_RIGHT, 0},
        {"preempted", TEXT_RIGHT, 0},
    };
    if (!index->run)
        return;
    text_page_heading(page, "Threads", "grouped by what they run; blocked and preempted count switches");
    g_autoptr(GPtrArray) groups = collect_groups(index);
    if (groups->len == 0) {
        text_page_paragraph(page, 2, TEXT_PLAIN, "No thread was seen.");
        return;
    }
    g_autoptr(TextTable) table = text_table_new(columns, G_N_ELEMENTS(columns));
    guint shown = page->all ? groups->len : MIN(groups->len, GROUPS_SHOWN);
    for (guint i = 0; i < shown; i++)
        add_row(table, g_ptr_array_index(groups, i));
    text_table_write(table, page);
    text_left_out(page, groups->len, shown);
}
