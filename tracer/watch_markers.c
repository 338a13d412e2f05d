/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/watch_markers.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tracer/marker_sites.h"
#include "tracer/watch_inside.h"

/* A region by its name, and the first place that begins it. */
struct marker {
    char *name;
    struct module *module;
    guint64 address;
};

struct marker_watch {
    GPtrArray *markers;  /* struct marker; the first has number 1 */
    GHashTable *numbers; /* name → number */
    GHashTable *files;   /* device and inode, as text, of what was looked at */
    GPtrArray *links;    /* struct bpf_link */
};

static void marker_free(gpointer pointer)
{
    struct marker *marker = pointer;
    module_unref(marker->module);
    g_free(marker->name);
    g_free(marker);
}

void watch_configure_markers(struct watch *watch)
{
    struct watch_bpf *skeleton = watch->skeleton;
    struct bpf_program *programs[] = {skeleton->progs.on_marker_begin, skeleton->progs.on_marker_end,
                                      skeleton->progs.on_marker_leave, skeleton->progs.on_mapped};
    for (guint i = 0; i < G_N_ELEMENTS(programs); i++)
        bpf_program__set_autoattach(programs[i], false);
    watch->markers = g_new0(struct marker_watch, 1);
    watch->markers->markers = g_ptr_array_new_with_free_func(marker_free);
    watch->markers->numbers = g_hash_table_new(g_str_hash, g_str_equal);
    watch->markers->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    watch->markers->links = g_ptr_array_new_with_free_func(watch_link_free);
}

void watch_markers_detach(struct watch *watch)
{
    if (watch->markers)
        g_ptr_array_set_size(watch->markers->links, 0);
}

void watch_markers_free(struct marker_watch *markers)
{
    if (!markers)
        return;
    g_ptr_array_unref(markers->links);
    g_hash_table_unref(markers->files);
    g_hash_table_unref(markers->numbers);
    g_ptr_array_unref(markers->markers);
    g_free(markers);
}

/* 0 when there are too many. */
static guint32 number_of(struct marker_watch *markers, const struct marker_site *site, const char *path)
{
    guint32 number = GPOINTER_TO_UINT(g_hash_table_lookup(markers->numbers, site->name));
    if (number || markers->markers->len + 1 >= WATCH_MARKERS_MAX)
        return number;
    struct marker *marker = g_new0(struct marker, 1);
    marker->name = g_strdup(site->name);
    marker->module = module_open_path(path, NULL);
    marker->address = site->address;
    g_ptr_array_add(markers->markers, marker);
    g_hash_table_insert(markers->numbers, marker->name, GUINT_TO_POINTER(markers->markers->len));
    return markers->markers->len;
}

/* In all processes that map the file, so that one link serves all that follow: who is not followed passes
 * through a program that does nothing. */
static gboolean attach(struct watch *watch, const struct marker_site *site, const char *path)
{
    guint32 number = site->name ? number_of(watch->markers, site, path) : 0;
    struct bpf_program *program = watch->skeleton->progs.on_marker_leave;
    LIBBPF_OPTS(bpf_uprobe_opts, options, .bpf_cookie = number);
    if (site->kind == MARKER_BEGIN) {
        options.bpf_cookie |= site->of_block ? MARKER_OF_BLOCK : 0;
        program = watch->skeleton->progs.on_marker_begin;
    } else if (site->kind == MARKER_END) {
        program = watch->skeleton->progs.on_marker_end;
    }
    struct bpf_link *link = NULL;
    if (number || !site->name)
        link = bpf_program__attach_uprobe_opts(program, -1, path, site->offset, &options);
    if (link)
        g_ptr_array_add(watch->markers->links, link);
    return link != NULL;
}

/* Where a variable of the kernel that each core has is among those; negative: there is none of the name. */
static gint64 core_variable_at(const struct btf *types, const char *name)
{
    int section = btf__find_by_name_kind(types, ".data..percpu", BTF_KIND_DATASEC);
    const struct btf_type *type = section > 0 ? btf__type_by_id(types, (guint32)section) : NULL;
    for (guint i = 0; type && i < btf_vlen(type); i++) {
        const struct btf_var_secinfo *variable = btf_var_secinfos(type) + i;
        const struct btf_type *named = btf__type_by_id(types, variable->type);
        if (named && g_str_equal(btf__name_by_offset(types, named->name_off), name))
            return variable->offset;
    }
    return -1;
}

/* What tells how much of a core other guests have had until now. */
static void find_steal(struct watch *watch)
{
    struct btf *types = btf__load_vmlinux_btf();
    gint64 queue = types ? core_variable_at(types, "runqueues") : -1;
    gint64 steal = types ? core_variable_at(types, "steal_time") : -1;
    btf__free(types);
    if (queue >= 0 && steal >= 0)
        watch->skeleton->bss->steal_from_queue = steal - queue;
}

static void attach_sites(struct watch *watch, const GArray *sites, const char *path)
{
    if (sites->len)
        watch_raise_descriptor_limit();
    if (sites->len && !watch->skeleton->bss->any_markers)
        find_steal(watch);
    for (guint i = 0; i < sites->len; i++) {
        if (!attach(watch, &g_array_index(sites, struct marker_site, i), path))
            watch->skeleton->bss->totals.lost_markers++;
    }
    watch->skeleton->bss->any_markers |= sites->len > 0;
}

/* The program that the dynamic linker calls where a debugger is to look which objects are mapped. */
static void attach_linker(struct watch *watch, const char *path)
{
    LIBBPF_OPTS(bpf_uprobe_opts, options, .func_name = "_dl_debug_state");
    struct bpf_link *link =
        bpf_program__attach_uprobe_opts(watch->skeleton->progs.on_mapped, -1, path, 0, &options);
    if (link)
        g_ptr_array_add(watch->markers->links, link);
}

/* `name`: of the file in its process. */
static void look_at(struct watch *watch, const char *path, const char *name)
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0 && fstat(file, &status) == 0) {
        char *key = g_strdup_printf("%x:%x:%" G_GUINT64_FORMAT, major(status.st_dev), minor(status.st_dev),
                                    (guint64)status.st_ino);
        if (g_hash_table_add(watch->markers->files, key)) {
            g_autoptr(GArray) sites = marker_sites_read(file);
            attach_sites(watch, sites, path);
            if (strstr(name, "/ld-"))
                attach_linker(watch, path);
        }
    }
    if (file >= 0)
        close(file);
}

void watch_markers_in(struct watch *watch, const char *path)
{
    if (watch->markers)
        look_at(watch, path, path);
}

/* A line of /proc/PID/maps: `start-end perms offset device inode   path`. */
static void look_at_mapping(struct watch *watch, int pid, const char *line)
{
    unsigned device_major = 0, device_minor = 0;
    guint64 inode = 0;
    char permissions[5] = "";
    int path_at = 0;
    if (sscanf(line, "%*x-%*x %4s %*x %x:%x %" G_GUINT64_FORMAT " %n", permissions, &device_major,
               &device_minor, &inode, &path_at) < 4 ||
        permissions[2] != 'x' || !inode || line[path_at] != '/')
        return;
    g_autofree char *key = g_strdup_printf("%x:%x:%" G_GUINT64_FORMAT, device_major, device_minor, inode);
    if (g_hash_table_contains(watch->markers->files, key))
        return;
    g_autofree char *path = g_strdup_printf("/proc/%d/root%s", pid, line + path_at);
    look_at(watch, path, line + path_at);
    /* where the mapping tells another device than the file (btrfs, overlays), and where it is gone */
    g_hash_table_add(watch->markers->files, g_steal_pointer(&key));
}

void watch_markers_of(struct watch *watch, int pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/maps", pid);
    g_autofree char *maps = NULL;
    if (!watch->markers || !g_file_get_contents(path, &maps, NULL, NULL))
        return;
    g_auto(GStrv) lines = g_strsplit(maps, "\n", -1);
    for (char **line = lines; *line; line++)
        look_at_mapping(watch, pid, *line);
}

/* The durations of all markers, by number. */
static GHashTable *read_durations(const struct watch *watch)
{
    GHashTable *durations = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    struct watch_cursor cursor = {.map = bpf_map__fd(watch->skeleton->maps.marker_parts)};
    struct marker_part key;
    guint64 count;
    while (watch_cursor_next(&cursor, &key, sizeof(key), &count, sizeof(count)))
        histogram_add_part(histogram_of(durations, key.number), key.part, count);
    return durations;
}

void watch_each_marker(const struct watch *watch,
                       void (*each)(const struct watched_marker *marker, gpointer data), gpointer data)
{
    if (!watch->markers || !watch->markers->markers->len)
        return;
    g_autoptr(GHashTable) durations = read_durations(watch);
    int map = bpf_map__fd(watch->skeleton->maps.marker_totals);
    for (guint32 number = 1; number <= watch->markers->markers->len; number++) {
        const struct marker *marker = g_ptr_array_index(watch->markers->markers, number - 1);
        struct watched_marker watched = {marker->name,
                                         marker->module,
                                         marker->address,
                                         {0},
                                         g_hash_table_lookup(durations, GUINT_TO_POINTER(number))};
        if (bpf_map_lookup_elem(map, &number, &watched.total) == 0 && watched.total.wall_ns)
            each(&watched, data);
    }
}
