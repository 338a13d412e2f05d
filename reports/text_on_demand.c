/* SPDX-License-Identifier: Apache-2.0 */
/* What a trace measures only when it is asked for: system calls and uses of locks. */
#include <math.h>
#include <string.h>

#include "reports/quantity.h"
#include "reports/text_sections.h"

#define ROWS_SHOWN 12

/* One system call, or one lock. */
struct use_sum {
    const char *name;
    guint64 count;
    double seconds, longest; /* NaN: not measured */
};

static gint compare_sums(gconstpointer first, gconstpointer second)
{
    const struct use_sum *one = *(const struct use_sum *const *)first,
                         *other = *(const struct use_sum *const *)second;
    double left = isnan(one->seconds) ? 0 : one->seconds, right = isnan(other->seconds) ? 0 : other->seconds;
    if (left != right)
        return left > right ? -1 : 1;
    if (one->count != other->count)
        return one->count > other->count ? -1 : 1;
    return g_strcmp0(one->name, other->name);
}

static void write_uses(struct text_page *page, GPtrArray *sums, const char *title, const char *remark,
                       const struct text_column *columns, guint column_count)
{
    if (sums->len == 0)
        return;
    g_ptr_array_sort(sums, compare_sums);
    guint shown = page->all ? sums->len : MIN(sums->len, ROWS_SHOWN);
    g_autoptr(TextTable) table = text_table_new(columns, column_count);
    for (guint i = 0; i < shown; i++) {
        const struct use_sum *sum = g_ptr_array_index(sums, i);
        gboolean timed = !isnan(sum->seconds) && sum->count;
        text_table_add(table, TEXT_PLAIN, sum->name);
        text_table_take(table, TEXT_PLAIN, quantity_count(sum->count));
        text_table_take(table, TEXT_PLAIN, timed ? quantity_seconds(sum->seconds) : NULL);
        text_table_take(table, TEXT_PLAIN,
                        timed ? quantity_seconds(sum->seconds / (double)sum->count) : NULL);
        text_table_take(table, TEXT_PLAIN, timed ? quantity_seconds(sum->longest) : NULL);
    }
    text_page_heading(page, title, remark);
    text_table_write(table, page);
    text_left_out(page, sums->len, shown);
}

static double value_of(const struct report_index *index, enum subject_kind kind, const char *subject,
                       const char *family, const char *name)
{
    g_autofree char *metric = g_strconcat(family, name, NULL);
    return report_index_value(index, kind, subject, metric);
}

void text_call_section(const struct report_index *index, struct text_page *page)
{
    static const char counts[] = "syscalls.";
    static const struct text_column columns[] = {{"call", TEXT_LEFT, 12},
                                                 {"times", TEXT_RIGHT, 0},
                                                 {"inside", TEXT_RIGHT, 0},
                                                 {"mean", TEXT_RIGHT, 0},
                                                 {"longest", TEXT_RIGHT, 0}};
    g_autoptr(GPtrArray) sums = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; index->run && i < index->session->measurements->len; i++) {
        const struct measurement *each = g_ptr_array_index(index->session->measurements, i);
        if (each->subject_kind != SUBJECT_PROGRAM || !g_str_has_prefix(each->metric, counts) ||
            !report_index_is_shown(index, each->run))
            continue;
        struct use_sum *sum = g_new0(struct use_sum, 1);
        sum->name = each->metric + strlen(counts);
        sum->count = (guint64)each->value;
        sum->seconds = value_of(index, SUBJECT_PROGRAM, NULL, "syscall_seconds.", sum->name);
        sum->longest = value_of(index, SUBJECT_PROGRAM, NULL, "syscall_longest_seconds.", sum->name);
        g_ptr_array_add(sums, sum);
    }
    write_uses(page, sums, "System calls", "time inside includes waits", columns, G_N_ELEMENTS(columns));
}

/* Locks, or the critical sections that hold them. */
static GPtrArray *lock_uses(const struct report_index *index, enum subject_kind kind)
{
    GPtrArray *sums = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; index->run && i < index->session->measurements->len; i++) {
        const struct measurement *each = g_ptr_array_index(index->session->measurements, i);
        if (each->subject_kind != kind || strcmp(each->metric, "lock_acquisitions") != 0 ||
            !report_index_is_shown(index, each->run))
            continue;
        struct use_sum *sum = g_new0(struct use_sum, 1);
        sum->name = kind == SUBJECT_LOCK ? report_index_lock_name(index, each->subject) : each->subject;
        sum->count = (guint64)each->value;
        sum->seconds = value_of(index, kind, each->subject, "lock_hold_seconds", "");
        sum->longest = value_of(index, kind, each->subject, "lock_longest_hold_seconds", "");
        g_ptr_array_add(sums, sum);
    }
    return sums;
}

void text_lock_use_section(const struct report_index *index, struct text_page *page)
{
    static const struct text_column columns[] = {{"lock", TEXT_LEFT, 16},
                                                 {"taken", TEXT_RIGHT, 0},
                                                 {"held", TEXT_RIGHT, 0},
                                                 {"mean", TEXT_RIGHT, 0},
                                                 {"longest", TEXT_RIGHT, 0}};
    static const struct text_column sections[] = {{"critical section", TEXT_LEFT, 24},
                                                  {"entered", TEXT_RIGHT, 0},
                                                  {"held", TEXT_RIGHT, 0},
                                                  {"mean", TEXT_RIGHT, 0},
                                                  {"longest", TEXT_RIGHT, 0}};
    g_autoptr(GPtrArray) locks = lock_uses(index, SUBJECT_LOCK);
    g_autoptr(GPtrArray) entered = lock_uses(index, SUBJECT_REGION);
    write_uses(page, locks, "Lock uses", "also without a wait", columns, G_N_ELEMENTS(columns));
    write_uses(page, entered, "Critical sections", "how long each held its lock", sections,
               G_N_ELEMENTS(sections));
}
