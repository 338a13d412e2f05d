/* SPDX-License-Identifier: Apache-2.0 */
/* Calls to events: what is called, with which arguments, and what becomes of the result. */
#include <string.h>

#include "analyzer/body.h"

/* Bits that `a | B | C` sets whatever a is. */
static gint64 bits_set(const struct syntax *tree, int node)
{
    gint64 value = 0, bits = 0;
    for (node = syntax_strip(tree, node); node >= 0 && tree->nodes[node].kind == CXCursor_BinaryOperator &&
                                          syntax_binary(tree, node) == CXBinaryOperator_Or;
         node = syntax_strip(tree, tree->nodes[node].first))
        if (syntax_constant(tree, syntax_child(tree, node, 1), &value))
            bits |= value;
    return node >= 0 && syntax_constant(tree, node, &value) ? bits | value : bits;
}

static struct fact_argument *argument_new(struct body *body, int node)
{
    const struct syntax *tree = body->tree;
    struct fact_unit *unit = body->extraction->unit;
    struct fact_argument *argument = fact_argument_new(unit);
    int stripped = syntax_strip(tree, node);
    if (stripped < 0)
        return argument;
    CXCursor cursor = tree->nodes[stripped].cursor;
    argument->type = fact_text(unit, type_name(body->extraction, clang_getCursorType(cursor)));
    argument->place = fact_text_take(unit, pointee_place(body, stripped));
    enum lock_kind lock;
    if (argument->place && strchr(argument->place, '[') && type_is_lock(clang_getCursorType(cursor), &lock))
        argument->index = fact_text_take(unit, element_index(body, stripped));
    else if (!argument->place)
        argument->index = fact_text_take(unit, variable_text(body, stripped));
    const struct declaration *function = function_of(body, stripped);
    if (function) {
        argument->kind = ARGUMENT_FUNCTION;
        argument->text = fact_text(unit, function->path);
    } else if (tree->nodes[stripped].kind == CXCursor_StringLiteral) {
        g_autofree char *quoted = clang_string_take(clang_getCursorSpelling(cursor));
        argument->kind = ARGUMENT_STRING;
        gsize length = strlen(quoted);
        if (length >= 2 && quoted[0] == '"')
            quoted[length - 1] = '\0';
        argument->text = fact_text_take(unit, g_utf8_make_valid(quoted[0] == '"' ? quoted + 1 : quoted, -1));
    } else if (syntax_constant(tree, node, &argument->integer) ||
               syntax_constant(tree, stripped,
                               &argument->integer)) { /* NULL is a pointer, and its 0 a number */
        argument->kind = ARGUMENT_INTEGER;
    } else if ((argument->text = fact_text_take(unit, access_path(body, stripped, PATH_OF_ARGUMENT)))) {
        argument->kind = ARGUMENT_PATH;
    } else {
        argument->integer = bits_set(tree, stripped);
    }
    return argument;
}

/* Path by which a function pointer is known elsewhere: parameters by position, elements by constant indexes.
 */
static char *pointer_path(struct body *body, int node)
{
    CXCursor variable;
    node = syntax_strip(body->tree, node);
    while (node >= 0 && body->tree->nodes[node].kind == CXCursor_UnaryOperator &&
           syntax_unary(body->tree, node) == CXUnaryOperator_Deref)
        node = syntax_strip(body->tree, body->tree->nodes[node].first);
    if (node >= 0 && syntax_variable(body->tree, node, &variable)) {
        const struct declaration *declaration = declaration_find(body->extraction, variable);
        if (declaration->kind == DECLARATION_PARAMETER)
            return g_strdup_printf("%s#%d", body->function->key, declaration->parameter);
    }
    if (node < 0)
        return NULL;
    g_autofree char *path = access_path(body, node, PATH_OF_ARGUMENT);
    g_autofree char *element = path ? element_path(body, node) : NULL;
    if (!element)
        return g_steal_pointer(&path);
    function_values_otherwise(body, node, element, path);
    return g_steal_pointer(&element);
}

static void call_arguments(struct body *body, struct fact_event *event, int argument)
{
    const char *target = event->callee ? event->callee : event->via;
    for (int position = 0; argument >= 0; argument = body->tree->nodes[argument].next, position++) {
        fact_list_add(body->extraction->unit, event->arguments, argument_new(body, argument));
        function_values_of_argument(body, argument, target, position);
    }
}

static void finish_dead_end(struct body *body)
{
    ((struct fact_block *)body->function->blocks->pdata[body->block])->stops = TRUE;
    body->block = block_new(body);
}

void lower_call(struct body *body, int node)
{
    const struct syntax *tree = body->tree;
    int callee = tree->nodes[node].first;
    const struct declaration *function = callee >= 0 ? function_of(body, callee) : NULL;
    char *result = body->result;
    gboolean result_tested = body->result_tested || body->tested > 0;
    int tested = body->tested;
    body->result = NULL;
    body->tested = 0;
    if (callee >= 0 && !function)
        lower_expression(body, callee);
    for (int child = callee >= 0 ? tree->nodes[callee].next : -1; child >= 0; child = tree->nodes[child].next)
        lower_expression(body, child);
    body->tested = tested;
    if (function && g_str_has_prefix(function->name, "__sync_") && tree->nodes[callee].next >= 0) {
        atomic_add(body, node, tree->nodes[callee].next, function->name);
        return;
    }
    struct fact_event *event = event_add(body, node, EVENT_CALL);
    CXSourceRange extent = clang_getCursorExtent(tree->nodes[node].cursor);
    extraction_place(body->extraction, clang_getRangeEnd(extent), &event->end_line, NULL);
    event->end_line = MAX(event->line, event->end_line);
    event->result = fact_text(body->extraction->unit, result);
    event->checked = result_tested;
    if (function) {
        event->callee = fact_text(body->extraction->unit, function->path);
    } else if (callee >= 0) {
        event->via = fact_text_take(body->extraction->unit, pointer_path(body, callee));
        CXType type = clang_getCanonicalType(clang_getCursorType(tree->nodes[callee].cursor));
        event->signature = fact_text(
            body->extraction->unit,
            type_name(body->extraction, type.kind == CXType_Pointer ? clang_getPointeeType(type) : type));
    }
    if (callee >= 0)
        call_arguments(body, event, tree->nodes[callee].next);
    if (function && function->never_returns)
        finish_dead_end(body);
}
