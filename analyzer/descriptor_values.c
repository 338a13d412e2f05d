/* SPDX-License-Identifier: Apache-2.0 */
/* Which places hold descriptors that come from which other places: `conn->fd = fd`, `return fd`. What calls
 * make and hand on stands in their events. */
#include <string.h>

#include "analyzer/body.h"

#define ASSIGNMENTS_MAX 3 /* `int fd = -1; if (…) fd = open(…); else fd = dup(…)` */

/* int and FILE *: anything else is no descriptor that the library takes. */
static gboolean may_be_descriptor(CXType type)
{
    type = clang_getCanonicalType(type);
    if (type.kind != CXType_Pointer)
        return type.kind == CXType_Int;
    CXString spelling = clang_getTypeSpelling(clang_getPointeeType(type));
    const char *text = clang_getCString(spelling);
    gboolean stream = text && strstr(text, "_IO_FILE") != NULL;
    clang_disposeString(spelling);
    return stream;
}

/* Only whole objects are copied: sums and comparisons are no descriptors. What a call returns stands in its
 * event, but for `return open(…)`. */
static gboolean is_copy(const struct syntax *tree, int node, gboolean returned)
{
    switch (tree->nodes[node].kind) {
    case CXCursor_DeclRefExpr:
    case CXCursor_MemberRefExpr:
    case CXCursor_ArraySubscriptExpr:
        return TRUE;
    case CXCursor_CallExpr:
        return returned;
    case CXCursor_UnaryOperator:
        return syntax_unary(tree, node) == CXUnaryOperator_Deref;
    case CXCursor_BinaryOperator:
        return syntax_binary(tree, node) == CXBinaryOperator_Assign;
    default:
        return FALSE;
    }
}

/* A local that is set again and again is a counter, a position or a result code. */
static gboolean counts(const struct body *body, int node)
{
    CXCursor variable;
    if (!syntax_variable(body->tree, node, &variable))
        return FALSE;
    const struct local *local = local_find(body, variable);
    return local && local->assignments > ASSIGNMENTS_MAX;
}

void descriptor_values_collect(struct body *body, int node, const char *path)
{
    const struct syntax *tree = body->tree;
    node = syntax_strip(tree, node);
    if (node < 0 || !body->function)
        return;
    if (tree->nodes[node].kind == CXCursor_ConditionalOperator) {
        descriptor_values_collect(body, syntax_child(tree, node, 1), path);
        descriptor_values_collect(body, syntax_child(tree, node, 2), path);
        return;
    }
    if (!is_copy(tree, node, g_str_has_suffix(path, "#return")) || counts(body, node) ||
        !may_be_descriptor(clang_getCursorType(tree->nodes[node].cursor)))
        return;
    g_autofree char *source = access_path(body, node, PATH_OF_ARGUMENT);
    if (!source || strcmp(source, path) == 0)
        return;
    struct fact_unit *unit = body->extraction->unit;
    struct fact_function_flow *flow = fact_function_flow_new(unit);
    flow->path = fact_text(unit, path);
    flow->source = fact_text(unit, source);
    fact_list_add(unit, unit->descriptors, flow);
}
