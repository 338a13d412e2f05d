/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/stack.h"

#include <dwarf.h>
#include <inttypes.h>
#include <string.h>

#include "tracer/target.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* What the ELF symbol tables call the function: `libc.so.6+0x89134` outside of any symbol. */
static const char *elf_name(struct module *module, guint64 lookup, guint64 address)
{
    const struct elf_symbol *symbol = elf_symbols_function(module_symbols(module), lookup);
    g_autofree char *name = symbol ? elf_symbol_source_name(symbol)
                                   : g_strdup_printf("%s+0x%" PRIx64, base_name(module->path), address);
    return module_string(module, name);
}

/* The place from which an inlined function was called. */
static void read_call_site(struct module *module, struct debug_unit *unit, Dwarf_Die *call, const char **file,
                           int *line)
{
    Dwarf_Attribute attribute;
    Dwarf_Word number = 0;
    gboolean known = dwarf_formudata(dwarf_attr(call, DW_AT_call_line, &attribute), &number) == 0;
    g_autofree char *path = debug_unit_attribute_path(unit, call, DW_AT_call_file);
    *line = known && number <= G_MAXINT ? (int)number : 0;
    *file = path ? module_string(module, path) : NULL;
}

static void read_line(struct module *module, struct debug_unit *unit, guint64 debug_address,
                      const char **file, int *line)
{
    Dwarf_Line *entry = dwarf_getsrc_die(&unit->lines, debug_address);
    *file = NULL;
    *line = 0;
    if (!entry)
        return;
    g_autofree char *path = debug_unit_path(unit, dwarf_linesrc(entry, NULL, NULL));
    dwarf_lineno(entry, line);
    *file = path ? module_string(module, path) : NULL;
}

/* The one look-up in the debug information that an address costs. `outer` names the function that really has
 * a frame when the debug information of a library calls it by an internal alias. */
static void add_from_debug(struct module *module, guint64 lookup, const char *elf_function, GArray *symbols)
{
    struct debug_index *debug = module_debug(module);
    struct debug_unit *unit = debug ? debug_index_unit(debug, lookup) : NULL;
    if (!unit)
        return;
    Dwarf_Die calls[INLINE_DEPTH_MAX];
    guint count = debug_unit_calls(debug, unit, lookup, calls);
    gboolean is_program = module_is_program(module);
    const char *file = NULL;
    int line = 0;
    read_line(module, unit, lookup - debug->bias, &file, &line);
    for (guint i = MAX(count, 1); i > 0; i--) {
        const char *name = count > 0 ? dwarf_diename(&calls[i - 1]) : NULL;
        gboolean prefer_elf = !name || (i == 1 && !is_program && !strchr(elf_function, '+'));
        struct symbol symbol = {.function = prefer_elf ? elf_function : module_string(module, name),
                                .file = file,
                                .line = line,
                                .module = module->path,
                                .is_program = is_program};
        g_array_append_val(symbols, symbol);
        if (i > 1)
            read_call_site(module, unit, &calls[i - 1], &file, &line);
    }
}

const GArray *module_symbolize(struct module *module, guint64 address, gboolean is_return)
{
    guint64 key = address * 2 + (is_return ? 1 : 0);
    GArray *symbols = g_hash_table_lookup(module->symbol_memory, &key);
    if (symbols)
        return symbols;
    symbols = g_array_new(FALSE, FALSE, sizeof(struct symbol));
    guint64 lookup = address - (is_return ? 1 : 0);
    const char *name = elf_name(module, lookup, address);
    add_from_debug(module, lookup, name, symbols);
    if (symbols->len == 0) {
        struct symbol symbol = {
            .function = name, .module = module->path, .is_program = module_is_program(module)};
        g_array_append_val(symbols, symbol);
    }
    g_hash_table_insert(module->symbol_memory, g_memdup2(&key, sizeof key), symbols);
    return symbols;
}

/* Code that no file stands behind: made at run time, or not code at all. */
static const GArray *symbolize_wild(struct target *target, guint64 address)
{
    GArray *symbols = g_hash_table_lookup(target->wild_symbols, &address);
    if (symbols)
        return symbols;
    g_autofree char *name = g_strdup_printf("0x%" PRIx64, address);
    struct symbol symbol = {.function = g_string_chunk_insert_const(target->strings, name), .module = ""};
    symbols = g_array_new(FALSE, FALSE, sizeof(struct symbol));
    g_array_append_val(symbols, symbol);
    g_hash_table_insert(target->wild_symbols, g_memdup2(&address, sizeof address), symbols);
    return symbols;
}

const GArray *target_symbolize(struct target *target, guint64 address, gboolean is_return)
{
    const struct image *image = target_find_image(target, address - (is_return ? 1 : 0));
    if (!image)
        return symbolize_wild(target, address);
    return module_symbolize(image->module, address - image->bias, is_return);
}

const char *target_called_function(struct target *target, guint64 return_address)
{
    const struct image *image = target_find_image(target, return_address - 1);
    return image ? module_called_function(image->module, return_address - image->bias) : NULL;
}
