/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "model/work_class.h"
#include "reports/escape.h"
#include "reports/quantity.h"
#include "reports/text_sections.h"

#define FAILED_UNITS_SHOWN 3
#define REASONS_SHOWN      3

/* Notes are gathered first, so that the heading appears only with content. */
static void take_note(GPtrArray *notes, char *note)
{
    g_ptr_array_add(notes, note);
}

static void note_run(const struct report_index *index, GPtrArray *notes)
{
    const struct run *run = index->run;
    if (!run)
        return;
    if (run->lost_events > 0) {
        g_autofree char *lost = quantity_count(run->lost_events);
        take_note(notes,
                  g_strdup_printf("%s event%s lost while watching: times and counts are too low by these.",
                                  lost, run->lost_events == 1 ? " was" : "s were"));
    }
    if (run->exit_status > 0)
        take_note(notes, g_strdup_printf("The command ended with status %d.", run->exit_status));
    if (index->session->runs->len > 1)
        take_note(notes, g_strdup_printf("The session holds %u runs; this is the newest.",
                                         index->session->runs->len));
}

/* What watching cost, so that nobody must believe a figure from elsewhere. */
static void note_cost(const struct report_index *index, GPtrArray *notes)
{
    double own = NAN, programs = 0;
    for (guint i = 0; index->run && i < index->session->measurements->len; i++) {
        const struct measurement *each = g_ptr_array_index(index->session->measurements, i);
        if (each->subject_kind != SUBJECT_PROGRAM || g_strcmp0(each->run, index->run->id) != 0)
            continue;
        if (strcmp(each->metric, "tracer_cpu_seconds") == 0)
            own = each->value;
        else if (g_str_has_prefix(each->metric, "tracer_program_seconds."))
            programs += each->value;
    }
    if (!index->run || isnan(own) || !(index->run->seconds > 0))
        return;
    g_autofree char *used = quantity_percent(own / index->run->seconds);
    g_autofree char *inside = quantity_percent(programs / index->run->seconds);
    take_note(notes,
              programs > 0
                  ? g_strdup_printf("Watching took %s of a core in the kernel, and %s for corewise itself.",
                                    inside, used)
                  : g_strdup_printf("Watching took %s of a core for corewise itself.", used));
}

/* Time under a stack that ends too soon may be missing at the functions that would have come. */
static void note_stacks(const struct report_index *index, GPtrArray *notes)
{
    const double least_share = 0.001;
    static const struct {
        const char *metric, *text;
    } ends[] = {{"stacks.truncated", "longer than what is copied"},
                {"stacks.no_rule", "code without unwind tables"},
                {"stacks.bad_memory", "no return address where one should be"}};
    g_autoptr(GString) why = g_string_new(NULL);
    double lost = 0;
    for (guint i = 0; index->run && i < G_N_ELEMENTS(ends); i++) {
        const struct measurement *found =
            session_find_measurement(index->session, index->run->id, SUBJECT_PROGRAM, NULL, ends[i].metric);
        if (!found || !(found->value > 0) || !found->samples)
            continue;
        double share = found->value / (double)found->samples;
        g_autofree char *percent = quantity_percent(share);
        g_string_append_printf(why, "%s%s %s", why->len ? ", " : "", percent, ends[i].text);
        lost += share;
    }
    g_autofree char *percent = quantity_percent(lost);
    if (lost >= least_share)
        take_note(notes, g_strdup_printf("The stacks of %s of the waits and samples could not be followed to "
                                         "their end: %s.",
                                         percent, why->str));
}

static void note_unattributed(const struct report_index *index, GPtrArray *notes)
{
    const double least_share = 0.01;
    const struct measurement *none =
        index->run ? session_find_measurement(index->session, index->run->id, SUBJECT_PROGRAM, NULL,
                                              "unattributed_seconds")
                   : NULL;
    const struct measurement *active = none
                                           ? session_find_measurement(index->session, index->run->id,
                                                                      SUBJECT_PROGRAM, NULL, "active_seconds")
                                           : NULL;
    if (!active || !(none->value >= least_share * active->value) || !(none->value > 0))
        return;
    g_autofree char *percent = quantity_percent(MIN(1, none->value / active->value));
    g_autofree char *seconds = quantity_seconds(none->value);
    take_note(notes, g_strdup_printf(
                         "%s (%s of active time) could not be attributed: no function of the program was "
                         "found on the stack.",
                         seconds, percent));
}

static void note_units(const struct report_index *index, GPtrArray *notes)
{
    const GPtrArray *units = index->session->units;
    guint failed = 0;
    for (guint i = 0; i < units->len; i++) {
        const struct unit *unit = g_ptr_array_index(units, i);
        if (!unit->error)
            continue;
        if (failed++ < FAILED_UNITS_SHOWN) {
            g_autofree char *file = escape_text(unit->file);
            g_autofree char *error = escape_text(unit->error);
            take_note(notes, g_strdup_printf("%s was not analysed: %s", file, error));
        }
    }
    if (failed > 0)
        take_note(notes, g_strdup_printf("%u of %u units analysed.", units->len - failed, units->len));
}

struct unknown_holders {
    double seconds;
    guint64 count;
};

static gint compare_texts(gconstpointer left, gconstpointer right)
{
    return g_strcmp0(left, right);
}

static void note_unknown_holders(const struct report_index *index, GPtrArray *notes)
{
    g_autoptr(GHashTable) by_reason = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    for (guint i = 0; i < index->session->waits->len; i++) {
        const struct wait_edge *edge = g_ptr_array_index(index->session->waits, i);
        if (!report_index_is_shown(index, edge->run) || edge->idle || edge->holder || !edge->unknown_holder)
            continue;
        struct unknown_holders *sum = g_hash_table_lookup(by_reason, edge->unknown_holder);
        if (!sum) {
            sum = g_new0(struct unknown_holders, 1);
            g_hash_table_insert(by_reason, edge->unknown_holder, sum);
        }
        sum->seconds += edge->seconds;
        sum->count += edge->count;
    }
    GList *reasons = g_list_sort(g_hash_table_get_keys(by_reason), compare_texts);
    guint shown = 0;
    for (GList *reason = reasons; reason && shown < REASONS_SHOWN; reason = reason->next, shown++) {
        const struct unknown_holders *sum = g_hash_table_lookup(by_reason, reason->data);
        g_autofree char *seconds = quantity_seconds(sum->seconds);
        g_autofree char *count = quantity_count(sum->count);
        g_autofree char *text = escape_text(reason->data);
        take_note(notes, g_strdup_printf("Who held the lock is unknown for %s of waiting (%s wait%s): %s.",
                                         seconds, count, sum->count == 1 ? "" : "s", text));
    }
    g_list_free(reasons);
}

static void note_findings(const struct report_index *index, GPtrArray *notes)
{
    guint open = 0;
    for (guint i = 0; i < index->session->findings->len; i++)
        open += !((const struct finding *)g_ptr_array_index(index->session->findings, i))->suppressed;
    if (index->session->finding_verdicts->len > 0)
        return; /* they have a section */
    if (open > 0)
        take_note(notes, g_strdup_printf("%u finding%s: corewise lint shows %s.", open, open == 1 ? "" : "s",
                                         open == 1 ? "it" : "them"));
}

void text_notes_section(const struct report_index *index, struct text_page *page)
{
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    note_run(index, notes);
    note_stacks(index, notes);
    note_unattributed(index, notes);
    note_cost(index, notes);
    note_units(index, notes);
    note_unknown_holders(index, notes);
    note_findings(index, notes);
    if (notes->len == 0)
        return;
    text_page_heading(page, "Notes", NULL);
    for (guint i = 0; i < notes->len; i++)
        text_page_paragraph(page, 2, TEXT_PLAIN, g_ptr_array_index(notes, i));
}
