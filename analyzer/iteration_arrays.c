/* SPDX-License-Identifier: Apache-2.0 */
/* Array elements and handed-over objects as carriers from one iteration to the next. */
#include <string.h>

#include "analyzer/iterations.h"

/* One array that the loop writes, by the name of its base. */
struct array {
    char *name;
    GPtrArray *reads;   /* char *: index texts */
    GPtrArray *writes;  /* char *: index texts */
    gboolean scattered; /* a write whose element is not fixed by the induction variable */
    gboolean fixed;     /* a write to the same element each time */
    gboolean added;     /* every write adds to what is there */
    gboolean carried;   /* a read one or more elements away from a write */
};

static void array_free(gpointer data)
{
    struct array *array = data;
    g_free(array->name);
    g_ptr_array_unref(array->reads);
    g_ptr_array_unref(array->writes);
    g_free(array);
}

static struct array *array_of(GHashTable *arrays, const char *name)
{
    struct array *array = g_hash_table_lookup(arrays, name);
    if (!array) {
        array = g_new0(struct array, 1);
        array->name = g_strdup(name);
        array->added = TRUE;
        array->reads = g_ptr_array_new_with_free_func(g_free);
        array->writes = g_ptr_array_new_with_free_func(g_free);
        g_hash_table_insert(arrays, array->name, array);
    }
    return array;
}

/* Text that is equal for equal expressions. */
static void expression_text(const struct syntax *tree, int node, GString *text)
{
    node = syntax_strip(tree, node);
    if (node < 0)
        return;
    const struct syntax_node *syntax = &tree->nodes[node];
    gint64 value = 0;
    if (syntax_constant(tree, node, &value)) {
        g_string_append_printf(text, "%" G_GINT64_FORMAT, value);
        return;
    }
    g_autofree char *name = clang_string_take(clang_getCursorSpelling(syntax->cursor));
    g_string_append_printf(text, "(%d:%s", syntax->kind, name);
    if (syntax->kind == CXCursor_BinaryOperator)
        g_string_append_printf(text, ":%d", syntax_binary(tree, node));
    if (syntax->kind == CXCursor_UnaryOperator)
        g_string_append_printf(text, ":%d", syntax_unary(tree, node));
    for (int child = syntax->first; child >= 0; child = tree->nodes[child].next)
        expression_text(tree, child, text);
    g_string_append_c(text, ')');
}

/* The innermost base of a[i][j] or s->a[i], and all its indexes as one text. */
static int array_base(const struct syntax *tree, int node, GString *indexes)
{
    for (;;) {
        node = syntax_strip(tree, node);
        if (node < 0)
            return -1;
        if (tree->nodes[node].kind == CXCursor_ArraySubscriptExpr) {
            g_string_append_c(indexes, '[');
            expression_text(tree, syntax_child(tree, node, 1), indexes);
            node = tree->nodes[node].first;
        } else if (tree->nodes[node].kind == CXCursor_MemberRefExpr && tree->nodes[node].first >= 0) {
            int below = syntax_strip(tree, tree->nodes[node].first);
            gboolean through = below >= 0 && (tree->nodes[below].kind == CXCursor_ArraySubscriptExpr ||
                                              tree->nodes[below].kind == CXCursor_MemberRefExpr);
            if (!through)
                return node;
            g_autofree char *name = clang_string_take(clang_getCursorSpelling(tree->nodes[node].cursor));
            g_string_append_printf(indexes, ".%s", name);
            node = below;
        } else {
            return node;
        }
    }
}

static gboolean is_element(const struct syntax *tree, int node)
{
    if (tree->nodes[node].kind == CXCursor_ArraySubscriptExpr)
        return TRUE;
    return tree->nodes[node].kind == CXCursor_UnaryOperator &&
           syntax_unary(tree, node) == CXUnaryOperator_Deref;
}

/* Elements inside a larger element (`a[i]` of `a[i][j]`, `a[i].x`) are judged with it. */
static gboolean is_outermost(const struct syntax *tree, int node)
{
    int parent = tree->nodes[node].parent;
    while (parent >= 0 && (tree->nodes[parent].kind == CXCursor_UnexposedExpr ||
                           tree->nodes[parent].kind == CXCursor_ParenExpr))
        parent = tree->nodes[parent].parent;
    if (tree->nodes[parent].kind == CXCursor_MemberRefExpr)
        return FALSE;
    return tree->nodes[parent].kind != CXCursor_ArraySubscriptExpr ||
           !(node >= tree->nodes[parent].first && node < tree->nodes[tree->nodes[parent].first].end);
}

static gboolean written_node(const struct syntax *tree, int node, int *write)
{
    int target = -1, above = tree->nodes[node].parent;
    while (above >= 0 && tree->nodes[above].kind == CXCursor_ParenExpr)
        above = tree->nodes[above].parent;
    *write = above;
    return above >= 0 && syntax_is_write(tree, above, &target) && target == node;
}

/* `p = malloc(n)` inside the loop: an object of this iteration alone. */
static gboolean is_allocated(const struct iterations *iterations, CXCursor variable)
{
    const struct syntax *tree = iterations->tree;
    const struct local *local = local_find(iterations->body, variable);
    int value = local && local->assignments == 1 && local->value >= 0 ? syntax_strip(tree, local->value) : -1;
    if (value < 0 || tree->nodes[value].kind != CXCursor_CallExpr)
        return FALSE;
    g_autofree char *name = clang_string_take(clang_getCursorSpelling(tree->nodes[value].cursor));
    return strstr(name, "alloc") || strstr(name, "strdup");
}

/* Arrays and fresh objects of variables that are declared inside the loop. */
static gboolean base_is_private(const struct iterations *iterations, int base)
{
    CXCursor variable;
    const struct syntax *tree = iterations->tree;
    int node = base;
    while (node >= 0 && tree->nodes[node].kind != CXCursor_DeclRefExpr)
        node = tree->nodes[node].first;
    return node >= 0 && syntax_variable(tree, node, &variable) &&
           g_hash_table_contains(iterations->declared, declaration_identity(variable)) &&
           (!type_is_pointer(clang_getCursorType(variable)) || is_allocated(iterations, variable));
}

static void note_element(struct iterations *iterations, GHashTable *arrays, int node)
{
    const struct syntax *tree = iterations->tree;
    g_autoptr(GString) indexes = g_string_new(NULL);
    int base = array_base(tree, node, indexes);
    if (base >= 0 && tree->nodes[base].kind == CXCursor_UnaryOperator) { /* *p is an element of p */
        expression_text(tree, tree->nodes[base].first, indexes);
        base = syntax_strip(tree, tree->nodes[base].first);
    }
    if (base < 0 || base_is_private(iterations, base))
        return;
    g_autofree char *path = access_path(iterations->body, base, PATH_OF_ARGUMENT);
    if (!path)
        return;
    struct array *array = array_of(arrays, path);
    int write = -1;
    if (!written_node(tree, node, &write)) {
        g_ptr_array_add(array->reads, g_string_free(g_steal_pointer(&indexes), FALSE));
        return;
    }
    gboolean plain = tree->nodes[write].kind == CXCursor_BinaryOperator;
    gboolean linear = iterations_own_element(iterations, node, 0);
    array->added = array->added && !plain;
    array->fixed = array->fixed || (!linear && !iterations_varies(iterations, node));
    array->scattered = array->scattered || (!linear && iterations_varies(iterations, node));
    g_ptr_array_add(array->writes, g_string_free(g_steal_pointer(&indexes), FALSE));
}

/* Without the fields that come last in the source and first here: `a[i].x` and `a[i].y` are one element. */
static const char *element_of(const char *indexes)
{
    const char *element = strchr(indexes, '[');
    return element ? element : indexes;
}

static gboolean all_equal(const GPtrArray *texts, const char *text)
{
    for (guint i = 0; i < texts->len; i++)
        if (strcmp(element_of(texts->pdata[i]), element_of(text)) != 0)
            return FALSE;
    return TRUE;
}

static void judge_array(struct iterations *iterations, const struct array *array)
{
    if (array->writes->len == 0)
        return;
    gboolean reads_elsewhere = !all_equal(array->reads, array->writes->pdata[0]) ||
                               !all_equal(array->writes, array->writes->pdata[0]);
    if (array->scattered || array->fixed) {
        if (array->added && array->reads->len == 0)
            iterations_add(iterations, ITERATIONS_REDUCTION, array->name);
        else if (array->scattered || array->reads->len > 0)
            iterations_add(iterations, ITERATIONS_UNKNOWN, array->name);
    } else if (reads_elsewhere && array->reads->len > 0) {
        iterations_add(iterations, ITERATIONS_DEPENDENT, array->name);
    }
}

void iterations_judge_arrays(struct iterations *iterations)
{
    g_autoptr(GHashTable) arrays = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, array_free);
    for (int node = -1; iterations_next(iterations, &node);)
        if ((is_element(iterations->tree, node) && is_outermost(iterations->tree, node)) ||
            (iterations->tree->nodes[node].kind == CXCursor_MemberRefExpr &&
             is_outermost(iterations->tree, node) && iterations_varies(iterations, node)))
            note_element(iterations, arrays, node);
    GHashTableIter iterator;
    gpointer array = NULL;
    g_hash_table_iter_init(&iterator, arrays);
    while (g_hash_table_iter_next(&iterator, NULL, &array))
        judge_array(iterations, array);
}

/* TRUE when a callee may write through a parameter of this type. */
static gboolean is_writable(CXType type)
{
    if (type.kind == CXType_Pointer)
        return !clang_isConstQualifiedType(clang_getPointeeType(type)) && !type_is_function_pointer(type);
    gboolean is_array = type_is_array(type);
    while (type_is_array(type) && !clang_isConstQualifiedType(type))
        type = clang_getCanonicalType(clang_getArrayElementType(type));
    return is_array && !clang_isConstQualifiedType(type);
}

/* What a callee may change through this argument from one iteration to the next; NULL when nothing. */
static char *handed_over(const struct iterations *iterations, int argument)
{
    const struct syntax *tree = iterations->tree;
    CXType type = clang_getCanonicalType(clang_getCursorType(tree->nodes[argument].cursor));
    int node = syntax_strip(tree, argument);
    if (node < 0 || !is_writable(type) || iterations_linear(iterations, node, 0) ||
        iterations_own_element(iterations, node, 0) || tree->nodes[node].kind == CXCursor_StringLiteral)
        return NULL;
    for (int i = node; i < tree->nodes[node].end; i++) {
        CXCursor variable;
        if (tree->nodes[i].kind == CXCursor_DeclRefExpr && syntax_variable(tree, i, &variable) &&
            g_hash_table_contains(iterations->declared, declaration_identity(variable)))
            return NULL;
    }
    return access_path(iterations->body, node, PATH_OF_ARGUMENT);
}

static void judge_call(struct iterations *iterations, int call)
{
    const struct syntax *tree = iterations->tree;
    int callee = tree->nodes[call].first;
    if (callee < 0)
        return;
    CXType type = clang_getCanonicalType(clang_getCursorType(tree->nodes[callee].cursor));
    int fixed = clang_getNumArgTypes(type.kind == CXType_Pointer ? clang_getPointeeType(type) : type);
    int position = 0;
    for (int argument = tree->nodes[callee].next; argument >= 0; argument = tree->nodes[argument].next) {
        g_autofree char *path = position++ < fixed || fixed < 0 ? handed_over(iterations, argument) : NULL;
        const struct declaration *function = function_of(iterations->body, callee);
        g_autofree char *text =
            path ? g_strdup_printf("%s through %s()", path, function ? function->name : "a function pointer")
                 : NULL;
        if (text)
            iterations_add(iterations, ITERATIONS_UNKNOWN, text);
    }
}

void iterations_judge_calls(struct iterations *iterations)
{
    for (int node = -1; iterations_next(iterations, &node);)
        if (iterations->tree->nodes[node].kind == CXCursor_CallExpr)
            judge_call(iterations, node);
}
