/* SPDX-License-Identifier: Apache-2.0 */
/* The locks that are members of a struct, by their type: the names of locks that no variable of the program
 * leads to. */
#ifndef TRACER_LOCK_MEMBER_H
#define TRACER_LOCK_MEMBER_H

#include <elfutils/libdw.h>
#include <glib.h>

#include "model/names.h"
#include "tracer/debug_index.h"

struct lock_member {
    char *name; /* `struct lock_s.cond`, as the analyzer's access paths; NULL when no struct around has a name
                 */
    char *file; /* of the declaration, absolute; NULL when unknown */
    int line;
    guint64 offset, size; /* in the struct that was searched; size 0 when its place is not known */
    guint64 around;       /* size of the struct that was searched */
};

/* An array of struct lock_member that owns their strings. */
GArray *lock_members_new(void);

/* Appends the locks of `kind` inside of a struct or union, those of structs in it included: a nested struct
 * with a name of its own gives its own (`struct inner.lock`), one without is written out
 * (`struct outer.load.lock`), elements of arrays are `[]`, a pointer to a lock counts like a lock. With
 * `through_pointers` those of the structs that its pointers point to, instead. No name twice. */
void lock_members_find(struct debug_index *index, const Dwarf_Die *type, enum lock_kind kind,
                       gboolean through_pointers, GArray *members);

/* Whether a type (debug_type_strip) is a lock of this kind. */
gboolean lock_type_fits(Dwarf_Die *type, enum lock_kind kind);

#endif
