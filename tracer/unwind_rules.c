/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/unwind_rules.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EXPRESSION_OPERATIONS_MAX 64
#define LOOKUP_SECONDS            0.3 /* that reading rules may take, and for each of them this much more: */
#define LOOKUP_SECONDS_EACH       0.001 /* a sound table needs a twentieth of it */

struct unwind_rules {
    Dwfl_Module *module;
    Dwarf_CFI *exception_tables, *debug_tables;
    guint64 exception_bias, debug_bias;
    gboolean debug_searched;
    double seconds;         /* of this thread's time, for all look-ups so far */
    GHashTable *by_address; /* guint64 to struct unwind_rule, NULL for none */
};

static void rule_free(gpointer pointer)
{
    struct unwind_rule *rule = pointer;
    if (!rule)
        return;
    for (guint i = 0; i < rule->expression_count; i++)
        g_free(rule->expressions[i].operations);
    g_free(rule->expressions);
    g_free(rule);
}

struct unwind_rules *unwind_rules_new(Dwfl_Module *module)
{
    struct unwind_rules *rules = g_new0(struct unwind_rules, 1);
    rules->module = module;
    rules->by_address = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, rule_free);
    if (module)
        rules->exception_tables = dwfl_module_eh_cfi(module, &rules->exception_bias);
    return rules;
}

void unwind_rules_free(struct unwind_rules *rules)
{
    if (!rules)
        return;
    g_hash_table_unref(rules->by_address);
    g_free(rules);
}

/* libdw owns the operations only while the frame lives. Returns the index, or -1. */
static int add_expression(struct unwind_rule *rule, const Dwarf_Op *operations, size_t count)
{
    if (count == 0 || count > EXPRESSION_OPERATIONS_MAX ||
        rule->expression_count == UNWIND_REGISTER_COUNT + 1)
        return -1;
    rule->expressions = g_renew(struct unwind_expression, rule->expressions, rule->expression_count + 1u);
    rule->expressions[rule->expression_count].operations = g_memdup2(operations, count * sizeof(Dwarf_Op));
    rule->expressions[rule->expression_count].count = (guint)count;
    return rule->expression_count++;
}

static gboolean read_cfa(Dwarf_Frame *frame, struct unwind_rule *rule)
{
    Dwarf_Op *operations = NULL;
    size_t count = 0;
    if (dwarf_frame_cfa(frame, &operations, &count) != 0 || count == 0)
        return FALSE;
    guint64 number = G_MAXUINT64, offset = 0;
    if (count == 1 && operations[0].atom == DW_OP_bregx) {
        number = operations[0].number;
        offset = operations[0].number2;
    } else if (count == 1 && operations[0].atom >= DW_OP_breg0 && operations[0].atom <= DW_OP_breg31) {
        number = operations[0].atom - DW_OP_breg0;
        offset = operations[0].number;
    }
    if (number < UNWIND_REGISTER_RETURN && (gint64)offset == (gint32)offset) {
        rule->cfa_register = (guint8)number;
        rule->cfa_offset = (gint32)offset;
        return TRUE;
    }
    int index = add_expression(rule, operations, count);
    rule->cfa_register = UNWIND_REGISTER_COUNT;
    rule->cfa_expression = (guint8)MAX(index, 0);
    return index >= 0;
}

/* The forms in which libdw hands out the rules of DWARF's section 6.4.1. */
static gboolean read_location(struct unwind_rule *rule, struct unwind_saved *saved,
                              const Dwarf_Op *operations, size_t count)
{
    gboolean is_value = operations[count - 1].atom == DW_OP_stack_value;
    size_t length = is_value ? count - 1 : count;
    guint64 offset = length == 2 ? operations[1].number : 0;
    if (length >= 1 && operations[0].atom == DW_OP_call_frame_cfa &&
        (length == 1 || (length == 2 && operations[1].atom == DW_OP_plus_uconst)) &&
        (gint64)offset == (gint32)offset) {
        saved->place = is_value ? PLACE_CFA_VALUE : PLACE_AT_CFA;
        saved->value = (gint32)offset;
        return TRUE;
    }
    if (count == 1 && operations[0].atom == DW_OP_regx && operations[0].number < UNWIND_REGISTER_COUNT) {
        saved->place = PLACE_REGISTER;
        saved->value = (gint32)operations[0].number;
        return TRUE;
    }
    saved->place = is_value ? PLACE_EXPRESSION : PLACE_AT_EXPRESSION;
    saved->value = add_expression(rule, operations, length);
    return saved->value >= 0;
}

static gboolean read_register(Dwarf_Frame *frame, struct unwind_rule *rule, int number)
{
    Dwarf_Op memory[3], *operations = NULL;
    size_t count = 0;
    if (dwarf_frame_register(frame, number, memory, &operations, &count) != 0)
        return FALSE;
    struct unwind_saved saved = {.number = (guint8)number};
    if (count > 0) {
        if (!read_location(rule, &saved, operations, count))
            return FALSE;
    } else if (operations == memory && number != UNWIND_REGISTER_BX) {
        /* elfutils 0.188 takes rax for rbx in its list of preserved registers: for rbx "undefined" is its
         * default */
        saved.place = PLACE_UNDEFINED;
    } else {
        saved.place = PLACE_SAME;
    }
    if (number == UNWIND_REGISTER_RETURN)
        rule->is_outermost = saved.place == PLACE_UNDEFINED;
    if (saved.place != PLACE_SAME)
        rule->saved[rule->saved_count++] = saved;
    return TRUE;
}

static struct unwind_rule *rule_from_frame(Dwarf_Frame *frame)
{
    struct unwind_rule *rule = g_new0(struct unwind_rule, 1);
    Dwarf_Addr start, end;
    bool is_signal_frame = false;
    gboolean read = dwarf_frame_info(frame, &start, &end, &is_signal_frame) == UNWIND_REGISTER_RETURN;
    rule->is_signal_frame = is_signal_frame;
    for (int number = 0; read && number < UNWIND_REGISTER_COUNT; number++)
        read = read_register(frame, rule, number);
    /* the outermost frame needs no CFA */
    if (read && (read_cfa(frame, rule) || rule->is_outermost))
        return rule;
    rule_free(rule);
    return NULL;
}

static struct unwind_rule *rule_from_tables(Dwarf_CFI *tables, guint64 address)
{
    Dwarf_Frame *frame = NULL;
    if (!tables || dwarf_cfi_addrframe(tables, address, &frame) != 0)
        return NULL;
    struct unwind_rule *rule = rule_from_frame(frame);
    free(frame);
    return rule;
}

static double thread_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Malformed tables can name registers by the million, for which libdw makes room at every look-up: such a
 * file is given up. */
static gboolean takes_too_long(const struct unwind_rules *rules)
{
    return rules->seconds > LOOKUP_SECONDS + LOOKUP_SECONDS_EACH * g_hash_table_size(rules->by_address);
}

const struct unwind_rule *unwind_rules_find(struct unwind_rules *rules, guint64 address)
{
    gpointer known = NULL;
    if (g_hash_table_lookup_extended(rules->by_address, &address, NULL, &known))
        return known;
    if (takes_too_long(rules))
        return NULL;
    double start = thread_seconds();
    struct unwind_rule *rule = rule_from_tables(rules->exception_tables, address - rules->exception_bias);
    if (!rule && rules->module && !rules->debug_searched) {
        rules->debug_searched = TRUE;
        rules->debug_tables = dwfl_module_dwarf_cfi(rules->module, &rules->debug_bias);
    }
    if (!rule)
        rule = rule_from_tables(rules->debug_tables, address - rules->debug_bias);
    rules->seconds += thread_seconds() - start;
    g_hash_table_insert(rules->by_address, g_memdup2(&address, sizeof address), rule);
    return rule;
}
