/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/lock_member.h"

#include <dwarf.h>
#include <string.h>

#include "tracer/debug_type.h"

#define DEPTH_MAX   12
#define STEPS_MAX   (1u << 16) /* malformed types may contain themselves */
#define MEMBERS_MAX 64         /* nothing is told apart among so many */

struct member_search {
    struct debug_index *index;
    enum lock_kind kind;
    gboolean through_pointers;
    GArray *members;
    guint64 around;
    guint steps;
};

/* A struct or union on the way: how its members are called and where it lies. */
struct enclosing {
    const char *path; /* NULL without a name */
    guint64 offset;
    gboolean repeated; /* in an array: offsets are those of the first element */
    int depth;
};

static const struct {
    const char *name;
    enum lock_kind kind;
} lock_types[] = {
    {"pthread_mutex_t", LOCK_MUTEX},
    {"mtx_t", LOCK_MUTEX},
    {"GMutex", LOCK_MUTEX},
    {"GRecMutex", LOCK_MUTEX},
    {"pthread_cond_t", LOCK_CONDITION},
    {"cnd_t", LOCK_CONDITION},
    {"GCond", LOCK_CONDITION},
    {"sem_t", LOCK_SEMAPHORE},
    {"pthread_rwlock_t", LOCK_RWLOCK},
    {"GRWLock", LOCK_RWLOCK},
    {"pthread_barrier_t", LOCK_BARRIER},
    {"pthread_spinlock_t", LOCK_SPINLOCK},
};

gboolean lock_type_fits(Dwarf_Die *type, enum lock_kind kind)
{
    const char *name = dwarf_tag(type) == DW_TAG_typedef ? dwarf_diename(type) : NULL;
    for (guint i = 0; name && i < G_N_ELEMENTS(lock_types); i++) {
        if (lock_types[i].kind == kind && strcmp(lock_types[i].name, name) == 0)
            return TRUE;
    }
    return FALSE;
}

static void clear_member(gpointer pointer)
{
    struct lock_member *member = pointer;
    g_free(member->name);
    g_free(member->file);
}

GArray *lock_members_new(void)
{
    GArray *members = g_array_new(FALSE, FALSE, sizeof(struct lock_member));
    g_array_set_clear_func(members, clear_member);
    return members;
}

static gboolean is_known(const struct member_search *search, const char *name)
{
    for (guint i = 0; i < search->members->len; i++) {
        if (g_strcmp0(g_array_index(search->members, struct lock_member, i).name, name) == 0)
            return TRUE;
    }
    return FALSE;
}

static char *declaring_file(const struct debug_index *index, Dwarf_Die *die)
{
    for (guint i = 0; i < index->units->len; i++) {
        const struct debug_unit *unit = &g_array_index(index->units, struct debug_unit, i);
        if (unit->contents.cu == die->cu)
            return debug_unit_attribute_path(unit, die, DW_AT_decl_file);
    }
    return NULL;
}

/* The typedef that stands directly before a struct gives its name to one without a tag. */
static const char *last_typedef(const Dwarf_Die *type)
{
    Dwarf_Die step = *type;
    const char *name = NULL;
    for (int depth = 0; depth < DEPTH_MAX; depth++) {
        switch (dwarf_tag(&step)) {
        case DW_TAG_typedef:
            name = dwarf_diename(&step);
            break;
        case DW_TAG_const_type:
        case DW_TAG_volatile_type:
        case DW_TAG_atomic_type:
            break;
        default:
            return name;
        }
        Dwarf_Die next;
        if (!debug_type_of(&step, &next))
            return NULL;
        step = next;
    }
    return NULL;
}

/* `struct lock_s`, `union slot`, `worker` for a typedef of a struct without a tag; NULL when it has no name.
 */
static char *record_name(const Dwarf_Die *type, Dwarf_Die *record)
{
    const char *tag = dwarf_diename(record);
    if (!tag)
        return g_strdup(last_typedef(type));
    return g_strconcat(dwarf_tag(record) == DW_TAG_union_type ? "union " : "struct ", tag, NULL);
}

static void add_member(struct member_search *search, Dwarf_Die *member, char *name, guint64 offset,
                       guint64 size)
{
    g_autofree char *owned = name;
    if (search->members->len >= MEMBERS_MAX || is_known(search, name))
        return;
    struct lock_member found = {
        .name = g_steal_pointer(&owned),
        .file = declaring_file(search->index, member),
        .offset = offset,
        .size = size,
        .around = search->around,
    };
    dwarf_decl_line(member, &found.line);
    g_array_append_val(search->members, found);
}

static void search_record(struct member_search *search, const Dwarf_Die *type,
                          const struct enclosing *enclosing);

static void search_pointee(struct member_search *search, const Dwarf_Die *pointee)
{
    struct member_search inner = *search;
    inner.through_pointers = FALSE;
    inner.around = debug_type_size(search->index, pointee);
    search_record(&inner, pointee, &(struct enclosing){.depth = 0});
    search->steps = inner.steps;
}

static void search_member(struct member_search *search, Dwarf_Die *member, const struct enclosing *enclosing)
{
    const char *name = dwarf_diename(member);
    guint64 offset = 0;
    Dwarf_Die type, element, pointee;
    if (!debug_member_offset(member, &offset) || !debug_type_of(member, &type))
        return;
    guint64 size = debug_type_size(search->index, &type);
    element = type;
    int tag = debug_type_strip(search->index, &type);
    gboolean array = tag == DW_TAG_array_type;
    if (array) {
        if (!debug_type_of(&type, &element))
            return;
        type = element;
        tag = debug_type_strip(search->index, &type);
    }
    g_autofree char *path =
        enclosing->path && name ? g_strconcat(enclosing->path, ".", name, NULL) : g_strdup(enclosing->path);
    struct enclosing here = {path, enclosing->offset + offset, enclosing->repeated || array,
                             enclosing->depth + 1};
    gboolean pointer = tag == DW_TAG_pointer_type && debug_type_of(&type, &pointee);
    Dwarf_Die lock = pointer ? pointee : type;
    if (pointer)
        debug_type_strip(search->index, &lock);
    if (lock_type_fits(&lock, search->kind)) {
        gboolean placed = !pointer && !enclosing->repeated;
        if (!search->through_pointers)
            add_member(search, member, path && array ? g_strconcat(path, "[]", NULL) : g_strdup(path),
                       here.offset, placed ? size : 0);
    } else if (tag == DW_TAG_structure_type || tag == DW_TAG_union_type) {
        search_record(search, &element, &here);
    } else if (pointer && search->through_pointers) {
        search_pointee(search, &pointee);
    }
}

/* `type` is a struct or union, or names one. */
static void search_record(struct member_search *search, const Dwarf_Die *type,
                          const struct enclosing *enclosing)
{
    Dwarf_Die record = *type, member;
    int tag = debug_type_strip(search->index, &record);
    if ((tag != DW_TAG_structure_type && tag != DW_TAG_union_type) || enclosing->depth > DEPTH_MAX ||
        !debug_first_child(&record, &member))
        return;
    g_autofree char *name = record_name(type, &record);
    struct enclosing here = *enclosing;
    here.path = name ? name : enclosing->path;
    do {
        if (dwarf_tag(&member) == DW_TAG_member)
            search_member(search, &member, &here);
    } while (++search->steps < STEPS_MAX && debug_next_sibling(&member, &member));
}

void lock_members_find(struct debug_index *index, const Dwarf_Die *type, enum lock_kind kind,
                       gboolean through_pointers, GArray *members)
{
    struct member_search search = {
        .index = index,
        .kind = kind,
        .through_pointers = through_pointers,
        .members = members,
        .around = debug_type_size(index, type),
    };
    search_record(&search, type, &(struct enclosing){.depth = 0});
}
