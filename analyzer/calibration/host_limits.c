/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/calibration/host_limits.h"

#include <glib.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

/* Fields of a line of mountinfo(5): ID PARENT DEVICE ROOT MOUNT-POINT OPTIONS … - TYPE SOURCE SUPER-OPTIONS
 */
enum { FIELD_ROOT = 3, FIELD_MOUNT_POINT = 4, FIELD_COUNT = 6 };

static char *read_text(const char *root, const char *path)
{
    g_autofree char *full = g_build_filename(root, path, NULL);
    char *text = NULL;
    return g_file_get_contents(full, &text, NULL, NULL) ? text : NULL;
}

/* "0-3,7" is five cores. */
static int count_list(const char *list)
{
    int count = 0;
    for (const char *next = list; g_ascii_isdigit(*next);) {
        char *end = NULL;
        gint64 first = g_ascii_strtoll(next, &end, 10), last = first;
        if (*end == '-')
            last = g_ascii_strtoll(end + 1, &end, 10);
        count += (int)CLAMP(last - first + 1, 0, G_MAXINT16);
        next = *end == ',' ? end + 1 : end;
    }
    return count;
}

static int read_affinity(const char *root)
{
    static const char key[] = "\nCpus_allowed_list:";
    g_autofree char *status = read_text(root, "proc/self/status");
    const char *line = status ? strstr(status, key) : NULL;
    int allowed = 0;
    if (line) {
        line += strlen(key);
        allowed = count_list(line + strspn(line, " \t"));
    }
    /* The mask may name cores that this machine could have but has not. */
    g_autofree char *online_list = read_text(root, "sys/devices/system/cpu/online");
    int online = online_list ? count_list(online_list) : 0;
    if (allowed > 0)
        return online > 0 ? MIN(allowed, online) : allowed;
    return (int)MAX(1, sysconf(_SC_NPROCESSORS_ONLN));
}

/* Quota of one group folder in cores, of either version; 0 without one. */
static double group_quota(const char *root, const char *folder)
{
    g_autofree char *max_path = g_build_filename(folder, "cpu.max", NULL);
    g_autofree char *max = read_text(root, max_path);
    if (max) { /* "150000 100000" or "max 100000" */
        char *end = NULL;
        double quota = g_ascii_strtod(max, &end), period = g_ascii_strtod(end, NULL);
        return end != max && quota > 0 && period > 0 ? quota / period : 0;
    }
    g_autofree char *quota_path = g_build_filename(folder, "cpu.cfs_quota_us", NULL);
    g_autofree char *period_path = g_build_filename(folder, "cpu.cfs_period_us", NULL);
    g_autofree char *quota_text = read_text(root, quota_path), *period_text = read_text(root, period_path);
    double quota = quota_text ? g_ascii_strtod(quota_text, NULL) : -1;
    double period = period_text ? g_ascii_strtod(period_text, NULL) : 0;
    return quota > 0 && period > 0 ? quota / period : 0;
}

/* Bytes that one group folder may use, of either version; 0 without a limit. */
static double group_memory(const char *root, const char *folder)
{
    static const char *const names[] = {"memory.max", "memory.limit_in_bytes"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(folder, names[i], NULL);
        g_autofree char *text = read_text(root, path);
        if (text)
            return g_ascii_strtod(text, NULL); /* "max" is 0 */
    }
    return 0;
}

/* What control groups limit: the controller's name in version 1, and how a group says it. */
struct limit {
    const char *controller;
    double (*read)(const char *root, const char *folder);
};
static const struct limit cpu_limit = {"cpu", group_quota}, memory_limit = {"memory", group_memory};

static double tighter(double tightest, double limit)
{
    if (limit <= 0)
        return tightest;
    return tightest > 0 ? MIN(tightest, limit) : limit;
}

/* A limit of any group on the way up holds for all below it. */
static double tightest_of_groups(const struct limit *limit, const char *root, const char *mount_point,
                                 const char *group)
{
    double tightest = 0;
    g_autofree char *relative = g_strdup(group);
    for (;;) {
        g_autofree char *folder = g_build_filename(mount_point, relative, NULL);
        tightest = tighter(tightest, limit->read(root, folder));
        char *slash = strrchr(relative, '/');
        if (!slash)
            break;
        *slash = '\0';
    }
    return tightest;
}

/* The group of this process in the hierarchy with the controller: "4:cpu,cpuacct:/a/b" in version 1,
 * "0::/a" in version 2. NULL when there is none. */
static char *own_group(const char *cgroups, const char *controller, gboolean unified)
{
    g_auto(GStrv) lines = g_strsplit(cgroups, "\n", 0);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) parts = g_strsplit(*line, ":", 3);
        if (g_strv_length(parts) != 3)
            continue;
        g_auto(GStrv) controllers = g_strsplit(parts[1], ",", 0);
        gboolean matches = unified ? strcmp(parts[0], "0") == 0 && *parts[1] == '\0'
                                   : g_strv_contains((const char *const *)controllers, controller);
        if (matches)
            return g_strdup(parts[2]);
    }
    return NULL;
}

static gboolean has_option(const char *super_options, const char *option)
{
    g_auto(GStrv) options = g_strsplit_set(super_options, ", \n", 0);
    return g_strv_contains((const char *const *)options, option);
}

/* The limit in the hierarchy that one line of mountinfo mounts; 0 without one. Paths of groups are relative
 * to the root of the hierarchy, of which a container may see only a part: the mount's own root. */
static double limit_of_mount(const struct limit *limit, const char *root, const char *line,
                             const char *cgroups)
{
    const char *separator = strstr(line, " - ");
    g_auto(GStrv) fields = g_strsplit(line, " ", FIELD_COUNT + 1);
    g_auto(GStrv) source = separator ? g_strsplit(separator + strlen(" - "), " ", 3) : NULL;
    if (!source || g_strv_length(source) < 3 || g_strv_length(fields) < FIELD_COUNT)
        return 0;
    gboolean unified = strcmp(source[0], "cgroup2") == 0;
    if (!unified && (strcmp(source[0], "cgroup") != 0 || !has_option(source[2], limit->controller)))
        return 0;
    g_autofree char *group = own_group(cgroups, limit->controller, unified);
    if (!group)
        return 0;
    const char *relative = group;
    if (strcmp(fields[FIELD_ROOT], "/") != 0)
        relative = g_str_has_prefix(group, fields[FIELD_ROOT]) ? group + strlen(fields[FIELD_ROOT]) : "";
    return tightest_of_groups(limit, root, fields[FIELD_MOUNT_POINT], relative);
}

static double read_limit(const struct limit *limit, const char *root)
{
    g_autofree char *cgroups = read_text(root, "proc/self/cgroup");
    g_autofree char *mounts = read_text(root, "proc/self/mountinfo");
    if (!cgroups || !mounts)
        return 0;
    double tightest = 0;
    g_auto(GStrv) lines = g_strsplit(mounts, "\n", 0);
    for (char **line = lines; *line; line++)
        tightest = tighter(tightest, limit_of_mount(limit, root, *line, cgroups));
    return tightest;
}

void usable_cores_read(const char *root, struct usable_cores *usable)
{
    usable->affinity = read_affinity(root);
    double quota = read_limit(&cpu_limit, root);
    usable->quota_cores = quota < usable->affinity ? quota : 0;
    usable->workers = usable->affinity;
    if (usable->quota_cores > 0)
        usable->workers = (int)ceil(usable->quota_cores);
    usable->workers = MAX(1, usable->workers);
}

double usable_memory_bytes(const char *root)
{
    g_autofree char *meminfo = read_text(root, "proc/meminfo");
    const char *line = meminfo ? strstr(meminfo, "MemAvailable:") : NULL;
    double available = line ? g_ascii_strtod(line + strlen("MemAvailable:"), NULL) * 1024 : 0;
    return tighter(available, read_limit(&memory_limit, root));
}
