/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/module.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracer/lock_site.h"
#include "tracer/tracer.h"

#define PAGE_SIZE_BYTES 4096
#define SEGMENTS_MAX    256
#define ADDRESS_LIMIT   ((guint64)1 << 47) /* user space of x86-64 with four levels of page tables */

/* Every open module by its key, so that a storm of processes of one program reads its files once. */
static GHashTable *open_modules;

static guint key_hash(gconstpointer pointer)
{
    const struct module_key *key = pointer;
    guint64 mixed = key->inode ^ (key->device << 32);
    return g_int64_hash(&mixed);
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
    const struct module_key *left = a, *right = b;
    return left->device == right->device && left->inode == right->inode;
}

static void free_symbols(gpointer array)
{
    g_array_unref(array);
}

static struct module *module_new(const char *path)
{
    struct module *module = g_new0(struct module, 1);
    module->references = 1;
    module->path = g_strdup(path);
    module->root = -1;
    module->segments = g_array_new(FALSE, FALSE, sizeof(struct module_segment));
    module->symbol_memory = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, free_symbols);
    module->lock_sites =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)lock_site_free);
    module->strings = g_string_chunk_new(4096);
    return module;
}

static void module_free(struct module *module)
{
    unwind_rules_free(module->rules);
    if (module->pointer_slots)
        g_array_unref(module->pointer_slots);
    call_names_free(module->calls);
    elf_symbols_free(module->symbols);
    debug_index_free(module->debug);
    if (module->dwfl)
        dwfl_end(module->dwfl);
    if (module->root >= 0)
        close(module->root);
    g_array_unref(module->segments);
    g_hash_table_unref(module->symbol_memory);
    g_hash_table_unref(module->lock_sites);
    g_string_chunk_free(module->strings);
    g_free(module->debug_path);
    g_free(module->path);
    g_free(module);
}

struct module *module_ref(struct module *module)
{
    module->references++;
    return module;
}

void module_unref(struct module *module)
{
    if (!module || --module->references > 0)
        return;
    if (open_modules && g_hash_table_lookup(open_modules, &module->key) == module)
        g_hash_table_remove(open_modules, &module->key);
    module_free(module);
}

struct module *module_find(const struct module_key *key)
{
    struct module *module = open_modules ? g_hash_table_lookup(open_modules, key) : NULL;
    return module ? module_ref(module) : NULL;
}

/* A position-independent executable and a shared library are both ET_DYN. Linkers before 2016 did not mark
 * the former: there an interpreter without a name of its own (libc.so.6 has both) tells. */
static gboolean is_main_program(Elf *elf, const GElf_Ehdr *header)
{
    if (header->e_type == ET_EXEC)
        return TRUE;
    gboolean named = FALSE, interpreted = FALSE;
    size_t count = 0;
    elf_getphdrnum(elf, &count);
    for (size_t i = 0; i < MIN(count, SEGMENTS_MAX); i++) {
        GElf_Phdr segment;
        if (!gelf_getphdr(elf, (int)i, &segment))
            return FALSE;
        if (segment.p_type == PT_INTERP)
            interpreted = TRUE;
        if (segment.p_type != PT_DYNAMIC)
            continue;
        Elf_Data *data = elf_getdata_rawchunk(elf, (gint64)segment.p_offset, segment.p_filesz, ELF_T_DYN);
        GElf_Dyn entry;
        for (int j = 0; data && gelf_getdyn(data, j, &entry) && entry.d_tag != DT_NULL; j++) {
            if (entry.d_tag == DT_FLAGS_1 && entry.d_un.d_val & DF_1_PIE)
                return TRUE;
            named |= entry.d_tag == DT_SONAME;
        }
    }
    return interpreted && !named;
}

static gboolean read_segments(struct module *module, Elf *elf)
{
    GElf_Ehdr header;
    size_t count = 0;
    if (!gelf_getehdr(elf, &header) || header.e_machine != EM_X86_64 || elf_getphdrnum(elf, &count) < 0)
        return FALSE;
    module->low = G_MAXUINT64;
    module->entry = header.e_entry;
    for (size_t i = 0; i < MIN(count, SEGMENTS_MAX); i++) {
        GElf_Phdr header_entry;
        if (!gelf_getphdr(elf, (int)i, &header_entry) || header_entry.p_type != PT_LOAD)
            continue;
        struct module_segment segment = {
            .offset = header_entry.p_offset,
            .address = header_entry.p_vaddr,
            .file_size = header_entry.p_filesz,
            .memory_size = header_entry.p_memsz,
            .executable = (header_entry.p_flags & PF_X) != 0,
            .writable = (header_entry.p_flags & PF_W) != 0,
        };
        if (segment.address >= ADDRESS_LIMIT || segment.memory_size >= ADDRESS_LIMIT ||
            segment.file_size > segment.memory_size || segment.offset >= ADDRESS_LIMIT)
            continue;
        module->low = MIN(module->low, segment.address & ~(guint64)(PAGE_SIZE_BYTES - 1));
        module->high = MAX(module->high, segment.address + segment.memory_size);
        g_array_append_val(module->segments, segment);
    }
    module->is_executable = is_main_program(elf, &header);
    return module->segments->len > 0;
}

/* Files of another mount namespace are reached through a descriptor of its root, which outlives the process.
 */
static char *host_path(const struct module *module)
{
    if (module->root < 0)
        return g_strdup(module->path);
    return g_strdup_printf("/proc/self/fd/%d%s", module->root, module->path);
}

/* Consumes `file`. Addresses of the Dwfl are the file's own: it is reported at a bias of zero. */
static void load(struct module *module, int file)
{
    module->debug_path =
        module->root < 0
            ? NULL
            : g_strdup_printf("+:.debug:/usr/lib/debug:/proc/self/fd/%d/usr/lib/debug", module->root);
    module->callbacks = (Dwfl_Callbacks){
        .find_elf = dwfl_build_id_find_elf,
        .find_debuginfo = dwfl_standard_find_debuginfo,
        .section_address = dwfl_offline_section_address,
        .debuginfo_path = &module->debug_path,
    };
    g_autofree char *path = host_path(module);
    module->dwfl = dwfl_begin(&module->callbacks);
    if (module->dwfl) {
        dwfl_report_begin(module->dwfl);
        module->dwfl_module = dwfl_report_elf(module->dwfl, module->path, path, file, 0, true);
        dwfl_report_end(module->dwfl, NULL, NULL);
    }
    if (!module->dwfl_module) {
        close(file);
        return;
    }
    GElf_Addr bias = 0;
    Elf *elf = dwfl_module_getelf(module->dwfl_module, &bias);
    if (!elf || bias != 0 || !read_segments(module, elf)) {
        module->dwfl_module = NULL;
        g_array_set_size(module->segments, 0);
    }
}

struct module *module_open(const struct module_source *source)
{
    struct module *module = module_new(source->path);
    module->key = source->key;
    module->root = source->root;
    load(module, source->file);
    if (!open_modules)
        open_modules = g_hash_table_new(key_hash, key_equal);
    g_hash_table_insert(open_modules, &module->key, module);
    return module;
}

struct module *module_open_path(const char *path, GError **error)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        g_set_error(error, TRACER_ERROR, TRACER_ERROR_TARGET, "cannot read the executable %s: %s", path,
                    g_strerror(errno));
        return NULL;
    }
    g_autofree char *absolute = g_canonicalize_filename(path, NULL);
    struct module *module = module_new(absolute);
    load(module, file);
    if (module->dwfl_module)
        return module;
    module_unref(module);
    g_set_error(error, TRACER_ERROR, TRACER_ERROR_TARGET,
                "cannot read the executable %s: it is no ELF file of x86-64", path);
    return NULL;
}

gboolean module_bias(const struct module *module, guint64 start, guint64 offset, gboolean executable,
                     guint64 *bias)
{
    for (guint i = 0; i < module->segments->len; i++) {
        const struct module_segment *segment = &g_array_index(module->segments, struct module_segment, i);
        guint64 first_page = segment->offset & ~(guint64)(PAGE_SIZE_BYTES - 1);
        if (segment->executable != executable || offset < first_page ||
            offset >= segment->offset + segment->file_size)
            continue;
        *bias = start - (segment->address + offset - segment->offset);
        return TRUE;
    }
    return FALSE;
}

gboolean module_is_code(const struct module *module, guint64 address)
{
    for (guint i = 0; i < module->segments->len; i++) {
        const struct module_segment *segment = &g_array_index(module->segments, struct module_segment, i);
        if (segment->executable && address >= segment->address &&
            address - segment->address < segment->memory_size)
            return TRUE;
    }
    return FALSE;
}

const struct unwind_rule *module_unwind_rule(struct module *module, guint64 address)
{
    if (!module->rules)
        module->rules = unwind_rules_new(module->dwfl_module);
    return unwind_rules_find(module->rules, address);
}

const struct elf_symbols *module_symbols(struct module *module)
{
    if (!module->symbols)
        module->symbols = elf_symbols_new(module->dwfl_module);
    return module->symbols;
}

struct debug_index *module_debug(struct module *module)
{
    if (!module->debug_searched) {
        module->debug_searched = TRUE;
        module->debug = debug_index_new(module->dwfl_module);
    }
    return module->debug;
}

const GArray *module_pointer_slots(struct module *module)
{
    if (module->pointer_slots)
        return module->pointer_slots;
    guint64 low = G_MAXUINT64, high = 0;
    for (guint i = 0; i < module->segments->len; i++) {
        const struct module_segment *segment = &g_array_index(module->segments, struct module_segment, i);
        if (segment->writable) {
            low = MIN(low, segment->address);
            high = MAX(high, segment->address + segment->memory_size);
        }
    }
    module->pointer_slots = pointer_slots_new(module_debug(module), module_symbols(module), low, high);
    return module->pointer_slots;
}

static gboolean is_system_path(const char *path)
{
    static const char *const folders[] = {"/lib/", "/lib32/", "/lib64/", "/libx32/", "/usr/lib"};
    for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
        if (g_str_has_prefix(path, folders[i]))
            return TRUE;
    }
    return path[0] != '/'; /* [vdso] */
}

/* Where the administrator puts what others have built. */
static gboolean is_installed_path(const char *path)
{
    return g_str_has_prefix(path, "/usr/") || g_str_has_prefix(path, "/opt/");
}

gboolean module_is_program(struct module *module)
{
    if (module->is_executable)
        return TRUE;
    return module->dwfl_module && !is_system_path(module->path) &&
           (!is_installed_path(module->path) || module_debug(module) != NULL);
}

const char *module_called_function(struct module *module, guint64 return_address)
{
    if (!module->calls) {
        GElf_Addr bias = 0;
        module->calls =
            call_names_new(module->dwfl_module ? dwfl_module_getelf(module->dwfl_module, &bias) : NULL);
    }
    const char *imported = NULL;
    guint64 target = 0;
    if (!call_names_find(module->calls, return_address, &imported, &target))
        return NULL;
    if (imported)
        return imported;
    const struct elf_symbol *symbol = elf_symbols_function(module_symbols(module), target);
    if (!symbol || symbol->start != target)
        return NULL;
    g_autofree char *name = elf_symbol_source_name(symbol);
    return module_string(module, name);
}

const char *module_string(struct module *module, const char *string)
{
    return g_string_chunk_insert_const(module->strings, string);
}
