/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "analyzer/body.h"

#define ALIAS_DEPTH_MAX 8 /* p = q; q = r; … */

static char *path_of(const struct body *body, int node, enum path_purpose purpose, int depth);

char *path_with_suffix(const char *path, const char *suffix)
{
    const char *at = strchr(path, '@');
    if (!at)
        return g_strconcat(path, suffix, NULL);
    g_autofree char *head = g_strndup(path, (gsize)(at - path));
    return g_strconcat(head, suffix, at, NULL);
}

/* The variable that an object expression is part of, without passing a pointer; FALSE when there is none. */
static gboolean root_variable(const struct syntax *tree, int node, CXCursor *variable)
{
    for (;;) {
        node = syntax_strip(tree, node);
        if (node < 0)
            return FALSE;
        enum CXCursorKind kind = tree->nodes[node].kind;
        if (kind == CXCursor_DeclRefExpr)
            return syntax_variable(tree, node, variable);
        if (kind != CXCursor_MemberRefExpr && kind != CXCursor_ArraySubscriptExpr)
            return FALSE;
        node = syntax_strip(tree, tree->nodes[node].first);
        if (node < 0 || type_is_pointer(clang_getCursorType(tree->nodes[node].cursor)))
            return FALSE;
    }
}

/* A part of a local variable that nobody else has the address of. */
static gboolean is_private(const struct body *body, int node)
{
    CXCursor variable;
    if (!root_variable(body->tree, node, &variable))
        return FALSE;
    const struct declaration *declaration = declaration_find(body->extraction, variable);
    if (declaration->kind != DECLARATION_LOCAL && declaration->kind != DECLARATION_PARAMETER)
        return FALSE;
    const struct local *local = local_find(body, variable);
    return !local || !local->escapes;
}

static char *path_of_variable(const struct body *body, int node, enum path_purpose purpose, int depth)
{
    CXCursor variable;
    if (!syntax_variable(body->tree, node, &variable))
        return NULL;
    const struct declaration *declaration = declaration_find(body->extraction, variable);
    const struct local *local = local_find(body, variable);
    gboolean is_local = declaration->kind == DECLARATION_LOCAL;
    if (purpose == PATH_OF_ACCESS && declaration->kind != DECLARATION_GLOBAL && (!local || !local->escapes))
        return NULL;
    gboolean alias = purpose == PATH_OF_ARGUMENT && is_local && local && local->assignments == 1 &&
                     local->value >= 0 && !local->escapes && !declaration->is_record &&
                     !declaration->is_array;
    if (alias && depth < ALIAS_DEPTH_MAX && type_is_pointer(clang_getCursorType(variable))) {
        g_autofree char *path = path_of(body, local->value, purpose, depth + 1);
        if (path && !g_str_has_suffix(path, "#return")) /* a fresh object is best known by its variable */
            return g_steal_pointer(&path);
    }
    return g_strdup(declaration->path);
}

static char *path_of_member(const struct body *body, int node, enum path_purpose purpose, int depth)
{
    const struct syntax *tree = body->tree;
    CXCursor member = tree->nodes[node].referenced;
    const struct declaration *declaration = declaration_find(body->extraction, member);
    if (purpose == PATH_OF_ACCESS && is_private(body, node))
        return NULL;
    if (declaration->path)
        return g_strdup(declaration->path);
    g_autofree char *base =
        tree->nodes[node].first >= 0 ? path_of(body, tree->nodes[node].first, purpose, depth + 1) : NULL;
    if (!base || !*declaration->name)
        return g_steal_pointer(&base);
    g_autofree char *suffix = g_strconcat(".", declaration->name, NULL);
    return path_with_suffix(base, suffix);
}

static char *path_of_element(const struct body *body, int pointer, enum path_purpose purpose, int depth)
{
    g_autofree char *base = path_of(body, pointer, purpose, depth + 1);
    return base ? path_with_suffix(base, "[]") : NULL;
}

/* What `&node` points to: the object itself, and `&p[i]`, `&*p` are places of p's element. */
static char *path_of_unary(const struct body *body, int node, enum path_purpose purpose, int depth)
{
    int operand = syntax_strip(body->tree, body->tree->nodes[node].first);
    switch (syntax_unary(body->tree, node)) {
    case CXUnaryOperator_AddrOf:
        if (operand >= 0 && body->tree->nodes[operand].kind == CXCursor_UnaryOperator &&
            syntax_unary(body->tree, operand) == CXUnaryOperator_Deref)
            return path_of(body, body->tree->nodes[operand].first, purpose, depth + 1);
        return operand < 0 ? NULL : path_of(body, operand, purpose, depth + 1);
    case CXUnaryOperator_Deref:
        return operand < 0 ? NULL : path_of_element(body, operand, purpose, depth);
    default:
        return NULL;
    }
}

static char *path_of_result(const struct body *body, int node)
{
    int callee = syntax_strip(body->tree, body->tree->nodes[node].first);
    const struct declaration *function = callee >= 0 ? function_of(body, callee) : NULL;
    return function ? g_strconcat(function->path, "#return", NULL) : NULL;
}

static char *path_of(const struct body *body, int node, enum path_purpose purpose, int depth)
{
    node = syntax_strip(body->tree, node);
    if (node < 0 || depth > 64)
        return NULL;
    const struct syntax_node *syntax = &body->tree->nodes[node];
    switch (syntax->kind) {
    case CXCursor_DeclRefExpr:
        return path_of_variable(body, node, purpose, depth);
    case CXCursor_MemberRefExpr:
        return path_of_member(body, node, purpose, depth);
    case CXCursor_ArraySubscriptExpr:
        return purpose == PATH_OF_ACCESS && is_private(body, node)
                   ? NULL
                   : path_of_element(body, syntax->first, purpose, depth);
    case CXCursor_UnaryOperator:
        return path_of_unary(body, node, purpose, depth);
    case CXCursor_CallExpr:
        return purpose == PATH_OF_ARGUMENT ? path_of_result(body, node) : NULL;
    case CXCursor_BinaryOperator:
        if (syntax_binary(body->tree, node) == CXBinaryOperator_Assign)
            return path_of(body, syntax->first, purpose, depth + 1);
        return NULL;
    default:
        return NULL;
    }
}

char *access_path(const struct body *body, int node, enum path_purpose purpose)
{
    return path_of(body, node, purpose, 0);
}

/* As far as a global variable and constant indexes say which object it is; NULL where a pointer is followed
 * or an index varies. */
static char *path_of_object(const struct body *body, int node)
{
    const struct syntax *tree = body->tree;
    node = syntax_strip(tree, node);
    if (node < 0)
        return NULL;
    const struct declaration *declaration = declaration_find(body->extraction, tree->nodes[node].referenced);
    int inner = syntax_strip(tree, tree->nodes[node].first);
    gint64 index = 0;
    if (tree->nodes[node].kind == CXCursor_DeclRefExpr)
        return declaration->kind == DECLARATION_GLOBAL ? g_strdup(declaration->path) : NULL;
    if (inner < 0 || type_is_pointer(clang_getCursorType(tree->nodes[inner].cursor)))
        return NULL;
    g_autofree char *suffix = NULL;
    if (tree->nodes[node].kind == CXCursor_MemberRefExpr)
        suffix = *declaration->name ? g_strconcat(".", declaration->name, NULL) : g_strdup("");
    else if (tree->nodes[node].kind == CXCursor_ArraySubscriptExpr &&
             syntax_constant(tree, syntax_child(tree, node, 1), &index))
        suffix = g_strdup_printf("[%" G_GINT64_FORMAT "]", index);
    g_autofree char *base = suffix ? path_of_object(body, inner) : NULL;
    return base ? path_with_suffix(base, suffix) : NULL;
}

char *element_path(const struct body *body, int node)
{
    g_autofree char *path = path_of_object(body, node);
    return path && strchr(path, '[') ? g_steal_pointer(&path) : NULL;
}

const struct declaration *function_of(const struct body *body, int node)
{
    const struct syntax *tree = body->tree;
    node = syntax_strip(tree, node);
    while (node >= 0 && tree->nodes[node].kind == CXCursor_UnaryOperator) {
        enum CXUnaryOperatorKind kind = syntax_unary(tree, node);
        if (kind != CXUnaryOperator_AddrOf && kind != CXUnaryOperator_Deref)
            return NULL;
        node = syntax_strip(tree, tree->nodes[node].first);
    }
    if (node < 0 || tree->nodes[node].kind != CXCursor_DeclRefExpr)
        return NULL;
    CXCursor referenced = tree->nodes[node].referenced;
    if (clang_getCursorKind(referenced) != CXCursor_FunctionDecl)
        return NULL;
    return declaration_find(body->extraction, referenced);
}
