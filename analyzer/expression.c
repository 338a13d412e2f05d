/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions to events, in evaluation order. */
#include <string.h>

#include "analyzer/body.h"

enum access { ACCESS_NONE = 0, ACCESS_READ = 1, ACCESS_WRITE = 2 };

void operation_count(struct body *body)
{
    struct fact_function *function = body->function;
    if (!function)
        return;
    g_array_index(body->block_operations, int, body->block)++;
    if (body->loop >= 0)
        ((struct fact_loop *)function->loops->pdata[body->loop])->operations++;
    else
        function->operations++;
}

struct fact_event *event_add(struct body *body, int node, enum event_kind kind)
{
    struct fact_event *event = fact_event_new(body->extraction->unit, kind);
    CXSourceLocation location = clang_getCursorLocation(body->tree->nodes[node].cursor);
    event->file = extraction_place(body->extraction, location, &event->line, &event->column);
    event->end_line = event->line;
    event->block = body->block;
    event->loop = body->loop;
    fact_list_add(body->extraction->unit, body->function->events, event);
    return event;
}

/* Reading the same place twice in one line and block says nothing new. */
static gboolean repeats_last(const struct body *body, const char *path)
{
    const struct fact_list *events = body->function->events;
    if (events->len == 0)
        return FALSE;
    const struct fact_event *last = events->pdata[events->len - 1];
    return last->kind == EVENT_READ && last->block == body->block && strcmp(last->path, path) == 0;
}

static struct fact_event *access_event(struct body *body, int node, enum event_kind kind, const char *path)
{
    struct fact_event *event = event_add(body, node, kind);
    event->path = path;
    event->place = fact_text_take(body->extraction->unit, object_place(body, node));
    return event;
}

static void access_add(struct body *body, int node, enum access access)
{
    g_autofree char *found = access_path(body, node, PATH_OF_ACCESS);
    if (!found)
        return;
    const char *path = fact_text(body->extraction->unit, found);
    CXType type = clang_getCursorType(body->tree->nodes[node].cursor);
    if (clang_getCanonicalType(type).kind == CXType_Atomic) {
        struct fact_event *event = access_event(body, node, EVENT_ATOMIC, path);
        event->callee = access & ACCESS_WRITE ? NULL : "load";
        return;
    }
    if ((access & ACCESS_READ) && !repeats_last(body, path))
        access_event(body, node, EVENT_READ, path);
    if (access & ACCESS_WRITE)
        access_event(body, node, EVENT_WRITE, path);
}

/* An object expression: its pointer and index are read, then the object itself is accessed. */
static void lower_place(struct body *body, int node, enum access access)
{
    const struct syntax *tree = body->tree;
    node = syntax_strip(tree, node);
    if (node < 0)
        return;
    int first = tree->nodes[node].first;
    switch (tree->nodes[node].kind) {
    case CXCursor_DeclRefExpr:
        break;
    case CXCursor_MemberRefExpr:
        operation_count(body);
        if (first >= 0 && type_is_pointer(clang_getCursorType(tree->nodes[first].cursor)))
            lower_expression(body, first);
        else if (first >= 0)
            lower_place(body, first, ACCESS_NONE);
        break;
    case CXCursor_ArraySubscriptExpr:
        operation_count(body);
        lower_expression(body, first);
        lower_expression(body, syntax_child(tree, node, 1));
        break;
    case CXCursor_UnaryOperator:
        operation_count(body);
        lower_expression(body, first);
        break;
    default:
        lower_expression(body, node);
        return;
    }
    if (access != ACCESS_NONE && !type_is_function(clang_getCursorType(tree->nodes[node].cursor)))
        access_add(body, node, access);
}

static gboolean is_place(const struct syntax *tree, int node)
{
    enum CXCursorKind kind = tree->nodes[node].kind;
    if (kind == CXCursor_UnaryOperator)
        return syntax_unary(tree, node) == CXUnaryOperator_Deref;
    return kind == CXCursor_MemberRefExpr || kind == CXCursor_ArraySubscriptExpr;
}

static void lower_children(struct body *body, int node)
{
    for (int child = body->tree->nodes[node].first; child >= 0; child = body->tree->nodes[child].next)
        lower_expression(body, child);
}

void atomic_add(struct body *body, int node, int pointer, const char *name)
{
    g_autofree char *path = pointer >= 0 ? access_path(body, pointer, PATH_OF_ARGUMENT) : NULL;
    operation_count(body);
    if (!path)
        return;
    struct fact_event *event = event_add(body, node, EVENT_ATOMIC);
    event->path = fact_text(body->extraction->unit, path);
    event->place = fact_text_take(body->extraction->unit, pointee_place(body, pointer));
    event->callee = fact_text(body->extraction->unit, name);
}

/* A wrapper of several expressions: an atomic builtin, or something whose parts are evaluated one after the
 * other. */
static void lower_nameless(struct body *body, int node)
{
    int first = body->tree->nodes[node].first;
    lower_children(body, node);
    if (first < 0 || body->tree->nodes[first].kind == CXCursor_MemberRef ||
        !type_is_pointer(clang_getCursorType(body->tree->nodes[first].cursor)))
        return;
    /* libclang does not name atomic builtins: the text where the expression begins does */
    CXSourceRange extent = clang_getCursorExtent(body->tree->nodes[node].cursor);
    g_autofree char *name = source_word(body->extraction->translation_unit, clang_getRangeStart(extent));
    if (name && (g_str_has_prefix(name, "__atomic_") || g_str_has_prefix(name, "__c11_atomic_") ||
                 g_str_has_prefix(name, "__scoped_atomic_")))
        atomic_add(body, node, first, name);
}

void lower_assigned(struct body *body, int value, const char *left_path, gboolean tested)
{
    char *outer = body->result;
    gboolean outer_tested = body->result_tested;
    int stripped = syntax_strip(body->tree, value);
    if (stripped >= 0 && body->tree->nodes[stripped].kind == CXCursor_CallExpr) {
        body->result = (char *)left_path;
        body->result_tested = tested;
    }
    lower_expression(body, value);
    body->result = outer;
    body->result_tested = outer_tested;
}

static char *left_name(const struct body *body, int left, gboolean *tested)
{
    CXCursor variable;
    if (!syntax_variable(body->tree, left, &variable))
        return access_path(body, left, PATH_OF_ARGUMENT);
    const struct declaration *declaration = declaration_find(body->extraction, variable);
    const struct local *local = local_find(body, variable);
    *tested = local && local->tested;
    gboolean is_local = declaration->kind == DECLARATION_LOCAL || declaration->kind == DECLARATION_PARAMETER;
    return g_strdup(is_local ? declaration->name : declaration->path);
}

static void lower_assignment(struct body *body, int node)
{
    int left = body->tree->nodes[node].first;
    int right = syntax_child(body->tree, node, 1);
    gboolean tested = FALSE;
    g_autofree char *name = left_name(body, left, &tested);
    g_autofree char *path = access_path(body, left, PATH_OF_ARGUMENT);
    lower_assigned(body, right, name, tested || body->tested > 0);
    lower_place(body, left, ACCESS_WRITE);
    assignment_note(body, left, right);
    CXType left_type = clang_getCursorType(body->tree->nodes[left].cursor);
    g_autofree char *element = type_is_function_pointer(left_type) ? element_path(body, left) : NULL;
    gboolean named = clang_getCanonicalType(left_type).kind == CXType_Enum;
    g_autofree char *place = named ? object_place(body, left) : NULL;
    if (path)
        function_values_of_initializer(body, right, left_type, path, NULL, place);
    function_values_collect(body, right, element);
    if (path)
        descriptor_values_collect(body, right, path);
}

/* a && b, a || b where the value is wanted: two ways through the blocks. */
static void lower_logical(struct body *body, int node)
{
    int right = block_new(body), after = block_new(body);
    gboolean is_and = syntax_binary(body->tree, node) == CXBinaryOperator_LAnd;
    lower_condition(body, body->tree->nodes[node].first, is_and ? right : after, is_and ? after : right);
    body->block = right;
    body->tested++;
    lower_expression(body, syntax_child(body->tree, node, 1));
    body->tested--;
    block_enter(body, after);
}

static gboolean is_comparison_kind(enum CXBinaryOperatorKind kind)
{
    return kind >= CXBinaryOperator_LT && kind <= CXBinaryOperator_NE;
}

/* Long sums lean to the left: their spine is walked with a loop, not by recursion. */
static void lower_binary(struct body *body, int node)
{
    g_autoptr(GArray) right_sides = g_array_new(FALSE, FALSE, sizeof(int));
    int comparisons = 0;
    for (;;) {
        enum CXBinaryOperatorKind kind = syntax_binary(body->tree, node);
        if (kind == CXBinaryOperator_Assign || kind == CXBinaryOperator_LAnd || kind == CXBinaryOperator_LOr)
            break;
        operation_count(body);
        comparisons += is_comparison_kind(kind);
        int right = syntax_child(body->tree, node, 1);
        g_array_append_val(right_sides, right);
        int left = body->tree->nodes[node].first, meant = syntax_strip(body->tree, left);
        gboolean goes_on = meant >= 0 && body->tree->nodes[meant].kind == CXCursor_BinaryOperator;
        node = goes_on ? meant : left; /* an array that turns into a pointer is not read */
        if (!goes_on)
            break;
    }
    body->tested += comparisons;
    if (node >= 0)
        lower_expression(body, node);
    for (guint i = right_sides->len; i-- > 0;)
        if (g_array_index(right_sides, int, i) >= 0)
            lower_expression(body, g_array_index(right_sides, int, i));
    body->tested -= comparisons;
}

static void lower_binary_or_assignment(struct body *body, int node)
{
    switch (syntax_binary(body->tree, node)) {
    case CXBinaryOperator_Assign:
        lower_assignment(body, node);
        break;
    case CXBinaryOperator_LAnd:
    case CXBinaryOperator_LOr:
        lower_logical(body, node);
        break;
    default:
        lower_binary(body, node);
    }
}

static void lower_unary(struct body *body, int node)
{
    int operand = body->tree->nodes[node].first;
    switch (syntax_unary(body->tree, node)) {
    case CXUnaryOperator_PostInc:
    case CXUnaryOperator_PostDec:
    case CXUnaryOperator_PreInc:
    case CXUnaryOperator_PreDec:
        operation_count(body);
        lower_place(body, operand, ACCESS_READ | ACCESS_WRITE);
        step_note(body, operand, write_step(body->tree, node));
        break;
    case CXUnaryOperator_AddrOf:
        lower_place(body, operand, ACCESS_NONE);
        break;
    case CXUnaryOperator_LNot:
        body->tested++;
        lower_expression(body, operand);
        body->tested--;
        break;
    default:
        if (operand >= 0)
            lower_expression(body, operand);
    }
}

static void lower_conditional(struct body *body, int node)
{
    int when_true = block_new(body), when_false = block_new(body), after = block_new(body);
    int condition = body->tree->nodes[node].first;
    lower_hinted(body, condition, when_true, when_false,
                 branch_hint_of_arms(body->tree, condition, syntax_child(body->tree, node, 1),
                                     syntax_child(body->tree, node, 2)));
    body->block = when_true;
    lower_expression(body, syntax_child(body->tree, node, 1));
    block_edge(body, body->block, after);
    body->block = when_false;
    lower_expression(body, syntax_child(body->tree, node, 2));
    block_enter(body, after);
}

static gboolean is_object(const struct syntax *tree, int node)
{
    return tree->nodes[node].kind == CXCursor_DeclRefExpr ||
           tree->nodes[node].kind == CXCursor_CompoundLiteralExpr ||
           tree->nodes[node].kind == CXCursor_StringLiteral || is_place(tree, node);
}

/* Arrays and functions turn into pointers without being read. */
static void lower_wrapper(struct body *body, int node)
{
    const struct syntax *tree = body->tree;
    int inner = tree->nodes[node].first;
    if (inner < 0)
        return;
    if (tree->nodes[inner].next >= 0) {
        lower_nameless(body, node);
        return;
    }
    int stripped = syntax_strip(tree, node);
    if (is_object(tree, stripped) && type_is_array(clang_getCursorType(tree->nodes[stripped].cursor)) &&
        type_is_pointer(clang_getCursorType(tree->nodes[node].cursor)))
        lower_place(body, stripped, ACCESS_NONE);
    else
        lower_expression(body, stripped);
}

static void lower_reference(struct body *body, int node)
{
    CXCursor variable;
    if (syntax_variable(body->tree, node, &variable))
        access_add(body, node, ACCESS_READ);
}

void lower_expression(struct body *body, int node)
{
    const struct syntax *tree = body->tree;
    switch (tree->nodes[node].kind) {
    case CXCursor_UnexposedExpr:
    case CXCursor_ParenExpr:
    case CXCursor_CStyleCastExpr:
        lower_wrapper(body, node);
        break;
    case CXCursor_DeclRefExpr:
        lower_reference(body, node);
        break;
    case CXCursor_CallExpr:
        if (syntax_strip(tree, node) != node) /* __builtin_expect(value, guess) is its value */
            lower_expression(body, syntax_strip(tree, node));
        else
            lower_call(body, node);
        break;
    case CXCursor_BinaryOperator:
        lower_binary_or_assignment(body, node);
        break;
    case CXCursor_CompoundAssignOperator:
        operation_count(body);
        lower_expression(body, syntax_child(tree, node, 1));
        lower_place(body, tree->nodes[node].first, ACCESS_READ | ACCESS_WRITE);
        assignment_note(body, tree->nodes[node].first, -1);
        break;
    case CXCursor_ConditionalOperator:
        lower_conditional(body, node);
        break;
    case CXCursor_UnaryExpr: /* sizeof, alignof */
    case CXCursor_AddrLabelExpr:
    case CXCursor_LabelRef:
        break; /* not evaluated */
    default:
        if (is_place(tree, node))
            lower_place(body, node, ACCESS_READ);
        else if (tree->nodes[node].kind == CXCursor_UnaryOperator)
            lower_unary(body, node);
        else if (clang_isStatement(tree->nodes[node].kind))
            lower_statement(body, node);
        else
            lower_children(body, node);
    }
}
