/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/scope.h"

#include <errno.h>
#include <linux/magic.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define COMMANDS_SHOWN 4

static char *command_of(int pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/cmdline", pid);
    char *text = NULL;
    gsize length = 0;
    if (!g_file_get_contents(path, &text, &length, NULL) || !length) {
        g_free(text);
        return g_strdup_printf("process %d", pid);
    }
    for (gsize i = 0; i + 1 < length; i++) {
        if (!text[i])
            text[i] = ' ';
    }
    char *valid = g_utf8_make_valid(text, -1);
    g_free(text);
    return g_strchomp(valid); /* servers that set their title pad it with spaces */
}

gboolean scope_add(struct scope *scope, int pid, GError **error)
{
    int descriptor = (int)syscall(SYS_pidfd_open, pid, 0);
    int reason = errno;
    if (descriptor >= 0) {
        struct pollfd wanted = {descriptor, POLLIN, 0};
        g_array_append_val(scope->pids, pid);
        g_array_append_val(scope->polls, wanted);
        return TRUE;
    }
    /* EINVAL, since 6.9 ENOENT */
    if (reason == EINVAL || reason == ENOENT)
        g_set_error(error, TRACER_ERROR, TRACER_ERROR_TARGET,
                    "cannot watch %d: it is a thread; give the number of its process", pid);
    else
        g_set_error(error, TRACER_ERROR, TRACER_ERROR_TARGET, "cannot watch process %d: %s", pid,
                    reason == ESRCH ? "there is no such process; it may have ended already"
                                    : g_strerror(reason));
    return FALSE;
}

static gboolean process_has_name(const char *pid, const char *name)
{
    g_autofree char *path = g_build_filename("/proc", pid, "comm", NULL);
    g_autofree char *comm = NULL;
    gsize length = 0;
    if (!g_file_get_contents(path, &comm, &length, NULL) || length == 0)
        return FALSE;
    comm[length - 1] = '\0';
    return strncmp(comm, name, SCOPE_NAME_SIZE - 1) == 0;
}

static gboolean find_by_name(struct scope *scope, const char *name, GError **error)
{
    g_autoptr(GDir) processes = g_dir_open("/proc", 0, error);
    if (!processes)
        return FALSE;
    for (const char *entry = g_dir_read_name(processes); entry; entry = g_dir_read_name(processes)) {
        int pid = (int)g_ascii_strtoll(entry, NULL, 10);
        if (pid > 0 && pid != getpid() && process_has_name(entry, name) && !scope_add(scope, pid, NULL))
            continue; /* gone since */
    }
    if (scope->pids->len)
        return TRUE;
    g_set_error(error, TRACER_ERROR, TRACER_ERROR_TARGET,
                "cannot watch processes named %s: there are none; `ps -e -o comm` lists the names", name);
    return FALSE;
}

static gboolean find_cgroup(struct scope *scope, const char *path, GError **error)
{
    struct stat status;
    struct statfs system;
    if (stat(path, &status) || statfs(path, &system)) {
        g_set_error(error, TRACER_ERROR, TRACER_ERROR_TARGET,
                    "cannot watch the cgroup %s: %s; "
                    "give its folder, for example /sys/fs/cgroup/system.slice",
                    path, g_strerror(errno));
        return FALSE;
    }
    if (system.f_type != CGROUP2_SUPER_MAGIC || !S_ISDIR(status.st_mode)) {
        g_set_error(error, TRACER_ERROR, TRACER_ERROR_TARGET,
                    "cannot watch the cgroup %s: it is no folder of the unified hierarchy (cgroup2); "
                    "`mount -t cgroup2` shows where that is",
                    path);
        return FALSE;
    }
    scope->cgroup = status.st_ino;
    g_autofree char *list = g_build_filename(path, "cgroup.procs", NULL);
    g_autofree char *text = NULL;
    g_file_get_contents(list, &text, NULL, NULL);
    g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);
    for (char **line = lines; *line; line++) {
        int pid = (int)g_ascii_strtoll(*line, NULL, 10);
        if (pid > 0 && pid != getpid())
            scope_add(scope, pid, NULL);
    }
    return TRUE;
}

gboolean scope_open(struct scope *scope, const struct trace_options *options, GError **error)
{
    *scope = (struct scope){.pids = g_array_new(FALSE, FALSE, sizeof(int)),
                            .polls = g_array_new(FALSE, FALSE, sizeof(struct pollfd)),
                            .name = options->process_name,
                            .open = options->process_name || options->cgroup};
    for (const int *pid = options->pids; pid && *pid; pid++) {
        if (scope->pids->len >= SCOPE_PIDS_MAX) {
            g_set_error(error, TRACER_ERROR, TRACER_ERROR_TARGET,
                        "cannot watch more than %d processes by number; use a name or a cgroup",
                        SCOPE_PIDS_MAX);
            return FALSE;
        }
        if (!scope_add(scope, *pid, error))
            return FALSE;
    }
    return (!options->process_name || find_by_name(scope, options->process_name, error)) &&
           (!options->cgroup || find_cgroup(scope, options->cgroup, error));
}

void scope_clear(struct scope *scope)
{
    for (guint i = 0; scope->polls && i < scope->polls->len; i++)
        close(g_array_index(scope->polls, struct pollfd, i).fd);
    g_clear_pointer(&scope->polls, g_array_unref);
    g_clear_pointer(&scope->pids, g_array_unref);
}

char *scope_describe(const struct scope *scope)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < scope->pids->len && i < COMMANDS_SHOWN; i++) {
        g_autofree char *command = command_of(g_array_index(scope->pids, int, i));
        g_string_append_printf(text, "%s%s", i ? "; " : "", command);
    }
    if (scope->pids->len > COMMANDS_SHOWN)
        g_string_append_printf(text, "; and %u more", scope->pids->len - COMMANDS_SHOWN);
    if (!text->len)
        g_string_append(text, scope->cgroup ? "a cgroup" : "nothing");
    return g_string_free(text, FALSE);
}

gboolean scope_wait(struct scope *scope, int urgent, int timeout_ms)
{
    /* The descriptor of a process stays readable after its end: it is looked at once. */
    g_autoptr(GArray) polled = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
    struct pollfd first = {urgent, POLLIN, 0};
    g_array_append_val(polled, first);
    g_array_append_vals(polled, scope->polls->data, scope->polls->len);
    int ready = poll((struct pollfd *)polled->data, polled->len, timeout_ms);
    for (guint i = polled->len - 1; ready > 0 && i > 0; i--) {
        const struct pollfd *seen = &g_array_index(polled, struct pollfd, i);
        if (!seen->revents)
            continue;
        close(seen->fd);
        g_array_remove_index_fast(scope->polls, i - 1);
    }
    return !scope->polls->len && !scope->open;
}
