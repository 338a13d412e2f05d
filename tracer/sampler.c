/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/sampler.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tracer/watch_inside.h"

#define SLOW_PART  7 /* of the full rate: 7.02 ms keep step with no round period */
#define TICK_NS    G_GUINT64_CONSTANT(100000000) /* between two looks at what was sampled */
#define LOOK_LEAST 20                            /* samples that a look needs */
#define CALM_TICKS 10                            /* in a row before the rate is lowered */
#define EARLY_PART 4 /* a fourth of the samples must fall where there were few to be news */
#define SECOND_NS  G_GUINT64_CONSTANT(1000000000)

struct sampler {
    struct watch_bpf *skeleton;
    GPtrArray *links; /* struct bpf_link */
    GArray *clocks;   /* int, descriptors that the links own */
    guint hz;
    gboolean fixed, slow;
    guint64 looked_ns, taken, early; /* at the last look */
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
static void set_slow(struct sampler *sampler, gboolean slow)
{
    guint64 period = SECOND_NS / sampler->hz * (slow ? SLOW_PART : 1);
    for (guint i = 0; i < sampler->clocks->len; i++) {
        if (ioctl(g_array_index(sampler->clocks, int, i), PERF_EVENT_IOC_PERIOD, &period) < 0) {
            sampler->fixed = TRUE; /* not on this kernel: the full rate stays */
            return;
        }
    }
    sampler->skeleton->data->sample_weight = slow ? SLOW_PART : 1;
    sampler->slow = slow;
}

void sampler_tick(struct sampler *sampler, guint64 now_ns)
{
    if (sampler->fixed || now_ns < sampler->looked_ns + TICK_NS)
        return;
    guint64 taken = sampler->skeleton->bss->samples_taken, early = sampler->skeleton->bss->samples_early;
    if (taken < sampler->taken + LOOK_LEAST)
        return;
    gboolean news = (early - sampler->early) * EARLY_PART > taken - sampler->taken;
    sampler->looked_ns = now_ns;
    sampler->taken = taken;
    sampler->early = early;
    sampler->calm = news ? 0 : sampler->calm + 1;
    if (sampler->slow ? news : sampler->calm == CALM_TICKS)
        set_slow(sampler, !sampler->slow);
}

void sampler_free(struct sampler *sampler)
{
    if (!sampler)
        return;
    g_ptr_array_unref(sampler->links);
    g_array_unref(sampler->clocks);
    g_free(sampler);
}
