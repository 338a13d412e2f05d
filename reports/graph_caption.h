/* SPDX-License-Identifier: Apache-2.0 */
/* What stands above a graph, and in place of one. */
#ifndef REPORTS_GRAPH_CAPTION_H
#define REPORTS_GRAPH_CAPTION_H

#include "reports/report_index.h"

/* `pigz: who waited for whom in 4.21 s`; `what` and the time are left out where nothing was watched and
 * `needs_run`. The caller's; visible text. */
char *graph_caption(const struct report_index *index, const char *what, gboolean needs_run);

/* Why a graph of a run has nothing to draw: `seen` where one was watched, else how to watch one. */
const char *graph_nothing(const struct report_index *index, const char *seen);

#endif
