/* SPDX-License-Identifier: Apache-2.0 */
/* Places: objects by the variable through which code reaches them. And what conditions and assignments say of
 * local variables, in the same terms. */
#include <string.h>

#include "analyzer/body.h"

#define PLACE_DEPTH_MAX 32

static char *object(const struct body *body, int node, int depth);
static char *pointee(const struct body *body, int node, int depth);

static gboolean is_local(const struct declaration *declaration)
{
    return declaration->kind == DECLARATION_LOCAL || declaration->kind == DECLARATION_PARAMETER;
}

/* Parameters start with a value; they change with the first assignment. */
static gboolean is_reassigned(const struct declaration *declaration, const struct local *local)
{
    int first = declaration->kind == DECLARATION_LOCAL ? 1 : 0;
    return is_local(declaration) && local && (local->assignments > first || local->escapes);
}

char *variable_place(const struct declaration *declaration)
{
    return declaration->path ? g_strconcat(is_local(declaration) ? "%" : "", declaration->path, NULL) : NULL;
}

static char *element(const struct body *body, int node, int depth)
{
    const struct syntax *tree = body->tree;
    gint64 index = 0;
    g_autofree char *array = pointee(body, tree->nodes[node].first, depth + 1);
    if (!array)
        return NULL;
    if (!syntax_constant(tree, syntax_child(tree, node, 1), &index))
        return g_strconcat(array, "[]", NULL);
    return g_strdup_printf("%s[%" G_GINT64_FORMAT "]", array, index);
}

static char *member(const struct body *body, int node, int depth)
{
    const struct syntax *tree = body->tree;
    int first = tree->nodes[node].first;
    g_autofree char *name = clang_string_take(clang_getCursorSpelling(tree->nodes[node].referenced));
    int base = first < 0 ? -1 : syntax_strip(tree, first);
    if (base < 0)
        return NULL;
    g_autofree char *around = type_is_pointer(clang_getCursorType(tree->nodes[base].cursor))
                                  ? pointee(body, base, depth + 1)
                                  : object(body, base, depth + 1);
    return around ? g_strconcat(around, *name ? "." : "", name, NULL) : NULL;
}

static char *variable(const struct body *body, int node)
{
    CXCursor cursor;
    if (!syntax_variable(body->tree, node, &cursor))
        return NULL;
    return variable_place(declaration_find(body->extraction, cursor));
}

static char *object(const struct body *body, int node, int depth)
{
    const struct syntax *tree = body->tree;
    node = syntax_strip(tree, node);
    if (node < 0 || depth > PLACE_DEPTH_MAX)
        return NULL;
    switch (tree->nodes[node].kind) {
    case CXCursor_DeclRefExpr:
        return variable(body, node);
    case CXCursor_MemberRefExpr:
        return member(body, node, depth);
    case CXCursor_ArraySubscriptExpr:
        return element(body, node, depth);
    case CXCursor_UnaryOperator:
        return syntax_unary(tree, node) == CXUnaryOperator_Deref
                   ? pointee(body, tree->nodes[node].first, depth + 1)
                   : NULL;
    default:
        return NULL;
    }
}

/* A pointer variable that is assigned once points where its value points. */
static char *pointee_of_variable(const struct body *body, int node, int depth)
{
    CXCursor cursor;
    if (!syntax_variable(body->tree, node, &cursor))
        return NULL;
    const struct declaration *declaration = declaration_find(body->extraction, cursor);
    const struct local *local = local_find(body, cursor);
    g_autofree char *root = variable_place(declaration);
    if (!root)
        return NULL;
    gboolean followed = declaration->kind == DECLARATION_LOCAL && local && local->assignments == 1 &&
                        !local->escapes && local->value >= 0;
    g_autofree char *target = followed ? pointee(body, local->value, depth + 1) : NULL;
    if (target)
        return g_steal_pointer(&target);
    return g_strconcat(root, is_reassigned(declaration, local) ? "~*" : "*", NULL);
}

static char *pointee(const struct body *body, int node, int depth)
{
    const struct syntax *tree = body->tree;
    node = syntax_strip(tree, node);
    if (node < 0 || depth > PLACE_DEPTH_MAX)
        return NULL;
    CXType type = clang_getCursorType(tree->nodes[node].cursor);
    if (tree->nodes[node].kind == CXCursor_UnaryOperator &&
        syntax_unary(tree, node) == CXUnaryOperator_AddrOf)
        return object(body, tree->nodes[node].first, depth + 1);
    if (type_is_array(type)) /* decays to its first element: the array itself names it */
        return object(body, node, depth + 1);
    if (!type_is_pointer(type) || type_is_function_pointer(type))
        return NULL;
    if (tree->nodes[node].kind == CXCursor_DeclRefExpr)
        return pointee_of_variable(body, node, depth);
    if (tree->nodes[node].kind == CXCursor_BinaryOperator) {
        enum CXBinaryOperatorKind kind = syntax_binary(tree, node);
        if (kind == CXBinaryOperator_Assign)
            return pointee(body, tree->nodes[node].first, depth + 1);
        g_autofree char *base =
            kind == CXBinaryOperator_Add ? pointee(body, tree->nodes[node].first, depth + 1) : NULL;
        return base ? g_strconcat(base, "[]", NULL) : NULL;
    }
    g_autofree char *pointer = object(body, node, depth + 1);
    return pointer ? g_strconcat(pointer, "*", NULL) : NULL;
}

char *object_place(const struct body *body, int node)
{
    return object(body, node, 0);
}

char *pointee_place(const struct body *body, int node)
{
    return pointee(body, node, 0);
}

static char *last_call(const struct body *body)
{
    const struct fact_list *events = body->function->events;
    for (guint i = events->len; i > 0; i--) {
        if (((const struct fact_event *)events->pdata[i - 1])->kind == EVENT_CALL)
            return g_strdup_printf("#%u", i - 1);
    }
    return NULL;
}

/* The subject of a comparison: a call is the last one that was lowered, since what follows is constant. */
static char *subject_of(const struct body *body, int node)
{
    const struct syntax *tree = body->tree;
    CXCursor cursor;
    gint64 mask = 0;
    node = syntax_strip(tree, node);
    if (node < 0)
        return NULL;
    if (tree->nodes[node].kind == CXCursor_BinaryOperator &&
        syntax_binary(tree, node) == CXBinaryOperator_Assign) {
        int right = syntax_strip(tree, syntax_child(tree, node, 1));
        node = right >= 0 && tree->nodes[right].kind == CXCursor_CallExpr
                   ? right
                   : syntax_strip(tree, tree->nodes[node].first);
    }
    if (node >= 0 && tree->nodes[node].kind == CXCursor_CallExpr)
        return last_call(body);
    if (node >= 0 && tree->nodes[node].kind == CXCursor_BinaryOperator &&
        syntax_binary(tree, node) == CXBinaryOperator_And &&
        syntax_constant(tree, syntax_child(tree, node, 1), &mask)) {
        g_autofree char *masked = subject_of(body, tree->nodes[node].first);
        return masked ? g_strdup_printf("%s&%" G_GINT64_FORMAT, masked, mask) : NULL;
    }
    if (node >= 0 && syntax_variable(tree, node, &cursor)) {
        const struct declaration *declaration = declaration_find(body->extraction, cursor);
        const struct local *local = local_find(body, cursor);
        if (is_local(declaration)) /* others may change what has an address */
            return local && local->escapes ? NULL : g_strdup(declaration->name);
    }
    return node >= 0 ? object(body, node, 0) : NULL;
}

static enum relation relation_of(enum CXBinaryOperatorKind kind, gboolean swapped)
{
    switch (kind) {
    case CXBinaryOperator_EQ:
        return RELATION_EQUAL;
    case CXBinaryOperator_NE:
        return RELATION_DIFFERENT;
    case CXBinaryOperator_LT:
        return swapped ? RELATION_ABOVE : RELATION_BELOW;
    case CXBinaryOperator_LE:
        return swapped ? RELATION_AT_LEAST : RELATION_AT_MOST;
    case CXBinaryOperator_GT:
        return swapped ? RELATION_BELOW : RELATION_ABOVE;
    case CXBinaryOperator_GE:
        return swapped ? RELATION_AT_MOST : RELATION_AT_LEAST;
    default:
        return RELATION_NONE;
    }
}

static void comparison_note(const struct body *body, int node, struct fact_test *test)
{
    const struct syntax *tree = body->tree;
    int left = tree->nodes[node].first, right = syntax_child(tree, node, 1);
    gboolean swapped = syntax_constant(tree, left, &test->constant);
    if (!swapped && !syntax_constant(tree, right, &test->constant))
        return;
    test->relation = relation_of(syntax_binary(tree, node), swapped);
    test->subject = fact_text_take(body->extraction->unit, subject_of(body, swapped ? right : left));
}

void test_note(struct body *body, int node, struct fact_test *test)
{
    const struct syntax *tree = body->tree;
    node = syntax_strip(tree, node);
    if (node < 0)
        return;
    gboolean compares = tree->nodes[node].kind == CXCursor_BinaryOperator &&
                        relation_of(syntax_binary(tree, node), FALSE) != RELATION_NONE;
    gboolean negates =
        tree->nodes[node].kind == CXCursor_UnaryOperator && syntax_unary(tree, node) == CXUnaryOperator_LNot;
    if (compares) {
        comparison_note(body, node, test);
        return;
    }
    test->relation = negates ? RELATION_EQUAL : RELATION_DIFFERENT;
    test->subject =
        fact_text_take(body->extraction->unit, subject_of(body, negates ? tree->nodes[node].first : node));
}

/* Comparisons are kept as such; other values are those of their subject. */
static void value_note(struct body *body, int value, struct fact_event *event)
{
    const struct syntax *tree = body->tree;
    int meant = value < 0 ? -1 : syntax_strip(tree, value);
    if (meant < 0)
        return;
    event->has_value = syntax_constant(tree, value, &event->test.constant) ||
                       syntax_constant(tree, meant, &event->test.constant);
    if (event->has_value)
        return;
    test_note(body, meant, &event->test);
    gboolean compares = tree->nodes[meant].kind == CXCursor_BinaryOperator &&
                        relation_of(syntax_binary(tree, meant), FALSE) != RELATION_NONE;
    gboolean negates = tree->nodes[meant].kind == CXCursor_UnaryOperator &&
                       syntax_unary(tree, meant) == CXUnaryOperator_LNot;
    if (!compares && !negates)
        event->test.relation = RELATION_NONE;
}

void assignment_note(struct body *body, int node, int value)
{
    const struct syntax *tree = body->tree;
    CXCursor cursor;
    if (!body->function)
        return;
    int meant = value < 0 ? -1 : syntax_strip(tree, value);
    if (meant >= 0 && tree->nodes[meant].kind == CXCursor_CallExpr)
        return; /* the call says where its result goes */
    if (tree->nodes[node].kind == CXCursor_VarDecl)
        cursor = tree->nodes[node].cursor;
    else if (!syntax_variable(tree, node, &cursor))
        return;
    const struct declaration *declaration = declaration_find(body->extraction, cursor);
    const struct local *local = local_find(body, cursor);
    if (!is_local(declaration) || !local || !local->tested)
        return;
    struct fact_event *event = event_add(body, node, EVENT_ASSIGN);
    event->path = fact_text(body->extraction->unit, declaration->name);
    value_note(body, value, event);
}

void step_note(struct body *body, int node, gint64 step)
{
    const struct fact_list *events = body->function ? body->function->events : NULL;
    guint before = events ? events->len : 0;
    assignment_note(body, node, -1);
    if (!events || events->len == before || step == 0)
        return;
    struct fact_event *event = events->pdata[events->len - 1];
    event->test.subject = event->path;
    event->test.constant = step;
}

void assignment_note_return(struct body *body, int value)
{
    struct fact_event *event = event_add(body, value, EVENT_ASSIGN);
    event->path = "#return";
    value_note(body, value, event);
}
