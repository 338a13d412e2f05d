/* SPDX-License-Identifier: Apache-2.0 */
/* Types of C as debug information tells them: sizes, the member at an offset, the pointers inside. A type
 * that is only declared where it is used (`struct queue *queue`) stands for its definition in another unit.
 */
#ifndef TRACER_DEBUG_TYPE_H
#define TRACER_DEBUG_TYPE_H

#include <elfutils/libdw.h>
#include <glib.h>

#include "tracer/debug_index.h"

/* The type of a variable, member or pointer; FALSE for void. */
gboolean debug_type_of(Dwarf_Die *die, Dwarf_Die *type);

/* The offset of a member in its struct; FALSE for bit fields and static members. */
gboolean debug_member_offset(Dwarf_Die *member, guint64 *offset);

/* 0 when unknown. */
guint64 debug_type_size(struct debug_index *index, const Dwarf_Die *type);

/* Without typedefs and qualifiers, and defined rather than declared; a typedef that is a lock to the
 * programmer (pthread_mutex_t, sem_t …) stays one. Returns the tag, 0 for void. */
int debug_type_strip(struct debug_index *index, Dwarf_Die *type);

/* Whether a stripped type is a lock of the C library. */
gboolean debug_type_is_lock(Dwarf_Die *type);

enum type_landing { LANDING_NONE, LANDING_VALUE, LANDING_LOCK };
/* Appends the members and indexes that lead to `offset` inside of `type` (`.lock`, `[3].lock`, nothing for a
 * scalar) and says what is there; a lock has no parts. LANDING_NONE for padding and beyond the end, then
 * nothing is appended. */
enum type_landing debug_type_path(struct debug_index *index, const Dwarf_Die *type, guint64 offset,
                                  GString *path);

/* Calls `found` for each pointer to something of known type inside of `type`, at most `limit` times in total.
 */
typedef void (*debug_pointer_function)(gpointer data, guint64 offset, const Dwarf_Die *pointee);
void debug_type_pointers(struct debug_index *index, const Dwarf_Die *type, guint limit,
                         debug_pointer_function found, gpointer data);

#endif
