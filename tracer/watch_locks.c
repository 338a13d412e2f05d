/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "tracer/target.h"
#include "tracer/watch_inside.h"

#define DESCRIPTORS_KEPT 128 /* for everything else */

enum lock_action { ACTION_TAKE, ACTION_TRY, ACTION_RELEASE, ACTION_WAIT };

/* In the order in which they are attached to: a lock that is seen taken while its release is not yet seen
 * would count as held for ever. */
static const struct {
    const char *name;
    enum lock_action action;
    enum watch_lock_kind kind;
} functions[] = {
    {"pthread_mutex_unlock", ACTION_RELEASE, WATCH_LOCK_MUTEX},
    {"pthread_rwlock_unlock", ACTION_RELEASE, WATCH_LOCK_RWLOCK},
    {"pthread_spin_unlock", ACTION_RELEASE, WATCH_LOCK_SPIN},
    {"pthread_cond_wait", ACTION_WAIT, WATCH_LOCK_MUTEX},
    {"pthread_cond_timedwait", ACTION_WAIT, WATCH_LOCK_MUTEX},
    {"pthread_cond_clockwait", ACTION_WAIT, WATCH_LOCK_MUTEX},
    {"pthread_mutex_lock", ACTION_TAKE, WATCH_LOCK_MUTEX},
    {"pthread_mutex_trylock", ACTION_TRY, WATCH_LOCK_MUTEX},
    {"pthread_mutex_timedlock", ACTION_TRY, WATCH_LOCK_MUTEX},
    {"pthread_mutex_clocklock", ACTION_TRY, WATCH_LOCK_MUTEX},
    {"pthread_rwlock_rdlock", ACTION_TAKE, WATCH_LOCK_RWLOCK},
    {"pthread_rwlock_wrlock", ACTION_TAKE, WATCH_LOCK_RWLOCK},
    {"pthread_rwlock_tryrdlock", ACTION_TRY, WATCH_LOCK_RWLOCK},
    {"pthread_rwlock_trywrlock", ACTION_TRY, WATCH_LOCK_RWLOCK},
    {"pthread_rwlock_timedrdlock", ACTION_TRY, WATCH_LOCK_RWLOCK},
    {"pthread_rwlock_timedwrlock", ACTION_TRY, WATCH_LOCK_RWLOCK},
    {"pthread_spin_lock", ACTION_TAKE, WATCH_LOCK_SPIN},
    {"pthread_spin_trylock", ACTION_TRY, WATCH_LOCK_SPIN},
};

static void links_free(gpointer links)
{
    g_ptr_array_unref(links);
}

void watch_configure_locks(struct watch *watch)
{
    struct watch_bpf *skeleton = watch->skeleton;
    gboolean locks = watch->options.locks;
    struct bpf_program *programs[] = {skeleton->progs.on_lock, skeleton->progs.on_lock_try,
                                      skeleton->progs.on_unlock, skeleton->progs.on_condition_wait};
    for (guint i = 0; i < G_N_ELEMENTS(programs); i++) {
        bpf_program__set_autoload(programs[i], locks);
        bpf_program__set_autoattach(programs[i], false);
    }
    skeleton->rodata->watch_locks = locks != FALSE;
    if (!locks)
        return;
    bpf_map__set_max_entries(skeleton->maps.lock_uses, WATCH_LOCKS_MAX);
    bpf_map__set_max_entries(skeleton->maps.holds, WATCH_LOCKS_MAX);
    bpf_map__set_max_entries(skeleton->maps.hold_parts, WATCH_HOLD_PARTS_MAX);
    watch->lock_links = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_hash_table_unref);
}

void watch_raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static struct bpf_program *program_of(const struct watch *watch, enum lock_action action)
{
    switch (action) {
    case ACTION_TAKE:
        return watch->skeleton->progs.on_lock;
    case ACTION_TRY:
        return watch->skeleton->progs.on_lock_try;
    case ACTION_RELEASE:
        return watch->skeleton->progs.on_unlock;
    case ACTION_WAIT:
        return watch->skeleton->progs.on_condition_wait;
    }
    return NULL;
}

/* Of a symbol that may carry a version. */
static gboolean is_named(const struct elf_symbol *symbol, const char *name)
{
    gsize length = strlen(name);
    return strncmp(symbol->name, name, length) == 0 &&
           (symbol->name[length] == '\0' || symbol->name[length] == '@');
}

static gboolean file_offset(const struct module *module, guint64 address, guint64 *offset)
{
    for (guint i = 0; i < module->segments->len; i++) {
        const struct module_segment *segment = &g_array_index(module->segments, struct module_segment, i);
        if (segment->executable && address - segment->address < segment->file_size) {
            *offset = address - segment->address + segment->offset;
            return TRUE;
        }
    }
    return FALSE;
}

/* An old and a new version of a function may have one name and two places; aliases have two names and one
 * place. */
static void attach_function(struct watch *watch, GPtrArray *links, struct module *module, guint index,
                            int pid, const char *path)
{
    const struct elf_symbols *symbols = module_symbols(module);
    g_autoptr(GHashTable) done = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < symbols->functions->len; i++) {
        const struct elf_symbol *symbol = &g_array_index(symbols->functions, struct elf_symbol, i);
        guint64 offset = 0;
        if (!is_named(symbol, functions[index].name) || !file_offset(module, symbol->start, &offset) ||
            !g_hash_table_add(done, GSIZE_TO_POINTER((gsize)offset)))
            continue;
        LIBBPF_OPTS(bpf_uprobe_opts, options, .bpf_cookie = functions[index].kind);
        struct bpf_link *link = bpf_program__attach_uprobe_opts(program_of(watch, functions[index].action),
                                                                pid, path, offset, &options);
        if (link)
            g_ptr_array_add(links, link);
    }
}

static gboolean has_descriptors_left(const struct watch *watch)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit))
        return FALSE;
    return (g_hash_table_size(watch->lock_links) + 1) * (G_N_ELEMENTS(functions) + 4) + DESCRIPTORS_KEPT <
           limit.rlim_cur;
}

static guint attach_module(struct watch *watch, struct module *module, guint64 inode, int pid,
                           const char *path)
{
    GHashTable *files = g_hash_table_lookup(watch->lock_links, GINT_TO_POINTER(pid));
    if (!files) {
        if (!has_descriptors_left(watch)) {
            watch->skeleton->bss->totals.lost_locks++;
            return 0;
        }
        files = g_hash_table_new_full(NULL, NULL, NULL, links_free);
        g_hash_table_insert(watch->lock_links, GINT_TO_POINTER(pid), files);
    }
    GPtrArray *known = g_hash_table_lookup(files, GSIZE_TO_POINTER((gsize)inode));
    if (known)
        return known->len;
    GPtrArray *links = g_ptr_array_new_with_free_func(watch_link_free);
    for (guint i = 0; i < G_N_ELEMENTS(functions); i++)
        attach_function(watch, links, module, i, pid, path);
    g_hash_table_insert(files, GSIZE_TO_POINTER((gsize)inode), links);
    return links->len;
}

static gboolean may_have_locks(const struct module *module)
{
    g_autofree char *name = g_path_get_basename(module->path);
    return module->is_executable || g_str_has_prefix(name, "libc.so") || g_str_has_prefix(name, "libc-") ||
           g_str_has_prefix(name, "libpthread");
}

static guint attach_path(struct watch *watch, int pid, const char *path)
{
    struct stat status;
    g_autoptr(Module) module = module_open_path(path, NULL);
    return module && stat(path, &status) == 0 ? attach_module(watch, module, status.st_ino, pid, path) : 0;
}

guint watch_locks_of(struct watch *watch, int pid, const char *path)
{
    guint found = 0;
    if (!watch->lock_links)
        return 0;
    watch_raise_descriptor_limit();
    if (path)
        return attach_path(watch, pid, path);
    g_autoptr(Target) target = target_open(pid, NULL);
    for (guint i = 0; target && i < target->images->len; i++) {
        struct module *module = g_array_index(target->images, struct image, i).module;
        g_autofree char *inside = g_strdup_printf("/proc/%d/root%s", pid, module->path);
        if (may_have_locks(module))
            found += attach_module(watch, module, module->key.inode, pid, inside);
    }
    return found;
}

void watch_locks_forget(struct watch *watch, int pid)
{
    if (watch->lock_links)
        g_hash_table_remove(watch->lock_links, GINT_TO_POINTER(pid));
}

void watch_each_lock(const struct watch *watch,
                     void (*each)(const struct lock_key *key, const struct lock_use *use, gpointer data),
                     gpointer data)
{
    struct watch_cursor cursor = {.map = watch->plain ? -1 : bpf_map__fd(watch->skeleton->maps.lock_uses)};
    struct lock_key key;
    struct lock_use use;
    while (watch_cursor_next(&cursor, &key, sizeof(key), &use, sizeof(use)))
        each(&key, &use, data);
}

void watch_each_hold(const struct watch *watch,
                     void (*each)(guint64 stack, const struct hold_total *total, gpointer data),
                     gpointer data)
{
    struct watch_cursor cursor = {.map = watch->plain ? -1 : bpf_map__fd(watch->skeleton->maps.holds)};
    guint64 stack;
    struct hold_total total;
    while (watch_cursor_next(&cursor, &stack, sizeof(stack), &total, sizeof(total)))
        each(stack, &total, data);
}

void watch_each_hold_part(const struct watch *watch,
                          void (*each)(const struct hold_part *key, guint64 count, gpointer data),
                          gpointer data)
{
    struct watch_cursor cursor = {.map = watch->plain ? -1 : bpf_map__fd(watch->skeleton->maps.hold_parts)};
    struct hold_part key;
    guint64 count;
    while (watch_cursor_next(&cursor, &key, sizeof(key), &count, sizeof(count)))
        each(&key, count, data);
}
