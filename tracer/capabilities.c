/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/tracer.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dlfcn.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tracer/switch_ring.h"
#include "tracer/watch.h"

#define BTF_PATH "/sys/kernel/btf/vmlinux"

static void capability_free(gpointer pointer)
{
    struct capability *capability = pointer;
    g_free(capability->detail);
    g_free(capability->remedy);
    g_free(capability);
}

static void add(GPtrArray *capabilities, const char *name, enum capability_state state, char *detail,
                const char *remedy)
{
    struct capability *capability = g_new0(struct capability, 1);
    capability->name = name;
    capability->state = state;
    capability->detail = detail;
    capability->remedy = state == CAPABILITY_YES ? NULL : g_strdup(remedy);
    g_ptr_array_add(capabilities, capability);
}

static void probe_btf(GPtrArray *capabilities)
{
    gboolean readable = access(BTF_PATH, R_OK) == 0;
    add(capabilities, "kernel type information", readable ? CAPABILITY_YES : CAPABILITY_NO,
        readable ? g_strdup(BTF_PATH " is readable")
                 : g_strdup_printf("cannot read " BTF_PATH ": %s", g_strerror(errno)),
        "use a kernel built with CONFIG_DEBUG_INFO_BTF=y, as those of all large distributions are");
}

static void ignore_thread(const struct thread_event *event, gpointer data)
{
    (void)event;
    (void)data;
}

static void ignore_interval(const struct interval_event *event, gpointer data)
{
    (void)event;
    (void)data;
}

static void ignore_snapshot(const struct snapshot_event *event, gpointer data, struct stack_answer *answer)
{
    (void)event;
    (void)data;
    *answer = (struct stack_answer){0};
}

/* The whole kernel side at once, as a trace would use it. */
static void probe_watch(GPtrArray *capabilities)
{
    struct watch_options options = {0};
    struct watch_handlers handlers = {ignore_thread, ignore_snapshot, ignore_interval, NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(Watch) watch = watch_new(&options, &handlers, &error);
    if (watch) {
        add(capabilities, "tracing programs", CAPABILITY_YES,
            g_strdup("scheduler programs, task storage, ring buffers and core clocks load and attach"), NULL);
        return;
    }
    gboolean privilege = g_error_matches(error, TRACER_ERROR, TRACER_ERROR_PRIVILEGE);
    add(capabilities, "tracing programs", CAPABILITY_NO, g_strdup(error->message),
        privilege ? "run as root, or grant cap_bpf, cap_perfmon and cap_sys_ptrace with setcap"
                  : "corewise needs Linux 5.11 or later with CONFIG_BPF_SYSCALL and CONFIG_BPF_EVENTS");
}

/* System calls and locks are watched on demand only, by programs of their own. */
static void probe_on_demand(GPtrArray *capabilities)
{
    struct watch_handlers handlers = {ignore_thread, ignore_snapshot, ignore_interval, NULL};
    struct watch_options options = {.calls = CALLS_TIMED, .locks = TRUE};
    g_autoptr(GError) error = NULL;
    g_autoptr(Watch) watch = watch_new(&options, &handlers, &error);
    gboolean calls = watch && watch_switch_calls(watch, TRUE, &error);
    guint locks = 0;
    Dl_info library;
    void *function = dlsym(RTLD_DEFAULT, "pthread_mutex_lock");
    if (watch && function && dladdr(function, &library))
        locks = watch_locks_of(watch, getpid(), library.dli_fname);
    add(capabilities, "system calls (--syscalls)", calls ? CAPABILITY_YES : CAPABILITY_NO,
        calls ? g_strdup("attached to their entry and exit") : g_strdup(error->message),
        "as for the tracing programs");
    add(capabilities, "lock uses (--locks all)", locks ? CAPABILITY_YES : CAPABILITY_NO,
        locks ? g_strdup_printf("attached to %u functions of the C library", locks)
              : g_strdup("cannot attach to functions of the C library"),
        "needs CONFIG_UPROBE_EVENTS, and root or cap_perfmon");
}

static void probe_cost(GPtrArray *capabilities)
{
    int statistics = bpf_enable_stats(BPF_STATS_RUN_TIME);
    int reason = errno;
    if (statistics >= 0)
        close(statistics);
    add(capabilities, "cost of the programs", statistics >= 0 ? CAPABILITY_YES : CAPABILITY_DEGRADED,
        statistics >= 0 ? g_strdup("the kernel times them")
                        : g_strdup_printf("the kernel does not tell: %s", g_strerror(reason)),
        "run as root, or grant cap_sys_admin; only the report of the tracer's own cost needs it");
}

/* What is left when the programs above may not be loaded. */
static void probe_plain(GPtrArray *capabilities)
{
    g_autoptr(GError) error = NULL;
    struct switch_rings *rings = switch_rings_open(getpid(), &error);
    add(capabilities, "launched commands, plainly", rings ? CAPABILITY_YES : CAPABILITY_NO,
        rings ? g_strdup("context switches can be followed without privilege") : g_strdup(error->message),
        "lower /proc/sys/kernel/perf_event_paranoid to 2");
    switch_rings_close(rings);
}

static void probe_map(GPtrArray *capabilities, const char *name, enum bpf_map_type type, guint32 key,
                      guint32 value, guint32 entries)
{
    LIBBPF_OPTS(bpf_map_create_opts, options);
    if (type == BPF_MAP_TYPE_TASK_STORAGE)
        options.map_flags = BPF_F_NO_PREALLOC;
    /* Task storage wants its types described; loading the programs above has tried it in earnest. */
    int map = bpf_map_create(type, NULL, key, value, entries, &options);
    int reason = errno;
    gboolean works = map >= 0;
    if (works)
        close(map);
    add(capabilities, name, works ? CAPABILITY_YES : CAPABILITY_NO,
        works ? g_strdup("one was made") : g_strdup_printf("cannot make one: %s", g_strerror(reason)),
        reason == EPERM ? "run as root, or grant cap_bpf" : "needs Linux 5.8 or later");
}

static int open_event(guint32 type, guint64 config)
{
    struct perf_event_attr attributes = {
        .type = type, .size = sizeof(attributes), .config = config, .sample_period = 1000000, .disabled = 1};
    return (int)syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
}

static void probe_event(GPtrArray *capabilities, const char *name, guint32 type, guint64 config,
                        enum capability_state otherwise, const char *remedy)
{
    int event = open_event(type, config);
    int reason = errno;
    if (event >= 0)
        close(event);
    add(capabilities, name, event >= 0 ? CAPABILITY_YES : otherwise,
        event >= 0 ? g_strdup("opened on core 0") : g_strdup_printf("cannot open: %s", g_strerror(reason)),
        remedy);
}

/* Reading the memory of a process of another user: tried on a child that gives its own user up. */
static void probe_foreign_memory(GPtrArray *capabilities)
{
    static const char remedy[] =
        "run as root, or grant cap_sys_ptrace; see /proc/sys/kernel/yama/ptrace_scope";
    char word[8] = "corewise", copy[8] = {0};
    int ready[2];
    if (pipe(ready)) {
        add(capabilities, "memory of other users' processes", CAPABILITY_NO,
            g_strdup_printf("cannot make a pipe to try it: %s", g_strerror(errno)), remedy);
        return;
    }
    pid_t child = fork();
    if (child == 0) {
        gboolean other =
            geteuid() == 0 && setresgid(65534, 65534, 65534) == 0 && setresuid(65534, 65534, 65534) == 0;
        char told = other ? 'o' : 's';
        if (write(ready[1], &told, 1) == 1)
            pause();
        _exit(0);
    }
    char told = 's';
    ssize_t heard = child > 0 ? read(ready[0], &told, 1) : -1;
    struct iovec local = {copy, sizeof(copy)}, remote = {word, sizeof(word)};
    ssize_t length = heard == 1 ? process_vm_readv(child, &local, 1, &remote, 1, 0) : -1;
    int reason = errno;
    if (child > 0) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    close(ready[0]);
    close(ready[1]);
    if (length != (ssize_t)sizeof(copy))
        add(capabilities, "memory of other users' processes", CAPABILITY_NO,
            g_strdup_printf("cannot read: %s", g_strerror(reason)), remedy);
    else if (told == 'o')
        add(capabilities, "memory of other users' processes", CAPABILITY_YES,
            g_strdup("read from a process of nobody"), NULL);
    else
        add(capabilities, "memory of other users' processes", CAPABILITY_DEGRADED,
            g_strdup("only own processes could be tried"), remedy);
}

static void probe_path(GPtrArray *capabilities, const char *name, const char *path, const char *use,
                       const char *remedy)
{
    gboolean readable = access(path, R_OK) == 0;
    add(capabilities, name, readable ? CAPABILITY_YES : CAPABILITY_DEGRADED,
        readable ? g_strdup_printf("%s is readable", path)
                 : g_strdup_printf("cannot read %s: %s; %s", path, g_strerror(errno), use),
        remedy);
}

static void probe_kprobes(GPtrArray *capabilities)
{
    g_autofree char *text = NULL;
    guint type = 0;
    if (g_file_get_contents("/sys/bus/event_source/devices/kprobe/type", &text, NULL, NULL))
        type = (guint)g_ascii_strtoull(text, NULL, 10);
    add(capabilities, "kprobes", type ? CAPABILITY_YES : CAPABILITY_DEGRADED,
        type ? g_strdup_printf("event source %u", type)
             : g_strdup("not in this kernel; corewise does not need them"),
        "none needed");
}

static void probe_debuginfod(GPtrArray *capabilities)
{
    const char *urls = g_getenv("DEBUGINFOD_URLS");
    gboolean set = urls && *urls;
    add(capabilities, "debuginfod", set ? CAPABILITY_YES : CAPABILITY_DEGRADED,
        set ? g_strdup_printf("DEBUGINFOD_URLS=%s", urls)
            : g_strdup("DEBUGINFOD_URLS is not set; names come from installed files only"),
        "set DEBUGINFOD_URLS, for example to https://debuginfod.debian.net");
}

GPtrArray *tracer_probe_capabilities(void)
{
    GPtrArray *capabilities = g_ptr_array_new_with_free_func(capability_free);
    watch_capture_messages();
    probe_btf(capabilities);
    probe_watch(capabilities);
    probe_map(capabilities, "ring buffer", BPF_MAP_TYPE_RINGBUF, 0, 0, 4096);
    probe_map(capabilities, "BPF hash map", BPF_MAP_TYPE_HASH, 8, 8, 16);
    probe_event(capabilities, "core clock sampling", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK,
                CAPABILITY_NO,
                "run as root, grant cap_perfmon, or lower /proc/sys/kernel/perf_event_paranoid");
    probe_on_demand(capabilities);
    probe_plain(capabilities);
    probe_cost(capabilities);
    probe_foreign_memory(capabilities);
    probe_debuginfod(capabilities);
    probe_path(capabilities, "tracefs", "/sys/kernel/tracing/events", "corewise does not need it",
               "mount -t tracefs tracefs /sys/kernel/tracing");
    probe_kprobes(capabilities);
    probe_event(capabilities, "hardware counters", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES,
                CAPABILITY_DEGRADED, "none in most virtual machines; corewise does not need them");
    return capabilities;
}
