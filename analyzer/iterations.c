/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/iterations.h"

#include <string.h>

#define LINEAR_DEPTH_MAX 32

/* All that the loop does with one scalar variable or one field of an object that stays the same. */
struct scalar {
    char *name;
    gconstpointer identity; /* of a variable; NULL for fields */
    GArray *reads;          /* int: nodes that use the value, reductions' own reads left out */
    GArray *writes;         /* int: assignment nodes */
};

static int strength(enum iteration_dependence dependence)
{
    static const int strengths[] = {[ITERATIONS_INDEPENDENT] = 0,
                                    [ITERATIONS_REDUCTION] = 1,
                                    [ITERATIONS_UNKNOWN] = 2,
                                    [ITERATIONS_DEPENDENT] = 3};
    return strengths[dependence];
}

void iterations_add(struct iterations *iterations, enum iteration_dependence dependence, const char *carried)
{
    if (strength(dependence) <= strength(iterations->dependence))
        return;
    iterations->dependence = dependence;
    g_free(iterations->carried);
    iterations->carried = g_strdup(carried);
}

gboolean iterations_next(const struct iterations *iterations, int *node)
{
    const struct syntax *tree = iterations->tree;
    *node = *node < 0 ? iterations->loop + 1 : *node + 1;
    int init = iterations->shape->init;
    if (init >= 0 && *node >= init && *node < tree->nodes[init].end)
        *node = tree->nodes[init].end;
    return *node < tree->nodes[iterations->loop].end;
}

int iterations_order(const struct iterations *iterations, int node)
{
    int increment = iterations->shape->increment;
    gboolean late = increment >= 0 && node >= increment && node < iterations->tree->nodes[increment].end;
    return late ? node + iterations->tree->count : node;
}

static gboolean is_branch(const struct syntax *tree, int node)
{
    int parent = tree->nodes[node].parent;
    switch (tree->nodes[parent].kind) {
    case CXCursor_IfStmt:
    case CXCursor_ConditionalOperator:
    case CXCursor_SwitchStmt:
    case CXCursor_WhileStmt:
    case CXCursor_ForStmt: /* the first part, init or condition, always runs */
        return tree->nodes[parent].first != node;
    case CXCursor_BinaryOperator:
        return tree->nodes[parent].first != node && (syntax_binary(tree, parent) == CXBinaryOperator_LAnd ||
                                                     syntax_binary(tree, parent) == CXBinaryOperator_LOr);
    default:
        return FALSE;
    }
}

int iterations_scope(const struct iterations *iterations, int node)
{
    const struct syntax *tree = iterations->tree;
    while (node > iterations->loop && tree->nodes[node].parent != iterations->loop) {
        if (is_branch(tree, node))
            return node;
        node = tree->nodes[node].parent;
    }
    return iterations->loop;
}

static gboolean in_set(GHashTable *set, const struct syntax *tree, int node)
{
    CXCursor variable;
    return syntax_variable(tree, node, &variable) &&
           g_hash_table_contains(set, declaration_identity(variable));
}

gboolean iterations_varies(const struct iterations *iterations, int node)
{
    const struct syntax *tree = iterations->tree;
    for (int i = node; i < tree->nodes[node].end; i++)
        if (tree->nodes[i].kind == CXCursor_DeclRefExpr &&
            (in_set(iterations->written, tree, i) || in_set(iterations->declared, tree, i)))
            return TRUE;
    return FALSE;
}

static gboolean linear_variable(const struct iterations *iterations, int node, int depth)
{
    CXCursor variable;
    if (!syntax_variable(iterations->tree, node, &variable))
        return FALSE;
    if (g_hash_table_contains(iterations->inductions, declaration_identity(variable)))
        return TRUE;
    const struct local *local = local_find(iterations->body, variable);
    return local && local->assignments == 1 && local->value >= 0 && !local->escapes &&
           g_hash_table_contains(iterations->declared, declaration_identity(variable)) &&
           iterations_linear(iterations, local->value, depth + 1);
}

static gboolean linear_operation(const struct iterations *iterations, int node, int depth)
{
    const struct syntax *tree = iterations->tree;
    int left = tree->nodes[node].first;
    enum CXBinaryOperatorKind kind = syntax_binary(tree, node);
    gboolean keeps = kind == CXBinaryOperator_Add || kind == CXBinaryOperator_Sub ||
                     kind == CXBinaryOperator_Mul || kind == CXBinaryOperator_Shl;
    return keeps && (iterations_linear(iterations, left, depth + 1) ||
                     iterations_linear(iterations, syntax_child(tree, node, 1), depth + 1));
}

gboolean iterations_linear(const struct iterations *iterations, int node, int depth)
{
    const struct syntax *tree = iterations->tree;
    node = syntax_strip(tree, node);
    if (node < 0 || depth > LINEAR_DEPTH_MAX)
        return FALSE;
    int operand = tree->nodes[node].first;
    switch (tree->nodes[node].kind) {
    case CXCursor_DeclRefExpr:
        return linear_variable(iterations, node, depth);
    case CXCursor_BinaryOperator:
        return linear_operation(iterations, node, depth);
    case CXCursor_UnaryOperator:
        if (syntax_unary(tree, node) == CXUnaryOperator_AddrOf)
            return iterations_own_element(iterations, operand, depth + 1);
        return syntax_unary(tree, node) != CXUnaryOperator_Deref &&
               iterations_linear(iterations, operand, depth + 1);
    default:
        return FALSE;
    }
}

gboolean iterations_own_element(const struct iterations *iterations, int node, int depth)
{
    const struct syntax *tree = iterations->tree;
    node = syntax_strip(tree, node);
    int base = node >= 0 ? tree->nodes[node].first : -1;
    if (base < 0 || depth > LINEAR_DEPTH_MAX)
        return FALSE;
    switch (tree->nodes[node].kind) {
    case CXCursor_ArraySubscriptExpr:
        if (iterations_linear(iterations, syntax_child(tree, node, 1), depth + 1))
            return TRUE;
        break;
    case CXCursor_MemberRefExpr:
        break;
    case CXCursor_UnaryOperator:
        if (syntax_unary(tree, node) != CXUnaryOperator_Deref)
            return FALSE;
        break;
    default:
        return FALSE;
    }
    return iterations_linear(iterations, base, depth + 1) ||
           iterations_own_element(iterations, base, depth + 1);
}

static gboolean is_inside(const struct syntax *tree, int node, int around)
{
    return node >= around && node < tree->nodes[around].end;
}

static gboolean reads_scalar(const struct iterations *iterations, int node, const struct scalar *scalar)
{
    for (guint i = 0; i < scalar->reads->len; i++)
        if (is_inside(iterations->tree, g_array_index(scalar->reads, int, i), node))
            return TRUE;
    return FALSE;
}

static gboolean is_value_used(const struct syntax *tree, int node)
{
    int parent = tree->nodes[node].parent;
    while (parent >= 0 && tree->nodes[parent].kind == CXCursor_ParenExpr)
        parent = tree->nodes[parent].parent;
    gboolean comma = tree->nodes[parent].kind == CXCursor_BinaryOperator &&
                     syntax_binary(tree, parent) == CXBinaryOperator_Comma;
    return !comma && clang_isExpression(tree->nodes[parent].kind);
}

/* `sum += e`, `n++`, `bits |= e`: order does not matter while nobody looks at the value in between. */
static gboolean is_accumulation(const struct iterations *iterations, int write)
{
    const struct syntax *tree = iterations->tree;
    if (tree->nodes[write].kind == CXCursor_UnaryOperator)
        return TRUE;
    enum CXBinaryOperatorKind kind = syntax_binary(tree, write);
    if (tree->nodes[write].kind == CXCursor_CompoundAssignOperator)
        return kind == CXBinaryOperator_AddAssign || kind == CXBinaryOperator_SubAssign ||
               kind == CXBinaryOperator_MulAssign || kind == CXBinaryOperator_AndAssign ||
               kind == CXBinaryOperator_OrAssign || kind == CXBinaryOperator_XorAssign;
    return FALSE;
}

/* `x = x + e`, `x = e * x`. */
static gboolean is_spelled_accumulation(const struct iterations *iterations, int write,
                                        const struct scalar *scalar)
{
    const struct syntax *tree = iterations->tree;
    int right = syntax_child(tree, write, 1);
    int sum = right >= 0 ? syntax_strip(tree, right) : -1;
    if (sum < 0 || tree->nodes[sum].kind != CXCursor_BinaryOperator)
        return FALSE;
    enum CXBinaryOperatorKind kind = syntax_binary(tree, sum);
    gboolean commutes = kind == CXBinaryOperator_Add || kind == CXBinaryOperator_Mul ||
                        kind == CXBinaryOperator_And || kind == CXBinaryOperator_Or ||
                        kind == CXBinaryOperator_Xor || kind == CXBinaryOperator_Sub;
    int inner_left = syntax_strip(tree, tree->nodes[sum].first);
    int inner_right = syntax_strip(tree, syntax_child(tree, sum, 1));
    if (!commutes || inner_left < 0 || inner_right < 0)
        return FALSE;
    gboolean left =
        tree->nodes[inner_left].end == inner_left + 1 && reads_scalar(iterations, inner_left, scalar);
    gboolean right_side = kind != CXBinaryOperator_Sub && tree->nodes[inner_right].end == inner_right + 1 &&
                          reads_scalar(iterations, inner_right, scalar);
    return left != right_side && !reads_scalar(iterations, left ? inner_right : inner_left, scalar);
}

/* `if (v > best) best = v;`: every read stands in the condition of a branch that writes. */
static gboolean is_extremum(const struct iterations *iterations, const struct scalar *scalar)
{
    const struct syntax *tree = iterations->tree;
    for (guint w = 0; w < scalar->writes->len; w++) {
        int write = g_array_index(scalar->writes, int, w);
        int branch = iterations_scope(iterations, write);
        int condition = branch == iterations->loop ? -1 : tree->nodes[tree->nodes[branch].parent].first;
        if (condition < 0 || tree->nodes[tree->nodes[branch].parent].kind != CXCursor_IfStmt ||
            tree->nodes[write].kind != CXCursor_BinaryOperator)
            return FALSE;
        for (guint r = 0; r < scalar->reads->len; r++)
            if (!is_inside(tree, g_array_index(scalar->reads, int, r), condition))
                return FALSE;
    }
    return scalar->reads->len > 0;
}

/* Some write comes before every read, in each iteration that reads at all. */
static gboolean is_set_before_use(const struct iterations *iterations, const struct scalar *scalar)
{
    const struct syntax *tree = iterations->tree;
    for (guint w = 0; w < scalar->writes->len; w++) {
        int write = g_array_index(scalar->writes, int, w);
        int scope = iterations_scope(iterations, write);
        int done = iterations_order(iterations, write) + tree->nodes[write].end - write;
        gboolean covers = tree->nodes[write].kind == CXCursor_BinaryOperator;
        for (guint r = 0; covers && r < scalar->reads->len; r++) {
            int read = g_array_index(scalar->reads, int, r);
            covers = is_inside(tree, read, scope) && iterations_order(iterations, read) >= done;
        }
        if (covers)
            return TRUE;
    }
    return FALSE;
}

/* The first read may come before the first write: the value of the last iteration is used. */
static gboolean is_used_first(const struct iterations *iterations, const struct scalar *scalar)
{
    int first_read = G_MAXINT, first_write = G_MAXINT;
    for (guint r = 0; r < scalar->reads->len; r++)
        first_read = MIN(first_read, iterations_order(iterations, g_array_index(scalar->reads, int, r)));
    for (guint w = 0; w < scalar->writes->len; w++) {
        int write = g_array_index(scalar->writes, int, w);
        int done = iterations_order(iterations, write) + iterations->tree->nodes[write].end - write;
        first_write = MIN(first_write, done);
    }
    return first_read < first_write;
}

static gboolean all_accumulate(const struct iterations *iterations, const struct scalar *scalar)
{
    guint own_reads = 0;
    for (guint w = 0; w < scalar->writes->len; w++) {
        int write = g_array_index(scalar->writes, int, w);
        gboolean spelled = !is_accumulation(iterations, write);
        if ((spelled && !is_spelled_accumulation(iterations, write, scalar)) ||
            is_value_used(iterations->tree, write))
            return FALSE;
        own_reads += spelled;
        if (!spelled && reads_scalar(iterations, write, scalar))
            return FALSE;
    }
    return scalar->reads->len == own_reads;
}

static void judge_scalar(struct iterations *iterations, const struct scalar *scalar)
{
    if (scalar->writes->len == 0 ||
        (scalar->identity && (g_hash_table_contains(iterations->declared, scalar->identity) ||
                              g_hash_table_contains(iterations->inductions, scalar->identity))))
        return;
    if (all_accumulate(iterations, scalar) || is_extremum(iterations, scalar))
        iterations_add(iterations, ITERATIONS_REDUCTION, scalar->name);
    else if (scalar->reads->len > 0 && is_set_before_use(iterations, scalar))
        return;
    else if (scalar->reads->len == 0 &&
             !is_value_used(iterations->tree, g_array_index(scalar->writes, int, 0)) &&
             iterations->tree->nodes[g_array_index(scalar->writes, int, 0)].kind == CXCursor_BinaryOperator)
        return; /* only the last value survives */
    else if (is_used_first(iterations, scalar) || scalar->reads->len == 0 ||
             iterations->tree->nodes[g_array_index(scalar->writes, int, 0)].kind != CXCursor_BinaryOperator)
        iterations_add(iterations, ITERATIONS_DEPENDENT, scalar->name);
    else
        iterations_add(iterations, ITERATIONS_UNKNOWN, scalar->name);
}

static void scalar_free(gpointer data)
{
    struct scalar *scalar = data;
    g_free(scalar->name);
    g_array_unref(scalar->reads);
    g_array_unref(scalar->writes);
    g_free(scalar);
}

/* In the order in which the loop names them, so that what is said does not depend on addresses. */
struct scalars {
    GPtrArray *all;        /* struct scalar */
    GHashTable *variables; /* declaration identity → struct scalar */
    GHashTable *fields;    /* access path → struct scalar */
};

static struct scalar *scalar_add(struct scalars *scalars, const char *name, gconstpointer identity)
{
    struct scalar *scalar = g_new0(struct scalar, 1);
    scalar->name = g_strdup(name);
    scalar->identity = identity;
    scalar->reads = g_array_new(FALSE, FALSE, sizeof(int));
    scalar->writes = g_array_new(FALSE, FALSE, sizeof(int));
    g_ptr_array_add(scalars->all, scalar);
    return scalar;
}

static struct scalar *scalar_of_variable(const struct iterations *iterations, struct scalars *scalars,
                                         CXCursor variable)
{
    gconstpointer identity = declaration_identity(variable);
    struct scalar *scalar = g_hash_table_lookup(scalars->variables, identity);
    if (scalar)
        return scalar;
    const struct declaration *declaration = declaration_find(iterations->body->extraction, variable);
    if (declaration->is_array || declaration->is_record)
        return NULL;
    scalar = scalar_add(scalars, declaration->name, identity);
    g_hash_table_insert(scalars->variables, (gpointer)identity, scalar);
    return scalar;
}

/* The scalar that `node` names; NULL for arrays, members of arrays, and objects that change with the
 * iteration. */
static struct scalar *scalar_at(const struct iterations *iterations, struct scalars *scalars, int node)
{
    const struct syntax *tree = iterations->tree;
    CXCursor variable;
    if (tree->nodes[node].kind == CXCursor_DeclRefExpr && syntax_variable(tree, node, &variable))
        return scalar_of_variable(iterations, scalars, variable);
    if (tree->nodes[node].kind != CXCursor_MemberRefExpr || tree->nodes[node].first < 0 ||
        iterations_varies(iterations, node) || type_is_array(clang_getCursorType(tree->nodes[node].cursor)))
        return NULL;
    g_autofree char *path = access_path(iterations->body, node, PATH_OF_ARGUMENT);
    struct scalar *scalar = path ? g_hash_table_lookup(scalars->fields, path) : NULL;
    if (path && !scalar) {
        scalar = scalar_add(scalars, path, NULL);
        g_hash_table_insert(scalars->fields, scalar->name, scalar);
    }
    return scalar;
}

static gboolean is_written_by(const struct syntax *tree, int node, int *write)
{
    int target = -1, above = tree->nodes[node].parent;
    while (above >= 0 && (tree->nodes[above].kind == CXCursor_ParenExpr))
        above = tree->nodes[above].parent;
    *write = above;
    return above >= 0 && syntax_is_write(tree, above, &target) && target == node;
}

static void judge_scalars(struct iterations *iterations)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(scalar_free);
    g_autoptr(GHashTable) variables = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) fields = g_hash_table_new(g_str_hash, g_str_equal);
    struct scalars scalars = {all, variables, fields};
    for (int node = -1; iterations_next(iterations, &node);) {
        struct scalar *scalar = scalar_at(iterations, &scalars, node);
        int write = -1;
        if (scalar && is_written_by(iterations->tree, node, &write))
            g_array_append_val(scalar->writes, write);
        else if (scalar)
            g_array_append_val(scalar->reads, node);
    }
    for (guint i = 0; i < all->len; i++)
        judge_scalar(iterations, all->pdata[i]);
}

/* Which variables the loop declares, writes, and moves by a constant step once per iteration. */
static void collect_variables(struct iterations *iterations)
{
    const struct syntax *tree = iterations->tree;
    g_autoptr(GHashTable) twice = g_hash_table_new(NULL, NULL);
    for (int node = -1; iterations_next(iterations, &node);) {
        int target = -1;
        CXCursor variable;
        if (tree->nodes[node].kind == CXCursor_VarDecl)
            g_hash_table_add(iterations->declared, (gpointer)declaration_identity(tree->nodes[node].cursor));
        if (!syntax_is_write(tree, node, &target) || !syntax_variable(tree, target, &variable))
            continue;
        gpointer identity = (gpointer)declaration_identity(variable);
        gboolean again = !g_hash_table_add(iterations->written, identity);
        gboolean steady =
            iterations_scope(iterations, node) == iterations->loop && write_step(tree, node) != 0;
        if (again || !steady)
            g_hash_table_add(twice, identity);
        else
            g_hash_table_add(iterations->inductions, identity);
    }
    GHashTableIter iterator;
    gpointer identity = NULL;
    g_hash_table_iter_init(&iterator, twice);
    while (g_hash_table_iter_next(&iterator, &identity, NULL))
        g_hash_table_remove(iterations->inductions, identity);
}

void iterations_judge(const struct body *body, int node, const struct loop_shape *shape,
                      struct fact_loop *loop)
{
    struct iterations iterations = {
        .body = body,
        .tree = body->tree,
        .loop = node,
        .shape = shape,
        .written = g_hash_table_new(NULL, NULL),
        .declared = g_hash_table_new(NULL, NULL),
        .inductions = g_hash_table_new(NULL, NULL),
        .dependence = ITERATIONS_INDEPENDENT,
    };
    collect_variables(&iterations);
    judge_scalars(&iterations);
    iterations_judge_arrays(&iterations);
    iterations_judge_calls(&iterations);
    loop->dependence = iterations.dependence;
    loop->carried = fact_text_take(body->extraction->unit, iterations.carried);
    g_hash_table_unref(iterations.written);
    g_hash_table_unref(iterations.declared);
    g_hash_table_unref(iterations.inductions);
}
