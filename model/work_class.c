/* SPDX-License-Identifier: Apache-2.0 */
#include "model/work_class.h"

double time_split_active(const struct time_split *split)
{
    return split->on_cpu + split->io_work + split->runnable + split->io_wait + split->lock_wait;
}

enum work_class time_split_class(const struct time_split *split, double program_active)
{
    double active = time_split_active(split);
    if (active <= 0 || active < CLASS_LIGHT_SHARE * program_active)
        return WORK_LIGHT;
    if (split->lock_wait >= CLASS_LOCK_SHARE * active)
        return WORK_LOCK;
    if (split->io_wait + split->io_work >= CLASS_IO_SHARE * active)
        return WORK_IO;
    if (split->on_cpu + split->runnable >= CLASS_CPU_SHARE * active)
        return WORK_CPU;
    return WORK_MIXED;
}

gboolean wait_cause_is_lock(enum wait_cause cause)
{
    switch (cause) {
    case CAUSE_MUTEX:
    case CAUSE_CONDITION:
    case CAUSE_RWLOCK:
    case CAUSE_SEMAPHORE:
    case CAUSE_BARRIER:
    case CAUSE_FUTEX:
    case CAUSE_KERNEL_LOCK:
        return TRUE;
    default:
        return FALSE;
    }
}

gboolean wait_cause_is_idle(enum wait_cause cause)
{
    return cause == CAUSE_JOIN || cause == CAUSE_ACCEPT;
}
