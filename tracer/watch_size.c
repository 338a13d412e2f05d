/* SPDX-License-Identifier: Apache-2.0 */
#include <bpf/libbpf.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "tracer/watch_inside.h"

#define ENTRIES_PER_CORE    16384u
#define ENTRIES_PER_THREAD  16u
#define BYTES_PER_ENTRY     160u /* of the largest: a wait, with what the kernel adds */
#define SNAPSHOTS_PER_CORE  (4u << 20)
#define SNAPSHOT_BYTES_MOST (256u << 20)
#define LIFECYCLE_PART      4u
#define MEMORY_PART         64u /* of the host's for each table and buffer, at most */

static guint32 power_of_two(guint64 wanted)
{
    guint32 size = 4096;
    while (size < wanted && size < 1u << 30)
        size *= 2;
    return size;
}

static void set_entries(struct watch *watch, guint32 entries)
{
    bpf_map__set_max_entries(watch->skeleton->maps.waits, entries);
    bpf_map__set_max_entries(watch->skeleton->maps.samples, entries);
    bpf_map__set_max_entries(watch->skeleton->maps.stacks, entries);
}

void watch_size_buffers(struct watch *watch)
{
    struct sysinfo host = {.mem_unit = 1};
    guint64 cores = (guint64)MAX(1, libbpf_num_possible_cpus());
    sysinfo(&host);
    guint64 fits = MAX(8u << 20, (guint64)host.totalram * host.mem_unit / MEMORY_PART);
    guint64 entries = MAX(cores * ENTRIES_PER_CORE, (guint64)host.procs * ENTRIES_PER_THREAD);
    guint64 bytes = MAX(WATCH_SNAPSHOTS_LEAST, cores * SNAPSHOTS_PER_CORE);
    watch->snapshot_bytes = power_of_two(MIN(MIN(bytes, fits), SNAPSHOT_BYTES_MOST));
    guint32 lifecycle = watch->snapshot_bytes / LIFECYCLE_PART;
    set_entries(watch, power_of_two(MIN(MAX(entries, WATCH_WAITS_MAX), fits / BYTES_PER_ENTRY)));
    if (watch->options.table_entries)
        set_entries(watch, watch->options.table_entries);
    if (watch->options.snapshot_bytes)
        watch->snapshot_bytes = watch->options.snapshot_bytes;
    bpf_map__set_max_entries(watch->skeleton->maps.snapshots, watch->snapshot_bytes);
    bpf_map__set_max_entries(watch->skeleton->maps.lifecycle, lifecycle);
}
