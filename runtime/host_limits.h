/* SPDX-License-Identifier: Apache-2.0 */
/* What this process may use: its affinity, and the quotas of the control groups above it. */
#ifndef RUNTIME_HOST_LIMITS_H
#define RUNTIME_HOST_LIMITS_H

#include <stdint.h>

struct usable_cores {
    int affinity;       /* cores that the scheduler may put this process on */
    double quota_cores; /* CPU seconds per second that the tightest control group grants; 0: no quota */
    int workers;        /* that can run at once: the smaller of the two, a quota rounded up; at least 1 */
};

/* Reads below `root` ("/", or the root of a test) proc/self/status, proc/self/cgroup, proc/self/mountinfo and
 * the control groups that these name, of version 1 and 2. What is missing or unreadable limits nothing. */
void corewise_usable_cores_read(const char *root, struct usable_cores *usable);
/* The workers of this host, as above; asked once per process. */
uint32_t corewise_usable_workers(void);

/* Bytes that this process might use: what proc/meminfo calls available, but no more than the tightest limit
 * of its control groups; 0 unknown. */
double corewise_usable_memory_bytes(const char *root);

#endif
