/* SPDX-License-Identifier: Apache-2.0 */
/* The processes that a process has started, directly or through others, as /proc shows them now. */
#ifndef CLI_PROCESS_TREE_H
#define CLI_PROCESS_TREE_H

#include <glib.h>
#include <sys/types.h>

/* Descendants of `root` without itself: pid_t, parents before their children; the caller unrefs. Processes
 * whose parent has ended are not among them. */
GArray *process_tree_descendants(pid_t root);

/* Those of `pids` that do not yet run a program of their own: copies of this process. Removed. */
void process_tree_drop_copies(GArray *pids);

/* Bytes that the processes of `pids` (pid_t) occupy together: what several share counts once (proportional
 * set size), or, where the kernel does not tell that, each process' resident set. */
double process_tree_bytes(const GArray *pids);

#endif
