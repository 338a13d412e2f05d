/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/lock_name.h"

#include <string.h>

#include "tracer/system_call.h"
#include "tracer/wait_cause.h"

static const struct lock *find_by_name(const struct session *session, const char *name)
{
    for (guint i = 0; i < session->locks->len; i++) {
        const struct lock *lock = g_ptr_array_index(session->locks, i);
        if (g_strcmp0(lock->name, name) == 0 || g_strcmp0(lock->id, name) == 0)
            return lock;
    }
    return NULL;
}

static const char *find_or_add(struct session *session, const char *name, enum lock_kind kind,
                               const char *file, int line)
{
    const struct lock *known = find_by_name(session, name);
    if (known)
        return known->id;
    struct lock *lock = lock_new();
    lock->id = g_strdup(name);
    lock->name = g_strdup(name);
    lock->kind = kind;
    lock->file = g_strdup(file);
    lock->line = line;
    lock->traced = TRUE;
    g_ptr_array_add(session->locks, lock);
    return lock->id;
}

static const char *name_by_type(struct session *session, struct attribution *attribution,
                                const struct traced_stack *stack, enum lock_kind kind)
{
    g_autofree char *declared = NULL;
    int line = 0;
    if (!stack || !stack->image->target)
        return NULL;
    g_autofree char *name = target_type_name(stack->image->target, stack->frames, stack->frame_count, kind,
                                             &stack->object, &declared, &line);
    const char *file = name && declared ? region_map_relative(attribution->map, declared) : NULL;
    return name ? find_or_add(session, name, kind, file, line) : NULL;
}

/* The only condition among the locks of the analysis that lives in the same structure as `lock`. */
static const struct lock *condition_beside(const struct session *session, const struct lock *lock)
{
    const char *dot = strrchr(lock->name, '.');
    const struct lock *found = NULL;
    for (guint i = 0; dot && i < session->locks->len; i++) {
        const struct lock *other = g_ptr_array_index(session->locks, i);
        if (other->traced || other->kind != LOCK_CONDITION ||
            strncmp(other->name, lock->name, (gsize)(dot + 1 - lock->name)) != 0)
            continue;
        if (found)
            return NULL;
        found = other;
    }
    return found;
}

/* The analysis names the lock of a critical section by its type. A thread waits for that lock where the
 * section begins; it waits on a condition, or for the lock again after a condition, inside of the section. */
static const char *lock_of_section(const struct session *session, const struct attributed_wait *wait,
                                   enum lock_kind kind)
{
    const struct stack_meaning *meaning = wait->meaning;
    gboolean in_condition = wait->cause == CAUSE_CONDITION;
    for (char **function = meaning->functions; *function; function++)
        in_condition |= strstr(*function, "cond_") != NULL;
    guint index = in_condition ? meaning->section : meaning->lock_call;
    if (index == NO_REGION)
        return NULL;
    const struct region *section = g_ptr_array_index(session->regions, index);
    const struct lock *lock = session_find_lock(session, section->lock);
    if (lock && kind == LOCK_CONDITION)
        lock = condition_beside(session, lock);
    return lock && lock->kind == kind ? lock->id : NULL;
}

static const char *name_by_place(struct session *session, struct attribution *attribution,
                                 const struct attributed_wait *wait, enum lock_kind kind)
{
    const struct symbol *place = wait->meaning->place;
    g_autofree char *name = NULL;
    const char *file = place && place->file ? region_map_relative(attribution->map, place->file) : NULL;
    if (file)
        name = g_strdup_printf("%s at %s:%d", lock_kind_name(kind), file, place->line);
    else if (place && place->function)
        name = g_strdup_printf("%s in %s", lock_kind_name(kind), place->function);
    else if (wait->meaning->functions[0])
        name = g_strdup_printf("%s in %s", lock_kind_name(kind), wait->meaning->functions[0]);
    else
        name = g_strdup_printf("unnamed %s", lock_kind_name(kind));
    return find_or_add(session, name, kind, file, file ? place->line : 0);
}

const char *lock_name_of_use(struct session *session, struct attribution *attribution,
                             const struct attributed_wait *wait, enum lock_kind kind)
{
    const struct traced_stack *stack = collection_find_stack(attribution->collection, wait->key->stack);
    guint32 image = stack ? stack->image->image : wait->thread->image;
    const struct traced_object *object =
        collection_find_object(attribution->collection, image, wait->key->object);
    if (object && object->name) {
        const char *file = object->file ? region_map_relative(attribution->map, object->file) : NULL;
        return find_or_add(session, object->name, kind, file, object->line);
    }
    const char *typed = name_by_type(session, attribution, stack, kind);
    if (typed)
        return typed;
    const char *section = lock_of_section(session, wait, kind);
    return section ? section : name_by_place(session, attribution, wait, kind);
}

const char *lock_name_find(struct session *session, struct attribution *attribution,
                           const struct attributed_wait *wait)
{
    enum lock_kind kind;
    if (!wait_cause_lock_kind(wait->cause, &kind) || system_call_find(wait->key->syscall)->kind != CALL_FUTEX)
        return NULL;
    return lock_name_of_use(session, attribution, wait, kind);
}
