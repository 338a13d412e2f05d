/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Which tasks are to be followed: given processes, processes of a name, a cgroup, and all their descendants.
 */
#ifndef TRACER_BPF_WATCH_SCOPE_BPF_H
#define TRACER_BPF_WATCH_SCOPE_BPF_H

#define SCOPE_DEPTH 16 /* of ancestors and of nested cgroups */

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, SCOPE_PIDS_MAX);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, __u8);
} scope_pids SEC(".maps");

/* Set by user space before anything is followed. */
char scope_name[SCOPE_NAME_SIZE]; /* empty: by no name */
__u64 scope_cgroup;               /* its id; 0: none */
int own_tgid;                     /* the tracer itself is never followed */
int repairing;

static __always_inline bool scope_has_name(struct task_struct *process)
{
    char name[SCOPE_NAME_SIZE];
    if (!scope_name[0])
        return false;
    BPF_CORE_READ_INTO(&name, process, comm);
    for (int i = 0; i < SCOPE_NAME_SIZE; i++) {
        if (name[i] != scope_name[i])
            return false;
        if (!name[i])
            break;
    }
    return true;
}

static __always_inline bool scope_has_cgroup(struct task_struct *task)
{
    struct cgroup *cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp);
    for (int depth = 0; scope_cgroup && cgroup && depth < SCOPE_DEPTH; depth++) {
        if (BPF_CORE_READ(cgroup, kn, id) == scope_cgroup)
            return true;
        cgroup = BPF_CORE_READ(cgroup, self.parent, cgroup);
    }
    return false;
}

/* The task's process or one of its nearest ancestors is wanted. */
static __noinline bool scope_holds(struct task_struct *task)
{
    if (!task || !BPF_CORE_READ(task, mm))
        return false; /* threads of the kernel, and what is about to end */
    bool wanted = scope_has_cgroup(task);
    struct task_struct *process = BPF_CORE_READ(task, group_leader);
    for (int depth = 0; depth < SCOPE_DEPTH && process; depth++) {
        int tgid = BPF_CORE_READ(process, tgid);
        if (bpf_map_lookup_elem(&scope_pids, &tgid) || scope_has_name(process))
            wanted = true;
        if (depth == 0 && tgid == own_tgid)
            return false;
        if (wanted)
            return true;
        if (tgid <= 1)
            break;
        process = BPF_CORE_READ(process, real_parent, group_leader);
    }
    return false;
}

/* Of a task whose creator is not followed: names and cgroups are joined from outside too. A copy that the
 * tracer makes of itself is not wanted either. */
static __always_inline bool scope_takes_newcomer(struct task_struct *task, struct task_struct *creator)
{
    return (scope_name[0] || scope_cgroup) && creator->tgid != own_tgid && scope_holds(task);
}

#endif
