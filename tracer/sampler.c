/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/sampler.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tracer/watch_inside.h"

#define TICK_NS    G_GUINT64_CONSTANT(100000000) /* between two looks at what was sampled */
#define LOOK_LEAST 20                            /* samples that a look needs */
#define EARLY_PART 4 /* a fourth of the samples must fall where there were few to be news */
#define SECOND_NS  G_GUINT64_CONSTANT(1000000000)
#define QUEUES_HZ  10000.0 /* so many waits for locks and the like per second are many */

/* A sample that interrupts the holder of a lock holds up all that wait for it, and leaves a queue behind:
 * where threads queue often, it costs several times as much. */
static const struct pace {
    guint part;       /* of the full rate: 7.02 and 21.06 ms keep step with no round period */
    guint calm_ticks; /* in a row before the rate is lowered */
} alone = {7, 10}, queueing = {21, 3};

struct sampler {
    struct watch_bpf *skeleton;
    GPtrArray *links; /* struct bpf_link */
    GArray *clocks;   /* int, descriptors that the links own */
    guint hz;
    gboolean fixed;
    guint part;                              /* of the full rate, now */
    guint64 looked_ns, taken, early, queued; /* at the last look */
    guint calm;
};

static int open_clock(int cpu, guint hz)
{
    struct perf_event_attr attributes = {
        .type = PERF_TYPE_SOFTWARE,
        .size = sizeof(attributes),
        .config = PERF_COUNT_SW_CPU_CLOCK,
        .sample_period = SECOND_NS / hz,
    };
    return (int)syscall(SYS_perf_event_open, &attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

static gboolean add_clock(struct sampler *sampler, int cpu, GError **error)
{
    int clock = open_clock(cpu, sampler->hz);
    if (clock < 0 && errno == ENODEV)
        return TRUE; /* offline */
    if (clock < 0) {
        watch_set_error(-errno, error);
        g_prefix_error(error, "cannot sample core %d: ", cpu);
        return FALSE;
    }
    struct bpf_link *link = bpf_program__attach_perf_event(sampler->skeleton->progs.on_sample, clock);
    if (!link) {
        watch_set_error(-errno, error);
        close(clock);
        return FALSE;
    }
    g_ptr_array_add(sampler->links, link);
    g_array_append_val(sampler->clocks, clock);
    return TRUE;
}

/* One clock per core and a filter in the program: a clock per task would be set anew at each switch. */
struct sampler *sampler_new(struct watch_bpf *skeleton, guint hz, GError **error)
{
    struct sampler *sampler = g_new0(struct sampler, 1);
    sampler->skeleton = skeleton;
    sampler->links = g_ptr_array_new_with_free_func(watch_link_free);
    sampler->clocks = g_array_new(FALSE, FALSE, sizeof(int));
    sampler->hz = hz ? hz : SAMPLE_HZ_DEFAULT;
    sampler->fixed = hz > 0;
    sampler->part = 1;
    int cpus = libbpf_num_possible_cpus();
    for (int cpu = 0; cpu < cpus; cpu++) {
        if (!add_clock(sampler, cpu, error)) {
            sampler_free(sampler);
            return NULL;
        }
    }
    return sampler;
}

/* The few samples between the two steps have the wrong weight. */
static void set_part(struct sampler *sampler, guint part)
{
    guint64 period = SECOND_NS / sampler->hz * part;
    if (part == sampler->part)
        return;
    for (guint i = 0; i < sampler->clocks->len; i++) {
        if (ioctl(g_array_index(sampler->clocks, int, i), PERF_EVENT_IOC_PERIOD, &period) < 0) {
            sampler->fixed = TRUE; /* not on this kernel: the full rate stays */
            return;
        }
    }
    sampler->skeleton->data->sample_weight = part;
    sampler->part = part;
}

static guint64 futex_waits(const struct sampler *sampler)
{
    guint64 sum = 0;
    int cores = watch_core_count();
    for (int core = 0; core < cores; core++)
        sum += sampler->skeleton->bss->cores[core].futex_waits;
    return sum;
}

void sampler_tick(struct sampler *sampler, guint64 now_ns)
{
    if (sampler->fixed || now_ns < sampler->looked_ns + TICK_NS)
        return;
    guint64 taken = sampler->skeleton->bss->samples_taken, early = sampler->skeleton->bss->samples_early;
    if (taken < sampler->taken + LOOK_LEAST)
        return;
    guint64 queued = futex_waits(sampler);
    gdouble seconds = (gdouble)(now_ns - sampler->looked_ns) / (gdouble)SECOND_NS;
    const struct pace *pace = (gdouble)(queued - sampler->queued) > QUEUES_HZ * seconds ? &queueing : &alone;
    gboolean news = (early - sampler->early) * EARLY_PART > taken - sampler->taken;
    sampler->looked_ns = now_ns;
    sampler->taken = taken;
    sampler->early = early;
    sampler->queued = queued;
    sampler->calm = news ? 0 : sampler->calm + 1;
    if (news)
        set_part(sampler, 1);
    else if (sampler->calm >= pace->calm_ticks || sampler->part > pace->part)
        set_part(sampler, pace->part);
}

void sampler_free(struct sampler *sampler)
{
    if (!sampler)
        return;
    g_ptr_array_unref(sampler->links);
    g_array_unref(sampler->clocks);
    g_free(sampler);
}
