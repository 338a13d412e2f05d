/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/lock_site.h"

#include <dwarf.h>

#include "tracer/debug_type.h"

#define SCOPE_DEPTH_MAX 64

/* What the variables of one function say. */
struct variable_search {
    struct debug_index *index;
    guint64 address; /* in the debug information */
    enum lock_kind kind;
    gboolean through_pointers;
    gboolean has_parameters;
    gboolean is_wrapper;  /* a parameter is the lock itself */
    gboolean gets_places; /* a parameter may lead to a lock */
    GArray *members;
};

static void note_variable(struct variable_search *search, Dwarf_Die *variable, gboolean is_parameter)
{
    Dwarf_Die type, place;
    if (!debug_type_of(variable, &type))
        return;
    place = type;
    int tag = debug_type_strip(search->index, &type);
    gboolean pointer = tag == DW_TAG_pointer_type;
    if (pointer || tag == DW_TAG_array_type) {
        gboolean known = debug_type_of(&type, &place); /* not so of void, which may be anything */
        type = place;
        tag = known ? debug_type_strip(search->index, &type) : 0;
    }
    gboolean is_number =
        tag == DW_TAG_base_type || tag == DW_TAG_enumeration_type; /* or text, or many of them */
    search->gets_places |= is_parameter && !is_number;
    if (is_number || tag == 0)
        return;
    if (lock_type_fits(&type, search->kind))
        search->is_wrapper |= is_parameter && pointer;
    else
        lock_members_find(search->index, &place, search->kind, search->through_pointers, search->members);
}

/* Parameters, and the variables of the blocks that contain the address; those of inlined calls are not its
 * own. */
static void note_scope(struct variable_search *search, Dwarf_Die *scope, int depth)
{
    Dwarf_Die die;
    if (depth > SCOPE_DEPTH_MAX || !debug_first_child(scope, &die))
        return;
    do {
        switch (dwarf_tag(&die)) {
        case DW_TAG_formal_parameter:
            search->has_parameters = TRUE;
            note_variable(search, &die, TRUE);
            break;
        case DW_TAG_unspecified_parameters:
            search->gets_places = TRUE;
            break;
        case DW_TAG_variable:
            note_variable(search, &die, FALSE);
            break;
        case DW_TAG_lexical_block:
            if (dwarf_haspc(&die, search->address) == 1)
                note_scope(search, &die, depth + 1);
            break;
        default:
            break;
        }
    } while (debug_next_sibling(&die, &die));
}

/* Compilers leave parameters that were optimised away out of the copy of a function, not out of its origin.
 */
static void note_function(struct variable_search *search, Dwarf_Die *call)
{
    Dwarf_Attribute attribute;
    Dwarf_Die origin, die;
    note_scope(search, call, 0);
    if (search->has_parameters || !dwarf_attr(call, DW_AT_abstract_origin, &attribute) ||
        !dwarf_formref_die(&attribute, &origin) || !debug_first_child(&origin, &die))
        return;
    do {
        if (dwarf_tag(&die) == DW_TAG_formal_parameter)
            note_variable(search, &die, TRUE);
    } while (debug_next_sibling(&die, &die));
}

static enum lock_reach reach_of(struct variable_search *search, Dwarf_Die *call)
{
    note_function(search, call);
    if (search->is_wrapper)
        return LOCK_REACH_CALLER;
    if (search->members->len == 0) {
        search->through_pointers = TRUE;
        note_function(search, call);
    }
    if (search->members->len > 0)
        return LOCK_REACH_HERE;
    return search->gets_places ? LOCK_REACH_CALLER : LOCK_REACH_NOWHERE;
}

static struct lock_site *lock_site_new(struct module *module, guint64 address, enum lock_kind kind)
{
    struct lock_site *site = g_new0(struct lock_site, 1);
    struct debug_index *debug = module_debug(module);
    struct debug_unit *unit = debug ? debug_index_unit(debug, address) : NULL;
    if (unit)
        debug_index_variables(debug); /* from then on it knows the definitions of structs */
    Dwarf_Die calls[INLINE_DEPTH_MAX];
    guint count = unit ? debug_unit_calls(debug, unit, address, calls) : 0;
    site->reach = LOCK_REACH_CALLER;
    site->members = lock_members_new();
    for (guint i = count; i > 0 && site->reach == LOCK_REACH_CALLER; i--) {
        struct variable_search search = {
            .index = debug,
            .address = address - debug->bias,
            .kind = kind,
            .members = site->members,
        };
        g_array_set_size(site->members, 0);
        site->reach = reach_of(&search, &calls[i - 1]);
    }
    if (site->reach != LOCK_REACH_HERE)
        g_array_set_size(site->members, 0);
    return site;
}

void lock_site_free(struct lock_site *site)
{
    if (!site)
        return;
    g_array_unref(site->members);
    g_free(site);
}

const struct lock_site *module_lock_site(struct module *module, guint64 address, enum lock_kind kind)
{
    guint64 key = address * LOCK_KIND_COUNT + kind;
    struct lock_site *site = g_hash_table_lookup(module->lock_sites, &key);
    if (!site) {
        site = lock_site_new(module, address, kind);
        g_hash_table_insert(module->lock_sites, g_memdup2(&key, sizeof key), site);
    }
    return site;
}
