/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/stack.h"

#include "tracer/unwind_expression.h"

#include <dwarf.h>
#include <string.h>

#define EVALUATION_DEPTH_MAX 32
#define EVALUATION_STEPS_MAX 512
#define STACK_EXTENT_MAX     ((guint64)1 << 30) /* words further above the snapshot are not of this stack */

struct evaluation {
    const struct unwind_state *state;
    guint64 cfa;
    guint64 stack[EVALUATION_DEPTH_MAX];
    guint depth;
    enum unwind_read failure;
};

enum unwind_read unwind_read_word(const struct stack_snapshot *snapshot, guint64 address, guint64 *word)
{
    guint64 offset = address - snapshot->sp;
    if (address < snapshot->sp || offset > STACK_EXTENT_MAX)
        return READ_ELSEWHERE;
    if (offset + sizeof *word > snapshot->size)
        return READ_ABOVE;
    memcpy(word, snapshot->bytes + offset, sizeof *word);
    return READ_DONE;
}

static gboolean push(struct evaluation *evaluation, guint64 value)
{
    if (evaluation->depth == EVALUATION_DEPTH_MAX)
        return FALSE;
    evaluation->stack[evaluation->depth++] = value;
    return TRUE;
}

static gboolean push_register(struct evaluation *evaluation, guint64 number, guint64 offset)
{
    const struct unwind_state *state = evaluation->state;
    if (number >= UNWIND_REGISTER_COUNT || !(state->known & 1u << number))
        return FALSE;
    return push(evaluation, state->registers[number] + offset);
}

static gboolean binary(struct evaluation *evaluation, guint8 atom)
{
    if (evaluation->depth < 2)
        return FALSE;
    guint64 b = evaluation->stack[--evaluation->depth];
    guint64 a = evaluation->stack[--evaluation->depth];
    switch (atom) {
    case DW_OP_and:
        return push(evaluation, a & b);
    case DW_OP_or:
        return push(evaluation, a | b);
    case DW_OP_xor:
        return push(evaluation, a ^ b);
    case DW_OP_plus:
        return push(evaluation, a + b);
    case DW_OP_minus:
        return push(evaluation, a - b);
    case DW_OP_mul:
        return push(evaluation, a * b);
    case DW_OP_shl:
        return push(evaluation, b < 64 ? a << b : 0);
    case DW_OP_shr:
        return push(evaluation, b < 64 ? a >> b : 0);
    case DW_OP_eq:
        return push(evaluation, a == b);
    case DW_OP_ne:
        return push(evaluation, a != b);
    case DW_OP_ge:
        return push(evaluation, (gint64)a >= (gint64)b);
    case DW_OP_gt:
        return push(evaluation, (gint64)a > (gint64)b);
    case DW_OP_le:
        return push(evaluation, (gint64)a <= (gint64)b);
    case DW_OP_lt:
        return push(evaluation, (gint64)a < (gint64)b);
    default:
        return FALSE;
    }
}

/* With at least one value on the stack. */
static gboolean stack_operation(struct evaluation *evaluation, guint8 atom)
{
    guint64 *top = &evaluation->stack[evaluation->depth - 1];
    switch (atom) {
    case DW_OP_deref:
        evaluation->failure = unwind_read_word(evaluation->state->snapshot, *top, top);
        return evaluation->failure == READ_DONE;
    case DW_OP_dup:
        return push(evaluation, *top);
    case DW_OP_drop:
        evaluation->depth--;
        return TRUE;
    case DW_OP_over:
        return evaluation->depth >= 2 && push(evaluation, top[-1]);
    case DW_OP_swap: {
        if (evaluation->depth < 2)
            return FALSE;
        guint64 value = top[-1];
        top[-1] = *top;
        *top = value;
        return TRUE;
    }
    case DW_OP_neg:
        *top = -*top;
        return TRUE;
    case DW_OP_not:
        *top = ~*top;
        return TRUE;
    default:
        return binary(evaluation, atom);
    }
}

static gboolean operation(struct evaluation *evaluation, const Dwarf_Op *op)
{
    if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31)
        return push_register(evaluation, op->atom - DW_OP_breg0, op->number);
    if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31)
        return push(evaluation, op->atom - DW_OP_lit0);
    switch (op->atom) {
    case DW_OP_bregx:
        return push_register(evaluation, op->number, op->number2);
    case DW_OP_call_frame_cfa:
        return push(evaluation, evaluation->cfa);
    case DW_OP_addr:
    case DW_OP_const1u:
    case DW_OP_const1s:
    case DW_OP_const2u:
    case DW_OP_const2s:
    case DW_OP_const4u:
    case DW_OP_const4s:
    case DW_OP_const8u:
    case DW_OP_const8s:
    case DW_OP_constu:
    case DW_OP_consts:
        return push(evaluation, op->number);
    case DW_OP_plus_uconst:
        if (evaluation->depth < 1)
            return FALSE;
        evaluation->stack[evaluation->depth - 1] += op->number;
        return TRUE;
    case DW_OP_nop:
        return TRUE;
    default:
        return evaluation->depth > 0 && stack_operation(evaluation, op->atom);
    }
}

/* Jumps count bytes from the end of their own three-byte operation. Returns expression->count when out of
 * range. */
static guint jump_target(const struct unwind_expression *expression, guint index)
{
    const Dwarf_Op *op = &expression->operations[index];
    guint64 offset = op->offset + 3 + (guint64)(gint64)(gint16)op->number;
    for (guint i = 0; i < expression->count; i++) {
        if (expression->operations[i].offset == offset &&
            expression->operations[i].atom != DW_OP_call_frame_cfa)
            return i;
    }
    return expression->count;
}

enum unwind_read unwind_evaluate(const struct unwind_expression *expression, const struct unwind_state *state,
                                 guint64 cfa, guint64 *result)
{
    struct evaluation evaluation = {.state = state, .cfa = cfa, .failure = READ_ELSEWHERE};
    guint index = 0, steps = 0;
    while (index < expression->count) {
        const Dwarf_Op *op = &expression->operations[index];
        if (++steps > EVALUATION_STEPS_MAX)
            return READ_ELSEWHERE;
        if (op->atom == DW_OP_skip) {
            index = jump_target(expression, index);
        } else if (op->atom == DW_OP_bra) {
            if (evaluation.depth < 1)
                return READ_ELSEWHERE;
            index = evaluation.stack[--evaluation.depth] ? jump_target(expression, index) : index + 1;
        } else if (operation(&evaluation, op)) {
            index++;
        } else {
            return evaluation.failure == READ_DONE ? READ_ELSEWHERE : evaluation.failure;
        }
    }
    if (evaluation.depth < 1)
        return READ_ELSEWHERE;
    *result = evaluation.stack[evaluation.depth - 1];
    return READ_DONE;
}
