/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/body.h"

#define TEST_CLIMB_MAX 8 /* how far above a variable its condition is looked for */

const struct local *local_find(const struct body *body, CXCursor declaration)
{
    return body->locals ? g_hash_table_lookup(body->locals, declaration_identity(declaration)) : NULL;
}

static struct local *local_of(struct body *body, CXCursor declaration)
{
    gpointer identity = (gpointer)declaration_identity(declaration);
    struct local *local = g_hash_table_lookup(body->locals, identity);
    if (!local) {
        local = g_new0(struct local, 1);
        local->value = -1;
        g_hash_table_insert(body->locals, identity, local);
    }
    return local;
}

gboolean syntax_is_write(const struct syntax *tree, int node, int *target)
{
    enum CXCursorKind kind = tree->nodes[node].kind;
    gboolean writes = kind == CXCursor_CompoundAssignOperator;
    if (kind == CXCursor_BinaryOperator)
        writes = syntax_binary(tree, node) == CXBinaryOperator_Assign;
    if (kind == CXCursor_UnaryOperator) {
        enum CXUnaryOperatorKind operator_kind = syntax_unary(tree, node);
        writes = operator_kind >= CXUnaryOperator_PostInc && operator_kind <= CXUnaryOperator_PreDec;
    }
    if (!writes)
        return FALSE;
    *target = syntax_strip(tree, tree->nodes[node].first);
    return *target >= 0;
}

/* The variable whose storage `node` is part of: through members and array elements, not through pointers. */
static gboolean storage_variable(const struct syntax *tree, int node, CXCursor *variable)
{
    node = syntax_strip(tree, node);
    while (node >= 0 && (tree->nodes[node].kind == CXCursor_MemberRefExpr ||
                         tree->nodes[node].kind == CXCursor_ArraySubscriptExpr)) {
        node = syntax_strip(tree, tree->nodes[node].first);
        if (node >= 0 && type_is_pointer(clang_getCursorType(tree->nodes[node].cursor)))
            return FALSE;
    }
    return node >= 0 && syntax_variable(tree, node, variable);
}

static gboolean is_comparison(const struct syntax *tree, int node)
{
    if (tree->nodes[node].kind == CXCursor_UnaryOperator)
        return syntax_unary(tree, node) == CXUnaryOperator_LNot;
    if (tree->nodes[node].kind != CXCursor_BinaryOperator)
        return FALSE;
    enum CXBinaryOperatorKind kind = syntax_binary(tree, node);
    return (kind >= CXBinaryOperator_LT && kind <= CXBinaryOperator_NE) || kind == CXBinaryOperator_LAnd ||
           kind == CXBinaryOperator_LOr;
}

static gboolean is_condition_of(const struct syntax *tree, int node, int parent)
{
    switch (tree->nodes[parent].kind) {
    case CXCursor_IfStmt:
    case CXCursor_WhileStmt:
    case CXCursor_SwitchStmt:
    case CXCursor_ConditionalOperator:
        return tree->nodes[parent].first == node;
    case CXCursor_DoStmt:
        return tree->nodes[parent].first != node;
    case CXCursor_ForStmt:
        return TRUE;
    default:
        return FALSE;
    }
}

static gboolean is_tested(const struct syntax *tree, int node)
{
    for (int climb = 0; climb < TEST_CLIMB_MAX && node > 0; climb++) {
        int parent = tree->nodes[node].parent;
        if (is_comparison(tree, parent) || is_condition_of(tree, node, parent))
            return TRUE;
        if (!clang_isExpression(tree->nodes[parent].kind))
            return FALSE;
        node = parent;
    }
    return FALSE;
}

static void scan_reference(struct body *body, int node)
{
    CXCursor variable;
    const struct syntax *tree = body->tree;
    if (!syntax_variable(tree, node, &variable))
        return;
    struct local *local = local_of(body, variable);
    if (!local->tested && is_tested(tree, node))
        local->tested = TRUE;
    int parent = tree->nodes[node].parent;
    gboolean passed = parent > 0 && tree->nodes[parent].kind == CXCursor_UnexposedExpr &&
                      tree->nodes[tree->nodes[parent].parent].kind == CXCursor_CallExpr;
    if (passed && variable_is_array(variable))
        local->escapes = TRUE;
}

static void scan_write(struct body *body, int node, int target)
{
    CXCursor variable;
    if (!syntax_variable(body->tree, target, &variable))
        return;
    struct local *local = local_of(body, variable);
    local->assignments++;
    local->value =
        body->tree->nodes[node].kind == CXCursor_BinaryOperator ? syntax_child(body->tree, node, 1) : -1;
}

static void scan_declaration(struct body *body, int node)
{
    CXCursor cursor = body->tree->nodes[node].cursor;
    struct local *local = local_of(body, cursor);
    CXCursor initializer = clang_Cursor_getVarDeclInitializer(cursor);
    if (clang_Cursor_isNull(initializer))
        return;
    local->assignments++;
    local->value = syntax_last_child(body->tree, node);
}

void locals_scan(struct body *body)
{
    for (int node = 0; node < body->tree->count; node++) {
        enum CXCursorKind kind = body->tree->nodes[node].kind;
        int target = -1;
        CXCursor variable;
        if (kind == CXCursor_DeclRefExpr)
            scan_reference(body, node);
        else if (kind == CXCursor_VarDecl)
            scan_declaration(body, node);
        else if (syntax_is_write(body->tree, node, &target))
            scan_write(body, node, target);
        else if (kind == CXCursor_UnaryOperator && syntax_unary(body->tree, node) == CXUnaryOperator_AddrOf &&
                 storage_variable(body->tree, body->tree->nodes[node].first, &variable))
            local_of(body, variable)->escapes = TRUE;
    }
}
