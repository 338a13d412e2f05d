/* SPDX-License-Identifier: Apache-2.0 */
/* Call frame information as compact rows: for one instruction address, how the caller's registers are found.
 * Made from .eh_frame or .debug_frame through libdw once per address and remembered. Registers have DWARF
 * numbers of x86-64. */
#ifndef TRACER_UNWIND_RULES_H
#define TRACER_UNWIND_RULES_H

#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <glib.h>

enum {
    UNWIND_REGISTER_BX = 3,
    UNWIND_REGISTER_BP = 6,
    UNWIND_REGISTER_SP = 7,
    UNWIND_REGISTER_R12 = 12,
    UNWIND_REGISTER_R13 = 13,
    UNWIND_REGISTER_R14 = 14,
    UNWIND_REGISTER_R15 = 15,
    UNWIND_REGISTER_RETURN = 16, /* the return address column */
    UNWIND_REGISTER_COUNT = 17
};

/* Where a register of the caller is. A register without an entry keeps its value when the callee preserves it
 * by the calling convention, and is unknown otherwise. */
enum unwind_place {
    PLACE_UNDEFINED,
    PLACE_SAME,
    PLACE_AT_CFA,        /* in memory at CFA + value */
    PLACE_CFA_VALUE,     /* CFA + value itself */
    PLACE_REGISTER,      /* in register `value` */
    PLACE_AT_EXPRESSION, /* in memory at the result of expression `value` */
    PLACE_EXPRESSION,    /* the result of expression `value` */
};

struct unwind_saved {
    guint8 number; /* DWARF register */
    guint8 place;  /* enum unwind_place */
    gint32 value;  /* offset, register, or index into unwind_rule.expressions */
};

struct unwind_expression {
    Dwarf_Op *operations;
    guint count;
};

struct unwind_rule {
    gboolean is_signal_frame; /* its caller was interrupted, not calling */
    gboolean is_outermost;    /* the return address is undefined: nothing called this */
    gint32 cfa_offset;
    guint8 cfa_register; /* UNWIND_REGISTER_COUNT: the expression cfa_expression instead */
    guint8 cfa_expression;
    guint8 saved_count, expression_count;
    struct unwind_saved saved[UNWIND_REGISTER_COUNT];
    struct unwind_expression *expressions;
};

struct unwind_rules;
/* `module` may be NULL: no rules then. It must outlive the rules. */
struct unwind_rules *unwind_rules_new(Dwfl_Module *module);
void unwind_rules_free(struct unwind_rules *rules);
/* The rule at an address of the file, or NULL where the tables say nothing usable. Belongs to `rules`. */
const struct unwind_rule *unwind_rules_find(struct unwind_rules *rules, guint64 address);

#endif
