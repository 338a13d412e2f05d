/* SPDX-License-Identifier: Apache-2.0 */
/* The stack machine of DWARF (section 2.5), as far as call frame information uses it: PLT entries, signal
 * frames, realigned stacks. */
#ifndef TRACER_UNWIND_EXPRESSION_H
#define TRACER_UNWIND_EXPRESSION_H

#include "tracer/unwind_rules.h"

/* The registers of one frame and the copied stack that they may point into. */
struct unwind_state {
    guint64 registers[UNWIND_REGISTER_COUNT];
    guint32 known;        /* bit n: registers[n] is known */
    guint64 return_place; /* where in memory the return address was; 0: it was not */
    const struct stack_snapshot *snapshot;
};

enum unwind_read { READ_DONE, READ_ABOVE, READ_ELSEWHERE };

/* Eight bytes of the snapshot. READ_ABOVE: further up the same stack than was copied. */
enum unwind_read unwind_read_word(const struct stack_snapshot *snapshot, guint64 address, guint64 *word);

/* Evaluates with `cfa` as the value of DW_OP_call_frame_cfa. READ_ELSEWHERE also for an expression that is
 * malformed, endless or needs an unknown register. */
enum unwind_read unwind_evaluate(const struct unwind_expression *expression, const struct unwind_state *state,
                                 guint64 cfa, guint64 *result);

#endif
