/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/watch.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tracer/sampler.h"
#include "tracer/system_call.h"
#include "tracer/tracer.h"
#include "tracer/watch_inside.h"

#define BUSY_PART 8 /* of the buffer, filled between two polls */

static _Thread_local char last_message[512];

static int capture_message(enum libbpf_print_level level, const char *format, va_list arguments)
{
    if (level != LIBBPF_WARN)
        return 0;
    char line[sizeof(last_message)];
    g_vsnprintf(line, sizeof(line), format, arguments);
    g_strstrip(line);
    /* The first line of a failure names its reason; what follows only repeats that loading failed. */
    if (*line && !*last_message)
        g_strlcpy(last_message, g_str_has_prefix(line, "libbpf: ") ? line + 8 : line, sizeof(last_message));
    return 0;
}

void watch_capture_messages(void)
{
    *last_message = '\0';
    libbpf_set_print(capture_message);
}

const char *watch_last_message(void)
{
    return last_message;
}

guint64 watch_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (guint64)now.tv_sec * G_GUINT64_CONSTANT(1000000000) + (guint64)now.tv_nsec;
}

void watch_set_error(int result, GError **error)
{
    int reason = result < 0 ? -result : errno;
    if (reason == EPERM || reason == EACCES) {
        g_set_error(
            error, TRACER_ERROR, TRACER_ERROR_PRIVILEGE,
            "not allowed to load BPF programs (%s); run as root, or grant the capabilities with "
            "`setcap cap_bpf,cap_perfmon,cap_sys_ptrace,cap_dac_read_search+ep` on the corewise binary",
            g_strerror(reason));
        return;
    }
    g_set_error(
        error, TRACER_ERROR, TRACER_ERROR_KERNEL,
        "the kernel refuses corewise's BPF programs: %s%s%s; `corewise doctor` shows what this host offers",
        g_strerror(reason), *last_message ? ": " : "", last_message);
}

static int on_thread(void *data, void *bytes, size_t size)
{
    const struct watch *watch = data;
    if (size >= sizeof(struct thread_event))
        watch->handlers.thread(bytes, watch->handlers.data);
    return 0;
}

/* New stacks of an image where one was too long are sent whole: as far as whole ones went up to now. */
static void note_depth(struct watch *watch, const struct snapshot_event *event,
                       const struct stack_answer *answer)
{
    gpointer image = GUINT_TO_POINTER(event->image);
    guint32 most = GPOINTER_TO_UINT(g_hash_table_lookup(watch->deep_pieces, image)), pieces = SNAPSHOT_PIECES;
    if (event->piece != PIECE_LAST && most)
        return; /* it was copied before that was known */
    if (event->piece == PIECE_LAST) {
        if (answer->depth_bytes)
            pieces = MIN(answer->depth_bytes / WATCH_SNAPSHOT_BYTES + 2, SNAPSHOT_PIECES);
        pieces = MAX(pieces, most);
        g_hash_table_insert(watch->deep_pieces, image, GUINT_TO_POINTER(pieces));
    }
    bpf_map_update_elem(bpf_map__fd(watch->skeleton->maps.deep_images), &event->image, &pieces, BPF_ANY);
}

static void handle_snapshot(struct watch *watch, const struct snapshot_event *event)
{
    const struct watch_bpf *skeleton = watch->skeleton;
    struct stack_answer answer;
    watch->handlers.snapshot(event, watch->handlers.data, &answer);
    /* the limit that was found until now, and not the end of the memory, made it too short */
    gboolean limited = event->piece == PIECE_LAST && !answer.depth_bytes && event->size > 0 &&
                       event->offset + event->size < (SNAPSHOT_PIECES - 1) * WATCH_SNAPSHOT_BYTES;
    guint32 flags = STACK_SENT | STACK_ANSWERED | (answer.wants_deep || limited ? STACK_DEEP : 0);
    if (event->piece == PIECE_MORE)
        return;
    if (answer.wants_deep || event->piece == PIECE_LAST)
        note_depth(watch, event, &answer);
    if (answer.check.count &&
        bpf_map_update_elem(bpf_map__fd(skeleton->maps.checks), &event->stack, &answer.check, BPF_ANY) == 0)
        flags |= STACK_CHECKED;
    /* it is not there when its snapshot found no room and comes again, or has a number of its own */
    if (bpf_map_update_elem(bpf_map__fd(skeleton->maps.stacks), &event->stack, &flags, BPF_EXIST) == 0)
        watch->stacks_answered |= (flags & (STACK_CHECKED | STACK_DEEP)) != 0;
}

static int on_snapshot(void *data, void *bytes, size_t size)
{
    struct watch *watch = data;
    watch->snapshots_seen++;
    /* The process that it is from may have begun since the last look. */
    ring_buffer__consume(watch->lifecycle);
    if (size >= sizeof(struct snapshot_event))
        handle_snapshot(watch, bytes);
    return 0;
}

static int on_interval(void *data, void *bytes, size_t size)
{
    const struct watch *watch = data;
    if (size >= sizeof(struct interval_event))
        watch->handlers.interval(bytes, watch->handlers.data);
    return 0;
}

void watch_link_free(gpointer link)
{
    bpf_link__destroy(link);
}

static gboolean load(struct watch *watch, GError **error)
{
    watch_capture_messages();
    watch->skeleton = watch_bpf__open();
    if (!watch->skeleton) {
        watch_set_error(-errno, error);
        return FALSE;
    }
    for (int number = 0; number < WATCH_SYSCALLS; number++)
        watch->skeleton->rodata->syscall_flags[number] = system_call_find(number)->flags;
    watch_configure_calls(watch);
    watch_configure_locks(watch);
    watch_configure_markers(watch);
    watch_size_buffers(watch);
    watch->skeleton->rodata->timeline_limit = watch->options.timeline;
    if (watch->options.timeline)
        bpf_map__set_max_entries(watch->skeleton->maps.intervals, TIMELINE_BYTES);
    int result = watch_bpf__load(watch->skeleton);
    if (result) {
        watch_set_error(result, error);
        return FALSE;
    }
    bpf_program__set_autoattach(watch->skeleton->progs.find_threads, false);
    bpf_program__set_autoattach(watch->skeleton->progs.close_threads, false);
    bpf_program__set_autoattach(watch->skeleton->progs.peek_threads, false);
    bpf_program__set_autoattach(watch->skeleton->progs.on_sample, false);
    result = watch_bpf__attach(watch->skeleton);
    if (result)
        watch_set_error(result, error);
    return result == 0;
}

struct watch *watch_new(const struct watch_options *options, const struct watch_handlers *handlers,
                        GError **error)
{
    g_autoptr(Watch) watch = g_new0(struct watch, 1);
    watch->slices = parallel_slices_new();
    watch->options = *options;
    watch->call_links = g_ptr_array_new_with_free_func(watch_link_free);
    watch->handlers = *handlers;
    watch->deep_pieces = g_hash_table_new(NULL, NULL);
    if (!load(watch, error) || !(watch->sampler = sampler_new(watch->skeleton, options->sample_hz, error)))
        return NULL;
    watch->lifecycle = ring_buffer__new(bpf_map__fd(watch->skeleton->maps.lifecycle), on_thread, watch, NULL);
    watch->snapshots =
        ring_buffer__new(bpf_map__fd(watch->skeleton->maps.snapshots), on_snapshot, watch, NULL);
    if (options->timeline)
        watch->intervals =
            ring_buffer__new(bpf_map__fd(watch->skeleton->maps.intervals), on_interval, watch, NULL);
    if (!watch->lifecycle || !watch->snapshots || (options->timeline && !watch->intervals)) {
        watch_set_error(-errno, error);
        return NULL;
    }
    return g_steal_pointer(&watch);
}

struct watch *watch_new_plain(const struct watch_handlers *handlers)
{
    struct watch *watch = g_new0(struct watch, 1);
    watch->slices = parallel_slices_new();
    watch->plain = plain_watch_new(handlers);
    return watch;
}

gboolean watch_is_plain(const struct watch *watch)
{
    return watch->plain != NULL;
}

void watch_free(struct watch *watch)
{
    if (!watch)
        return;
    plain_watch_free(watch->plain);
    ring_buffer__free(watch->lifecycle);
    ring_buffer__free(watch->snapshots);
    ring_buffer__free(watch->intervals);
    if (watch->deep_pieces)
        g_hash_table_unref(watch->deep_pieces);
    sampler_free(watch->sampler);
    if (watch->cost_since_ns)
        close(watch->cost_descriptor);
    g_free(watch->costs);
    watch_markers_free(watch->markers);
    if (watch->lock_links)
        g_hash_table_unref(watch->lock_links);
    if (watch->call_links)
        g_ptr_array_unref(watch->call_links);
    watch_forget_open(watch);
    watch_bpf__destroy(watch->skeleton);
    parallel_slices_free(watch->slices);
    g_free(watch);
}

/* Runs an iterator program over all tasks of the machine; what it writes goes to `output`, which may be NULL.
 */
gboolean watch_iterate(struct bpf_program *program, GByteArray *output, GError **error)
{
    struct bpf_link *link = bpf_program__attach_iter(program, NULL);
    int descriptor = link ? bpf_iter_create(bpf_link__fd(link)) : -1;
    if (descriptor < 0) {
        watch_set_error(-errno, error);
        bpf_link__destroy(link);
        return FALSE;
    }
    guint8 bytes[8192];
    ssize_t length;
    do {
        length = read(descriptor, bytes, sizeof(bytes));
        if (length > 0 && output)
            g_byte_array_append(output, bytes, (guint)length);
    } while (length > 0 || (length < 0 && (errno == EINTR || errno == EAGAIN)));
    close(descriptor);
    bpf_link__destroy(link);
    return TRUE;
}

gboolean watch_follow(struct watch *watch, const struct watch_scope *scope, GError **error)
{
    if (watch->plain)
        return plain_watch_follow(watch->plain, scope->pids[0], error);
    struct watch_bpf *skeleton = watch->skeleton;
    int map = bpf_map__fd(skeleton->maps.scope_pids);
    guint8 wanted = 1;
    skeleton->bss->totals.started_ns = watch_now_ns();
    skeleton->bss->launching = scope->launching;
    skeleton->bss->launched_tgid = scope->launching ? scope->pids[0] : 0;
    skeleton->bss->own_tgid = getpid();
    skeleton->bss->scope_cgroup = scope->cgroup;
    if (scope->name)
        g_strlcpy(skeleton->bss->scope_name, scope->name, SCOPE_NAME_SIZE);
    for (guint i = 0; i < scope->pid_count; i++) {
        if (bpf_map_update_elem(map, &scope->pids[i], &wanted, BPF_ANY)) {
            watch_set_error(-errno, error);
            return FALSE;
        }
    }
    skeleton->bss->repairing = 1;
    /* Twice: a thread that an unseen one starts during the first pass is followed by nobody yet. */
    for (int pass = 0; pass < 2; pass++) {
        if (!watch_rescan(watch, error))
            return FALSE;
    }
    skeleton->bss->repairing = 0;
    return TRUE;
}

gboolean watch_rescan(struct watch *watch, GError **error)
{
    return watch->plain || watch_iterate(watch->skeleton->progs.find_threads, NULL, error);
}

void watch_set_cores(struct watch *watch, int cores)
{
    if (!watch->plain)
        watch->skeleton->data->crowd = (guint64)MAX(1, cores) + 1;
}

int watch_descriptor(const struct watch *watch)
{
    return watch->plain ? plain_watch_descriptor(watch->plain) : ring_buffer__epoll_fd(watch->lifecycle);
}

int watch_core_count(void)
{
    return MIN(libbpf_num_possible_cpus(), WATCH_CORES);
}

/* What all threads have been active until now. */
static guint64 running_ns(const struct watch *watch, guint64 now_ns)
{
    guint64 sum = 0;
    if (watch->plain)
        return span_sum_at(plain_watch_running(watch->plain), now_ns);
    int cores = watch_core_count();
    for (int core = 0; core < cores; core++)
        sum += span_sum_at(&watch->skeleton->bss->cores[core].running, now_ns);
    return sum;
}

void watch_poll(struct watch *watch)
{
    guint64 now_ns = watch_now_ns();
    parallel_slices_tick(watch->slices, watch_totals(watch), running_ns(watch, now_ns), now_ns);
    if (watch->plain) {
        plain_watch_poll(watch->plain);
        return;
    }
    if (watch->sampler)
        sampler_tick(watch->sampler, now_ns);
    watch->snapshots_seen = 0;
    ring_buffer__consume(watch->lifecycle);
    ring_buffer__consume(watch->snapshots);
    if (watch->stacks_answered)
        watch->skeleton->data->stack_generation++;
    watch->stacks_answered = FALSE;
    if (watch->intervals)
        ring_buffer__consume(watch->intervals);
}

gboolean watch_is_busy(const struct watch *watch)
{
    guint64 filled = (guint64)watch->snapshots_seen * sizeof(struct snapshot_event);
    return !watch->plain && filled > watch->snapshot_bytes / BUSY_PART;
}

gboolean watch_finish(struct watch *watch, GError **error)
{
    if (watch->plain) {
        plain_watch_finish(watch->plain);
        return TRUE;
    }
    struct watch_bpf *skeleton = watch->skeleton;
    g_clear_pointer(&watch->sampler, sampler_free);
    watch_cost_tick(watch, TRUE);
    watch_switch_calls(watch, FALSE, NULL);
    if (watch->lock_links)
        g_hash_table_remove_all(watch->lock_links);
    skeleton->bss->stopped = watch_now_ns();
    watch_markers_detach(watch);
    /* Programs that were running on another core when `stopped` was set need microseconds to end. */
    g_usleep(2000);
    watch_bpf__detach(skeleton);
    watch_poll(watch);
    watch_forget_open(watch);
    gboolean closed = watch_iterate(skeleton->progs.close_threads, NULL, error);
    watch_poll(watch);
    return closed;
}

void watch_each_wait(const struct watch *watch,
                     void (*each)(const struct wait_key *key, const struct wait_total *total, gpointer data),
                     gpointer data)
{
    const GArray *more = watch->plain ? plain_watch_waits(watch->plain) : watch->open_waits;
    struct watch_cursor cursor = watch_cursor(watch, WATCH_WAITS);
    struct wait_key key;
    struct wait_total total;
    while (watch_cursor_next(&cursor, &key, sizeof(key), &total, sizeof(total)))
        each(&key, &total, data);
    for (guint i = 0; more && i < more->len; i++) {
        const struct wait_slot *slot = &g_array_index(more, struct wait_slot, i);
        each(&slot->key, &slot->total, data);
    }
}

void watch_each_sample(const struct watch *watch,
                       void (*each)(const struct sample_key *key, const struct sample_total *total,
                                    gpointer data),
                       gpointer data)
{
    struct watch_cursor cursor = watch_cursor(watch, WATCH_SAMPLES);
    struct sample_key key;
    struct sample_total total;
    while (watch_cursor_next(&cursor, &key, sizeof(key), &total, sizeof(total)))
        each(&key, &total, data);
}

void watch_each_callback(const struct watch *watch,
                         void (*each)(const struct callback_key *key, guint64 count, gpointer data),
                         gpointer data)
{
    struct watch_cursor cursor = watch_cursor(watch, WATCH_CALLBACKS);
    struct callback_key key;
    guint64 count;
    while (watch_cursor_next(&cursor, &key, sizeof(key), &count, sizeof(count)))
        each(&key, count, data);
}

const struct parallel_slices *watch_slices(const struct watch *watch)
{
    return watch->slices;
}

const struct watch_totals *watch_totals(const struct watch *watch)
{
    return watch->plain ? plain_watch_totals(watch->plain) : &watch->skeleton->bss->totals;
}
