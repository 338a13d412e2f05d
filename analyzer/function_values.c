/* SPDX-License-Identifier: Apache-2.0 */
/* Which functions may stand behind which function pointers. */
#include <string.h>

#include "analyzer/body.h"

static void place_of(struct body *body, int node, int *file, int *line)
{
    CXSourceLocation location = clang_getCursorLocation(body->tree->nodes[node].cursor);
    *file = extraction_place(body->extraction, location, line, NULL);
}

static void add_value(struct body *body, int node, const char *path, const char *function)
{
    struct fact_unit *unit = body->extraction->unit;
    struct fact_function_value *value = fact_function_value_new(unit);
    value->path = fact_text(unit, path);
    value->function = fact_text(unit, function);
    CXType type =
        clang_getCanonicalType(clang_getCursorType(body->tree->nodes[syntax_strip(body->tree, node)].cursor));
    value->signature = fact_text(
        unit, type_name(body->extraction, type.kind == CXType_Pointer ? clang_getPointeeType(type) : type));
    place_of(body, node, &value->file, &value->line);
    fact_list_add(unit, unit->values, value);
}

static void add_flow(struct body *body, int node, const char *path, const char *source)
{
    if (strcmp(path, source) == 0)
        return;
    struct fact_unit *unit = body->extraction->unit;
    struct fact_function_flow *flow = fact_function_flow_new(unit);
    flow->path = fact_text(unit, path);
    flow->source = fact_text(unit, source);
    place_of(body, node, &flow->file, &flow->line);
    fact_list_add(unit, unit->flows, flow);
}

/* Parameters are `f#0`: callers know them by position. */
static char *source_path(const struct body *body, int node)
{
    CXCursor variable;
    if (syntax_variable(body->tree, node, &variable)) {
        const struct declaration *declaration = declaration_find(body->extraction, variable);
        if (declaration->kind == DECLARATION_PARAMETER && body->function)
            return g_strdup_printf("%s#%d", body->function->key, declaration->parameter);
        return g_strdup(declaration->path);
    }
    return access_path(body, node, PATH_OF_ARGUMENT);
}

/* TRUE for what a function pointer may be copied from; most values are none, and need no path. */
static gboolean may_be_function(const struct body *body, int node)
{
    if (node < 0)
        return FALSE;
    switch (body->tree->nodes[node].kind) {
    case CXCursor_IntegerLiteral:
    case CXCursor_FloatingLiteral:
    case CXCursor_StringLiteral:
    case CXCursor_CharacterLiteral:
    case CXCursor_UnaryExpr:
        return FALSE;
    case CXCursor_ConditionalOperator:
        return TRUE;
    default: {
        CXType type = clang_getCanonicalType(clang_getCursorType(body->tree->nodes[node].cursor));
        return type_is_function(type) || type_is_function_pointer(type);
    }
    }
}

void function_values_collect(struct body *body, int node, const char *path)
{
    node = syntax_strip(body->tree, node);
    if (node < 0 || !path)
        return;
    if (body->tree->nodes[node].kind == CXCursor_ConditionalOperator) {
        function_values_collect(body, syntax_child(body->tree, node, 1), path);
        function_values_collect(body, syntax_child(body->tree, node, 2), path);
        return;
    }
    const struct declaration *function = function_of(body, node);
    if (function) {
        add_value(body, node, path, function->path);
        return;
    }
    if (!type_is_function_pointer(clang_getCursorType(body->tree->nodes[node].cursor)))
        return;
    g_autofree char *source = source_path(body, node);
    if (source)
        add_flow(body, node, path, source);
}

void function_values_of_argument(struct body *body, int node, const char *target, int position)
{
    if (!target || !may_be_function(body, syntax_strip(body->tree, node)))
        return;
    g_autofree char *path = g_strdup_printf("%s#%d", target, position);
    function_values_collect(body, node, path);
}

struct initializer {
    struct body *body;
    int next; /* the next value of the list */
};

static void fill_object(struct initializer *list, CXType type, const char *path);

static enum CXVisitorResult add_field(CXCursor field, CXClientData data)
{
    g_ptr_array_add(data, g_memdup2(&field, sizeof(field)));
    return CXVisit_Continue;
}

static GPtrArray *fields_of(CXType type)
{
    GPtrArray *fields = g_ptr_array_new_with_free_func(g_free);
    clang_Type_visitFields(type, add_field, fields);
    return fields;
}

static char *path_of_field(struct body *body, CXCursor field, const char *path)
{
    const struct declaration *declaration = declaration_find(body->extraction, field);
    return declaration->path ? g_strdup(declaration->path) : g_strconcat(path, ".", declaration->name, NULL);
}

/* `.field = value` and `[index].field = value`: a wrapper whose first children name members. FALSE when
 * `node` has no designator; *after is then the position in `fields` that follows the designated one. */
static gboolean designated_value(struct body *body, int node, GPtrArray *fields, const char *path,
                                 guint *after)
{
    const struct syntax *tree = body->tree;
    int first = tree->nodes[node].first;
    if (tree->nodes[node].kind != CXCursor_UnexposedExpr || first < 0 || tree->nodes[first].next < 0)
        return FALSE;
    int value = syntax_last_child(tree, node);
    CXType type = clang_getCursorType(tree->nodes[value].cursor);
    g_autofree char *place = g_strdup(path);
    for (int child = first; child != value; child = tree->nodes[child].next) {
        if (tree->nodes[child].kind !=
            CXCursor_MemberRef) { /* an index; of `[1 ... 3]` the second one says no more */
            if (type_is_array(type)) {
                char *element = path_with_suffix(place, "[]");
                g_free(place);
                place = element;
                type = clang_getArrayElementType(clang_getCanonicalType(type));
            }
            continue;
        }
        CXCursor member = tree->nodes[child].referenced;
        char *deeper = path_of_field(body, member, place);
        g_free(place);
        place = deeper;
        type = clang_getCursorType(member);
        for (guint i = 0; child == first && fields && i < fields->len; i++)
            if (clang_equalCursors(*(CXCursor *)fields->pdata[i], member))
                *after = i + 1;
    }
    function_values_of_initializer(body, value, type, place);
    return TRUE;
}

static void fill_record(struct initializer *list, CXType type, const char *path)
{
    g_autoptr(GPtrArray) fields = fields_of(type);
    gboolean is_union = clang_getCursorKind(clang_getTypeDeclaration(type)) == CXCursor_UnionDecl;
    for (guint i = 0; list->next >= 0;) {
        guint after = i + 1;
        int node = list->next;
        if (designated_value(list->body, node, fields, path, &after)) {
            list->next = list->body->tree->nodes[node].next;
        } else if (i < fields->len) {
            CXCursor *field = fields->pdata[i];
            g_autofree char *place = path_of_field(list->body, *field, path);
            fill_object(list, clang_getCursorType(*field), place);
        } else {
            break;
        }
        i = after;
        if (is_union || (i >= fields->len && list->next == node))
            break;
    }
}

/* Takes one object's worth of values from the list: one value, or several where inner braces are left out. */
static void fill_object(struct initializer *list, CXType type, const char *path)
{
    const struct syntax *tree = list->body->tree;
    int node = list->next;
    CXType canonical = clang_getCanonicalType(type);
    CXType own = clang_getCanonicalType(clang_getCursorType(tree->nodes[node].cursor));
    gboolean elided = tree->nodes[node].kind != CXCursor_InitListExpr && !clang_equalTypes(own, canonical);
    if (elided && canonical.kind == CXType_Record) {
        fill_record(list, canonical, path);
        if (list->next == node)
            list->next = tree->nodes[node].next;
        return;
    }
    gint64 size = type_is_array(canonical) ? clang_getArraySize(canonical) : -1;
    int stripped = syntax_strip(tree, node);
    if (elided && size > 0 && tree->nodes[stripped].kind != CXCursor_StringLiteral) {
        g_autofree char *element = path_with_suffix(path, "[]");
        for (gint64 i = 0; i < size && list->next >= 0; i++)
            fill_object(list, clang_getArrayElementType(canonical), element);
        return;
    }
    list->next = tree->nodes[node].next;
    function_values_of_initializer(list->body, node, type, path);
}

void function_values_of_initializer(struct body *body, int node, CXType type, const char *path)
{
    const struct syntax *tree = body->tree;
    int stripped = syntax_strip(tree, node);
    if (stripped >= 0 && tree->nodes[stripped].kind == CXCursor_CompoundLiteralExpr)
        stripped = syntax_last_child(tree, stripped);
    if (stripped < 0 || tree->nodes[stripped].kind != CXCursor_InitListExpr) {
        function_values_collect(body, node, path);
        return;
    }
    struct initializer list = {body, tree->nodes[stripped].first};
    CXType canonical = clang_getCanonicalType(type);
    if (list.next >= 0 && canonical.kind == CXType_Record) {
        fill_record(&list, canonical, path);
        return;
    }
    gboolean is_array = type_is_array(canonical);
    CXType element_type = is_array ? clang_getArrayElementType(canonical) : type;
    g_autofree char *element = is_array ? path_with_suffix(path, "[]") : g_strdup(path);
    while (list.next >= 0) {
        int value = list.next;
        guint ignored = 0;
        if (designated_value(body, value, NULL, element, &ignored))
            list.next = tree->nodes[value].next;
        else
            fill_object(&list, element_type, element);
    }
}
