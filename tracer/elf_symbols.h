/* SPDX-License-Identifier: Apache-2.0 */
/* The symbols of one object file, from .symtab (also of a separate debug file), .dynsym and .gnu_debugdata,
 * found by address and only within a symbol's size. */
#ifndef TRACER_ELF_SYMBOLS_H
#define TRACER_ELF_SYMBOLS_H

#include <elfutils/libdwfl.h>
#include <glib.h>

struct elf_symbol {
    guint64 start, size;
    const char *name; /* in the file's string table: may carry a version (`name@@GLIBC_2.34`) */
    guint rank;       /* of several names of one place the lowest is the best */
};

struct elf_symbols {
    GArray *functions; /* struct elf_symbol, by start */
    GArray *objects;   /* struct elf_symbol, by start */
    guint64 function_size_max, object_size_max;
};

/* Never NULL; empty for a file without symbols or a NULL module. */
struct elf_symbols *elf_symbols_new(Dwfl_Module *module);
void elf_symbols_free(struct elf_symbols *symbols);

/* The innermost symbol that contains the address, or NULL. */
const struct elf_symbol *elf_symbols_function(const struct elf_symbols *symbols, guint64 address);
const struct elf_symbol *elf_symbols_object(const struct elf_symbols *symbols, guint64 address);

/* The name as the source has it: without version, and without the suffixes that GCC gives to clones of a
 * function
 * (`.isra.0`, `.part.1`, `.cold` …). The caller's. */
char *elf_symbol_source_name(const struct elf_symbol *symbol);

#endif
