/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/process_tree.h"

#include <stdio.h>
#include <string.h>

struct process {
    pid_t pid, parent;
};

static gboolean read_parent(pid_t pid, pid_t *parent)
{
    char path[64];
    g_autofree char *text = NULL;
    g_snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return FALSE;
    const char *behind_name = strrchr(text, ')'); /* the name may hold anything, brackets too */
    int number = 0;
    if (!behind_name || sscanf(behind_name + 1, " %*c %d", &number) != 1)
        return FALSE;
    *parent = number;
    return TRUE;
}

static GArray *all_processes(void)
{
    GArray *processes = g_array_new(FALSE, FALSE, sizeof(struct process));
    g_autoptr(GDir) folder = g_dir_open("/proc", 0, NULL);
    for (const char *name = folder ? g_dir_read_name(folder) : NULL; name; name = g_dir_read_name(folder)) {
        struct process process = {.pid = (pid_t)g_ascii_strtoll(name, NULL, 10)};
        if (process.pid > 0 && read_parent(process.pid, &process.parent))
            g_array_append_val(processes, process);
    }
    return processes;
}

GArray *process_tree_descendants(pid_t root)
{
    g_autoptr(GArray) processes = all_processes();
    GArray *found = g_array_new(FALSE, FALSE, sizeof(pid_t));
    g_array_append_val(found, root);
    for (guint next = 0; next < found->len; next++) {
        pid_t parent = g_array_index(found, pid_t, next);
        for (guint i = 0; i < processes->len; i++) {
            const struct process *process = &g_array_index(processes, struct process, i);
            if (process->parent == parent && process->pid != parent)
                g_array_append_val(found, process->pid);
        }
    }
    g_array_remove_index(found, 0);
    return found;
}

static char *command_line(const char *pid, gsize *length)
{
    g_autofree char *path = g_strdup_printf("/proc/%s/cmdline", pid);
    char *text = NULL;
    return g_file_get_contents(path, &text, length, NULL) ? text : NULL;
}

void process_tree_drop_copies(GArray *pids)
{
    gsize own_length = 0;
    g_autofree char *own = command_line("self", &own_length);
    for (guint i = pids->len; own && i > 0; i--) {
        char pid[16];
        gsize length = 0;
        g_snprintf(pid, sizeof pid, "%d", (int)g_array_index(pids, pid_t, i - 1));
        g_autofree char *other = command_line(pid, &length);
        if (other && length == own_length && memcmp(own, other, length) == 0)
            g_array_remove_index(pids, i - 1);
    }
}

/* The line of /proc/PID/`file` that begins with `key`, in bytes; negative when there is none. */
static double read_kilobytes(pid_t pid, const char *file, const char *key)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/%s", (int)pid, file);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return -1;
    const char *line = g_str_has_prefix(text, key) ? text : strstr(text, key);
    double kilobytes = 0;
    return line && sscanf(line + strlen(key), "%lf", &kilobytes) == 1 ? kilobytes * 1024 : -1;
}

double process_tree_bytes(const GArray *pids)
{
    double sum = 0;
    for (guint i = 0; i < pids->len; i++) {
        pid_t pid = g_array_index(pids, pid_t, i);
        double bytes = read_kilobytes(pid, "smaps_rollup", "\nPss:");
        if (bytes < 0)
            bytes = read_kilobytes(pid, "status", "\nVmRSS:");
        sum += MAX(bytes, 0);
    }
    return sum;
}
