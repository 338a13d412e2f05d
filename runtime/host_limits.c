/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/host_limits.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Nobody has more cores, and a list that says so is not believed. */
enum { CORES_MOST = 32767, READ_BYTES = 16384 };

/* The whole of a small file, for the caller to free; NULL when it cannot be read. */
static char *read_text(const char *root, const char *path)
{
    char full[PATH_MAX];
    if (snprintf(full, sizeof(full), "%s/%s", root, path) >= (int)sizeof(full))
        return NULL;
    int file = open(full, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return NULL;
    char *text = NULL;
    size_t used = 0;
    ssize_t got = 0;
    do {
        char *longer = realloc(text, used + READ_BYTES + 1);
        if (!longer)
            break;
        text = longer;
        got = read(file, text + used, READ_BYTES);
        used += got > 0 ? (size_t)got : 0;
        text[used] = '\0';
    } while (got > 0);
    close(file);
    return text;
}

static char *read_group_file(const char *root, const char *folder, const char *name)
{
    char path[PATH_MAX];
    return snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path) ? read_text(root, path)
                                                                                   : NULL;
}

/* "0-3,7" is five cores. */
static int count_list(const char *list)
{
    long count = 0;
    for (const char *next = list; isdigit((unsigned char)*next);) {
        char *end = NULL;
        long first = strtol(next, &end, 10), last = first;
        if (*end == '-')
            last = strtol(end + 1, &end, 10);
        if (last >= first && last - first < CORES_MOST)
            count += last - first + 1;
        next = *end == ',' ? end + 1 : end;
    }
    return count < CORES_MOST ? (int)count : CORES_MOST;
}

static int read_affinity(const char *root)
{
    static const char key[] = "\nCpus_allowed_list:";
    char *status = read_text(root, "proc/self/status");
    const char *line = status ? strstr(status, key) : NULL;
    int allowed = 0;
    if (line) {
        line += strlen(key);
        allowed = count_list(line + strspn(line, " \t"));
    }
    free(status);
    /* The mask may name cores that this machine could have but has not. */
    char *online_list = read_text(root, "sys/devices/system/cpu/online");
    int online = online_list ? count_list(online_list) : 0;
    free(online_list);
    if (allowed > 0)
        return online > 0 && online < allowed ? online : allowed;
    long configured = sysconf(_SC_NPROCESSORS_ONLN);
    return configured > 1 ? (int)configured : 1;
}

/* Numbers of the kernel have no decimal point, so the locale does not matter. */
static double read_number(char *text, double missing)
{
    double number = text ? strtod(text, NULL) : missing;
    free(text);
    return number;
}

/* Quota of one group folder in cores, of either version; 0 without one. */
static double group_quota(const char *root, const char *folder)
{
    char *max = read_group_file(root, folder, "cpu.max");
    if (max) { /* "150000 100000" or "max 100000" */
        char *end = NULL;
        double quota = strtod(max, &end), period = strtod(end, NULL);
        bool limited = end != max && quota > 0 && period > 0;
        free(max);
        return limited ? quota / period : 0;
    }
    double quota = read_number(read_group_file(root, folder, "cpu.cfs_quota_us"), -1);
    double period = read_number(read_group_file(root, folder, "cpu.cfs_period_us"), 0);
    return quota > 0 && period > 0 ? quota / period : 0;
}

/* Bytes that one group folder may use, of either version; 0 without a limit. */
static double group_memory(const char *root, const char *folder)
{
    char *text = read_group_file(root, folder, "memory.max");
    if (!text)
        text = read_group_file(root, folder, "memory.limit_in_bytes");
    return read_number(text, 0); /* "max" is 0 */
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
    return tightest > 0 && tightest < limit ? tightest : limit;
}

/* A limit of any group on the way up holds for all below it. */
static double tightest_of_groups(const struct limit *limit, const char *root, const char *mount_point,
                                 const char *group)
{
    char folder[PATH_MAX];
    double tightest = 0;
    size_t top = strlen(mount_point);
    if (snprintf(folder, sizeof(folder), "%s/%s", mount_point, group) >= (int)sizeof(folder))
        return 0;
    for (;;) {
        tightest = tighter(tightest, limit->read(root, folder));
        char *slash = strrchr(folder, '/');
        if (!slash || (size_t)(slash - folder) < top || strlen(folder) <= top)
            return tightest;
        *slash = '\0';
    }
}

/* Whether a list of words separated by commas has the word. */
static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *next = list; *next; next += strspn(next, ",")) {
        size_t own = strcspn(next, ",");
        if (own == length && strncmp(next, word, length) == 0)
            return true;
        next += own;
    }
    return false;
}

/* The group of this process in the hierarchy with the controller: "4:cpu,cpuacct:/a/b" in version 1,
 * "0::/a" in version 2. Cuts the text up. NULL when there is none. */
static const char *own_group(char *cgroups, const char *controller, bool unified)
{
    char *rest = NULL;
    for (char *line = strtok_r(cgroups, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *controllers = strchr(line, ':');
        char *group = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!group)
            continue;
        *controllers++ = *group++ = '\0';
        if (unified ? strcmp(line, "0") == 0 && *controllers == '\0' : has_word(controllers, controller))
            return group;
    }
    return NULL;
}

/* The fields that count of a line of mountinfo(5):
 * ID PARENT DEVICE ROOT MOUNT-POINT OPTIONS … - TYPE SOURCE SUPER-OPTIONS */
struct mount {
    char root[PATH_MAX], point[PATH_MAX], type[64], options[1024];
};

static bool parse_mount(const char *line, struct mount *mount)
{
    const char *separator = strstr(line, " - ");
    return separator && sscanf(line, "%*s %*s %*s %4095s %4095s", mount->root, mount->point) == 2 &&
           sscanf(separator, " - %63s %*s %1023s", mount->type, mount->options) == 2;
}

/* The limit in the hierarchy that one line of mountinfo mounts; 0 without one. Paths of groups are relative
 * to the root of the hierarchy, of which a container may see only a part: the mount's own root. */
static double limit_of_mount(const struct limit *limit, const char *root, const char *line,
                             const char *cgroups)
{
    struct mount mount;
    if (!parse_mount(line, &mount))
        return 0;
    bool unified = strcmp(mount.type, "cgroup2") == 0;
    if (!unified && (strcmp(mount.type, "cgroup") != 0 || !has_word(mount.options, limit->controller)))
        return 0;
    char *copy = strdup(cgroups);
    const char *group = copy ? own_group(copy, limit->controller, unified) : NULL;
    double tightest = 0;
    if (group) {
        size_t prefix = strcmp(mount.root, "/") == 0 ? 0 : strlen(mount.root);
        const char *relative = strncmp(group, mount.root, prefix) == 0 ? group + prefix : "";
        tightest = tightest_of_groups(limit, root, mount.point, relative);
    }
    free(copy);
    return tightest;
}

static double read_limit(const struct limit *limit, const char *root)
{
    char *cgroups = read_text(root, "proc/self/cgroup");
    char *mounts = read_text(root, "proc/self/mountinfo");
    double tightest = 0;
    char *rest = NULL;
    char *line = cgroups && mounts ? strtok_r(mounts, "\n", &rest) : NULL;
    for (; line; line = strtok_r(NULL, "\n", &rest))
        tightest = tighter(tightest, limit_of_mount(limit, root, line, cgroups));
    free(cgroups);
    free(mounts);
    return tightest;
}

void corewise_usable_cores_read(const char *root, struct usable_cores *usable)
{
    usable->affinity = read_affinity(root);
    double quota = read_limit(&cpu_limit, root);
    usable->quota_cores = quota < usable->affinity ? quota : 0;
    usable->workers = usable->affinity;
    if (usable->quota_cores > 0) {
        usable->workers = (int)usable->quota_cores;
        usable->workers += usable->quota_cores > usable->workers;
    }
    if (usable->workers < 1)
        usable->workers = 1;
}

uint32_t corewise_usable_workers(void)
{
    static _Atomic uint32_t known; /* two threads that ask at once find the same */
    uint32_t workers = atomic_load(&known);
    if (workers == 0) {
        struct usable_cores usable;
        corewise_usable_cores_read("/", &usable);
        workers = (uint32_t)usable.workers;
        atomic_store(&known, workers);
    }
    return workers;
}

double corewise_usable_memory_bytes(const char *root)
{
    static const char key[] = "MemAvailable:";
    char *meminfo = read_text(root, "proc/meminfo");
    const char *line = meminfo ? strstr(meminfo, key) : NULL;
    double available = line ? strtod(line + strlen(key), NULL) * 1024 : 0;
    free(meminfo);
    return tighter(available, read_limit(&memory_limit, root));
}
