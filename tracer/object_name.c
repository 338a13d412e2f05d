/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/object_name.h"

#include <dwarf.h>
#include <inttypes.h>

#include "tracer/debug_type.h"
#include "tracer/target.h"

#define LOCK_SIZE_MAX 56 /* pthread_rwlock_t, the largest lock of the C library */

/* The variable itself, with the members that lead to the address. */
static char *name_from_debug(struct debug_index *debug, guint64 address, char **file, int *line)
{
    const struct debug_variable *variable = debug_index_variable(debug, address);
    if (!variable)
        return NULL;
    Dwarf_Die die = variable->die, type;
    const char *name = dwarf_diename(&die);
    if (!name || !debug_type_of(&die, &type))
        return NULL;
    GString *path = g_string_new(name);
    debug_type_path(debug, &type, address - variable->start, path);
    debug_variable_declaration(debug, variable, file, line);
    return g_string_free(path, FALSE);
}

static char *name_from_symbol(struct module *module, guint64 address)
{
    const struct elf_symbol *symbol = elf_symbols_object(module_symbols(module), address);
    if (!symbol)
        return NULL;
    g_autofree char *name = elf_symbol_source_name(symbol);
    guint64 offset = address - symbol->start;
    /* a lock is waited for at some word inside of it */
    if (offset == 0 || symbol->size <= LOCK_SIZE_MAX)
        return g_steal_pointer(&name);
    return g_strdup_printf("%s+0x%" PRIx64, name, offset);
}

char *target_object_name(struct target *target, guint64 address, char **file, int *line)
{
    *file = NULL;
    *line = 0;
    const struct image *image = target_known_image(target, address);
    if (image) {
        struct debug_index *debug = module_debug(image->module);
        char *name = debug ? name_from_debug(debug, address - image->bias, file, line) : NULL;
        return name ? name : name_from_symbol(image->module, address - image->bias);
    }
    if (!target_is_alive(target))
        return NULL;
    for (guint i = 0; i < target->images->len; i++) {
        const struct image *candidate = &g_array_index(target->images, struct image, i);
        if (candidate->end == candidate->start || !module_is_program(candidate->module))
            continue;
        char *name = name_through_pointers(target, candidate, address, file, line);
        if (name)
            return name;
    }
    return NULL;
}
