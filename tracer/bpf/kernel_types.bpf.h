/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* The only kernel fields that corewise reads. Offsets come from the running kernel's BTF when the object is
 * loaded (CO-RE), so field order here means nothing. */
#ifndef TRACER_BPF_KERNEL_TYPES_BPF_H
#define TRACER_BPF_KERNEL_TYPES_BPF_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct upid {
    int nr;
};

struct pid {
    unsigned int level;
    struct upid numbers[1];
};

/* Any of the kernel's types that begins with a pointer. */
struct list_head {
    struct list_head *next;
};

struct inode {
    unsigned short i_mode;
    unsigned int i_rdev;
};

struct file {
    struct inode *f_inode;
};

struct fdtable {
    unsigned int max_fds;
    struct file **fd;
};

struct files_struct {
    struct fdtable *fdt;
};

struct mm_struct {
    unsigned long start_code;
    unsigned long end_code;
};

/* The run queue of a core: its clock as of the last time that it was looked at, the same without what other
 * guests of the host and interrupts had, and what the former had. */
struct rq {
    __u64 clock;
    __u64 clock_task;
    __u64 prev_steal_time_rq;
};

struct cfs_rq {
    struct rq *rq;
};

struct sched_entity {
    __u64 exec_start; /* by the clock of tasks: until then `sum_exec_runtime` counts */
    __u64 sum_exec_runtime;
    struct cfs_rq *cfs_rq;
};

struct sched_info {
    unsigned long long run_delay;
    unsigned long long last_queued;
};

struct kernfs_node {
    __u64 id;
};

struct cgroup;

struct cgroup_subsys_state {
    struct cgroup *cgroup;
    struct cgroup_subsys_state *parent;
};

struct cgroup {
    struct cgroup_subsys_state self;
    struct kernfs_node *kn;
};

struct css_set {
    struct cgroup *dfl_cgrp;
};

struct task_struct {
    unsigned int __state;
    unsigned int flags;
    int on_cpu;
    int pid;
    int tgid;
    char comm[16];
    struct task_struct *group_leader;
    struct task_struct *real_parent;
    struct pid *thread_pid;
    struct mm_struct *mm;
    struct files_struct *files;
    struct css_set *cgroups;
    struct sched_entity se;
    struct sched_info sched_info;
};

struct seq_file;

struct bpf_iter_meta {
    struct seq_file *seq;
};

struct bpf_iter__task {
    struct bpf_iter_meta *meta;
    struct task_struct *task;
};

#pragma clang attribute pop

/* x86-64's saved user registers: stable layout, but read through BTF pointers, which must carry the kernel's
 * name. */
struct pt_regs {
    unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs, flags,
        sp, ss;
};

/* Context of a perf_event program (uapi asm/ptrace.h and linux/bpf_perf_event.h). */
struct bpf_perf_event_data {
    struct pt_regs regs;
    __u64 sample_period;
    __u64 addr;
};

#endif
