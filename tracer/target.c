/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/target.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tracer/tracer.h"

#define PAGE_SHIFT         12
#define UNMAPPED_PAGES_MAX 1024
#define VDSO_SIZE_MAX      (64ul * 1024)
#define VDSO_DEVICE        G_MAXUINT64 /* no file system has it */

/* One line of /proc/PID/maps. */
struct mapping {
    guint64 start, end, offset;
    struct module_key key;
    gboolean executable;
    char *path;
};

/* Field 22 of /proc/PID/stat, behind a command name that may contain anything; 0 when there is no such
 * process. */
static guint64 process_start_time(int pid)
{
    g_autofree char *name = g_strdup_printf("/proc/%d/stat", pid);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(name, &text, NULL, NULL))
        return 0;
    const char *field = strrchr(text, ')');
    for (int i = 2; field && i < 22; i++)
        field = strchr(field + 1, ' ');
    return field ? g_ascii_strtoull(field + 1, NULL, 10) : 0;
}

gboolean target_is_alive(const struct target *target)
{
    return process_start_time(target->pid) == target->started;
}

gboolean target_read(const struct target *target, guint64 address, void *buffer, gsize size)
{
    struct iovec local = {buffer, size};
    struct iovec remote = {(void *)(guintptr)address,
                           size}; // NOLINT(performance-no-int-to-ptr): not our memory
    return process_vm_readv(target->pid, &local, 1, &remote, 1, 0) == (gssize)size;
}

static gboolean mapping_parse(char *line, struct mapping *mapping)
{
    char permissions[5] = "";
    unsigned int major_number = 0, minor_number = 0;
    int path = 0;
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64 " %n", &mapping->start,
               &mapping->end, permissions, &mapping->offset, &major_number, &minor_number,
               &mapping->key.inode, &path) < 7 ||
        mapping->end <= mapping->start)
        return FALSE;
    mapping->key.device = makedev(major_number, minor_number);
    mapping->executable = permissions[2] == 'x';
    mapping->path = path > 0 ? line + path : line + strlen(line);
    return TRUE;
}

static gboolean is_same_file(const char *left, const char *right)
{
    struct stat first, second;
    return stat(left, &first) == 0 && stat(right, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

/* A descriptor of the target's root directory when the same path may be another file there, else -1. */
static int foreign_root(int pid)
{
    g_autofree char *root = g_strdup_printf("/proc/%d/root", pid);
    g_autofree char *mounts = g_strdup_printf("/proc/%d/ns/mnt", pid);
    if (is_same_file(root, "/") && is_same_file(mounts, "/proc/self/ns/mnt"))
        return -1;
    return open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Opens it when it is the file of the mapping. */
static int open_if_mapped(const char *path, const struct mapping *mapping)
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file >= 0 && (fstat(file, &status) < 0 || status.st_ino != mapping->key.inode)) {
        close(file);
        return -1;
    }
    return file;
}

/* map_files leads to what is mapped even when it was deleted or replaced, but needs more rights than the
 * path. */
static int open_mapped_file(const struct target *target, const struct mapping *mapping)
{
    g_autofree char *link =
        g_strdup_printf("/proc/%d/map_files/%" PRIx64 "-%" PRIx64, target->pid, mapping->start, mapping->end);
    int file = open(link, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file >= 0)
        return file;
    g_autofree char *path = g_strdup_printf("/proc/%d/root%s", target->pid, mapping->path);
    file = open_if_mapped(path, mapping);
    if (file >= 0)
        return file;
    g_autofree char *executable = g_strdup_printf("/proc/%d/exe", target->pid);
    return open_if_mapped(executable, mapping);
}

/* The kernel's own library is in no file: it is copied out of the target. */
static struct module *open_vdso(const struct target *target, const struct mapping *mapping)
{
    gsize size = mapping->end - mapping->start;
    if (size > VDSO_SIZE_MAX)
        return NULL;
    g_autofree char *bytes = g_malloc(size);
    if (!target_read(target, mapping->start, bytes, size))
        return NULL;
    g_autoptr(GBytes) content = g_bytes_new_static(bytes, size);
    struct module_key key = {VDSO_DEVICE, g_bytes_hash(content)};
    struct module *module = module_find(&key);
    if (module)
        return module;
    int file = memfd_create("vdso", MFD_CLOEXEC);
    if (file < 0)
        return NULL;
    if (write(file, bytes, size) != (gssize)size) {
        close(file);
        return NULL;
    }
    return module_open(&(struct module_source){.key = key, .file = file, .root = -1, .path = mapping->path});
}

static struct module *open_mapping(const struct target *target, const struct mapping *mapping)
{
    if (strcmp(mapping->path, "[vdso]") == 0)
        return open_vdso(target, mapping);
    if (mapping->path[0] != '/' || mapping->key.inode == 0)
        return NULL;
    struct module *module = module_find(&mapping->key);
    if (module)
        return module;
    int file = open_mapped_file(target, mapping);
    struct stat status;
    if (file < 0)
        return NULL;
    if (fstat(file, &status) < 0 || !S_ISREG(status.st_mode)) {
        close(file);
        return NULL;
    }
    g_autofree char *path = g_strdup(mapping->path);
    if (g_str_has_suffix(path, " (deleted)"))
        path[strlen(path) - strlen(" (deleted)")] = '\0';
    return module_open(&(struct module_source){
        .key = mapping->key, .file = file, .root = foreign_root(target->pid), .path = path});
}

static int compare_images(gconstpointer a, gconstpointer b)
{
    const struct image *left = a, *right = b;
    return left->start < right->start ? -1 : left->start > right->start;
}

static void clear_image(gpointer pointer)
{
    struct image *image = pointer;
    module_unref(image->module);
}

static GArray *images_new(void)
{
    GArray *images = g_array_new(FALSE, FALSE, sizeof(struct image));
    g_array_set_clear_func(images, clear_image);
    return images;
}

static void add_image(const struct target *target, GArray *images, const struct mapping *mapping)
{
    g_autoptr(Module) module = open_mapping(target, mapping);
    guint64 bias = 0;
    if (!module || !module_bias(module, mapping->start, mapping->offset, TRUE, &bias))
        return;
    for (guint i = 0; i < images->len; i++) {
        const struct image *known = &g_array_index(images, struct image, i);
        if (known->module == module && known->bias == bias)
            return;
    }
    struct image image = {module_ref(module), bias, bias + module->low, bias + module->high};
    g_array_append_val(images, image);
}

/* What was unmapped since stays, where nothing took its place: snapshots of it may still arrive, and the
 * strings of its symbols belong to the target. */
static void keep_former_images(GArray *images, const GArray *former)
{
    for (guint i = 0; i < former->len; i++) {
        const struct image *old = &g_array_index(former, struct image, i);
        gboolean replaced = FALSE;
        for (guint j = 0; !replaced && j < images->len; j++) {
            const struct image *new = &g_array_index(images, struct image, j);
            replaced = new->module == old->module &&new->bias == old->bias;
        }
        if (replaced)
            continue;
        struct image kept = *old;
        module_ref(kept.module);
        for (guint j = 0; j < images->len; j++) {
            const struct image *new = &g_array_index(images, struct image, j);
            if (kept.start < new->end &&new->start < kept.end)
                kept.end = kept.start; /* found by no address, but its strings live on */
        }
        g_array_append_val(images, kept);
    }
}

/* FALSE when there are no mappings to read: the process is gone. */
static gboolean read_mappings(struct target *target)
{
    g_autofree char *name = g_strdup_printf("/proc/%d/maps", target->pid);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(name, &text, NULL, NULL) || text[0] == '\0')
        return FALSE;
    GArray *images = images_new();
    GArray *code = g_array_new(FALSE, FALSE, sizeof(struct code_range));
    char *rest = text;
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
        struct mapping mapping;
        if (!mapping_parse(line, &mapping) || !mapping.executable)
            continue;
        struct code_range range = {mapping.start, mapping.end};
        g_array_append_val(code, range);
        add_image(target, images, &mapping);
    }
    keep_former_images(images, target->images);
    g_array_sort(images, compare_images);
    g_array_unref(target->images);
    g_array_unref(target->code);
    target->images = images;
    target->code = code;
    return TRUE;
}

static struct target *target_new(int pid)
{
    struct target *target = g_new0(struct target, 1);
    target->pid = pid;
    target->images = images_new();
    target->code = g_array_new(FALSE, FALSE, sizeof(struct code_range));
    target->unmapped = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    target->wild_symbols =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_array_unref);
    target->strings = g_string_chunk_new(256);
    return target;
}

struct target *target_open(int pid, GError **error)
{
    guint64 started = process_start_time(pid);
    if (started == 0) {
        g_set_error(error, TRACER_ERROR, TRACER_ERROR_TARGET, "cannot open process %d: no such process", pid);
        return NULL;
    }
    struct target *target = target_new(pid);
    target->started = started;
    if (read_mappings(target))
        return target;
    target_free(target);
    g_set_error(error, TRACER_ERROR, TRACER_ERROR_TARGET,
                "cannot read the mappings of process %d: it has ended, is a kernel thread, or belongs to "
                "another user "
                "(run as root or grant CAP_SYS_PTRACE)",
                pid);
    return NULL;
}

struct target *target_fork(const struct target *parent, int pid)
{
    struct target *target = target_new(pid);
    target->started = process_start_time(pid);
    for (guint i = 0; i < parent->images->len; i++) {
        struct image image = g_array_index(parent->images, struct image, i);
        module_ref(image.module);
        g_array_append_val(target->images, image);
    }
    g_array_append_vals(target->code, parent->code->data, parent->code->len);
    return target;
}

void target_free(struct target *target)
{
    if (!target)
        return;
    g_array_unref(target->images);
    g_array_unref(target->code);
    g_hash_table_unref(target->unmapped);
    g_hash_table_unref(target->wild_symbols);
    g_string_chunk_free(target->strings);
    g_free(target);
}

void target_refresh(struct target *target)
{
    g_hash_table_remove_all(target->unmapped);
    if (target->started != 0 && target_is_alive(target))
        read_mappings(target);
}

const struct image *target_known_image(const struct target *target, guint64 address)
{
    guint low = 0, high = target->images->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(target->images, struct image, middle).start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    /* images that something replaced are empty and may stand between */
    for (guint i = low; i > 0; i--) {
        const struct image *image = &g_array_index(target->images, struct image, i - 1);
        if (address < image->end)
            return image;
        if (image->end > image->start)
            break;
    }
    return NULL;
}

static gboolean is_code(const struct target *target, guint64 address)
{
    guint low = 0, high = target->code->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        const struct code_range *range = &g_array_index(target->code, struct code_range, middle);
        if (address < range->start)
            high = middle;
        else if (address >= range->end)
            low = middle + 1;
        else
            return TRUE;
    }
    return FALSE;
}

/* A wild address costs one look at the mappings, not one per snapshot that holds it. */
static void refresh_for(struct target *target, guint64 address)
{
    guint64 page = address >> PAGE_SHIFT;
    if (g_hash_table_contains(target->unmapped, &page))
        return;
    if (g_hash_table_size(target->unmapped) >= UNMAPPED_PAGES_MAX)
        g_hash_table_remove_all(target->unmapped);
    if (target->started != 0 && target_is_alive(target))
        read_mappings(target);
    g_hash_table_add(target->unmapped, g_memdup2(&page, sizeof page));
}

const struct image *target_find_image(struct target *target, guint64 address)
{
    const struct image *image = target_known_image(target, address);
    if (image || is_code(target, address))
        return image;
    refresh_for(target, address);
    return target_known_image(target, address);
}

/* Of a mapping that is gone by now, too. */
static gboolean is_image_code(const struct target *target, guint64 address)
{
    const struct image *image = target_known_image(target, address);
    return image && module_is_code(image->module, address - image->bias);
}

gboolean target_is_code(struct target *target, guint64 address)
{
    if (is_code(target, address) || is_image_code(target, address))
        return TRUE;
    refresh_for(target, address);
    return is_code(target, address);
}
