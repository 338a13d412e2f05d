/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/stack.h"
#include "tracer/target.h"
#include "tracer/unwind_expression.h"

const char *unwind_end_name(enum unwind_end end)
{
    static const char *const names[UNWIND_END_COUNT] = {
        [UNWIND_COMPLETE] = "complete",
        [UNWIND_TRUNCATED] = "truncated",
        [UNWIND_NO_RULE] = "no rule",
        [UNWIND_BAD_MEMORY] = "bad memory",
    };
    g_assert((guint)end < UNWIND_END_COUNT);
    return names[end];
}

/* Of a step to the caller's frame. */
enum step { STEP_DONE, STEP_OUTERMOST, STEP_TRUNCATED, STEP_NO_RULE, STEP_BAD_MEMORY };

static const guint32 preserved_registers = 1u << UNWIND_REGISTER_BX | 1u << UNWIND_REGISTER_BP |
                                           1u << UNWIND_REGISTER_R12 | 1u << UNWIND_REGISTER_R13 |
                                           1u << UNWIND_REGISTER_R14 | 1u << UNWIND_REGISTER_R15;

static enum step step_of_read(enum unwind_read read)
{
    switch (read) {
    case READ_DONE:
        return STEP_DONE;
    case READ_ABOVE:
        return STEP_TRUNCATED;
    default:
        return STEP_BAD_MEMORY;
    }
}

static enum unwind_read find_cfa(const struct unwind_rule *rule, const struct unwind_state *state,
                                 guint64 *cfa)
{
    if (rule->cfa_register == UNWIND_REGISTER_COUNT)
        return unwind_evaluate(&rule->expressions[rule->cfa_expression], state, 0, cfa);
    if (!(state->known & 1u << rule->cfa_register))
        return READ_ELSEWHERE;
    *cfa = state->registers[rule->cfa_register] + (guint64)(gint64)rule->cfa_offset;
    return READ_DONE;
}

/* Finds one register of the caller; READ_ELSEWHERE when it is unknown. *place receives where in memory. */
static enum unwind_read find_register(const struct unwind_rule *rule, const struct unwind_saved *saved,
                                      const struct unwind_state *state, guint64 cfa, guint64 *value,
                                      guint64 *place)
{
    guint64 address = cfa + (guint64)(gint64)saved->value;
    enum unwind_read read;
    *place = 0;
    switch ((enum unwind_place)saved->place) {
    case PLACE_AT_CFA:
        /* below the stack pointer: an epilogue has popped it already, and compilers do not say so */
        if (address < state->registers[UNWIND_REGISTER_SP] && preserved_registers & 1u << saved->number) {
            *value = state->registers[saved->number];
            return state->known & 1u << saved->number ? READ_DONE : READ_ELSEWHERE;
        }
        *place = address;
        return unwind_read_word(state->snapshot, address, value);
    case PLACE_CFA_VALUE:
        *value = address;
        return READ_DONE;
    case PLACE_REGISTER:
        *value = state->registers[saved->value];
        return state->known & 1u << saved->value ? READ_DONE : READ_ELSEWHERE;
    case PLACE_AT_EXPRESSION:
        read = unwind_evaluate(&rule->expressions[saved->value], state, cfa, &address);
        *place = address;
        return read == READ_DONE ? unwind_read_word(state->snapshot, address, value) : read;
    case PLACE_EXPRESSION:
        return unwind_evaluate(&rule->expressions[saved->value], state, cfa, value);
    default:
        return READ_ELSEWHERE;
    }
}

static enum step step_by_rule(const struct unwind_rule *rule, struct unwind_state *state)
{
    if (rule->is_outermost)
        return STEP_OUTERMOST;
    guint64 cfa = 0;
    enum unwind_read read = find_cfa(rule, state, &cfa);
    if (read != READ_DONE)
        return read == READ_ABOVE ? STEP_TRUNCATED : STEP_NO_RULE;
    /* the stack grows down: a caller's frame that is not further up would walk in circles */
    if (!rule->is_signal_frame && cfa <= state->registers[UNWIND_REGISTER_SP])
        return STEP_BAD_MEMORY;
    struct unwind_state caller = *state;
    caller.known &= rule->is_signal_frame ? 0 : preserved_registers;
    caller.registers[UNWIND_REGISTER_SP] = cfa;
    enum unwind_read return_address = READ_ELSEWHERE;
    for (guint i = 0; i < rule->saved_count; i++) {
        const struct unwind_saved *saved = &rule->saved[i];
        guint64 place = 0;
        read = find_register(rule, saved, state, cfa, &caller.registers[saved->number], &place);
        if (saved->number == UNWIND_REGISTER_RETURN) {
            return_address = read;
            caller.return_place = place;
        }
        if (read == READ_DONE)
            caller.known |= 1u << saved->number;
        else
            caller.known &= ~(1u << saved->number);
    }
    if (!rule->is_signal_frame)
        caller.known |= 1u << UNWIND_REGISTER_SP;
    if (return_address == READ_DONE)
        *state = caller;
    return step_of_read(return_address);
}

/* Code without tables: `push %rbp; mov %rsp, %rbp` may still hold from here on. */
static enum step step_by_frame_pointer(struct unwind_state *state)
{
    const guint32 needed = 1u << UNWIND_REGISTER_BP | 1u << UNWIND_REGISTER_SP;
    guint64 frame = state->registers[UNWIND_REGISTER_BP];
    guint64 caller_frame = 0, return_address = 0;
    if ((state->known & needed) != needed || frame % sizeof(guint64) != 0 ||
        frame < state->registers[UNWIND_REGISTER_SP] ||
        unwind_read_word(state->snapshot, frame, &caller_frame) != READ_DONE ||
        unwind_read_word(state->snapshot, frame + sizeof frame, &return_address) != READ_DONE)
        return STEP_NO_RULE;
    state->known = needed | 1u << UNWIND_REGISTER_RETURN;
    state->registers[UNWIND_REGISTER_BP] = caller_frame;
    state->registers[UNWIND_REGISTER_SP] = frame + 2 * sizeof frame;
    state->registers[UNWIND_REGISTER_RETURN] = return_address;
    state->return_place = frame + sizeof frame;
    return STEP_DONE;
}

/* A call through a wild pointer: the return address was just pushed. */
static enum step step_from_wild_call(struct unwind_state *state)
{
    guint64 return_address = 0;
    enum unwind_read read =
        unwind_read_word(state->snapshot, state->registers[UNWIND_REGISTER_SP], &return_address);
    if (read != READ_DONE)
        return step_of_read(read);
    state->registers[UNWIND_REGISTER_RETURN] = return_address;
    state->return_place = state->registers[UNWIND_REGISTER_SP];
    state->registers[UNWIND_REGISTER_SP] += sizeof return_address;
    return STEP_DONE;
}

static void state_from_snapshot(struct unwind_state *state, const struct stack_snapshot *snapshot)
{
    *state = (struct unwind_state){.snapshot = snapshot};
    state->registers[UNWIND_REGISTER_BX] = snapshot->bx;
    state->registers[UNWIND_REGISTER_BP] = snapshot->bp;
    state->registers[UNWIND_REGISTER_SP] = snapshot->sp;
    state->registers[UNWIND_REGISTER_R12] = snapshot->r12;
    state->registers[UNWIND_REGISTER_R13] = snapshot->r13;
    state->registers[UNWIND_REGISTER_R14] = snapshot->r14;
    state->registers[UNWIND_REGISTER_R15] = snapshot->r15;
    state->registers[UNWIND_REGISTER_RETURN] = snapshot->ip;
    state->known = preserved_registers | 1u << UNWIND_REGISTER_SP | 1u << UNWIND_REGISTER_RETURN;
}

/* From the frame that stands at the address `state` has in its return column to that frame's caller. */
static enum step step(struct target *target, struct unwind_state *state, gboolean is_return,
                      gboolean *interrupted)
{
    guint64 address = state->registers[UNWIND_REGISTER_RETURN] - (is_return ? 1 : 0);
    const struct image *image = target_find_image(target, address);
    const struct unwind_rule *rule = image ? module_unwind_rule(image->module, address - image->bias) : NULL;
    *interrupted = rule && rule->is_signal_frame;
    if (rule) {
        enum step done = step_by_rule(rule, state);
        return done == STEP_NO_RULE ? step_by_frame_pointer(state) : done;
    }
    if (!is_return && !target_is_code(target, address))
        return step_from_wild_call(state);
    return step_by_frame_pointer(state);
}

guint target_unwind(struct target *target, const struct stack_snapshot *snapshot, guint64 *frames,
                    guint capacity, enum unwind_end *end)
{
    guint64 places[STACK_FRAMES_MAX];
    return target_unwind_places(target, snapshot, frames, places, capacity, end);
}

guint target_unwind_places(struct target *target, const struct stack_snapshot *snapshot, guint64 *frames,
                           guint64 *places, guint capacity, enum unwind_end *end)
{
    struct unwind_state state;
    state_from_snapshot(&state, snapshot);
    capacity = MIN(capacity, STACK_FRAMES_MAX);
    *end = UNWIND_TRUNCATED;
    gboolean is_return = FALSE, interrupted = FALSE;
    guint count = 0;
    while (count < capacity) {
        places[count] = interrupted ? 0 : state.return_place;
        frames[count++] = state.registers[UNWIND_REGISTER_RETURN] + (interrupted ? 1 : 0);
        switch (step(target, &state, is_return, &interrupted)) {
        case STEP_DONE:
            break;
        case STEP_OUTERMOST:
            *end = UNWIND_COMPLETE;
            return count;
        case STEP_TRUNCATED:
            *end = UNWIND_TRUNCATED;
            return count;
        case STEP_NO_RULE:
            *end = UNWIND_NO_RULE;
            return count;
        case STEP_BAD_MEMORY:
            *end = UNWIND_BAD_MEMORY;
            return count;
        }
        guint64 caller = state.registers[UNWIND_REGISTER_RETURN];
        if (caller == 0) { /* by convention what starts a stack has no caller */
            *end = UNWIND_COMPLETE;
            return count;
        }
        if (!target_is_code(target, caller - (interrupted ? 0 : 1))) {
            *end = UNWIND_BAD_MEMORY;
            return count;
        }
        is_return = !interrupted;
    }
    return count;
}
