/* SPDX-License-Identifier: Apache-2.0 */
#include "model/work_class.h"
#include "reports/quantity.h"
#include "reports/text_sections.h"

#define WAITS_SHOWN 10
#define LOCKS_SHOWN 8

/* Wait edges that a reader would call the same wait, or the same lock. Strings are borrowed. */
struct wait_sum {
    const char *waiter, *holder;  /* groups of threads; holder NULL when unknown or outside the program */
    const char *object;           /* lock, or the cause when there is none */
    const struct wait_edge *edge; /* the first */
    gboolean is_lock;
    double seconds;
    guint64 count;
    double holder_seconds; /* of the edge that names `holder`, for locks */
};

static gint compare_sums(gconstpointer left, gconstpointer right)
{
    const struct wait_sum *a = *(struct wait_sum *const *)left, *b = *(struct wait_sum *const *)right;
    if (a->seconds != b->seconds)
        return a->seconds > b->seconds ? -1 : 1;
    int order = g_strcmp0(a->object, b->object);
    return order ? order : g_strcmp0(a->waiter, b->waiter);
}

static const char *object_of(const struct report_index *index, const struct wait_edge *edge)
{
    return edge->lock ? report_index_lock_name(index, edge->lock) : wait_cause_name(edge->cause);
}

static gboolean is_lock_wait(const struct wait_edge *edge)
{
    return edge->lock || wait_cause_is_lock(edge->cause);
}

static struct wait_sum *sum_of(GHashTable *by_key, GPtrArray *sums, char *key, const struct wait_edge *edge)
{
    struct wait_sum *sum = g_hash_table_lookup(by_key, key);
    if (sum) {
        g_free(key);
        return sum;
    }
    sum = g_new0(struct wait_sum, 1);
    sum->edge = edge;
    sum->is_lock = is_lock_wait(edge);
    g_ptr_array_add(sums, sum);
    g_hash_table_insert(by_key, key, sum);
    return sum;
}

static GPtrArray *collect_waits(const struct report_index *index, gboolean with_idle, double *idle_seconds)
{
    GPtrArray *sums = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < index->session->waits->len; i++) {
        const struct wait_edge *edge = g_ptr_array_index(index->session->waits, i);
        if (!report_index_is_shown(index, edge->run))
            continue;
        *idle_seconds += edge->idle ? edge->seconds : 0;
        if (edge->idle && !with_idle)
            continue;
        const char *waiter = report_index_thread_group(index, edge->waiter);
        const char *holder = report_index_thread_group(index, edge->holder);
        const char *object = object_of(index, edge);
        char *key = g_strdup_printf("%s\n%s\n%s\n%s:%d\n%d", waiter, holder ? holder : "", object,
                                    edge->file ? edge->file : "", edge->line, edge->idle);
        struct wait_sum *sum = sum_of(by_key, sums, key, edge);
        sum->waiter = waiter;
        sum->holder = holder;
        sum->object = object;
        sum->seconds += edge->seconds;
        sum->count += edge->count;
    }
    g_ptr_array_sort(sums, compare_sums);
    return sums;
}

static char *place_of(const struct wait_edge *edge)
{
    if (edge->file)
        return g_strdup_printf("%s:%d", edge->file, edge->line);
    return g_strdup(edge->function);
}

static void add_wait_row(struct text_table *table, const struct wait_sum *sum)
{
    enum text_style style = sum->edge->idle ? TEXT_DIM : TEXT_PLAIN;
    text_table_add(table, style, sum->waiter);
    text_table_add(table, style, sum->holder ? sum->holder : sum->is_lock ? "?" : "-");
    text_table_add(table, style, sum->object);
    text_table_take(table, style, quantity_seconds(sum->seconds));
    text_table_take(table, style, quantity_count(sum->count));
    text_table_take(table, style, place_of(sum->edge));
    text_table_add(table, style, sum->edge->idle ? "idle" : NULL);
}

void text_wait_section(const struct report_index *index, struct text_page *page)
{
    static const struct text_column columns[] = {
        {"waiter", TEXT_LEFT, 14}, {"for", TEXT_LEFT, 12}, {"on", TEXT_LEFT, 16}, {"waited", TEXT_RIGHT, 0},
        {"times", TEXT_RIGHT, 0},  {"at", TEXT_LEFT, 16},  {"", TEXT_LEFT, 0},
    };
    double idle_seconds = 0;
    if (!index->run)
        return;
    g_autoptr(GPtrArray) sums = collect_waits(index, page->all, &idle_seconds);
    g_autofree char *idle = quantity_seconds(idle_seconds);
    g_autofree char *remark =
        idle_seconds > 0 && !page->all
            ? g_strdup_printf("who waited for whom; %s of waiting for the next task left out", idle)
            : g_strdup("who waited for whom");
    text_page_heading(page, "Waits", remark);
    if (sums->len == 0) {
        text_page_paragraph(page, 2, TEXT_PLAIN, "No thread waited for another, nor for anything outside.");
        return;
    }
    g_autoptr(TextTable) table = text_table_new(columns, G_N_ELEMENTS(columns));
    guint shown = page->all ? sums->len : MIN(sums->len, WAITS_SHOWN);
    for (guint i = 0; i < shown; i++)
        add_wait_row(table, g_ptr_array_index(sums, i));
    text_table_write(table, page);
    text_left_out(page, sums->len, shown);
}

/* One sum per lock; the holder is that of its longest edge. */
static GPtrArray *collect_locks(const struct report_index *index)
{
    GPtrArray *sums = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < index->session->waits->len; i++) {
        const struct wait_edge *edge = g_ptr_array_index(index->session->waits, i);
        if (!report_index_is_shown(index, edge->run) || edge->idle || !edge->lock)
            continue;
        struct wait_sum *sum = sum_of(by_key, sums, g_strdup(edge->lock), edge);
        sum->object = report_index_lock_name(index, edge->lock);
        sum->seconds += edge->seconds;
        sum->count += edge->count;
        if (edge->holder && edge->seconds > sum->holder_seconds) {
            sum->holder = report_index_thread_group(index, edge->holder);
            sum->holder_seconds = edge->seconds;
        }
    }
    g_ptr_array_sort(sums, compare_sums);
    return sums;
}

static void add_lock_row(const struct report_index *index, struct text_table *table,
                         const struct wait_sum *sum)
{
    const struct lock *lock = g_hash_table_lookup(index->locks, sum->edge->lock);
    text_table_add(table, TEXT_PLAIN, sum->object);
    text_table_add(table, TEXT_PLAIN, lock_kind_name(report_index_lock_kind(index, sum->edge)));
    text_table_take(table, TEXT_PLAIN, quantity_seconds(sum->seconds));
    text_table_take(table, TEXT_PLAIN, quantity_count(sum->count));
    text_table_take(table, TEXT_PLAIN, quantity_seconds(sum->seconds / (double)MAX(sum->count, 1)));
    text_table_add(table, TEXT_PLAIN, sum->holder ? sum->holder : "?");
    text_table_take(table, TEXT_PLAIN,
                    lock && lock->file ? g_strdup_printf("%s:%d", lock->file, lock->line) : NULL);
}

void text_lock_section(const struct report_index *index, struct text_page *page)
{
    static const struct text_column columns[] = {
        {"lock", TEXT_LEFT, 20},     {"kind", TEXT_LEFT, 0},  {"waited", TEXT_RIGHT, 0},
        {"times", TEXT_RIGHT, 0},    {"mean", TEXT_RIGHT, 0}, {"mostly held or signalled by", TEXT_LEFT, 12},
        {"declared", TEXT_LEFT, 12},
    };
    if (!index->run)
        return;
    g_autoptr(GPtrArray) sums = collect_locks(index);
    text_page_heading(page, "Locks", "by waited time");
    if (sums->len == 0) {
        text_page_paragraph(page, 2, TEXT_PLAIN, "No lock was waited for.");
        return;
    }
    g_autoptr(TextTable) table = text_table_new(columns, G_N_ELEMENTS(columns));
    guint shown = page->all ? sums->len : MIN(sums->len, LOCKS_SHOWN);
    for (guint i = 0; i < shown; i++)
        add_lock_row(index, table, g_ptr_array_index(sums, i));
    text_table_write(table, page);
    text_left_out(page, sums->len, shown);
}
