/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/lock_site.h"
#include "tracer/stack.h"
#include "tracer/target.h"

#define MALLOC_HEADER 8u
#define MALLOC_ALIGN  16u

/* Whether the block may hold one struct of this size at its start, or an array of them, and the object is
 * then this member. A request is rounded up, so the size of an array is known up to that. */
static gboolean member_is_at(const struct lock_member *member, const struct heap_place *place)
{
    if (place->size == 0 || member->size == 0 || member->around == 0 || member->around > place->size)
        return FALSE;
    guint64 rest = place->size % member->around;
    if (place->offset >= member->around && rest >= MALLOC_ALIGN + MALLOC_HEADER)
        return FALSE;
    guint64 offset = place->offset % member->around;
    return offset >= member->offset && offset - member->offset < member->size;
}

/* The only member, or else the only one that is where the object is; NULL when several could be meant. */
static const struct lock_member *choose_member(const GArray *members, const struct heap_place *place)
{
    const struct lock_member *chosen = NULL;
    if (members->len == 1)
        return &g_array_index(members, struct lock_member, 0);
    for (guint i = 0; place && i < members->len; i++) {
        const struct lock_member *member = &g_array_index(members, struct lock_member, i);
        if (!member_is_at(member, place))
            continue;
        if (chosen)
            return NULL;
        chosen = member;
    }
    return chosen;
}

char *target_type_name(struct target *target, const guint64 *frames, guint count, enum lock_kind kind,
                       const struct heap_place *place, char **file, int *line)
{
    *file = NULL;
    *line = 0;
    for (guint i = 0; i < count; i++) {
        guint64 address = frames[i] - (i > 0 ? 1 : 0);
        const struct image *image = target_find_image(target, address);
        if (!image || !module_is_program(image->module) || !module_debug(image->module))
            continue;
        const struct lock_site *site = module_lock_site(image->module, address - image->bias, kind);
        if (site->reach == LOCK_REACH_CALLER)
            continue;
        const struct lock_member *member = choose_member(site->members, place);
        if (!member || !member->name)
            return NULL;
        *file = g_strdup(member->file);
        *line = member->line;
        return g_strdup(member->name);
    }
    return NULL;
}
