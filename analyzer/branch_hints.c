/* SPDX-License-Identifier: Apache-2.0 */
/* What a condition, a jump or a return tells of how often it is taken (after T. Ball and J. Larus, "Branch
 * prediction for free", PLDI 1993: the pointer, opcode and return heuristics, and the programmer's own word).
 */
#include <string.h>

#include "analyzer/body.h"

#define LARGE_VALUE  64  /* comparisons with larger constants ask for the exception */
#define BUFFER_VALUE 256 /* and those with still larger ones for the end of a buffer */
#define BUFFER_BOUND 1024

enum branch_hint branch_hint_opposite(enum branch_hint hint)
{
    static const enum branch_hint opposites[] = {[BRANCH_EVEN] = BRANCH_EVEN,
                                                 [BRANCH_TRUE_UNLIKELY] = BRANCH_FALSE_UNLIKELY,
                                                 [BRANCH_FALSE_UNLIKELY] = BRANCH_TRUE_UNLIKELY,
                                                 [BRANCH_TRUE_RARE] = BRANCH_FALSE_RARE,
                                                 [BRANCH_FALSE_RARE] = BRANCH_TRUE_RARE};
    return opposites[hint];
}

/* The call of __builtin_expect() that `node` is, in whatever wrapping; -1 when it is none. */
static int expect_call(const struct syntax *tree, int node)
{
    while (node >= 0 && tree->nodes[node].kind != CXCursor_CallExpr) {
        enum CXCursorKind kind = tree->nodes[node].kind;
        int first = tree->nodes[node].first;
        gboolean wrapper =
            kind == CXCursor_UnexposedExpr || kind == CXCursor_ParenExpr || kind == CXCursor_CStyleCastExpr;
        node = wrapper && first >= 0 && tree->nodes[first].next < 0 ? first : -1;
    }
    return node >= 0 && syntax_strip(tree, node) != node ? node : -1;
}

static gboolean is_pointer_value(const struct syntax *tree, int node)
{
    int meant = syntax_strip(tree, node);
    return meant >= 0 && type_is_pointer(clang_getCursorType(tree->nodes[meant].cursor));
}

/* NULL is a pointer, and its 0 a number. */
static gboolean constant_value(const struct syntax *tree, int node, gint64 *value)
{
    int meant = syntax_strip(tree, node);
    return syntax_constant(tree, node, value) || (meant >= 0 && syntax_constant(tree, meant, value));
}

/* Variables that hold 0 for success by their name. */
static gboolean names_error(const struct syntax *tree, int node)
{
    static const char *const names[] = {"rc", "err", "error", "errno", "errcode"};
    CXCursor variable;
    if (!syntax_variable(tree, node, &variable))
        return FALSE;
    g_autofree char *name = clang_string_take(clang_getCursorSpelling(variable));
    gboolean found = g_str_has_suffix(name, "_err") || g_str_has_suffix(name, "_error");
    for (gsize i = 0; !found && i < G_N_ELEMENTS(names); i++)
        found = strcmp(name, names[i]) == 0;
    return found;
}

/* `read(…) == sizeof request`, `(n = read(…)) == 4`: all went well, as a rule. */
static gboolean is_result(const struct syntax *tree, int node)
{
    int meant = syntax_strip(tree, node);
    return meant >= 0 && (tree->nodes[meant].kind == CXCursor_CallExpr ||
                          (tree->nodes[meant].kind == CXCursor_BinaryOperator &&
                           syntax_binary(tree, meant) == CXBinaryOperator_Assign));
}

/* It returns 0 when it has saved the place, and something else after a jump back to it. */
static gboolean calls_setjmp(const struct syntax *tree, int node)
{
    static const char *const names[] = {"setjmp", "_setjmp", "sigsetjmp", "__sigsetjmp"};
    int meant = syntax_strip(tree, node);
    gboolean found = FALSE;
    if (meant < 0 || tree->nodes[meant].kind != CXCursor_CallExpr)
        return FALSE;
    g_autofree char *name = clang_string_take(clang_getCursorSpelling(tree->nodes[meant].cursor));
    for (gsize i = 0; !found && i < G_N_ELEMENTS(names); i++)
        found = strcmp(name, names[i]) == 0;
    return found;
}

/* `used + size > 4096`, `length <= 240` */
static enum branch_hint bound_hint(enum CXBinaryOperatorKind kind, gint64 bound)
{
    enum branch_hint over = bound >= BUFFER_BOUND ? BRANCH_TRUE_RARE : BRANCH_TRUE_UNLIKELY;
    if (kind == CXBinaryOperator_GT || kind == CXBinaryOperator_GE)
        return over;
    if (kind == CXBinaryOperator_LT || kind == CXBinaryOperator_LE)
        return branch_hint_opposite(over);
    return BRANCH_EVEN;
}

/* A variable or field that counts bytes or things by its type (size_t, ssize_t, off_t) or name. */
static gboolean is_amount(const struct syntax *tree, int node)
{
    static const char *const types[] = {"size_t", "ssize_t", "off_t"};
    static const char *const words[] = {"num", "count", "cnt", "used", "len", "length", "size", "total"};
    int meant = syntax_strip(tree, node);
    if (meant < 0 || (tree->nodes[meant].kind != CXCursor_DeclRefExpr &&
                      tree->nodes[meant].kind != CXCursor_MemberRefExpr))
        return FALSE;
    CXType type = clang_getCursorType(tree->nodes[meant].referenced);
    g_autofree char *type_name = clang_string_take(clang_getTypeSpelling(type));
    g_autofree char *name = clang_string_take(clang_getCursorSpelling(tree->nodes[meant].referenced));
    gboolean found = FALSE;
    for (gsize i = 0; !found && i < G_N_ELEMENTS(types); i++)
        found = strcmp(type_name, types[i]) == 0;
    gboolean number = clang_getCanonicalType(type).kind >= CXType_UShort &&
                      clang_getCanonicalType(type).kind <= CXType_LongLong;
    for (gsize i = 0; number && !found && i < G_N_ELEMENTS(words); i++)
        found = g_str_has_prefix(name, words[i]) || g_str_has_suffix(name, words[i]);
    return found;
}

/* `value` compared with `constant`: negative results, null pointers and one value of many are the exception.
 */
static enum branch_hint comparison_hint(const struct syntax *tree, int value, enum CXBinaryOperatorKind kind,
                                        gint64 constant)
{
    gboolean equality = kind == CXBinaryOperator_EQ || kind == CXBinaryOperator_NE;
    /* `if (p != NULL)` asks whether something is wanted as often as whether it went well. */
    if (kind == CXBinaryOperator_EQ && constant == 0 && is_pointer_value(tree, value))
        return BRANCH_TRUE_UNLIKELY;
    if (equality && constant > 0 && is_result(tree, value))
        return BRANCH_EVEN;
    if (equality && constant >= BUFFER_VALUE)
        return kind == CXBinaryOperator_EQ ? BRANCH_TRUE_RARE : BRANCH_FALSE_RARE;
    if (equality && constant != 0)
        return kind == CXBinaryOperator_EQ ? BRANCH_TRUE_UNLIKELY : BRANCH_FALSE_UNLIKELY;
    if (constant >= LARGE_VALUE)
        return bound_hint(kind, constant);
    if (equality && constant == 0 && (names_error(tree, value) || calls_setjmp(tree, value)))
        return kind == CXBinaryOperator_NE ? BRANCH_TRUE_UNLIKELY : BRANCH_FALSE_UNLIKELY;
    /* Counts and sizes: nothing to do is the exception. Results of functions and flags may mean anything. */
    if (equality && constant == 0 && is_amount(tree, value))
        return kind == CXBinaryOperator_EQ ? BRANCH_TRUE_UNLIKELY : BRANCH_FALSE_UNLIKELY;
    if ((kind == CXBinaryOperator_LT || kind == CXBinaryOperator_LE) && (constant == 0 || constant == -1))
        return BRANCH_TRUE_UNLIKELY;
    if ((kind == CXBinaryOperator_GE || kind == CXBinaryOperator_GT) && (constant == 0 || constant == -1))
        return BRANCH_FALSE_UNLIKELY;
    return BRANCH_EVEN;
}

enum branch_hint branch_hint_find(const struct syntax *tree, int node)
{
    gint64 constant = 0;
    int expect = expect_call(tree, node);
    if (expect >= 0)
        return !syntax_constant(tree, syntax_child(tree, expect, 2), &constant) ? BRANCH_EVEN
               : constant == 0                                                  ? BRANCH_TRUE_UNLIKELY
                                                                                : BRANCH_FALSE_UNLIKELY;
    int meant = syntax_strip(tree, node);
    if (meant < 0)
        return BRANCH_EVEN;
    const struct syntax_node *syntax = &tree->nodes[meant];
    if (syntax->kind == CXCursor_UnaryOperator && syntax_unary(tree, meant) == CXUnaryOperator_LNot)
        return is_pointer_value(tree, syntax->first)
                   ? BRANCH_TRUE_UNLIKELY
                   : branch_hint_opposite(branch_hint_find(tree, syntax->first));
    if (syntax->kind == CXCursor_BinaryOperator) {
        int right = syntax_child(tree, meant, 1);
        if (syntax->first >= 0 && right >= 0 && constant_value(tree, right, &constant))
            return comparison_hint(tree, syntax->first, syntax_binary(tree, meant), constant);
        return BRANCH_EVEN;
    }
    return names_error(tree, meant) || calls_setjmp(tree, meant) ? BRANCH_TRUE_UNLIKELY : BRANCH_EVEN;
}

/* The variable or field that `node` names; FALSE for anything else. */
static gboolean named_object(const struct syntax *tree, int node, CXCursor *object)
{
    node = syntax_strip(tree, node);
    if (node < 0 ||
        (tree->nodes[node].kind != CXCursor_DeclRefExpr && tree->nodes[node].kind != CXCursor_MemberRefExpr))
        return FALSE;
    *object = tree->nodes[node].referenced;
    return TRUE;
}

/* TRUE when something below `arm` moves `object` on by one. */
static gboolean moves(const struct syntax *tree, int arm, CXCursor object)
{
    for (int i = arm; arm >= 0 && i < tree->nodes[arm].end; i++) {
        int target = -1;
        CXCursor written;
        if (tree->nodes[i].kind == CXCursor_UnaryOperator && syntax_is_write(tree, i, &target) &&
            named_object(tree, target, &written) && clang_equalCursors(written, object))
            return TRUE;
    }
    return FALSE;
}

enum branch_hint branch_hint_of_arms(const struct syntax *tree, int condition, int when_true, int when_false)
{
    CXCursor object;
    int meant = syntax_strip(tree, condition);
    if (meant < 0 || when_true < 0 || when_false < 0 || tree->nodes[meant].kind != CXCursor_BinaryOperator)
        return BRANCH_EVEN;
    enum CXBinaryOperatorKind kind = syntax_binary(tree, meant);
    if (kind < CXBinaryOperator_LT || kind > CXBinaryOperator_NE ||
        !named_object(tree, tree->nodes[meant].first, &object))
        return BRANCH_EVEN;
    gboolean by_true = moves(tree, when_true, object), by_false = moves(tree, when_false, object);
    return by_true == by_false ? BRANCH_EVEN : by_true ? BRANCH_FALSE_RARE : BRANCH_TRUE_RARE;
}

gboolean label_is_error(CXCursor label)
{
    static const char *const words[] = {"err", "fail", "oom", "bad", "corrupt", "abort", "invalid"};
    g_autofree char *name = clang_string_take(clang_getCursorSpelling(label));
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        const char *found = strstr(name, words[i]);
        if (found && (found == name || !g_ascii_isalpha(found[-1])))
            return TRUE;
    }
    return FALSE;
}
