/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/syntax.h"

#include <string.h>

#define CONSTANT_NODES_MAX 64 /* longer expressions are no loop bounds or flags */

struct building {
    GArray *nodes;
    int last;
};

char *clang_string_take(CXString string)
{
    const char *text = clang_getCString(string);
    char *copy = g_strdup(text ? text : "");
    clang_disposeString(string);
    return copy;
}

char *source_word(CXTranslationUnit unit, CXSourceLocation location)
{
    CXFile file = NULL;
    unsigned offset = 0;
    gsize size = 0;
    clang_getSpellingLocation(location, &file, NULL, NULL, &offset);
    const char *text = file ? clang_getFileContents(unit, file, &size) : NULL;
    gsize end = offset;
    while (text && end < size && (g_ascii_isalnum(text[end]) || text[end] == '_'))
        end++;
    return text && offset < size ? g_strndup(text + offset, end - offset) : NULL;
}

gconstpointer declaration_identity(CXCursor declaration)
{
    return declaration.data[0];
}

static struct syntax_node *node_at(GArray *nodes, int index)
{
    return &g_array_index(nodes, struct syntax_node, index);
}

/* Nodes come in source order, so the parent of the next one is the last one or above it. */
static int parent_index(const struct building *building, CXCursor parent)
{
    int index = building->last;
    while (index > 0 && !clang_equalCursors(node_at(building->nodes, index)->cursor, parent))
        index = node_at(building->nodes, index)->parent;
    return index;
}

static gboolean is_type_or_reference(enum CXCursorKind kind)
{
    return kind == CXCursor_TypeRef || kind == CXCursor_StructDecl || kind == CXCursor_UnionDecl ||
           kind == CXCursor_EnumDecl || kind == CXCursor_ParmDecl || kind == CXCursor_TypedefDecl ||
           clang_isAttribute(kind);
}

static void fill_node(struct syntax_node *node)
{
    switch (node->kind) {
    case CXCursor_DeclRefExpr:
    case CXCursor_MemberRefExpr:
    case CXCursor_MemberRef:
    case CXCursor_LabelRef:
        node->referenced = clang_getCursorReferenced(node->cursor);
        break;
    case CXCursor_BinaryOperator:
    case CXCursor_CompoundAssignOperator:
        node->operator_kind = (int)clang_getCursorBinaryOperatorKind(node->cursor);
        break;
    case CXCursor_UnaryOperator:
        node->operator_kind = (int)clang_getCursorUnaryOperatorKind(node->cursor);
        break;
    default:
        break;
    }
}

static enum CXChildVisitResult add_node(CXCursor cursor, CXCursor parent, CXClientData data)
{
    struct building *building = data;
    enum CXCursorKind kind = clang_getCursorKind(cursor);
    if (is_type_or_reference(kind))
        return CXChildVisit_Continue;
    int index = (int)building->nodes->len;
    struct syntax_node node = {.cursor = cursor,
                               .kind = kind,
                               .parent = parent_index(building, parent),
                               .first = -1,
                               .next = -1,
                               .end = index + 1};
    fill_node(&node);
    g_array_append_val(building->nodes, node);
    building->last = index;
    return kind == CXCursor_UnaryExpr || kind == CXCursor_FunctionDecl ? CXChildVisit_Continue
                                                                       : CXChildVisit_Recurse;
}

/* Backwards, each node goes in front of the siblings that follow it. */
static void link_children(struct syntax *tree)
{
    for (int i = tree->count - 1; i > 0; i--) {
        struct syntax_node *parent = &tree->nodes[tree->nodes[i].parent];
        tree->nodes[i].next = parent->first;
        parent->first = i;
        parent->end = MAX(parent->end, tree->nodes[i].end);
    }
}

struct syntax syntax_new(CXCursor root, GArray *memory)
{
    struct building building = {.nodes = memory};
    struct syntax_node node = {
        .cursor = root, .kind = clang_getCursorKind(root), .parent = -1, .first = -1, .next = -1, .end = 1};
    fill_node(&node);
    g_array_set_size(memory, 0);
    g_array_append_val(memory, node);
    clang_visitChildren(root, add_node, &building);
    struct syntax tree = {(struct syntax_node *)memory->data, (int)memory->len};
    link_children(&tree);
    return tree;
}

int syntax_child(const struct syntax *tree, int node, int n)
{
    int child = tree->nodes[node].first;
    while (n-- > 0 && child >= 0)
        child = tree->nodes[child].next;
    return child;
}

int syntax_last_child(const struct syntax *tree, int node)
{
    int last = -1;
    for (int child = tree->nodes[node].first; child >= 0; child = tree->nodes[child].next)
        last = child;
    return last;
}

int syntax_child_count(const struct syntax *tree, int node)
{
    int count = 0;
    for (int child = tree->nodes[node].first; child >= 0; child = tree->nodes[child].next)
        count++;
    return count;
}

static gboolean is_expect(const struct syntax *tree, int node)
{
    if (tree->nodes[node].kind != CXCursor_CallExpr)
        return FALSE;
    CXString name = clang_getCursorSpelling(tree->nodes[node].cursor);
    const char *text = clang_getCString(name);
    gboolean expect = text && strcmp(text, "__builtin_expect") == 0;
    clang_disposeString(name);
    return expect;
}

int syntax_strip(const struct syntax *tree, int node)
{
    while (node >= 0) {
        enum CXCursorKind kind = tree->nodes[node].kind;
        gboolean wrapper =
            kind == CXCursor_UnexposedExpr || kind == CXCursor_ParenExpr || kind == CXCursor_CStyleCastExpr;
        if (kind == CXCursor_UnaryOperator && syntax_unary(tree, node) == CXUnaryOperator_Extension)
            wrapper = TRUE;
        int first = tree->nodes[node].first;
        if (wrapper && first >= 0 && tree->nodes[first].next < 0)
            node = first;
        else if (is_expect(tree, node) && syntax_child(tree, node, 1) >= 0)
            node = syntax_child(tree, node, 1);
        else
            break;
    }
    return node;
}

enum CXBinaryOperatorKind syntax_binary(const struct syntax *tree, int node)
{
    return (enum CXBinaryOperatorKind)tree->nodes[node].operator_kind;
}

enum CXUnaryOperatorKind syntax_unary(const struct syntax *tree, int node)
{
    return (enum CXUnaryOperatorKind)tree->nodes[node].operator_kind;
}

gboolean syntax_variable(const struct syntax *tree, int node, CXCursor *declaration)
{
    node = syntax_strip(tree, node);
    if (node < 0 || tree->nodes[node].kind != CXCursor_DeclRefExpr)
        return FALSE;
    *declaration = tree->nodes[node].referenced;
    enum CXCursorKind kind = clang_getCursorKind(*declaration);
    return kind == CXCursor_VarDecl || kind == CXCursor_ParmDecl;
}

static gboolean is_constant_node(const struct syntax_node *node)
{
    switch (node->kind) {
    case CXCursor_IntegerLiteral:
    case CXCursor_CharacterLiteral:
    case CXCursor_UnexposedExpr:
    case CXCursor_ParenExpr:
    case CXCursor_CStyleCastExpr:
    case CXCursor_BinaryOperator:
    case CXCursor_UnaryOperator:
    case CXCursor_ConditionalOperator:
    case CXCursor_UnaryExpr:
        return TRUE;
    case CXCursor_DeclRefExpr:
        return clang_getCursorKind(node->referenced) == CXCursor_EnumConstantDecl;
    default:
        return FALSE;
    }
}

gboolean syntax_constant(const struct syntax *tree, int node, gint64 *value)
{
    int end = tree->nodes[node].end;
    if (end - node > CONSTANT_NODES_MAX)
        return FALSE;
    for (int i = node; i < end; i++)
        if (!is_constant_node(&tree->nodes[i]))
            return FALSE;
    CXEvalResult result = clang_Cursor_Evaluate(tree->nodes[node].cursor);
    if (!result)
        return FALSE;
    gboolean is_integer = clang_EvalResult_getKind(result) == CXEval_Int;
    if (is_integer)
        *value = clang_EvalResult_getAsLongLong(result);
    clang_EvalResult_dispose(result);
    return is_integer;
}

gboolean type_is_pointer(CXType type)
{
    return clang_getCanonicalType(type).kind == CXType_Pointer;
}

gboolean type_is_array(CXType type)
{
    enum CXTypeKind kind = clang_getCanonicalType(type).kind;
    return kind == CXType_ConstantArray || kind == CXType_IncompleteArray || kind == CXType_VariableArray;
}

gboolean variable_is_array(CXCursor variable)
{
    return clang_getCursorKind(variable) != CXCursor_ParmDecl && type_is_array(clang_getCursorType(variable));
}

gboolean type_is_function(CXType type)
{
    enum CXTypeKind kind = clang_getCanonicalType(type).kind;
    return kind == CXType_FunctionProto || kind == CXType_FunctionNoProto;
}

gboolean type_is_function_pointer(CXType type)
{
    CXType canonical = clang_getCanonicalType(type);
    return canonical.kind == CXType_Pointer && type_is_function(clang_getPointeeType(canonical));
}
