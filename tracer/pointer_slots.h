/* SPDX-License-Identifier: Apache-2.0 */
/* The pointers in the global and static variables of one object file, also inside of structs and arrays: the
 * places from which a program reaches what is on its heap. Found once; their values are read per question. */
#ifndef TRACER_POINTER_SLOTS_H
#define TRACER_POINTER_SLOTS_H

#include <glib.h>

#include "tracer/debug_index.h"
#include "tracer/elf_symbols.h"

struct pointer_slot {
    guint64 address;                       /* of the pointer, in the file's addresses */
    const struct debug_variable *variable; /* whose pointer it is; NULL without debug information */
    const struct elf_symbol *symbol;       /* then this one */
    Dwarf_Die pointee;                     /* type; with debug information only */
};

/* struct pointer_slot by address. Without `debug` the eight-byte objects, and arrays of such, of the symbol
 * table that lie in [low, high). The arguments must outlive the array. */
GArray *pointer_slots_new(struct debug_index *debug, const struct elf_symbols *symbols, guint64 low,
                          guint64 high);

/* How the source names the pointer: `compress_have`, `server.queue`, `workers[3]`. The caller's. */
char *pointer_slot_name(const struct pointer_slot *slot, struct debug_index *debug);

#endif
