/* SPDX-License-Identifier: Apache-2.0 */
/* Which threads of a graph share a node. */
#ifndef REPORTS_THREAD_GROUPS_H
#define REPORTS_THREAD_GROUPS_H

#include "reports/report_index.h"
#include "reports/reports.h"

struct thread_groups {
    const struct report_index *index; /* borrowed */
    enum graph_grouping how;          /* never GROUP_AUTO */
};

/* `threads` is how many would be drawn one by one; more than a dozen, or than half of the nodes that the
 * options allow, are grouped by body. `options` may be NULL. */
struct thread_groups thread_groups_choose(const struct report_index *index,
                                          const struct graph_options *options, guint threads);

/* What the threads of one node have in common, and what people call it; raw, the caller's. `thread` is an id.
 */
char *thread_groups_key(const struct thread_groups *groups, const char *thread);
char *thread_groups_label(const struct thread_groups *groups, const char *thread);

/* Below the label: `tid 12`, `40 threads`. The caller's. */
char *thread_groups_size(guint threads, int tid);

#endif
