/* SPDX-License-Identifier: Apache-2.0 */
#include <bpf/bpf.h>
#include <unistd.h>

#include "tracer/watch_inside.h"

/* Counting their time makes programs dearer, so it is done in slices, and what was seen stands for the rest.
 */
#define SLICE_NS       G_GUINT64_CONSTANT(50000000)
#define SLICE_EVERY_NS G_GUINT64_CONSTANT(1000000000)

struct program_cost {
    guint64 before_ns, before_runs; /* when the slice began */
    guint64 seen_ns, seen_runs;
};

static void read_costs(struct watch *watch, gboolean begin)
{
    struct bpf_program *program = NULL;
    for (guint i = 0; i < WATCH_PROGRAMS_MAX; i++) {
        program = bpf_object__next_program(watch->skeleton->obj, program);
        if (!program)
            return;
        struct bpf_prog_info info = {0};
        __u32 size = sizeof(info);
        int descriptor = bpf_program__fd(program);
        if (descriptor < 0 || bpf_obj_get_info_by_fd(descriptor, &info, &size))
            continue;
        struct program_cost *cost = &watch->costs[i];
        if (!begin) {
            cost->seen_ns += info.run_time_ns - cost->before_ns;
            cost->seen_runs += info.run_cnt - cost->before_runs;
        }
        cost->before_ns = info.run_time_ns;
        cost->before_runs = info.run_cnt;
    }
}

static void begin_slice(struct watch *watch, guint64 now)
{
    watch->cost_descriptor = bpf_enable_stats(BPF_STATS_RUN_TIME);
    if (watch->cost_descriptor < 0) {
        watch->cost_refused = TRUE; /* needs more rights than tracing does */
        return;
    }
    read_costs(watch, TRUE);
    watch->cost_since_ns = now;
    watch->cost_due_ns = now + SLICE_EVERY_NS;
}

static void end_slice(struct watch *watch, guint64 now)
{
    read_costs(watch, FALSE);
    close(watch->cost_descriptor);
    watch->cost_ns += now - watch->cost_since_ns;
    watch->cost_since_ns = 0;
}

void watch_cost_tick(struct watch *watch, gboolean last)
{
    if (watch->plain || watch->cost_refused)
        return;
    guint64 now = watch_now_ns();
    if (!watch->costs)
        watch->costs = g_new0(struct program_cost, WATCH_PROGRAMS_MAX);
    if (watch->cost_since_ns && (last || now - watch->cost_since_ns >= SLICE_NS))
        end_slice(watch, now);
    else if (!watch->cost_since_ns && !last && now >= watch->cost_due_ns)
        begin_slice(watch, now);
}

void watch_each_cost(const struct watch *watch, double run_seconds,
                     void (*each)(const char *program, double seconds, guint64 runs, gpointer data),
                     gpointer data)
{
    struct bpf_program *program = NULL;
    double watched = (double)watch->cost_ns / 1e9;
    for (guint i = 0; watch->costs && watched > 0 && i < WATCH_PROGRAMS_MAX; i++) {
        program = bpf_object__next_program(watch->skeleton->obj, program);
        if (!program)
            return;
        const struct program_cost *cost = &watch->costs[i];
        if (cost->seen_runs)
            each(bpf_program__name(program), (double)cost->seen_ns / 1e9 * MAX(1, run_seconds / watched),
                 cost->seen_runs, data);
    }
}
