/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* The time of a switch and of a waking, from what the scheduler has read and kept anyway. In a virtual
 * machine the reading of a clock costs as much as half of all else that is done at a switch. */
#ifndef TRACER_BPF_WATCH_CLOCK_BPF_H
#define TRACER_BPF_WATCH_CLOCK_BPF_H

#include "tracer/bpf/watch_state.bpf.h"

#define CLOCK_LOOK_NS 1000000 /* of a core's time between two looks at how the clocks differ */
#define CLOCK_DRIFT   1024    /* a part of so many: more than clocks drift apart */

/* CONFIG_FAIR_GROUP_SCHED and CONFIG_SCHED_INFO, which distributions set. */
static __always_inline bool scheduler_has_times(void)
{
    return bpf_core_field_exists(((struct sched_entity *)0)->cfs_rq) &&
           bpf_core_field_exists(((struct rq *)0)->clock) &&
           bpf_core_field_exists(((struct task_struct *)0)->sched_info);
}

/* For how long the thread waited for a core so far, by the scheduler's count. */
static __always_inline __u64 scheduler_queued_ns(struct task_struct *task)
{
    return scheduler_has_times() ? task->sched_info.run_delay : 0;
}

/* CLOCK_MONOTONIC when this core began to look for the thread to run next; `task` is the one before or after.
 * Between the scheduler's reading of its clock and the look at the other passes a moment, or much more when
 * the hypervisor takes the core away just then: therefore the difference follows at once what makes it
 * smaller, and otherwise no faster than clocks drift. */
static __always_inline __u64 clock_at_switch(struct task_struct *task)
{
    if (!scheduler_has_times())
        return bpf_ktime_get_ns();
    struct watch_core *core = &cores[bpf_get_smp_processor_id() & (WATCH_CORES - 1)];
    __u64 clock = task->se.cfs_rq->rq->clock;
    __u64 since_look = clock - core->looked_ns;
    if (since_look >= CLOCK_LOOK_NS) {
        __u64 ahead = bpf_ktime_get_ns() - clock, most = core->ahead_ns + since_look / CLOCK_DRIFT;
        if (core->looked_ns && (__s64)(ahead - most) > 0)
            ahead = most;
        core->ahead_ns = ahead;
        core->looked_ns = clock;
    }
    return clock + core->ahead_ns;
}

/* When the thread was woken that has been blocked since `since_ns` and has not run since; `core` is the one
 * that it is to run on or ran on last. */
static __always_inline __u64 clock_at_waking(struct task_struct *task, const struct thread_state *state,
                                             __u32 core, __u64 now)
{
    if (state->woken == WAKING_TIMED)
        return state->since_ns;
    if (!scheduler_has_times())
        return now;
    const struct watch_core *clocks = &cores[core & (WATCH_CORES - 1)];
    __u64 queued = task->sched_info.last_queued;
    if (!queued || !clocks->looked_ns)
        return now;
    /* When it was moved to another core meanwhile, its time in the first queue is in the sum already. */
    __u64 woken = queued + clocks->ahead_ns - (scheduler_queued_ns(task) - state->queued_ns);
    if ((__s64)(woken - state->since_ns) < 0)
        return state->since_ns;
    return (__s64)(now - woken) < 0 ? now : woken;
}

#endif
