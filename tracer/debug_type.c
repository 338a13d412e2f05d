/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/debug_type.h"

#include <dwarf.h>
#include <string.h>

#define TYPE_DEPTH_MAX       24 /* typedefs of typedefs, structs in structs */
#define DIMENSIONS_MAX       8
#define POINTER_ELEMENTS_MAX 1024       /* of one array that are looked at */
#define STEPS_MAX            (1u << 18) /* of one search: malformed types may contain themselves */

gboolean debug_type_of(Dwarf_Die *die, Dwarf_Die *type)
{
    Dwarf_Attribute attribute;
    return dwarf_formref_die(dwarf_attr_integrate(die, DW_AT_type, &attribute), type) != NULL;
}

gboolean debug_type_is_lock(Dwarf_Die *type)
{
    static const char *const names[] = {
        "pthread_mutex_t",
        "pthread_cond_t",
        "pthread_rwlock_t",
        "pthread_barrier_t",
        "pthread_spinlock_t",
        "sem_t",
        "mtx_t",
        "cnd_t",
        "GMutex",
        "GCond",
        "GRWLock",
        "GRecMutex",
    };
    const char *name = dwarf_tag(type) == DW_TAG_typedef ? dwarf_diename(type) : NULL;
    for (guint i = 0; name && i < G_N_ELEMENTS(names); i++) {
        if (strcmp(name, names[i]) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean is_declaration(Dwarf_Die *type)
{
    Dwarf_Attribute attribute;
    bool declared = false;
    return dwarf_formflag(dwarf_attr(type, DW_AT_declaration, &attribute), &declared) == 0 && declared;
}

int debug_type_strip(struct debug_index *index, Dwarf_Die *type)
{
    for (int depth = 0; depth < TYPE_DEPTH_MAX; depth++) {
        int tag = dwarf_tag(type);
        switch (tag) {
        case DW_TAG_typedef:
            if (debug_type_is_lock(type))
                return tag;
            break;
        case DW_TAG_const_type:
        case DW_TAG_volatile_type:
        case DW_TAG_atomic_type:
        case DW_TAG_restrict_type:
            break;
        case DW_TAG_structure_type:
        case DW_TAG_union_type: {
            const char *name = is_declaration(type) ? dwarf_diename(type) : NULL;
            if (name)
                debug_index_definition(index, name, type);
            return tag;
        }
        default:
            return MAX(tag, 0);
        }
        Dwarf_Die next;
        if (!debug_type_of(type, &next))
            return 0;
        *type = next;
    }
    return 0;
}

guint64 debug_type_size(struct debug_index *index, const Dwarf_Die *type)
{
    Dwarf_Die stripped = *type;
    Dwarf_Word size = 0;
    if (debug_type_strip(index, &stripped) == 0 || dwarf_aggregate_size(&stripped, &size) != 0)
        return 0;
    return size < (guint64)1 << 40 ? size : 0;
}

/* The numbers of elements of an array's dimensions; 0 for one without bound. Returns how many dimensions. */
static guint array_dimensions(Dwarf_Die *array, guint64 counts[DIMENSIONS_MAX])
{
    guint dimensions = 0;
    Dwarf_Die child;
    if (!debug_first_child(array, &child))
        return 0;
    do {
        Dwarf_Attribute attribute;
        Dwarf_Word value = 0;
        if (dwarf_tag(&child) != DW_TAG_subrange_type)
            continue;
        counts[dimensions] = 0;
        if (dwarf_formudata(dwarf_attr(&child, DW_AT_count, &attribute), &value) == 0)
            counts[dimensions] = value;
        else if (dwarf_formudata(dwarf_attr(&child, DW_AT_upper_bound, &attribute), &value) == 0)
            counts[dimensions] = value + 1;
        dimensions++;
    } while (dimensions < DIMENSIONS_MAX && debug_next_sibling(&child, &child));
    return dimensions;
}

gboolean debug_member_offset(Dwarf_Die *member, guint64 *offset)
{
    Dwarf_Attribute attribute;
    Dwarf_Word value = 0;
    if (dwarf_hasattr(member, DW_AT_bit_size))
        return FALSE;
    if (dwarf_attr(member, DW_AT_data_member_location, &attribute) &&
        dwarf_formudata(&attribute, &value) != 0)
        return FALSE;
    *offset = value;
    return TRUE;
}

struct path_search {
    struct debug_index *index;
    GString *path;
    guint steps;
};

static enum type_landing find_path(struct path_search *search, Dwarf_Die type, guint64 offset, int depth);

/* Of a union the member that is a lock is meant, else the first one. */
static enum type_landing find_member(struct path_search *search, Dwarf_Die *type, guint64 offset, int depth)
{
    GString *path = search->path;
    enum type_landing best = LANDING_NONE;
    gsize length = path->len;
    g_autoptr(GString) found = g_string_new(NULL);
    Dwarf_Die member;
    if (!debug_first_child(type, &member))
        return LANDING_NONE;
    do {
        guint64 start = 0;
        Dwarf_Die member_type;
        if (dwarf_tag(&member) != DW_TAG_member || !debug_member_offset(&member, &start) || offset < start ||
            !debug_type_of(&member, &member_type))
            continue;
        const char *name = dwarf_diename(&member);
        if (name)
            g_string_append_printf(path, ".%s", name);
        enum type_landing landing = find_path(search, member_type, offset - start, depth + 1);
        if (landing > best) {
            best = landing;
            g_string_assign(found, path->str + length);
        }
        g_string_truncate(path, length);
    } while (search->steps < STEPS_MAX && best != LANDING_LOCK && debug_next_sibling(&member, &member));
    g_string_append(path, found->str);
    return best;
}

static enum type_landing find_element(struct path_search *search, Dwarf_Die *array, guint64 offset, int depth)
{
    GString *path = search->path;
    guint64 counts[DIMENSIONS_MAX];
    guint dimensions = array_dimensions(array, counts);
    Dwarf_Die element;
    guint64 size = debug_type_of(array, &element) ? debug_type_size(search->index, &element) : 0;
    if (size == 0 || dimensions == 0)
        return LANDING_NONE;
    guint64 number = offset / size;
    guint64 indexes[DIMENSIONS_MAX];
    for (guint i = dimensions; i > 0; i--) {
        gboolean unbounded = counts[i - 1] == 0;
        indexes[i - 1] = unbounded || i == 1 ? number : number % counts[i - 1];
        number = unbounded || i == 1 ? 0 : number / counts[i - 1];
    }
    if (counts[0] > 0 && indexes[0] >= counts[0])
        return LANDING_NONE;
    gsize length = path->len;
    for (guint i = 0; i < dimensions; i++)
        g_string_append_printf(path, "[%" G_GUINT64_FORMAT "]", indexes[i]);
    enum type_landing landing = find_path(search, element, offset % size, depth + 1);
    if (landing == LANDING_NONE)
        g_string_truncate(path, length);
    return landing;
}

static enum type_landing find_path(struct path_search *search, Dwarf_Die type, guint64 offset, int depth)
{
    if (depth > TYPE_DEPTH_MAX || ++search->steps > STEPS_MAX)
        return LANDING_NONE;
    int tag = debug_type_strip(search->index, &type);
    if (tag == DW_TAG_array_type)
        return find_element(search, &type, offset, depth);
    guint64 size = debug_type_size(search->index, &type);
    if (offset >= size)
        return LANDING_NONE;
    if (tag == DW_TAG_typedef)
        return LANDING_LOCK;
    if (tag == DW_TAG_structure_type || tag == DW_TAG_union_type)
        return find_member(search, &type, offset, depth);
    return LANDING_VALUE;
}

enum type_landing debug_type_path(struct debug_index *index, const Dwarf_Die *type, guint64 offset,
                                  GString *path)
{
    struct path_search search = {index, path, 0};
    return find_path(&search, *type, offset, 0);
}

struct pointer_search {
    struct debug_index *index;
    guint limit, steps;
    debug_pointer_function found;
    gpointer data;
};

static void find_pointers(struct pointer_search *search, Dwarf_Die type, guint64 offset, int depth);

static void find_pointers_in_array(struct pointer_search *search, Dwarf_Die *array, guint64 offset, int depth)
{
    guint64 counts[DIMENSIONS_MAX], total = 1;
    guint dimensions = array_dimensions(array, counts);
    Dwarf_Die element;
    guint64 size = debug_type_of(array, &element) ? debug_type_size(search->index, &element) : 0;
    for (guint i = 0; i < dimensions; i++)
        total = MIN(total, POINTER_ELEMENTS_MAX) * MIN(counts[i], POINTER_ELEMENTS_MAX);
    for (guint64 i = 0; size > 0 && i < MIN(total, POINTER_ELEMENTS_MAX) && search->limit > 0; i++) {
        guint before = search->limit;
        find_pointers(search, element, offset + i * size, depth + 1);
        if (search->limit == before) /* elements without pointers: none has any */
            break;
    }
}

static void find_pointers_in_members(struct pointer_search *search, Dwarf_Die *type, guint64 offset,
                                     int depth)
{
    Dwarf_Die member;
    if (!debug_first_child(type, &member))
        return;
    do {
        guint64 start = 0;
        Dwarf_Die member_type;
        if (dwarf_tag(&member) == DW_TAG_member && debug_member_offset(&member, &start) &&
            debug_type_of(&member, &member_type))
            find_pointers(search, member_type, offset + start, depth + 1);
    } while (search->steps < STEPS_MAX && search->limit > 0 && debug_next_sibling(&member, &member));
}

static void find_pointers(struct pointer_search *search, Dwarf_Die type, guint64 offset, int depth)
{
    Dwarf_Die pointee;
    if (depth > TYPE_DEPTH_MAX || search->limit == 0 || ++search->steps > STEPS_MAX)
        return;
    switch (debug_type_strip(search->index, &type)) {
    case DW_TAG_pointer_type:
        if (!debug_type_of(&type, &pointee) || debug_type_size(search->index, &pointee) == 0)
            return;
        search->limit--;
        search->found(search->data, offset, &pointee);
        return;
    case DW_TAG_array_type:
        find_pointers_in_array(search, &type, offset, depth);
        return;
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
        find_pointers_in_members(search, &type, offset, depth);
        return;
    default:
        return;
    }
}

void debug_type_pointers(struct debug_index *index, const Dwarf_Die *type, guint limit,
                         debug_pointer_function found, gpointer data)
{
    struct pointer_search search = {index, limit, 0, found, data};
    find_pointers(&search, *type, 0, 0);
}
