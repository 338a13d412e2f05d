/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/debug_index.h"

#include <dwarf.h>
#include <string.h>

#define NAMESPACE_DEPTH_MAX 8

gboolean debug_first_child(Dwarf_Die *die, Dwarf_Die *child)
{
    Dwarf_Off parent = dwarf_dieoffset(die);
    return dwarf_child(die, child) == 0 && dwarf_dieoffset(child) > parent;
}

gboolean debug_next_sibling(Dwarf_Die *die, Dwarf_Die *sibling)
{
    Dwarf_Off current = dwarf_dieoffset(die);
    return dwarf_siblingof(die, sibling) == 0 && dwarf_dieoffset(sibling) > current;
}

static int compare_ranges(gconstpointer a, gconstpointer b)
{
    const struct debug_range *left = a, *right = b;
    if (left->start != right->start)
        return left->start < right->start ? -1 : 1;
    return left->end > right->end ? -1 : left->end < right->end;
}

static void add_ranges(GArray *ranges, Dwarf_Die *die, guint64 bias, guint index)
{
    Dwarf_Addr base, start, end;
    ptrdiff_t offset = 0;
    while ((offset = dwarf_ranges(die, offset, &base, &start, &end)) > 0) {
        /* what the linker dropped stands at 0 or, by newer linkers, at 1 */
        if (start <= 1 || end <= start)
            continue;
        struct debug_range range = {start + bias, end + bias, index};
        g_array_append_val(ranges, range);
    }
}

/* The last range that starts at or before the address and contains it: ranges of one kind hardly ever
 * overlap. */
static const struct debug_range *find_range(const GArray *ranges, guint64 address)
{
    const guint overlaps_max = 16;
    guint low = 0, high = ranges->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(ranges, struct debug_range, middle).start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    for (guint i = low; i > 0 && low - i < overlaps_max; i--) {
        const struct debug_range *range = &g_array_index(ranges, struct debug_range, i - 1);
        if (address < range->end)
            return range;
    }
    return NULL;
}

static void clear_unit(gpointer pointer)
{
    struct debug_unit *unit = pointer;
    if (unit->functions)
        g_array_unref(unit->functions);
    if (unit->entries)
        g_array_unref(unit->entries);
}

static void read_units(struct debug_index *index)
{
    Dwarf_CU *unit = NULL;
    uint8_t type = 0;
    Dwarf_Die die, split;
    while (dwarf_get_units(index->dwarf, unit, &unit, NULL, &type, &die, &split) == 0) {
        if (dwarf_tag(&die) != DW_TAG_compile_unit && type != DW_UT_skeleton)
            continue;
        struct debug_unit entry = {.lines = die, .contents = die};
        if (type == DW_UT_skeleton && split.addr)
            entry.contents = split;
        g_array_append_val(index->units, entry);
        add_ranges(index->ranges, &die, index->bias, index->units->len - 1);
    }
    g_array_sort(index->ranges, compare_ranges);
}

struct debug_index *debug_index_new(Dwfl_Module *module)
{
    Dwarf_Addr bias = 0;
    Dwarf *dwarf = module ? dwfl_module_getdwarf(module, &bias) : NULL;
    if (!dwarf)
        return NULL;
    struct debug_index *index = g_new0(struct debug_index, 1);
    index->dwarf = dwarf;
    index->bias = bias;
    index->units = g_array_new(FALSE, FALSE, sizeof(struct debug_unit));
    g_array_set_clear_func(index->units, clear_unit);
    index->ranges = g_array_new(FALSE, FALSE, sizeof(struct debug_range));
    read_units(index);
    if (index->units->len > 0)
        return index;
    debug_index_free(index);
    return NULL;
}

void debug_index_free(struct debug_index *index)
{
    if (!index)
        return;
    g_array_unref(index->units);
    g_array_unref(index->ranges);
    if (index->variables)
        g_array_unref(index->variables);
    if (index->structs)
        g_hash_table_unref(index->structs);
    g_free(index);
}

struct debug_unit *debug_index_unit(struct debug_index *index, guint64 address)
{
    const struct debug_range *range = find_range(index->ranges, address);
    return range ? &g_array_index(index->units, struct debug_unit, range->index) : NULL;
}

static void add_functions(struct debug_unit *unit, Dwarf_Die *parent, guint64 bias, int depth)
{
    Dwarf_Die die;
    if (depth > NAMESPACE_DEPTH_MAX || !debug_first_child(parent, &die))
        return;
    do {
        switch (dwarf_tag(&die)) {
        case DW_TAG_subprogram:
            g_array_append_val(unit->entries, die);
            add_ranges(unit->functions, &die, bias, unit->entries->len - 1);
            break;
        case DW_TAG_namespace:
        case DW_TAG_module:
            add_functions(unit, &die, bias, depth + 1);
            break;
        default:
            break;
        }
    } while (debug_next_sibling(&die, &die));
}

/* The inlined call, or block with local variables, of `scope` that contains the address. */
static gboolean find_inner_scope(Dwarf_Die *scope, guint64 address, Dwarf_Die *inner)
{
    if (!debug_first_child(scope, inner))
        return FALSE;
    do {
        int tag = dwarf_tag(inner);
        if ((tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block) &&
            dwarf_haspc(inner, address) == 1)
            return TRUE;
    } while (debug_next_sibling(inner, inner));
    return FALSE;
}

guint debug_unit_calls(struct debug_index *index, struct debug_unit *unit, guint64 address,
                       Dwarf_Die calls[INLINE_DEPTH_MAX])
{
    const int scope_depth_max = 256;
    if (!unit->functions) {
        unit->functions = g_array_new(FALSE, FALSE, sizeof(struct debug_range));
        unit->entries = g_array_new(FALSE, FALSE, sizeof(Dwarf_Die));
        add_functions(unit, &unit->contents, index->bias, 0);
        g_array_sort(unit->functions, compare_ranges);
    }
    const struct debug_range *range = find_range(unit->functions, address);
    if (!range)
        return 0;
    guint count = 1;
    calls[0] = g_array_index(unit->entries, Dwarf_Die, range->index);
    Dwarf_Die scope = calls[0];
    for (int depth = 0; depth < scope_depth_max && count < INLINE_DEPTH_MAX; depth++) {
        Dwarf_Die inner;
        if (!find_inner_scope(&scope, address - index->bias, &inner))
            break;
        if (dwarf_tag(&inner) == DW_TAG_inlined_subroutine)
            calls[count++] = inner;
        scope = inner;
    }
    return count;
}

char *debug_unit_path(const struct debug_unit *unit, const char *file)
{
    if (!file)
        return NULL;
    Dwarf_Die die = unit->lines;
    Dwarf_Attribute attribute;
    const char *directory = dwarf_formstring(dwarf_attr(&die, DW_AT_comp_dir, &attribute));
    if (!g_path_is_absolute(file) && (!directory || !g_path_is_absolute(directory)))
        return g_strdup(file);
    return g_canonicalize_filename(file, directory && g_path_is_absolute(directory) ? directory : "/");
}

/* dwarf_decl_file takes file 0 for none, which is the main file since DWARF 5. */
char *debug_unit_attribute_path(const struct debug_unit *unit, Dwarf_Die *die, unsigned int attribute)
{
    Dwarf_Attribute value;
    Dwarf_Word number = 0;
    Dwarf_Files *files = NULL;
    Dwarf_Half version = 0;
    size_t count = 0;
    Dwarf_Die unit_die = unit->contents;
    dwarf_cu_die(unit_die.cu, &(Dwarf_Die){0}, &version, NULL, NULL, NULL, NULL, NULL);
    if (dwarf_formudata(dwarf_attr_integrate(die, attribute, &value), &number) != 0 ||
        (number == 0 && version < 5) || dwarf_getsrcfiles(&unit_die, &files, &count) != 0 || number >= count)
        return NULL;
    return debug_unit_path(unit, dwarf_filesrc(files, number, NULL, NULL));
}
