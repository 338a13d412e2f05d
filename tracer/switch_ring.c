/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/switch_ring.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tracer/tracer.h"
#include "tracer/watch.h"

#define RING_BYTES   ((gsize)128 * 1024)
#define RECORD_BYTES 256 /* no record of these kinds is longer */

struct ring {
    int descriptor;
    struct perf_event_mmap_page *header;
    guint8 *bytes;
};

struct switch_rings {
    GArray *rings;   /* struct ring */
    GArray *pending; /* struct switch_record, not yet handed out */
    int epoll;
    long page;
};

/* What follows every record: PERF_SAMPLE_TID, _TIME, _CPU. */
struct record_tail {
    guint32 pid, tid;
    guint64 time_ns;
    guint32 core, unused;
};

static int open_event(int pid, int core)
{
    struct perf_event_attr attributes = {
        .type = PERF_TYPE_SOFTWARE,
        .size = sizeof(attributes),
        .config = PERF_COUNT_SW_DUMMY,
        .sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU,
        .disabled = 1,
        .inherit = 1,
        .exclude_kernel = 1,
        .exclude_hv = 1,
        .comm = 1,
        .comm_exec = 1,
        .task = 1,
        .context_switch = 1,
        .enable_on_exec = 1,
        .sample_id_all = 1,
        .watermark = 1,
        .wakeup_watermark = (guint32)(RING_BYTES / 4),
        .use_clockid = 1,
        .clockid = CLOCK_MONOTONIC,
    };
    return (int)syscall(SYS_perf_event_open, &attributes, pid, core, -1, PERF_FLAG_FD_CLOEXEC);
}

static gboolean open_ring(struct switch_rings *rings, int pid, int core, GError **error)
{
    struct ring ring = {.descriptor = open_event(pid, core)};
    if (ring.descriptor < 0 && errno == ENODEV)
        return TRUE; /* offline */
    if (ring.descriptor >= 0)
        ring.header = mmap(NULL, (gsize)rings->page + RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
                           ring.descriptor, 0);
    if (ring.descriptor < 0 || ring.header == MAP_FAILED) {
        g_set_error(error, TRACER_ERROR, TRACER_ERROR_PRIVILEGE,
                    "cannot follow context switches on core %d: %s; set /proc/sys/kernel/perf_event_paranoid "
                    "to 2 or lower, or run as root",
                    core, g_strerror(errno));
        if (ring.descriptor >= 0)
            close(ring.descriptor);
        return FALSE;
    }
    ring.bytes = (guint8 *)ring.header + rings->page;
    struct epoll_event wanted = {.events = EPOLLIN};
    epoll_ctl(rings->epoll, EPOLL_CTL_ADD, ring.descriptor, &wanted);
    g_array_append_val(rings->rings, ring);
    return TRUE;
}

struct switch_rings *switch_rings_open(int pid, GError **error)
{
    struct switch_rings *rings = g_new0(struct switch_rings, 1);
    rings->rings = g_array_new(FALSE, FALSE, sizeof(struct ring));
    rings->pending = g_array_new(FALSE, FALSE, sizeof(struct switch_record));
    rings->epoll = epoll_create1(EPOLL_CLOEXEC);
    rings->page = sysconf(_SC_PAGESIZE);
    int cores = (int)sysconf(_SC_NPROCESSORS_CONF);
    for (int core = 0; core < cores; core++) {
        if (!open_ring(rings, pid, core, error)) {
            switch_rings_close(rings);
            return NULL;
        }
    }
    return rings;
}

void switch_rings_close(struct switch_rings *rings)
{
    if (!rings)
        return;
    for (guint i = 0; i < rings->rings->len; i++) {
        const struct ring *ring = &g_array_index(rings->rings, struct ring, i);
        munmap(ring->header, (gsize)rings->page + RING_BYTES);
        close(ring->descriptor);
    }
    if (rings->epoll >= 0)
        close(rings->epoll);
    g_array_unref(rings->rings);
    g_array_unref(rings->pending);
    g_free(rings);
}

int switch_rings_descriptor(const struct switch_rings *rings)
{
    return rings->epoll;
}

static guint32 word_at(const guint8 *bytes, gsize offset)
{
    guint32 word;
    memcpy(&word, bytes + offset, sizeof(word));
    return word;
}

/* FALSE for a record that says nothing of interest. */
static gboolean parse(const guint8 *bytes, const struct perf_event_header *header,
                      struct switch_record *record)
{
    struct record_tail tail;
    const guint8 *body = bytes + sizeof(*header);
    memcpy(&tail, bytes + header->size - sizeof(tail), sizeof(tail));
    *record = (struct switch_record){
        .time_ns = tail.time_ns, .pid = (int)tail.pid, .tid = (int)tail.tid, .core = (int)tail.core};
    switch (header->type) {
    case PERF_RECORD_SWITCH:
        record->kind = !(header->misc & PERF_RECORD_MISC_SWITCH_OUT)        ? RECORD_IN
                       : header->misc & PERF_RECORD_MISC_SWITCH_OUT_PREEMPT ? RECORD_PREEMPTED
                                                                            : RECORD_BLOCKED;
        return TRUE;
    case PERF_RECORD_FORK:
    case PERF_RECORD_EXIT: /* pid, ppid, tid, ptid, time */
        record->kind = header->type == PERF_RECORD_FORK ? RECORD_FORK : RECORD_EXIT;
        record->pid = (int)word_at(body, 0);
        record->tid = (int)word_at(body, 8);
        record->parent = (int)word_at(body, 12);
        return TRUE;
    case PERF_RECORD_COMM: /* pid, tid, name */
        record->kind = header->misc & PERF_RECORD_MISC_COMM_EXEC ? RECORD_EXEC : RECORD_NAME;
        record->pid = (int)word_at(body, 0);
        record->tid = (int)word_at(body, 4);
        g_strlcpy(record->name, (const char *)body + 8, sizeof(record->name));
        return TRUE;
    case PERF_RECORD_LOST: /* id, count */
        record->kind = RECORD_LOST;
        memcpy(&record->lost, body + 8, sizeof(record->lost));
        return TRUE;
    default:
        return FALSE;
    }
}

static void drain(struct switch_rings *rings, const struct ring *ring)
{
    guint64 head = __atomic_load_n(&ring->header->data_head, __ATOMIC_ACQUIRE);
    guint64 tail = ring->header->data_tail;
    while (tail < head) {
        guint8 bytes[RECORD_BYTES] = {0};
        struct perf_event_header header;
        for (gsize i = 0; i < sizeof(header); i++)
            bytes[i] = ring->bytes[(tail + i) % RING_BYTES];
        memcpy(&header, bytes, sizeof(header));
        if (header.size < sizeof(header))
            break;
        for (gsize i = sizeof(header); i < MIN(header.size, RECORD_BYTES); i++)
            bytes[i] = ring->bytes[(tail + i) % RING_BYTES];
        struct switch_record record;
        if (header.size >= sizeof(header) + sizeof(struct record_tail) && header.size <= RECORD_BYTES &&
            parse(bytes, &header, &record))
            g_array_append_val(rings->pending, record);
        tail += header.size;
    }
    __atomic_store_n(&ring->header->data_tail, head, __ATOMIC_RELEASE);
}

static gint compare_records(gconstpointer first, gconstpointer second)
{
    const struct switch_record *one = first, *other = second;
    if (one->time_ns != other->time_ns)
        return one->time_ns < other->time_ns ? -1 : 1;
    return 0;
}

void switch_rings_read(struct switch_rings *rings, gboolean all,
                       void (*each)(const struct switch_record *record, gpointer data), gpointer data)
{
    guint64 complete = all ? G_MAXUINT64 : watch_now_ns(); /* what is older stands in the rings by now */
    for (guint i = 0; i < rings->rings->len; i++)
        drain(rings, &g_array_index(rings->rings, struct ring, i));
    g_array_sort(rings->pending, compare_records);
    guint done = 0;
    for (; done < rings->pending->len; done++) {
        const struct switch_record *record = &g_array_index(rings->pending, struct switch_record, done);
        if (record->time_ns > complete)
            break;
        each(record, data);
    }
    g_array_remove_range(rings->pending, 0, done);
}
