/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Kernel side of the tracer: exact time of every followed thread by state, waits added up by cause and stack,
 * and on-CPU samples. Nothing runs per system call; a context switch costs one task storage look-up and the
 * reading of the saved registers. */
#include "tracer/bpf/kernel_types.bpf.h"
#include "tracer/bpf/watch_shared.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

/* BPF_PROG hands every program a context that hardly any uses. */
#pragma clang diagnostic ignored "-Wunused-parameter"

#include "tracer/bpf/watch_calls.bpf.h"
#include "tracer/bpf/watch_clock.bpf.h"
#include "tracer/bpf/watch_life.bpf.h"
#include "tracer/bpf/watch_locks.bpf.h"
#include "tracer/bpf/watch_markers.bpf.h"
#include "tracer/bpf/watch_scope.bpf.h"
#include "tracer/bpf/watch_state.bpf.h"
#include "tracer/bpf/watch_timeline.bpf.h"
#include "tracer/bpf/watch_wait.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The thread was woken, and now it runs, or the watch ends: closes its wait. */
static __always_inline void close_waking(struct task_struct *task, struct thread_state *state, __u32 core,
                                         __u64 now)
{
    __u64 woken = clock_at_waking(task, state, core, now);
    if (state->woken == WAKING_SEEN)
        state->wait_blocked_ns = woken - state->since_ns;
    state->since_ns = woken;
    state->totals.blocked_ns += state->wait_blocked_ns;
    state->totals.woken_ns += now - woken;
    active_begin(woken, state->crossed);
    wait_add(state, state->wait_blocked_ns, now - woken, now);
}

static __always_inline void switch_in(struct task_struct *task, struct thread_state *state, __u64 now)
{
    __u32 cpu = bpf_get_smp_processor_id();
    __u64 elapsed = now - state->since_ns;
    timeline_add(state, now);

    if (state->state == THREAD_BLOCKED) {
        /* Its waking came while the thread was on its way off the core, or was not seen. */
        state->waker = state->early_waker;
        state->waker_flags = state->early_flags;
        state->woken = state->early_waker != 0;
        state->totals.blocked_ns += elapsed;
        wait_add(state, elapsed, 0, now);
        active_enter(now);
    } else if (state->woken) {
        state->totals.wakeups++;
        close_waking(task, state, cpu, now);
        queue_spell_add(state, state->since_ns, now);
    } else {
        state->totals.runnable_ns += elapsed;
        queue_spell_add(state, state->since_ns, now);
    }
    state->woken = 0;
    state->early_waker = 0;
    state->state = THREAD_RUNNING;
    state->since_ns = now;
    if (state->cpu != cpu) {
        state->totals.migrations += state->cpu != CPU_UNKNOWN;
        state->cpu = cpu;
    }
}

/* How long the thread really executed since its last change of state, by the scheduler's own count, which is
 * also what CLOCK_THREAD_CPUTIME_ID shows: interrupts and the hypervisor's other guests do not count. */
static __always_inline __u64 executed_since(struct task_struct *task, struct thread_state *state, __u64 now)
{
    __u64 executed = task->se.sum_exec_runtime - state->executed_ns;
    __u64 elapsed = now - state->since_ns;
    return executed < elapsed ? executed : elapsed;
}

/* The time since `since_ns` was spent on the core; what the thread did not execute of it, it waited for the
 * core. */
static __always_inline void close_running(struct task_struct *task, struct thread_state *state, __u64 now)
{
    __u64 executed = executed_since(task, state, now);
    state->totals.on_cpu_ns += executed;
    state->totals.runnable_ns += now - state->since_ns - executed;
    state->executed_ns = task->se.sum_exec_runtime;
    state->since_ns = now;
}

/* The clocks of two cores differ a little. */
static __always_inline __u64 no_earlier(__u64 now, const struct thread_state *state)
{
    return now < state->since_ns ? state->since_ns : now;
}

static __always_inline void switch_out(struct task_struct *prev, struct thread_state *state, bool preempt,
                                       unsigned int prev_state, __u64 now)
{
    /* Some kernels do not report every switch (seen on 6.18: one in a thousand, from threads of the kernel to
     * others). */
    if (state->state != THREAD_RUNNING)
        switch_in(prev, state, now - executed_since(prev, state, now));
    timeline_add(state, now);
    close_running(prev, state, now);
    state->woken = 0;
    if (prev_state & TASK_DEAD) {
        state->totals.voluntary++;
        active_leave(now);
        thread_end(prev, state, now, 0);
    } else if (preempt || !prev_state) {
        state->state = THREAD_RUNNABLE;
        state->totals.involuntary++;
    } else {
        /* From here on another core may wake it: what on_waking writes, nothing below touches. */
        state->waker = 0;
        state->waker_flags = 0;
        state->wait_queued_ns = 0;
        state->queued_ns = scheduler_queued_ns(prev);
        struct pt_regs *registers = (struct pt_regs *)bpf_task_pt_regs(prev);
        state->wait_flags = syscall_flags_of(registers->orig_ax);
        if (state->wait_flags & SYSCALL_FUTEX)
            cores[bpf_get_smp_processor_id() & (WATCH_CORES - 1)].futex_waits++;
        active_leave(now);
        *(volatile __u8 *)&state->state = THREAD_BLOCKED;
        state->totals.voluntary++;
        wait_describe(prev, state, registers, prev_state);
    }
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next,
             unsigned int prev_state)
{
    if (stopped)
        return 0;
    /* Most switches are of threads that nobody follows: the clock is read only when it is needed. */
    __u64 now = 0;
    struct thread_state *state = thread_find(prev);
    if (state && state->state != THREAD_ENDED) {
        now = clock_at_switch(prev);
        switch_out(prev, state, preempt, prev_state, no_earlier(now, state));
    }
    state = thread_find(next);
    if (state) {
        if (!now)
            now = clock_at_switch(next);
        now = no_earlier(now, state);
        if (state->state == THREAD_RUNNING) {
            /* It was switched away without report. */
            close_running(next, state, now);
            state->state = THREAD_RUNNABLE;
        }
        switch_in(next, state, now);
    }
    return 0;
}

SEC("tp_btf/sched_waking")
int BPF_PROG(on_waking, struct task_struct *task)
{
    if (stopped)
        return 0;
    struct thread_state *state = thread_find(task);
    if (!state || state->state == THREAD_ENDED)
        return 0;
    if (state->state != THREAD_BLOCKED) {
        wait_note_early_waker(state);
        return 0;
    }
    wait_note_waker(state);
    wait_note_queue(state);
    state->woken = WAKING_SEEN;
    if (timeline_limit || !scheduler_has_times()) {
        __u64 now = no_earlier(bpf_ktime_get_ns(), state);
        timeline_add(state, now);
        state->wait_blocked_ns = now - state->since_ns;
        state->since_ns = now;
        state->woken = WAKING_TIMED;
    }
    state->state = THREAD_RUNNABLE;
    state->crossed = active_count();
    return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
    if (stopped)
        return 0;
    struct thread_state *creator = bpf_task_storage_get(&threads, parent, NULL, 0);
    if (!creator && !scope_takes_newcomer(child, parent))
        return 0;
    __u32 image = child->tgid, serial = 0;
    barrier_var(image); /* the verifier takes no load from one of two kinds of pointers */
    if (creator) {
        image = creator->image;
        serial = creator->thread;
    }
    __u64 now = bpf_ktime_get_ns();
    struct thread_state *state = thread_begin(child, image, serial, THREAD_RUNNABLE, now);
    if (!state)
        return 0;
    active_enter(now);
    if (child->pid == child->tgid)
        __sync_fetch_and_add(&totals.processes_created, 1);
    else
        __sync_fetch_and_add(&totals.threads_created, 1);
    return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task)
{
    if (stopped)
        return 0;
    struct thread_state *state = bpf_task_storage_get(&threads, task, NULL, 0);
    if (!state && scope_takes_newcomer(task, task)) {
        __u64 now = bpf_ktime_get_ns();
        state = thread_begin(task, task->tgid, 0, THREAD_RUNNING, now);
        if (state)
            active_enter(now);
    }
    if (!state)
        return 0;
    if (any_markers)
        marker_abandon(task, state);
    state->image = WATCH_IMAGE_EXEC | __sync_fetch_and_add(&next_image, 1);
    /* An exec in a thread that is not the first takes the process's first tid over. */
    state->tid = task->pid;
    if (launching && task->tgid == launched_tgid) {
        launching = 0;
        thread_restart(task, state, bpf_ktime_get_ns());
    }
    thread_report(task, state, THREAD_EVENT_EXEC, 0, BPF_RB_FORCE_WAKEUP);
    return 0;
}

SEC("perf_event")
int on_sample(struct bpf_perf_event_data *context)
{
    if (stopped)
        return 0;
    struct task_struct *task = bpf_get_current_task_btf();
    struct thread_state *state = bpf_task_storage_get(&threads, task, NULL, 0);
    if (!state || state->state != THREAD_RUNNING)
        return 0;
    struct pt_regs *registers = (struct pt_regs *)bpf_task_pt_regs(task);
    bool in_kernel = !(context->regs.cs & 3);
    struct sample_key key = {.thread = state->thread, .syscall = WATCH_SYSCALL_NONE, .in_kernel = in_kernel};
    if (in_kernel)
        key.syscall = (__s16)registers->orig_ax;
    key.stack = stack_identify(task, state, registers, SNAPSHOT_SAMPLE, 0);
    __u64 weight = sample_weight, active = *(volatile __u64 *)&totals.active_threads;
    struct sample_total first = {1, weight, weight * weight, weight * SAMPLE_PARTS / (active ? active : 1)};
    struct sample_total *total = bpf_map_lookup_elem(&samples, &key);
    if (total) {
        total->count++;
        total->weight += weight;
        total->squares += weight * weight;
        total->parts += first.parts;
    } else if (bpf_map_update_elem(&samples, &key, &first, BPF_NOEXIST)) {
        __sync_fetch_and_add(&totals.lost_samples, 1);
    }
    state->totals.sample_weight += weight;
    __sync_fetch_and_add(&samples_taken, 1);
    if (!total || total->count < WATCH_SAMPLES_ENOUGH)
        __sync_fetch_and_add(&samples_early, 1);
    return 0;
}

static __always_inline enum watch_thread_state task_state(struct task_struct *task)
{
    if (task->on_cpu)
        return THREAD_RUNNING;
    return task->__state ? THREAD_BLOCKED : THREAD_RUNNABLE;
}

/* Takes up the threads that exist already. Run twice at first: the second pass finds threads made during the
 * first one and repairs a state that changed between being read and being stored. Run again later for those
 * that came into the scope. */
SEC("iter/task")
int find_threads(struct bpf_iter__task *context)
{
    struct task_struct *task = context->task;
    if (!task || !scope_holds(task) || (task->__state & TASK_DEAD))
        return 0;
    __u64 now = bpf_ktime_get_ns();
    enum watch_thread_state found = task_state(task);
    struct thread_state *state = bpf_task_storage_get(&threads, task, NULL, 0);
    if (state) {
        if (repairing && found == THREAD_BLOCKED && state->state == THREAD_RUNNING) {
            state->since_ns = now;
            state->state = THREAD_BLOCKED;
            active_leave(now);
        }
        return 0;
    }
    state = thread_begin(task, task->tgid, 0, found, now);
    if (!state)
        return 0;
    if (found != THREAD_BLOCKED)
        active_enter(now);
    else
        wait_describe_other(task, state);
    return 0;
}

/* After `stopped` is set: closes every state that is still open, waits in progress included. */
SEC("iter/task")
int close_threads(struct bpf_iter__task *context)
{
    struct task_struct *task = context->task;
    if (!task)
        return 0;
    struct thread_state *state = bpf_task_storage_get(&threads, task, NULL, 0);
    if (!state || state->state == THREAD_ENDED)
        return 0;
    __u64 elapsed = stopped - state->since_ns;
    timeline_add(state, stopped);
    if (state->since_ns > stopped)
        elapsed = 0;
    if (state->state == THREAD_RUNNING) {
        state->totals.on_cpu_ns += elapsed;
    } else if (state->state == THREAD_BLOCKED) {
        state->totals.blocked_ns += elapsed;
        wait_add(state, elapsed, 0, stopped);
    } else if (state->woken) {
        close_waking(task, state, state->cpu, state->since_ns + elapsed);
    } else {
        state->totals.runnable_ns += elapsed;
    }
    if (state->state != THREAD_BLOCKED)
        active_leave(stopped);
    thread_end(task, state, stopped, 1);
    return 0;
}

/* What is shown of a thread whose calls are not counted. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct call_state);
} no_calls SEC(".maps");

/* Shows every followed thread as it is now, and changes nothing. */
SEC("iter/task")
int peek_threads(struct bpf_iter__task *context)
{
    struct task_struct *task = context->task;
    if (!task)
        return 0;
    struct thread_state *state = bpf_task_storage_get(&threads, task, NULL, 0);
    if (!state || state->state == THREAD_ENDED)
        return 0;
    struct {
        __u64 now_ns, woken_ns;
        char name[16];
    } head = {.now_ns = bpf_ktime_get_ns()};
    head.woken_ns = clock_at_waking(task, state, state->cpu, head.now_ns);
    bpf_probe_read_kernel(head.name, sizeof(head.name), task->comm);
    bpf_seq_write(context->meta->seq, &head, sizeof(head));
    bpf_seq_write(context->meta->seq, state, sizeof(*state));
    struct call_state *call = count_calls ? bpf_task_storage_get(&calls, task, NULL, 0) : NULL;
    __u32 zero = 0;
    if (!call)
        call = bpf_map_lookup_elem(&no_calls, &zero);
    if (call)
        bpf_seq_write(context->meta->seq, call, sizeof(*call));
    return 0;
}
