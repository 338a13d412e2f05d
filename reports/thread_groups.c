/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/thread_groups.h"

#define THREADS_SHOWN 12 /* more are grouped by their body */

struct thread_groups thread_groups_choose(const struct report_index *index,
                                          const struct graph_options *options, guint threads)
{
    guint limit = options && options->nodes_max ? options->nodes_max / 2 : THREADS_SHOWN;
    enum graph_grouping how = options ? options->grouping : GROUP_AUTO;
    if (how == GROUP_AUTO)
        how = threads > limit ? GROUP_BODY : GROUP_THREAD;
    return (struct thread_groups){index, how};
}

static const struct thread *find(const struct thread_groups *groups, const char *id)
{
    return g_hash_table_lookup(groups->index->threads, id);
}

/* The first thread of a process has its number, and most likely its name. */
static const char *process_name(const struct thread_groups *groups, const struct thread *thread)
{
    const GPtrArray *threads = groups->index->session->threads;
    for (guint i = 0; i < threads->len; i++) {
        const struct thread *first = g_ptr_array_index(threads, i);
        if (first->pid == thread->pid && first->tid == thread->pid &&
            report_index_is_shown(groups->index, first->run))
            return first->name;
    }
    return thread->name;
}

char *thread_groups_key(const struct thread_groups *groups, const char *thread)
{
    const struct thread *known = find(groups, thread);
    if (groups->how == GROUP_PROCESS && known)
        return g_strdup_printf("%d", known->pid);
    return g_strdup(groups->how == GROUP_BODY ? report_index_thread_group(groups->index, thread) : thread);
}

char *thread_groups_label(const struct thread_groups *groups, const char *thread)
{
    const struct thread *known = find(groups, thread);
    if (groups->how == GROUP_PROCESS && known)
        return g_strdup_printf("%s (process %d)", process_name(groups, known), known->pid);
    return g_strdup(report_index_thread_group(groups->index, thread));
}

char *thread_groups_size(guint threads, int tid)
{
    return threads > 1 ? g_strdup_printf("%u threads", threads) : g_strdup_printf("tid %d", tid);
}
