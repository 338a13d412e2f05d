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

static struct fact_function_flow *add_flow(struct body *body, int node, const char *path, const char *source)
{
    if (strcmp(path, source) == 0)
        return NULL;
    struct fact_unit *unit = body->extraction->unit;
    struct fact_function_flow *flow = fact_function_flow_new(unit);
    flow->path = fact_text(unit, path);
    flow->source = fact_text(unit, source);
    place_of(body, node, &flow->file, &flow->line);
    fact_list_add(unit, unit->flows, flow);
    return flow;
}

void function_values_otherwise(struct body *body, int node, const char *path, const char *source)
{
    struct fact_function_flow *flow = add_flow(body, node, path, source);
    if (flow)
        flow->otherwise = TRUE;
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
    /* A parameter that is declared with the type of a function is a pointer, too. */
    CXType type = clang_getCursorType(body->tree->nodes[node].cursor);
    if (!type_is_function_pointer(type) && !type_is_function(type))
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

/* An object that is initialised, or a part of it, by the path that all of its type share. */
struct initialized {
    const char *path;
    const struct initialized *outer; /* NULL: the variable itself */
    const char *variable;            /* its path, if that names one object; NULL below it */
    const char *place;               /* of that object, if known; NULL below it */
    const char *member;              /* "" for the member without a name; NULL: an element */
    gint64 index;                    /* of an element; -1: not known which */
    gboolean calls;                  /* a record with a field that holds a function */
};

struct initializer {
    struct body *body;
    int next; /* the next value of the list */
};

static void fill_object(struct initializer *list, CXType type, const struct initialized *object);
static void fill_value(struct body *body, int node, CXType type, const struct initialized *object);

/* The path of this one object, as element_path() knows it, when it stands in an array; else NULL. The caller
 * frees it. */
static char *initialized_element(const struct initialized *object)
{
    g_autoptr(GString) suffix = g_string_new(NULL);
    gboolean in_array = FALSE;
    for (; object->outer; object = object->outer) {
        g_autofree char *step = NULL;
        if (!object->member) {
            step = g_strdup_printf("[%" G_GINT64_FORMAT "]", object->index);
            in_array = TRUE;
            if (object->index < 0)
                return NULL;
        } else {
            step = *object->member ? g_strconcat(".", object->member, NULL) : g_strdup("");
        }
        g_string_prepend(suffix, step);
    }
    return in_array && object->variable ? path_with_suffix(object->variable, suffix->str) : NULL;
}

/* The place of a member of this one object; NULL in arrays, and when that of the object is not known. The
 * caller frees it. */
static char *initialized_place(const struct initialized *object)
{
    g_autoptr(GString) place = g_string_new(NULL);
    for (; object->outer; object = object->outer) {
        if (!object->member)
            return NULL;
        g_string_prepend(place, object->member);
        g_string_prepend(place, *object->member ? "." : "");
    }
    return object->place ? g_strconcat(object->place, place->str, NULL) : NULL;
}

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

static char *path_of_field(const struct declaration *field, const char *path)
{
    g_autofree char *suffix = *field->name ? g_strconcat(".", field->name, NULL) : g_strdup("");
    return field->path ? g_strdup(field->path) : path_with_suffix(path, suffix);
}

static gboolean has_designator(const struct syntax *tree, int node)
{
    int first = tree->nodes[node].first;
    return tree->nodes[node].kind == CXCursor_UnexposedExpr && first >= 0 && tree->nodes[first].next >= 0;
}

/* `.field = value` and `[index].field = value`: `step` and what follows it, up to the value, name a part of
 * `object`. The second number of `[1 ... 3]` only says that it is not one element. */
static void fill_designated(struct body *body, int step, int value, CXType type,
                            const struct initialized *object)
{
    const struct syntax_node *syntax = &body->tree->nodes[step];
    struct initialized part = {.outer = object, .index = -1};
    g_autofree char *path = NULL;
    if (step == value) {
        fill_value(body, value, type, object);
        return;
    }
    if (syntax->kind == CXCursor_MemberRef) {
        const struct declaration *field = declaration_find(body->extraction, syntax->referenced);
        part.member = field->name;
        path = path_of_field(field, object->path);
        type = clang_getCursorType(syntax->referenced);
    } else if (type_is_array(type)) {
        if (!syntax_constant(body->tree, step, &part.index))
            part.index = -1;
        path = path_with_suffix(object->path, "[]");
        type = clang_getArrayElementType(clang_getCanonicalType(type));
    } else {
        path = g_strdup(object->path);
    }
    part.path = path;
    fill_designated(body, syntax->next, value, type, &part);
}

static void fill_designated_value(struct body *body, int node, CXType type, const struct initialized *object)
{
    fill_designated(body, body->tree->nodes[node].first, syntax_last_child(body->tree, node), type, object);
}

/* The position in `fields` after the one that the designator names. */
static guint after_designated(const struct body *body, int node, const GPtrArray *fields, guint position)
{
    const struct syntax *tree = body->tree;
    CXCursor member = tree->nodes[tree->nodes[node].first].referenced;
    for (guint i = 0; i < fields->len; i++)
        if (clang_equalCursors(*(CXCursor *)fields->pdata[i], member))
            return i + 1;
    return position + 1;
}

static gboolean holds_function(const GPtrArray *fields)
{
    for (guint i = 0; i < fields->len; i++) {
        if (type_is_function_pointer(clang_getCursorType(*(CXCursor *)fields->pdata[i])))
            return TRUE;
    }
    return FALSE;
}

static void fill_record(struct initializer *list, CXType type, const struct initialized *whole)
{
    g_autoptr(GPtrArray) fields = fields_of(type);
    struct initialized record = *whole;
    const struct initialized *object = &record;
    record.calls = holds_function(fields);
    gboolean is_union = clang_getCursorKind(clang_getTypeDeclaration(type)) == CXCursor_UnionDecl;
    for (guint i = 0; list->next >= 0;) {
        guint after = i + 1;
        int node = list->next;
        if (has_designator(list->body->tree, node)) {
            fill_designated_value(list->body, node, type, object);
            after = after_designated(list->body, node, fields, i);
            list->next = list->body->tree->nodes[node].next;
        } else if (i < fields->len) {
            CXCursor *field = fields->pdata[i];
            const struct declaration *declaration = declaration_find(list->body->extraction, *field);
            g_autofree char *path = path_of_field(declaration, object->path);
            struct initialized part = {.path = path, .outer = object, .member = declaration->name};
            fill_object(list, clang_getCursorType(*field), &part);
        } else {
            break;
        }
        i = after;
        if (is_union || (i >= fields->len && list->next == node))
            break;
    }
}

/* The position of `[3]`, the last one of `[1 ... 3]`; -1: not known. */
static gint64 designated_index(const struct syntax *tree, int node, CXType element)
{
    int first = tree->nodes[node].first, second = tree->nodes[first].next;
    gint64 index = -1, last = -1;
    gboolean is_range = second != syntax_last_child(tree, node) &&
                        tree->nodes[second].kind != CXCursor_MemberRef && !type_is_array(element) &&
                        syntax_constant(tree, second, &last);
    return is_range ? last : syntax_constant(tree, first, &index) ? index : -1;
}

/* At most `size` elements; -1: all that the list has. */
static void fill_array(struct initializer *list, CXType type, const struct initialized *array, gint64 size)
{
    const struct syntax *tree = list->body->tree;
    CXType element_type = clang_getArrayElementType(clang_getCanonicalType(type));
    g_autofree char *path = path_with_suffix(array->path, "[]");
    for (gint64 index = 0; list->next >= 0 && (size < 0 || index < size); index++) {
        int node = list->next;
        if (has_designator(tree, node)) {
            index = designated_index(tree, node, element_type);
            fill_designated_value(list->body, node, type, array);
            list->next = tree->nodes[node].next;
            continue;
        }
        struct initialized element = {.path = path, .outer = array, .index = index};
        fill_object(list, element_type, &element);
    }
}

/* Takes one object's worth of values from the list: one value, or several where inner braces are left out. */
static void fill_object(struct initializer *list, CXType type, const struct initialized *object)
{
    const struct syntax *tree = list->body->tree;
    int node = list->next;
    CXType canonical = clang_getCanonicalType(type);
    CXType own = clang_getCanonicalType(clang_getCursorType(tree->nodes[node].cursor));
    gboolean elided = tree->nodes[node].kind != CXCursor_InitListExpr && !clang_equalTypes(own, canonical);
    if (elided && canonical.kind == CXType_Record) {
        fill_record(list, canonical, object);
        if (list->next == node)
            list->next = tree->nodes[node].next;
        return;
    }
    gint64 size = type_is_array(canonical) ? clang_getArraySize(canonical) : -1;
    int stripped = syntax_strip(tree, node);
    if (elided && size > 0 && tree->nodes[stripped].kind != CXCursor_StringLiteral) {
        fill_array(list, canonical, object, size);
        return;
    }
    list->next = tree->nodes[node].next;
    fill_value(list->body, node, type, object);
}

/* How often a function that stands beside it is called, perhaps; or a choice that has a name. */
static void add_number(struct body *body, int node, CXType type, const struct initialized *object)
{
    gint64 value = 0;
    gboolean counts = object->outer && object->outer->calls && object->member;
    gboolean chooses = clang_getCanonicalType(type).kind == CXType_Enum && strchr(object->path, '.');
    if (node < 0 || (!counts && !chooses) || !syntax_constant(body->tree, node, &value) ||
        (value < 2 && !chooses))
        return;
    struct fact_unit *unit = body->extraction->unit;
    struct fact_number *number = fact_number_new(unit);
    number->path = fact_text(unit, object->path);
    number->value = value;
    number->place = fact_text_take(unit, initialized_place(object));
    place_of(body, node, &number->file, &number->line);
    fact_list_add(unit, unit->numbers, number);
}

static void fill_value(struct body *body, int node, CXType type, const struct initialized *object)
{
    const struct syntax *tree = body->tree;
    int stripped = syntax_strip(tree, node);
    if (stripped >= 0 && tree->nodes[stripped].kind == CXCursor_CompoundLiteralExpr)
        stripped = syntax_last_child(tree, stripped);
    if (stripped < 0 || tree->nodes[stripped].kind != CXCursor_InitListExpr) {
        add_number(body, stripped, type, object);
        function_values_collect(body, node, object->path);
        g_autofree char *element = may_be_function(body, stripped) ? initialized_element(object) : NULL;
        function_values_collect(body, node, element);
        return;
    }
    struct initializer list = {body, tree->nodes[stripped].first};
    CXType canonical = clang_getCanonicalType(type);
    if (list.next >= 0 && canonical.kind == CXType_Record) {
        fill_record(&list, canonical, object);
    } else if (type_is_array(canonical)) {
        fill_array(&list, canonical, object, -1);
    } else if (list.next >= 0) {
        fill_value(body, list.next, type, object); /* braces around a single value */
    }
}

void function_values_of_initializer(struct body *body, int node, CXType type, const char *path,
                                    const char *object, const char *place)
{
    struct initialized whole = {.path = path, .variable = object, .place = place};
    fill_value(body, node, type, &whole);
}
