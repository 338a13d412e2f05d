/* SPDX-License-Identifier: Apache-2.0 */
#include <dwarf.h>
#include <inttypes.h>
#include <string.h>

#include "tracer/debug_type.h"
#include "tracer/object_name.h"

#define READ_AT_ONCE_BYTES  (64ul * 1024)
#define OBJECT_SIZE_MAX     (64ul * 1024) /* of what a pointer leads to, to be searched for further pointers */
#define OBJECTS_MAX         8192          /* searched for one question */
#define POINTERS_PER_OBJECT 256
#define UNTYPED_REACH       256 /* bytes behind a pointer of unknown type that still count as its object */
#define HEAP_BLOCK_MAX      ((guint64)1 << 32)

/* A pointer of the living target: slot's value, or one found in the object that the slot leads to. */
struct pointer {
    const struct pointer_slot *slot;
    guint64 value;
    Dwarf_Die pointee;
    guint64 inner; /* offset of the inner pointer in the slot's object, for `through` */
    gboolean through;
    gboolean element; /* the slot leads to an array of pointers: inner is an element of it */
};

/* The best way found so far. Lower is better: a lock before anything else, then short ways, then small
 * objects. */
struct search {
    struct target *target;
    const struct image *image;
    guint64 address;
    struct pointer best;
    guint64 best_rank;
    guint objects;
    GHashTable *seen; /* values followed */
};

/* The usable size of a block of glibc's malloc, 0 where none begins. */
static guint64 heap_block_size(const struct target *target, guint64 address)
{
    guint64 header = 0;
    if (address % 16 != 0 || !target_read(target, address - sizeof header, &header, sizeof header))
        return 0;
    guint64 size = header & ~(guint64)7;
    if (size < 32 || size % 16 != 0 || size > HEAP_BLOCK_MAX)
        return 0;
    return size - sizeof header;
}

/* How many objects of `size` the block at `value` holds; 1 when that is not known to be a block of several.
 */
static guint64 element_count(const struct target *target, guint64 value, guint64 size)
{
    return MAX(heap_block_size(target, value) / size, 1);
}

static guint64 rank(enum type_landing landing, const struct pointer *pointer, guint64 index, guint64 size)
{
    return (landing == LANDING_LOCK ? 0 : (guint64)1 << 62) + (pointer->through ? (guint64)1 << 61 : 0) +
           (index > 0 ? (guint64)1 << 60 : 0) + MIN(size, (guint64)1 << 59);
}

/* Whether the pointer leads to the object, directly or as an element of the array it points to. */
static void consider(struct search *search, const struct pointer *pointer)
{
    if (pointer->value == 0 || pointer->value > search->address)
        return;
    struct debug_index *debug = module_debug(search->image->module);
    guint64 offset = search->address - pointer->value;
    guint64 size = debug_type_size(debug, &pointer->pointee);
    if (size == 0 || offset >= HEAP_BLOCK_MAX)
        return;
    guint64 index = offset / size;
    if (index > 0 && index >= element_count(search->target, pointer->value, size))
        return;
    g_autoptr(GString) path = g_string_new(NULL);
    enum type_landing landing = debug_type_path(debug, &pointer->pointee, offset % size, path);
    if (landing == LANDING_NONE || (index > 0 && landing != LANDING_LOCK))
        return;
    guint64 found = rank(landing, pointer, index, size);
    if (found >= search->best_rank)
        return;
    search->best_rank = found;
    search->best = *pointer;
}

/* --- the objects that global pointers lead to
 * ------------------------------------------------------------------ */

struct object {
    struct search *search;
    const struct pointer *outer;
    const guint8 *bytes;
    guint64 size;
};

static void consider_inner(gpointer data, guint64 offset, const Dwarf_Die *pointee)
{
    struct object *object = data;
    struct pointer inner = *object->outer;
    if (offset + sizeof inner.value > object->size)
        return;
    memcpy(&inner.value, object->bytes + offset, sizeof inner.value);
    inner.pointee = *pointee;
    inner.inner = offset;
    inner.through = TRUE;
    consider(object->search, &inner);
}

static void consider_elements(struct object *object, Dwarf_Die *pointee)
{
    for (guint64 offset = 0; offset + sizeof(guint64) <= object->size; offset += sizeof(guint64)) {
        struct pointer outer = *object->outer;
        outer.element = TRUE;
        struct object array = *object;
        array.outer = &outer;
        consider_inner(&array, offset, pointee);
    }
}

/* Looks for pointers inside of the object that a slot leads to: a struct, or an array of pointers on the
 * heap. */
static void follow(struct search *search, const struct pointer *pointer)
{
    struct debug_index *debug = module_debug(search->image->module);
    Dwarf_Die type = pointer->pointee, element;
    int tag = debug_type_strip(debug, &type);
    guint64 size = debug_type_size(debug, &type);
    if (pointer->value == 0 || search->objects >= OBJECTS_MAX ||
        !g_hash_table_add(search->seen, g_memdup2(&pointer->value, sizeof pointer->value)))
        return;
    search->objects++;
    if (tag == DW_TAG_pointer_type)
        size *= element_count(search->target, pointer->value, size);
    if (size == 0 || size > OBJECT_SIZE_MAX)
        return;
    g_autofree guint8 *bytes = g_malloc(size);
    if (!target_read(search->target, pointer->value, bytes, size))
        return;
    struct object object = {search, pointer, bytes, size};
    if (tag == DW_TAG_structure_type || tag == DW_TAG_union_type)
        debug_type_pointers(debug, &type, POINTERS_PER_OBJECT, consider_inner, &object);
    else if (tag == DW_TAG_pointer_type && debug_type_of(&type, &element))
        consider_elements(&object, &element);
}

/* --- names
 * ----------------------------------------------------------------------------------------------------- */

/* `queue`, or `queue->lanes[2]` through a pointer inside of what queue points to. */
static char *pointer_name(const struct search *search, const struct pointer *pointer)
{
    struct debug_index *debug = module_debug(search->image->module);
    g_autofree char *slot = pointer_slot_name(pointer->slot, debug);
    if (!pointer->through)
        return g_steal_pointer(&slot);
    if (pointer->element)
        return g_strdup_printf("%s[%" PRIu64 "]", slot, pointer->inner / sizeof(guint64));
    g_autoptr(GString) path = g_string_new(NULL);
    debug_type_path(debug, &pointer->slot->pointee, pointer->inner, path);
    return g_strdup_printf("%s->%s", slot, path->str[0] == '.' ? path->str + 1 : path->str);
}

/* `queue->lock`; `queue[3].lock` when it points to an array; `lock` when it points to the lock itself. */
static char *object_path(const struct search *search, const struct pointer *pointer)
{
    struct debug_index *debug = module_debug(search->image->module);
    guint64 offset = search->address - pointer->value;
    guint64 size = debug_type_size(debug, &pointer->pointee);
    gboolean several = element_count(search->target, pointer->value, size) > 1;
    g_autofree char *base = pointer_name(search, pointer);
    g_autoptr(GString) path = g_string_new(NULL);
    debug_type_path(debug, &pointer->pointee, offset % size, path);
    if (several)
        return g_strdup_printf("%s[%" PRIu64 "]%s", base, offset / size, path->str);
    if (path->str[0] == '.')
        return g_strdup_printf("%s->%s", base, path->str + 1);
    return g_strdup_printf("%s%s", base, path->str);
}

/* --- reading the slots
 * ------------------------------------------------------------------------------------------ */

/* Calls `use` with each slot and its value; slots whose memory cannot be read are left out. */
static void for_each_value(struct search *search, const GArray *slots,
                           void (*use)(struct search *, const struct pointer_slot *, guint64 value))
{
    g_autofree guint8 *bytes = g_malloc(READ_AT_ONCE_BYTES);
    guint first = 0;
    while (first < slots->len) {
        guint64 start = g_array_index(slots, struct pointer_slot, first).address;
        guint last = first;
        while (last + 1 < slots->len && g_array_index(slots, struct pointer_slot, last + 1).address - start <=
                                            READ_AT_ONCE_BYTES - sizeof(guint64))
            last++;
        gsize size = g_array_index(slots, struct pointer_slot, last).address - start + sizeof(guint64);
        gboolean read = target_read(search->target, start + search->image->bias, bytes, size);
        for (guint i = first; i <= last; i++) {
            const struct pointer_slot *slot = &g_array_index(slots, struct pointer_slot, i);
            guint64 value = 0;
            if (read)
                memcpy(&value, bytes + (slot->address - start), sizeof value);
            else if (!target_read(search->target, slot->address + search->image->bias, &value, sizeof value))
                continue;
            use(search, slot, value);
        }
        first = last + 1;
    }
}

static void consider_slot(struct search *search, const struct pointer_slot *slot, guint64 value)
{
    consider(search, &(struct pointer){.slot = slot, .value = value, .pointee = slot->pointee});
}

static void follow_slot(struct search *search, const struct pointer_slot *slot, guint64 value)
{
    follow(search, &(struct pointer){.slot = slot, .value = value, .pointee = slot->pointee});
}

/* Without types: the pointer that begins the heap block of the object, or stands closely before it. */
static void consider_untyped(struct search *search, const struct pointer_slot *slot, guint64 value)
{
    guint64 offset = search->address - value;
    if (value == 0 || value > search->address || offset >= search->best_rank || offset >= HEAP_BLOCK_MAX)
        return;
    guint64 block = heap_block_size(search->target, value);
    if (offset >= (block > 0 ? block : UNTYPED_REACH))
        return;
    search->best_rank = offset;
    search->best = (struct pointer){.slot = slot, .value = value};
}

char *name_through_pointers(struct target *target, const struct image *image, guint64 address, char **file,
                            int *line)
{
    struct debug_index *debug = module_debug(image->module);
    const GArray *slots = module_pointer_slots(image->module);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    struct search search = {
        .target = target, .image = image, .address = address, .best_rank = G_MAXUINT64, .seen = seen};
    for_each_value(&search, slots, debug ? consider_slot : consider_untyped);
    if (!debug) {
        if (!search.best.slot)
            return NULL;
        g_autofree char *name = pointer_slot_name(search.best.slot, NULL);
        return g_strdup_printf("%s->+0x%" PRIx64, name, address - search.best.value);
    }
    if (search.best_rank >= (guint64)1 << 62) /* no lock */
        for_each_value(&search, slots, follow_slot);
    if (!search.best.slot)
        return NULL;
    debug_variable_declaration(debug, search.best.slot->variable, file, line);
    return object_path(&search, &search.best);
}
