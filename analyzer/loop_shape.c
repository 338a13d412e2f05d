/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "analyzer/body.h"

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
