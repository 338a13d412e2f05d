/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "analyzer/body.h"

#define BOUND_MAX (G_GINT64_CONSTANT(1) << 60)

/* Which of the three parts of `for (init; condition; increment)` are there, by the text of its head. libclang
 * leaves out the missing ones without a trace. */
struct for_parts {
    gboolean present[3];
};

static gsize skip_comment(const char *text, gsize at, gsize size)
{
    if (at + 1 >= size || text[at] != '/')
        return at;
    if (text[at + 1] == '/') {
        while (at < size && text[at] != '\n')
            at++;
        return at;
    }
    if (text[at + 1] != '*')
        return at;
    const char *end = g_strstr_len(text + at + 2, (gssize)(size - at - 2), "*/");
    return end ? (gsize)(end - text) + 2 : size;
}

static gsize skip_literal(const char *text, gsize at, gsize size)
{
    char quote = text[at];
    for (at++; at < size && text[at] != quote; at++)
        if (text[at] == '\\')
            at++;
    return at + 1;
}

/* Reads from the opening parenthesis on. FALSE when the head is not plain text (macros that hold a `;`). */
static gboolean scan_head(const char *text, gsize at, gsize size, struct for_parts *parts)
{
    int depth = 0, part = 0;
    while (at < size) {
        gsize after = skip_comment(text, at, size);
        char c = text[at];
        if (after != at) {
            at = after;
            continue;
        }
        if (c == '(' || c == '[' || c == '{')
            depth++;
        else if (c == ')' || c == ']' || c == '}')
            depth--;
        else if (c == ';' && depth == 1)
            part++;
        if (depth == 0)
            return part == 2;
        if (part > 2)
            return FALSE;
        gboolean opening = depth == 1 && c == '(' && part == 0 && !parts->present[0];
        if (!g_ascii_isspace(c) && c != '\\' && !(c == ';' && depth == 1) && !opening)
            parts->present[part] = TRUE;
        at = c == '"' || c == '\'' ? skip_literal(text, at, size) : at + 1;
    }
    return FALSE;
}

static gboolean read_parts(const struct body *body, int node, struct for_parts *parts)
{
    CXFile file = NULL;
    unsigned offset = 0;
    gsize size = 0;
    CXSourceRange extent = clang_getCursorExtent(body->tree->nodes[node].cursor);
    clang_getSpellingLocation(clang_getRangeStart(extent), &file, NULL, NULL, &offset);
    const char *text = file ? clang_getFileContents(body->extraction->translation_unit, file, &size) : NULL;
    if (!text || offset + 3 >= size || strncmp(text + offset, "for", 3) != 0)
        return FALSE;
    gsize at = offset + 3;
    while (at < size && text[at] != '(')
        at++;
    return scan_head(text, at, size, parts);
}

static gboolean is_comparison_or_call(const struct syntax *tree, int node)
{
    int target = -1;
    enum CXCursorKind kind = tree->nodes[node].kind;
    return kind != CXCursor_DeclStmt && !syntax_is_write(tree, node, &target) &&
           !(kind == CXCursor_BinaryOperator && syntax_binary(tree, node) == CXBinaryOperator_Comma);
}

/* Inside macros the text is out of reach: declarations begin, assignments before a condition begin, what
 * compares is the condition. */
static void guess_parts(const struct syntax *tree, int node, int count, struct for_parts *parts)
{
    gboolean seen_condition = FALSE;
    int child = tree->nodes[node].first;
    memset(parts, 0, sizeof(*parts));
    for (int i = 0; i < count; i++, child = tree->nodes[child].next) {
        if (is_comparison_or_call(tree, child))
            seen_condition = parts->present[1] = TRUE;
        else if (i == 0 && !(count == 1 && tree->nodes[child].kind == CXCursor_UnaryOperator))
            parts->present[0] = TRUE;
        else
            parts->present[2] = TRUE;
    }
    if (!seen_condition && count == 2)
        parts->present[0] = parts->present[2] = TRUE;
}

static struct loop_shape for_shape(const struct body *body, int node)
{
    const struct syntax *tree = body->tree;
    struct loop_shape shape = {-1, -1, -1, syntax_last_child(tree, node)};
    int count = syntax_child_count(tree, node) - 1;
    struct for_parts parts = {{FALSE, FALSE, FALSE}};
    if (count == 3)
        parts = (struct for_parts){{TRUE, TRUE, TRUE}};
    else if (count > 0 && (!read_parts(body, node, &parts) ||
                           parts.present[0] + parts.present[1] + parts.present[2] != count))
        guess_parts(tree, node, count, &parts);
    int child = tree->nodes[node].first;
    int *slots[] = {&shape.init, &shape.condition, &shape.increment};
    for (int i = 0; i < 3 && child != shape.body; i++) {
        if (!parts.present[i])
            continue;
        *slots[i] = child;
        child = tree->nodes[child].next;
    }
    return shape;
}

struct loop_shape loop_shape_find(const struct body *body, int node)
{
    const struct syntax *tree = body->tree;
    int first = tree->nodes[node].first, last = syntax_last_child(tree, node);
    switch (tree->nodes[node].kind) {
    case CXCursor_ForStmt:
        return for_shape(body, node);
    case CXCursor_DoStmt:
        return (struct loop_shape){-1, last, -1, first};
    default:
        return (struct loop_shape){-1, first, -1, last};
    }
}

/* The variable and constant that `init` sets: `i = 0`, `int i = 0`; the last one of several. */
static gboolean initial_value(const struct syntax *tree, int node, CXCursor wanted, gint64 *value)
{
    for (int i = node; node >= 0 && i < tree->nodes[node].end; i++) {
        int target = -1;
        CXCursor variable;
        if (tree->nodes[i].kind == CXCursor_VarDecl && clang_equalCursors(tree->nodes[i].cursor, wanted)) {
            int last = syntax_last_child(tree, i);
            return last >= 0 && syntax_constant(tree, last, value);
        }
        if (tree->nodes[i].kind == CXCursor_BinaryOperator && syntax_is_write(tree, i, &target) &&
            syntax_variable(tree, target, &variable) && clang_equalCursors(variable, wanted))
            return syntax_constant(tree, syntax_child(tree, i, 1), value);
    }
    return FALSE;
}

gint64 write_step(const struct syntax *tree, int node)
{
    gint64 value = 0;
    int right = syntax_child(tree, node, 1);
    if (tree->nodes[node].kind == CXCursor_UnaryOperator) {
        enum CXUnaryOperatorKind kind = syntax_unary(tree, node);
        return kind == CXUnaryOperator_PostInc || kind == CXUnaryOperator_PreInc ? 1 : -1;
    }
    if (right < 0)
        return 0;
    enum CXBinaryOperatorKind kind = syntax_binary(tree, node);
    if (kind == CXBinaryOperator_AddAssign || kind == CXBinaryOperator_SubAssign)
        return !syntax_constant(tree, right, &value) ? 0
               : kind == CXBinaryOperator_AddAssign  ? value
                                                     : -value;
    int sum = syntax_strip(tree, right);
    if (kind != CXBinaryOperator_Assign || tree->nodes[sum].kind != CXCursor_BinaryOperator)
        return 0;
    CXCursor left_variable, variable;
    enum CXBinaryOperatorKind operator_kind = syntax_binary(tree, sum);
    if ((operator_kind != CXBinaryOperator_Add && operator_kind != CXBinaryOperator_Sub) ||
        !syntax_variable(tree, tree->nodes[sum].first, &variable) ||
        !syntax_variable(tree, tree->nodes[node].first, &left_variable) ||
        !clang_equalCursors(variable, left_variable) ||
        !syntax_constant(tree, syntax_child(tree, sum, 1), &value))
        return 0;
    return operator_kind == CXBinaryOperator_Add ? value : -value;
}

/* Number of writes of `variable` below `node`; *step is the step of the last. */
static int count_writes(const struct syntax *tree, int node, CXCursor variable, gint64 *step)
{
    int writes = 0;
    for (int i = node; node >= 0 && i < tree->nodes[node].end; i++) {
        int target = -1;
        CXCursor written;
        if (!syntax_is_write(tree, i, &target) || !syntax_variable(tree, target, &written) ||
            !clang_equalCursors(written, variable))
            continue;
        writes++;
        *step = write_step(tree, i);
    }
    return writes;
}

static gint64 count_steps(enum CXBinaryOperatorKind kind, gint64 from, gint64 to, gint64 step)
{
    if (MAX(MAX(ABS(from), ABS(to)), ABS(step)) > BOUND_MAX)
        return -1; /* the differences below must not overflow */
    if (step > 0 && (kind == CXBinaryOperator_LT || kind == CXBinaryOperator_NE))
        return to > from ? (to - from + step - 1) / step : 0;
    if (step > 0 && kind == CXBinaryOperator_LE)
        return to >= from ? (to - from) / step + 1 : 0;
    if (step < 0 && (kind == CXBinaryOperator_GT || kind == CXBinaryOperator_NE))
        return from > to ? (from - to - step - 1) / -step : 0;
    if (step < 0 && kind == CXBinaryOperator_GE)
        return from >= to ? (from - to) / -step + 1 : 0;
    return -1;
}

static gint64 counted_trips(const struct body *body, const struct loop_shape *shape)
{
    const struct syntax *tree = body->tree;
    int condition = syntax_strip(tree, shape->condition);
    if (condition < 0 || shape->init < 0 || tree->nodes[condition].kind != CXCursor_BinaryOperator)
        return -1;
    enum CXBinaryOperatorKind kind = syntax_binary(tree, condition);
    CXCursor variable;
    gint64 from = 0, to = 0, step = 0, ignored = 0;
    if (!syntax_variable(tree, tree->nodes[condition].first, &variable) ||
        !syntax_constant(tree, syntax_child(tree, condition, 1), &to) ||
        !initial_value(tree, shape->init, variable, &from))
        return -1;
    const struct local *local = local_find(body, variable);
    if (!local || local->escapes || count_writes(tree, shape->body, variable, &ignored) != 0 ||
        count_writes(tree, shape->increment, variable, &step) != 1)
        return -1;
    return count_steps(kind, from, to, step);
}

gint64 loop_trip_count(const struct body *body, int node, const struct loop_shape *shape)
{
    gint64 value = 0;
    if (shape->condition < 0)
        return body->tree->nodes[node].kind == CXCursor_ForStmt ? G_MAXINT64 : -1;
    if (syntax_constant(body->tree, shape->condition, &value))
        return value ? G_MAXINT64 : 0;
    return body->tree->nodes[node].kind == CXCursor_ForStmt ? counted_trips(body, shape) : -1;
}
