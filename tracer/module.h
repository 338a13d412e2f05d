/* SPDX-License-Identifier: Apache-2.0 */
/* One mapped object file, shared by every target that maps it and independent of where it is mapped: all
 * addresses here are the file's own virtual addresses. Symbols, debug information and unwind rules are read
 * on first need and what was found is remembered. A file that is no ELF file of this machine is a module
 * without segments. */
#ifndef TRACER_MODULE_H
#define TRACER_MODULE_H

#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <glib.h>

#include "tracer/call_names.h"
#include "tracer/debug_index.h"
#include "tracer/elf_symbols.h"
#include "tracer/pointer_slots.h"
#include "tracer/stack.h"
#include "tracer/unwind_rules.h"

/* A PT_LOAD of the program header table. */
struct module_segment {
    guint64 offset, address, file_size, memory_size;
    gboolean executable, writable;
};

struct module_key {
    guint64 device, inode;
};

struct module {
    struct module_key key;
    guint references;
    char *path; /* as the target sees it */
    Dwfl *dwfl;
    Dwfl_Module *dwfl_module;
    Dwfl_Callbacks callbacks;
    char *debug_path;            /* where separate debug files are searched, for `callbacks` */
    int root;                    /* of another mount namespace, or -1 */
    GArray *segments;            /* struct module_segment */
    guint64 low, high;           /* extent of the segments */
    guint64 entry;               /* where a program begins: its _start */
    gboolean is_executable;      /* a main program rather than a shared library */
    struct unwind_rules *rules;  /* NULL until needed */
    struct elf_symbols *symbols; /* NULL until needed */
    struct debug_index *debug;   /* NULL until needed, and without debug information */
    gboolean debug_searched;
    GArray *pointer_slots;     /* struct pointer_slot; NULL until needed */
    struct call_names *calls;  /* NULL until needed */
    GHashTable *symbol_memory; /* address * 2 + is_return to GArray of struct symbol */
    GHashTable *lock_sites;    /* address * LOCK_KIND_COUNT + kind to struct lock_site */
    GStringChunk *strings;
};

/* What to open: `file` is a descriptor of the object (consumed in every case), `path` its name in the target,
 * `root` a directory descriptor of the target's root when that is another one than ours (consumed), else -1.
 */
struct module_source {
    struct module_key key;
    int file, root;
    const char *path;
};

/* A module that is already open, as a new reference, or NULL. */
struct module *module_find(const struct module_key *key);
/* Opens and remembers it. Never NULL. */
struct module *module_open(const struct module_source *source);
/* Opens an executable outside of any target; NULL when it is no ELF file. */
struct module *module_open_path(const char *path, GError **error);
struct module *module_ref(struct module *module);
void module_unref(struct module *module);
typedef struct module Module;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Module, module_unref)

/* The difference between run-time and file addresses of a mapping of `offset` at `start`; FALSE when no
 * segment explains it. */
gboolean module_bias(const struct module *module, guint64 start, guint64 offset, gboolean executable,
                     guint64 *bias);

/* Whether the file address is in an executable segment. */
gboolean module_is_code(const struct module *module, guint64 address);

/* NULL where the unwind tables say nothing. */
const struct unwind_rule *module_unwind_rule(struct module *module, guint64 address);
const struct elf_symbols *module_symbols(struct module *module);
/* NULL without debug information. */
struct debug_index *module_debug(struct module *module);
/* struct pointer_slot; see pointer_slots.h. */
const GArray *module_pointer_slots(struct module *module);
/* Whether its functions are the program's own: see struct symbol. */
gboolean module_is_program(struct module *module);
/* Symbols of a file address, remembered; see target_symbolize. */
const GArray *module_symbolize(struct module *module, guint64 address, gboolean is_return);
/* The function that the call before a return address names; see target_called_function. */
const char *module_called_function(struct module *module, guint64 return_address);
/* A string that lives as long as the module. */
const char *module_string(struct module *module, const char *string);

#endif
