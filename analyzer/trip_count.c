/* SPDX-License-Identifier: Apache-2.0 */
/* How often a loop runs where its bounds are constants. */
#include "analyzer/body.h"

#define BOUND_MAX (G_GINT64_CONSTANT(1) << 60)

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

/* What a condition compares with a constant, and by how much it moves the variable itself. */
struct counted_condition {
    CXCursor variable;
    enum CXBinaryOperatorKind kind;
    gint64 bound;
    gint64 step;          /* of `i++ < n` and the like; 0: the body moves it */
    gboolean step_before; /* `++i < n` */
};

/* `i`, `i++`, `--i` */
static gboolean moved_variable(const struct syntax *tree, int node, struct counted_condition *condition)
{
    node = syntax_strip(tree, node);
    if (node < 0 || tree->nodes[node].kind != CXCursor_UnaryOperator)
        return node >= 0 && syntax_variable(tree, node, &condition->variable);
    int target = -1;
    if (!syntax_is_write(tree, node, &target) || !syntax_variable(tree, target, &condition->variable))
        return FALSE;
    enum CXUnaryOperatorKind kind = syntax_unary(tree, node);
    condition->step = write_step(tree, node);
    condition->step_before = kind == CXUnaryOperator_PreInc || kind == CXUnaryOperator_PreDec;
    return TRUE;
}

/* `i < 10`, `n-- > 0`, and `n--` alone, which runs until it is 0. */
static gboolean read_condition(const struct syntax *tree, int node, struct counted_condition *condition)
{
    int meant = syntax_strip(tree, node);
    if (meant < 0)
        return FALSE;
    condition->kind = CXBinaryOperator_NE;
    if (tree->nodes[meant].kind == CXCursor_BinaryOperator) {
        condition->kind = syntax_binary(tree, meant);
        return moved_variable(tree, tree->nodes[meant].first, condition) &&
               syntax_constant(tree, syntax_child(tree, meant, 1), &condition->bound);
    }
    return moved_variable(tree, meant, condition);
}

static int enclosing_loop(const struct syntax *tree, int node)
{
    for (node = tree->nodes[node].parent; node >= 0; node = tree->nodes[node].parent) {
        enum CXCursorKind kind = tree->nodes[node].kind;
        if (kind == CXCursor_WhileStmt || kind == CXCursor_DoStmt || kind == CXCursor_ForStmt)
            return node;
    }
    return -1;
}

/* The statements of a body run one after the other, each time: no branch is around them and none skips them.
 */
static gboolean runs_each_time(const struct syntax *tree, int node, int loop_body)
{
    for (int i = loop_body; i < tree->nodes[loop_body].end; i++)
        if (tree->nodes[i].kind == CXCursor_ContinueStmt || tree->nodes[i].kind == CXCursor_GotoStmt)
            return FALSE;
    return node == loop_body || tree->nodes[node].parent == loop_body;
}

static gboolean is_below(const struct syntax *tree, int node, int above)
{
    return above >= 0 && node >= above && node < tree->nodes[above].end;
}

/* TRUE when `node` runs each time before `loop` does: it is a statement of a block that the loop stands in.
 */
static gboolean runs_before(const struct syntax *tree, int node, int loop)
{
    int statement = tree->nodes[node].parent;
    if (statement >= 0 && tree->nodes[statement].kind == CXCursor_DeclStmt)
        statement = tree->nodes[statement].parent;
    return statement >= 0 && tree->nodes[statement].kind == CXCursor_CompoundStmt &&
           is_below(tree, loop, statement) && enclosing_loop(tree, node) == enclosing_loop(tree, loop);
}

/* The value that a write gives to the variable; FALSE when it is no constant. */
static gboolean written_value(const struct syntax *tree, int node, gint64 *value)
{
    if (tree->nodes[node].kind == CXCursor_VarDecl)
        return syntax_constant(tree, syntax_last_child(tree, node), value);
    return tree->nodes[node].kind == CXCursor_BinaryOperator &&
           syntax_constant(tree, syntax_child(tree, node, 1), value);
}

/* The constant that the variable has when the loop starts: that of the last write before it. *step is what
 * the body moves it by, if it does. */
static gboolean start_value(const struct syntax *tree, int loop, const struct loop_shape *shape,
                            const struct counted_condition *condition, gint64 *from, gint64 *step)
{
    gboolean set = FALSE;
    for (int i = 0; i < tree->nodes[loop].end; i++) {
        int target = -1;
        CXCursor written;
        gboolean declares = tree->nodes[i].kind == CXCursor_VarDecl && tree->nodes[i].first >= 0 &&
                            clang_equalCursors(tree->nodes[i].cursor, condition->variable);
        gboolean writes = syntax_is_write(tree, i, &target) && syntax_variable(tree, target, &written) &&
                          clang_equalCursors(written, condition->variable);
        if ((!declares && !writes) || is_below(tree, i, shape->condition))
            continue;
        if (!is_below(tree, i, shape->body))
            set = runs_before(tree, i, loop) && written_value(tree, i, from);
        else if (!writes || condition->step || *step || !runs_each_time(tree, i, shape->body))
            return FALSE;
        else
            *step = write_step(tree, i);
    }
    return set;
}

/* `int i = 0; while (i < 10) { …; i++; }`, `int n = 8; do … while (--n);` */
static gint64 counted_while_trips(const struct body *body, int node, const struct loop_shape *shape)
{
    const struct syntax *tree = body->tree;
    struct counted_condition condition = {.step = 0};
    gint64 from = 0, step = 0;
    if (!read_condition(tree, shape->condition, &condition))
        return -1;
    const struct local *local = local_find(body, condition.variable);
    if (clang_getCursorKind(condition.variable) != CXCursor_VarDecl || !local || local->escapes ||
        clang_getCursorLinkage(condition.variable) != CXLinkage_NoLinkage ||
        clang_Cursor_getStorageClass(condition.variable) == CX_SC_Static ||
        !start_value(tree, node, shape, &condition, &from, &step))
        return -1;
    gboolean is_do = tree->nodes[node].kind == CXCursor_DoStmt;
    gboolean moved_first = condition.step && condition.step_before;
    step = condition.step ? condition.step : step;
    gint64 trips =
        count_steps(condition.kind, moved_first && !is_do ? from + step : from, condition.bound, step);
    if (trips < 0 || !is_do)
        return trips;
    /* the test comes after the body: one that looks before it moves lets one more through */
    return condition.step && !moved_first ? trips + 1 : MAX(trips, 1);
}

gint64 loop_trip_count(const struct body *body, int node, const struct loop_shape *shape)
{
    gint64 value = 0;
    gboolean is_for = body->tree->nodes[node].kind == CXCursor_ForStmt;
    if (shape->condition < 0)
        return is_for ? G_MAXINT64 : -1;
    if (syntax_constant(body->tree, shape->condition, &value))
        return value ? G_MAXINT64 : 0;
    return is_for ? counted_trips(body, shape) : counted_while_trips(body, node, shape);
}
