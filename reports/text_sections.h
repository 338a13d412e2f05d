/* SPDX-License-Identifier: Apache-2.0 */
/* The sections of the text report, in the order in which text.c writes them. Each writes its heading and at
 * least one line, or nothing at all where the session has no such stage. */
#ifndef REPORTS_TEXT_SECTIONS_H
#define REPORTS_TEXT_SECTIONS_H

#include "reports/report_index.h"
#include "reports/text_page.h"

void text_host_section(const struct report_index *index, struct text_page *page);
void text_program_section(const struct report_index *index, struct text_page *page);
void text_action_section(const struct report_index *index, struct text_page *page);
void text_refuted_section(const struct report_index *index, struct text_page *page);
void text_region_section(const struct report_index *index, struct text_page *page);
void text_thread_section(const struct report_index *index, struct text_page *page);
void text_wait_section(const struct report_index *index, struct text_page *page);
void text_lock_section(const struct report_index *index, struct text_page *page);
void text_lock_use_section(const struct report_index *index, struct text_page *page);
void text_call_section(const struct report_index *index, struct text_page *page);
void text_advice_section(const struct report_index *index, struct text_page *page);
void text_finding_section(const struct report_index *index, struct text_page *page);
void text_unknown_section(const struct report_index *index, struct text_page *page);
void text_gap_section(const struct report_index *index, struct text_page *page);
void text_marker_section(const struct report_index *index, struct text_page *page);
void text_notes_section(const struct report_index *index, struct text_page *page);

/* Five cells that describe where active time went (cpu, run queue, I/O, lock) and how much was idle, as
 * shares; NaN is an empty cell. The columns that belong to it are TEXT_SPLIT_COLUMNS. */
struct text_split {
    double cpu, runqueue, io, lock; /* of active time */
    double idle;                    /* of all time */
};
void text_split_add(struct text_table *table, const struct text_split *split);
#define TEXT_SPLIT_COLUMNS                                                                                   \
    {"cpu", TEXT_RIGHT, 0, TRUE}, {"queue", TEXT_RIGHT, 0, TRUE}, {"i/o", TEXT_RIGHT, 0, TRUE},              \
        {"lock", TEXT_RIGHT, 0, TRUE},                                                                       \
    {                                                                                                        \
        "idle", TEXT_RIGHT, 0, TRUE                                                                          \
    }

enum text_style text_verdict_style(enum verdict_kind kind);
const char *text_verdict_words(enum verdict_kind kind); /* its name with spaces */
/* "cpu_share >= 70 %" */
char *text_prediction(const struct prediction *prediction);
/* "41 % (36…46)"; "not measured" */
char *text_measured(const struct prediction *prediction, const struct verdict *verdict);
/* "… and 12 more", when rows were left out. */
void text_left_out(struct text_page *page, guint total, guint shown);

#endif
