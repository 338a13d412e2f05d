/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/debug_index.h"
#include "tracer/debug_type.h"

#include <dwarf.h>

#define SCOPE_DEPTH_MAX 64

static int compare_variables(gconstpointer a, gconstpointer b)
{
    const struct debug_variable *left = a, *right = b;
    if (left->start != right->start)
        return left->start < right->start ? -1 : 1;
    return left->size > right->size ? -1 : left->size < right->size;
}

/* Only a place that is the same for the whole run: neither a register nor thread-local. */
static gboolean fixed_address(Dwarf_Die *die, guint64 *address)
{
    Dwarf_Attribute attribute, value;
    Dwarf_Op *operations = NULL;
    size_t count = 0;
    if (!dwarf_attr(die, DW_AT_location, &attribute) ||
        dwarf_getlocation(&attribute, &operations, &count) != 0 || count != 1)
        return FALSE;
    if (operations[0].atom == DW_OP_addr) {
        *address = operations[0].number;
        return TRUE;
    }
    return (operations[0].atom == DW_OP_addrx || operations[0].atom == DW_OP_GNU_addr_index) &&
           dwarf_getlocation_attr(&attribute, operations, &value) == 0 &&
           dwarf_formaddr(&value, address) == 0;
}

static void add_variable(struct debug_index *index, Dwarf_Die *die, guint unit)
{
    struct debug_variable variable = {.die = *die, .unit = unit};
    Dwarf_Die type;
    /* what the linker dropped stands at 0 */
    if (!fixed_address(die, &variable.start) || variable.start == 0 || !debug_type_of(die, &type))
        return;
    variable.start += index->bias;
    variable.size = debug_type_size(index, &type);
    if (variable.size > 0)
        g_array_append_val(index->variables, variable);
}

static void add_struct(struct debug_index *index, Dwarf_Die *die)
{
    const char *name = dwarf_diename(die);
    Dwarf_Attribute attribute;
    if (name && !dwarf_attr(die, DW_AT_declaration, &attribute) &&
        !g_hash_table_contains(index->structs, name))
        g_hash_table_insert(index->structs, (gpointer)name, g_memdup2(die, sizeof *die));
}

static void read_scope(struct debug_index *index, Dwarf_Die *scope, guint unit, int depth)
{
    Dwarf_Die die;
    if (depth > SCOPE_DEPTH_MAX || !debug_first_child(scope, &die))
        return;
    do {
        switch (dwarf_tag(&die)) {
        case DW_TAG_variable:
            add_variable(index, &die, unit);
            break;
        case DW_TAG_structure_type:
        case DW_TAG_union_type:
            add_struct(index, &die);
            break;
        case DW_TAG_subprogram:
        case DW_TAG_lexical_block:
        case DW_TAG_namespace:
            read_scope(index, &die, unit, depth + 1);
            break;
        default:
            break;
        }
    } while (debug_next_sibling(&die, &die));
}

static void read_all(struct debug_index *index)
{
    if (index->variables)
        return;
    index->variables = g_array_new(FALSE, FALSE, sizeof(struct debug_variable));
    index->structs = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    for (guint i = 0; i < index->units->len; i++)
        read_scope(index, &g_array_index(index->units, struct debug_unit, i).contents, i, 0);
    g_array_sort(index->variables, compare_variables);
}

const GArray *debug_index_variables(struct debug_index *index)
{
    read_all(index);
    return index->variables;
}

const struct debug_variable *debug_index_variable(struct debug_index *index, guint64 address)
{
    read_all(index);
    guint low = 0, high = index->variables->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(index->variables, struct debug_variable, middle).start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return NULL;
    const struct debug_variable *variable = &g_array_index(index->variables, struct debug_variable, low - 1);
    return address - variable->start < variable->size ? variable : NULL;
}

gboolean debug_index_definition(struct debug_index *index, const char *name, Dwarf_Die *definition)
{
    /* also called while the index is being read: what is not there yet is unknown then */
    const Dwarf_Die *found = index->structs ? g_hash_table_lookup(index->structs, name) : NULL;
    if (found)
        *definition = *found;
    return found != NULL;
}

void debug_variable_declaration(const struct debug_index *index, const struct debug_variable *variable,
                                char **file, int *line)
{
    Dwarf_Die die = variable->die;
    const struct debug_unit *unit = &g_array_index(index->units, struct debug_unit, variable->unit);
    *file = debug_unit_attribute_path(unit, &die, DW_AT_decl_file);
    *line = 0;
    dwarf_decl_line(&die, line);
}
