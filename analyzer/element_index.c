/* SPDX-License-Identifier: Apache-2.0 */
/* Which element of an array an expression means, and what a function compares: enough to tell in which order
 * the locks of one array are taken. */
#include <string.h>

#include "analyzer/body.h"

#define TEXT_DEPTH_MAX  12
#define TEXT_LENGTH_MAX 120

static void append_text(const struct body *body, int node, int depth, GString *text);

static const char *operator_text(enum CXBinaryOperatorKind kind)
{
    switch (kind) {
    case CXBinaryOperator_Add:
        return "+";
    case CXBinaryOperator_Sub:
        return "-";
    case CXBinaryOperator_Mul:
        return "*";
    case CXBinaryOperator_Rem:
        return "%";
    case CXBinaryOperator_And:
        return "&";
    case CXBinaryOperator_LT:
    case CXBinaryOperator_LE:
        return "<";
    case CXBinaryOperator_GT:
    case CXBinaryOperator_GE:
        return ">";
    case CXBinaryOperator_EQ:
        return "==";
    case CXBinaryOperator_NE:
        return "!=";
    default:
        return NULL;
    }
}

/* Locals that are assigned once stand for their value; `~` marks what is assigned more often. */
static void append_variable(const struct body *body, int node, int depth, GString *text)
{
    CXCursor cursor;
    if (!syntax_variable(body->tree, node, &cursor)) {
        g_string_append_printf(text, "#%d", node);
        return;
    }
    const struct declaration *declaration = declaration_find(body->extraction, cursor);
    const struct local *local = local_find(body, cursor);
    gboolean is_local = declaration->kind == DECLARATION_LOCAL;
    if (is_local && local && local->assignments == 1 && !local->escapes && local->value >= 0) {
        append_text(body, local->value, depth + 1, text);
        return;
    }
    gboolean changes = local && (local->assignments > (is_local ? 1 : 0) || local->escapes);
    g_string_append_printf(text, "%s%s", changes ? "~" : "", declaration->name);
}

static void append_children(const struct body *body, int node, int depth, GString *text)
{
    for (int child = body->tree->nodes[node].first; child >= 0; child = body->tree->nodes[child].next) {
        g_string_append_c(text, ' ');
        append_text(body, child, depth + 1, text);
    }
}

/* What is not understood is its own text, so that it equals nothing else. */
static void append_text(const struct body *body, int node, int depth, GString *text)
{
    const struct syntax *tree = body->tree;
    gint64 value = 0;
    int stripped = node < 0 ? -1 : syntax_strip(tree, node);
    if (stripped < 0 || depth > TEXT_DEPTH_MAX || text->len > TEXT_LENGTH_MAX) {
        g_string_append_printf(text, "#%d", node);
        return;
    }
    if (syntax_constant(tree, stripped, &value)) {
        g_string_append_printf(text, "%" G_GINT64_FORMAT, value);
        return;
    }
    enum CXCursorKind kind = tree->nodes[stripped].kind;
    const char *operator= kind == CXCursor_BinaryOperator ? operator_text(syntax_binary(tree, stripped))
                                                          : NULL;
    if (kind == CXCursor_DeclRefExpr) {
        append_variable(body, stripped, depth, text);
    } else if (operator) {
        g_string_append_c(text, '(');
        append_text(body, tree->nodes[stripped].first, depth + 1, text);
        g_string_append(text, operator);
        append_text(body, syntax_child(tree, stripped, 1), depth + 1, text);
        g_string_append_c(text, ')');
    } else if (kind == CXCursor_ConditionalOperator) {
        g_string_append(text, "(?");
        append_children(body, stripped, depth, text);
        g_string_append_c(text, ')');
    } else if (kind == CXCursor_MemberRefExpr && tree->nodes[stripped].first >= 0) {
        g_autofree char *name = clang_string_take(clang_getCursorSpelling(tree->nodes[stripped].referenced));
        append_text(body, tree->nodes[stripped].first, depth + 1, text);
        g_string_append_printf(text, ".%s", name);
    } else if (kind == CXCursor_UnaryOperator && syntax_unary(tree, stripped) == CXUnaryOperator_Deref) {
        append_text(body, tree->nodes[stripped].first, depth + 1, text);
        g_string_append_c(text, '*');
    } else {
        g_string_append_printf(text, "#%d", stripped);
        append_children(body, stripped, depth, text);
    }
}

/* One step from an object to what it is part of; -1 at its variable. Subscripts on the way are noted. */
static int outward(const struct body *body, int node, GString *indexes)
{
    const struct syntax *tree = body->tree;
    enum CXCursorKind kind = tree->nodes[node].kind;
    CXCursor cursor;
    int index = -1;
    if (kind == CXCursor_ArraySubscriptExpr ||
        (kind == CXCursor_BinaryOperator && syntax_binary(tree, node) == CXBinaryOperator_Add))
        index = syntax_child(tree, node, 1);
    if (index >= 0) {
        if (indexes->len > 0)
            g_string_append_c(indexes, ',');
        append_text(body, index, 0, indexes);
    }
    if (index >= 0 || kind == CXCursor_MemberRefExpr || kind == CXCursor_UnaryOperator)
        return tree->nodes[node].first;
    if (kind != CXCursor_DeclRefExpr || !syntax_variable(tree, node, &cursor))
        return -1;
    const struct local *local = local_find(body, cursor);
    gboolean followed = local && local->assignments == 1 && !local->escapes &&
                        declaration_find(body->extraction, cursor)->kind == DECLARATION_LOCAL;
    return followed ? local->value : -1;
}

char *element_index(const struct body *body, int node)
{
    GString *indexes = g_string_new(NULL);
    for (int depth = 0; node >= 0 && depth < TEXT_DEPTH_MAX; depth++) {
        node = syntax_strip(body->tree, node);
        if (node >= 0)
            node = outward(body, node, indexes);
    }
    return g_string_free(indexes, indexes->len == 0);
}

char *variable_text(const struct body *body, int node)
{
    CXCursor cursor;
    node = node < 0 ? -1 : syntax_strip(body->tree, node);
    if (node < 0 || !syntax_variable(body->tree, node, &cursor) ||
        type_is_pointer(clang_getCursorType(cursor)) || type_is_array(clang_getCursorType(cursor)))
        return NULL;
    GString *text = g_string_new(NULL);
    append_text(body, node, 0, text);
    return g_string_free(text, FALSE);
}

/* One by size between two things that vary, loops' own conditions apart. */
static gboolean is_ordering(const struct syntax *tree, int node)
{
    gint64 constant = 0;
    if (tree->nodes[node].kind != CXCursor_BinaryOperator)
        return FALSE;
    enum CXBinaryOperatorKind kind = syntax_binary(tree, node);
    int parent = tree->nodes[node].parent, left = tree->nodes[node].first;
    gboolean of_loop = parent >= 0 && (tree->nodes[parent].kind == CXCursor_ForStmt ||
                                       tree->nodes[parent].kind == CXCursor_WhileStmt);
    if (of_loop || kind < CXBinaryOperator_LT || kind > CXBinaryOperator_GE || left < 0)
        return FALSE;
    int stripped = syntax_strip(tree, left); /* compare(a, b) < 0 */
    gboolean calls = stripped >= 0 && tree->nodes[stripped].kind == CXCursor_CallExpr;
    return calls || (!syntax_constant(tree, left, &constant) &&
                     !syntax_constant(tree, syntax_child(tree, node, 1), &constant));
}

void comparisons_note(struct body *body)
{
    for (int i = 0; i < body->tree->count; i++) {
        if (!is_ordering(body->tree, i))
            continue;
        g_autoptr(GString) text = g_string_new(NULL);
        append_text(body, i, 0, text);
        fact_list_add(body->extraction->unit, body->function->comparisons,
                      fact_text(body->extraction->unit, text->str));
    }
}
