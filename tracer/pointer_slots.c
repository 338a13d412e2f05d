/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/pointer_slots.h"

#include "tracer/debug_type.h"

#define SLOTS_PER_VARIABLE_MAX 4096
#define SLOTS_MAX              (1u << 18)
#define SYMBOL_SIZE_MAX        4096 /* larger objects are hardly arrays of pointers */

struct collection {
    GArray *slots;
    const struct debug_variable *variable;
};

static void add_slot(gpointer data, guint64 offset, const Dwarf_Die *pointee)
{
    struct collection *collection = data;
    struct pointer_slot slot = {
        .address = collection->variable->start + offset,
        .variable = collection->variable,
        .pointee = *pointee,
    };
    g_array_append_val(collection->slots, slot);
}

static void collect_from_debug(GArray *slots, struct debug_index *debug)
{
    const GArray *variables = debug_index_variables(debug);
    for (guint i = 0; i < variables->len && slots->len < SLOTS_MAX; i++) {
        struct collection collection = {slots, &g_array_index(variables, struct debug_variable, i)};
        Dwarf_Die die = collection.variable->die, type;
        if (debug_type_of(&die, &type))
            debug_type_pointers(debug, &type, SLOTS_PER_VARIABLE_MAX, add_slot, &collection);
    }
}

static void collect_from_symbols(GArray *slots, const struct elf_symbols *symbols, guint64 low, guint64 high)
{
    for (guint i = 0; i < symbols->objects->len && slots->len < SLOTS_MAX; i++) {
        const struct elf_symbol *symbol = &g_array_index(symbols->objects, struct elf_symbol, i);
        if (symbol->start < low || symbol->start >= high || symbol->start % sizeof(guint64) != 0 ||
            symbol->size % sizeof(guint64) != 0 || symbol->size > SYMBOL_SIZE_MAX)
            continue;
        for (guint64 offset = 0; offset < symbol->size; offset += sizeof(guint64)) {
            struct pointer_slot slot = {.address = symbol->start + offset, .symbol = symbol};
            g_array_append_val(slots, slot);
        }
    }
}

static int compare_slots(gconstpointer a, gconstpointer b)
{
    const struct pointer_slot *left = a, *right = b;
    return left->address < right->address ? -1 : left->address > right->address;
}

GArray *pointer_slots_new(struct debug_index *debug, const struct elf_symbols *symbols, guint64 low,
                          guint64 high)
{
    GArray *slots = g_array_new(FALSE, FALSE, sizeof(struct pointer_slot));
    if (debug)
        collect_from_debug(slots, debug);
    else
        collect_from_symbols(slots, symbols, low, high);
    g_array_sort(slots, compare_slots);
    return slots;
}

char *pointer_slot_name(const struct pointer_slot *slot, struct debug_index *debug)
{
    g_autoptr(GString) name = g_string_new(NULL);
    if (slot->variable) {
        Dwarf_Die die = slot->variable->die, type;
        const char *variable = dwarf_diename(&die);
        g_string_append(name, variable ? variable : "?");
        if (debug_type_of(&die, &type))
            debug_type_path(debug, &type, slot->address - slot->variable->start, name);
    } else {
        g_autofree char *symbol = elf_symbol_source_name(slot->symbol);
        g_string_append(name, symbol);
        if (slot->symbol->size > sizeof(guint64))
            g_string_append_printf(name, "[%" G_GUINT64_FORMAT "]",
                                   (slot->address - slot->symbol->start) / sizeof(guint64));
    }
    return g_string_free(g_steal_pointer(&name), FALSE);
}
