/* SPDX-License-Identifier: Apache-2.0 */
/* The debug information of one object file, indexed by address: compilation units, their functions, and (on
 * first need) variables and struct definitions. Made from the units themselves: .debug_aranges is missing in
 * what clang builds. Addresses are the file's own. */
#ifndef TRACER_DEBUG_INDEX_H
#define TRACER_DEBUG_INDEX_H

#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <glib.h>

struct debug_range {
    guint64 start, end;
    guint index; /* of the unit, or into debug_unit.functions' entries */
};

struct debug_unit {
    Dwarf_Die lines;    /* the unit's own entry, with its line table */
    Dwarf_Die contents; /* the same, or that of its split file (.dwo) */
    GArray *functions;  /* struct debug_range by start; NULL until needed */
    GArray *entries;    /* Dwarf_Die, what functions' index means */
};

/* A variable with a fixed address: global or static, also inside functions. */
struct debug_variable {
    guint64 start, size;
    Dwarf_Die die;
    guint unit;
};

struct debug_index {
    Dwarf *dwarf;
    guint64 bias;        /* file address = address in the debug information + bias */
    GArray *units;       /* struct debug_unit */
    GArray *ranges;      /* struct debug_range by start, index = unit */
    GArray *variables;   /* struct debug_variable by start; NULL until needed */
    GHashTable *structs; /* name of a struct or union to Dwarf_Die with its members; NULL until needed */
};

/* NULL without debug information. The Dwfl module must outlive the index. */
struct debug_index *debug_index_new(Dwfl_Module *module);
void debug_index_free(struct debug_index *index);

/* The unit whose code contains the address, or NULL. */
struct debug_unit *debug_index_unit(struct debug_index *index, guint64 address);

#define INLINE_DEPTH_MAX 32
/* The function that contains the address in calls[0], then the calls that were inlined there, outer to inner.
 * Returns how many, 0 when the unit knows no function there. */
guint debug_unit_calls(struct debug_index *index, struct debug_unit *unit, guint64 address,
                       Dwarf_Die calls[INLINE_DEPTH_MAX]);

/* struct debug_variable, sorted by address. */
const GArray *debug_index_variables(struct debug_index *index);
/* The variable that contains the address, or NULL. */
const struct debug_variable *debug_index_variable(struct debug_index *index, guint64 address);
/* The definition, in any unit, of the struct or union of that name; FALSE when there is none. */
gboolean debug_index_definition(struct debug_index *index, const char *name, Dwarf_Die *definition);
/* Where the variable is declared, as target_object_name gives it; *file is the caller's. */
void debug_variable_declaration(const struct debug_index *index, const struct debug_variable *variable,
                                char **file, int *line);

/* The next sibling, or the first child; FALSE at the end and where malformed information would lead in
 * circles. */
gboolean debug_next_sibling(Dwarf_Die *die, Dwarf_Die *sibling);
gboolean debug_first_child(Dwarf_Die *die, Dwarf_Die *child);

/* A file of the unit, absolute where the unit knows its directory, and normalised; the caller's. NULL for
 * NULL. */
char *debug_unit_path(const struct debug_unit *unit, const char *file);
/* The file that an attribute (DW_AT_decl_file, DW_AT_call_file) of the entry names, likewise; NULL without
 * one. */
char *debug_unit_attribute_path(const struct debug_unit *unit, Dwarf_Die *die, unsigned int attribute);

#endif
