/* SPDX-License-Identifier: Apache-2.0 */
/* What formats.c and graph_kinds.c list; nobody else needs the single formats. */
#ifndef REPORTS_FORMATS_H
#define REPORTS_FORMATS_H

#include "reports/reports.h"

extern const struct format format_text;
extern const struct format format_json;
extern const struct format format_html;
extern const struct format format_sarif;
extern const struct format format_findings;
extern const struct format format_github;
extern const struct format format_gitlab;
extern const struct format format_rdjsonl;
extern const struct format format_markdown;
extern const struct format format_csv;
extern const struct format format_trace_events;
extern const struct format format_openmetrics;
extern const struct format format_folded;
extern const struct format format_folded_off_cpu;
extern const struct format format_speedscope;
extern const struct format format_pprof;

extern const struct graph_kind graph_kind_calls;
extern const struct graph_kind graph_kind_contention;
extern const struct graph_kind graph_kind_lock_order;
extern const struct graph_kind graph_kind_wait_for;

#endif
