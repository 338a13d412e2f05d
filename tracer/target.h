/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of struct target: which object file is mapped where in a process, and its memory. */
#ifndef TRACER_TARGET_H
#define TRACER_TARGET_H

#include "tracer/module.h"
#include "tracer/stack.h"

/* A module at its place: run-time address = file address + bias. */
struct image {
    struct module *module;
    guint64 bias;
    guint64 start, end; /* extent at run time, with .bss */
};

struct target {
    int pid;
    guint64 started;          /* of the process, from /proc/PID/stat: tells a reused pid */
    GArray *images;           /* struct image, by start */
    GArray *code;             /* struct code_range: executable mappings, by start */
    GHashTable *unmapped;     /* pages of addresses that no mapping explained */
    GHashTable *wild_symbols; /* address to GArray of struct symbol, where no image is */
    GStringChunk *strings;
};

struct code_range {
    guint64 start, end;
};

/* The image that contains the address, or NULL; reads the mappings again when the address is in none. The
 * result is valid until the next call. */
const struct image *target_find_image(struct target *target, guint64 address);
/* The same without reading the mappings again: for data, which is mostly in no image. */
const struct image *target_known_image(const struct target *target, guint64 address);
/* Whether the address is in an executable mapping. */
gboolean target_is_code(struct target *target, guint64 address);
/* Reads the memory of the living target; FALSE unless all of it could be read. */
gboolean target_read(const struct target *target, guint64 address, void *buffer, gsize size);
/* Whether the process is still the one that was opened. */
gboolean target_is_alive(const struct target *target);

#endif
