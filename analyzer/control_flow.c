/* SPDX-License-Identifier: Apache-2.0 */
/* Statements to blocks. libclang has no control-flow graph: this is corewise's own lowering. */
#include "analyzer/body.h"

int block_new(struct body *body)
{
    struct fact_block *block = fact_block_new(body->extraction->unit);
    int operations = 0;
    block->loop = body->loop;
    fact_list_add(body->extraction->unit, body->function->blocks, block);
    g_array_append_val(body->block_operations, operations);
    return (int)body->function->blocks->len - 1;
}

void block_edge(struct body *body, int from, int to)
{
    const struct fact_block *block = body->function->blocks->pdata[from];
    for (guint i = 0; i < block->successors->len; i++)
        if (g_array_index(block->successors, int, i) == to)
            return;
    fact_numbers_add(body->extraction->unit, block->successors, to);
}

void block_enter(struct body *body, int block)
{
    block_edge(body, body->block, block);
    body->block = block;
}

static struct fact_loop *loop_at(const struct body *body, int index)
{
    return body->function->loops->pdata[index];
}

/* Marks the loops from `from` outwards to (not including) `until`. */
static void mark_exits(struct body *body, int from, int until)
{
    for (int loop = from; loop >= 0 && loop != until; loop = loop_at(body, loop)->parent)
        loop_at(body, loop)->has_exit = TRUE;
}

/* After a jump what follows is only reached through labels. */
static void start_unreached(struct body *body)
{
    body->block = block_new(body);
}

static gboolean logical_kind(const struct syntax *tree, int node, enum CXBinaryOperatorKind *kind)
{
    if (tree->nodes[node].kind != CXCursor_BinaryOperator)
        return FALSE;
    *kind = syntax_binary(tree, node);
    return *kind == CXBinaryOperator_LAnd || *kind == CXBinaryOperator_LOr;
}

/* `c ? a : b` and `a, b`: what they end in is the condition. */
static gboolean lower_condition_parts(struct body *body, int node, int when_true, int when_false,
                                      enum branch_hint hint)
{
    const struct syntax *tree = body->tree;
    int first = tree->nodes[node].first, second = syntax_child(tree, node, 1);
    if (tree->nodes[node].kind == CXCursor_ConditionalOperator) {
        int then_part = block_new(body), else_part = block_new(body);
        lower_condition(body, first, then_part, else_part);
        body->block = then_part;
        lower_hinted(body, second, when_true, when_false, hint);
        body->block = else_part;
        lower_hinted(body, syntax_child(tree, node, 2), when_true, when_false, hint);
        return TRUE;
    }
    if (tree->nodes[node].kind != CXCursor_BinaryOperator ||
        syntax_binary(tree, node) != CXBinaryOperator_Comma)
        return FALSE;
    lower_expression(body, first);
    lower_hinted(body, second, when_true, when_false, hint);
    return TRUE;
}

static void note_hint(struct body *body, enum branch_hint hint, int when_true, int when_false)
{
    struct fact_block *block = body->function->blocks->pdata[body->block];
    if (hint == BRANCH_EVEN)
        return;
    gboolean of_true = hint == BRANCH_TRUE_UNLIKELY || hint == BRANCH_TRUE_RARE;
    block->unlikely = of_true ? when_true : when_false;
    block->rare = hint == BRANCH_TRUE_RARE || hint == BRANCH_FALSE_RARE;
}

/* `hint` says which way the whole condition seldom takes. */
void lower_hinted(struct body *body, int node, int when_true, int when_false, enum branch_hint hint)
{
    const struct syntax *tree = body->tree;
    hint = hint == BRANCH_EVEN ? branch_hint_find(tree, node) : hint;
    int meant = syntax_strip(tree, node);
    enum CXBinaryOperatorKind kind;
    gint64 value = 0;
    if (meant >= 0 && logical_kind(tree, meant, &kind)) {
        int right = block_new(body);
        gboolean is_and = kind == CXBinaryOperator_LAnd;
        gboolean of_true = hint == BRANCH_TRUE_UNLIKELY || hint == BRANCH_TRUE_RARE;
        lower_hinted(body, tree->nodes[meant].first, is_and ? right : when_true, is_and ? when_false : right,
                     of_true == is_and ? BRANCH_EVEN : hint);
        body->block = right;
        lower_hinted(body, syntax_child(tree, meant, 1), when_true, when_false, hint);
        return;
    }
    if (meant >= 0 && tree->nodes[meant].kind == CXCursor_UnaryOperator &&
        syntax_unary(tree, meant) == CXUnaryOperator_LNot) {
        lower_hinted(body, tree->nodes[meant].first, when_false, when_true, branch_hint_opposite(hint));
        return;
    }
    if (meant >= 0 && lower_condition_parts(body, meant, when_true, when_false, hint))
        return;
    body->tested++;
    lower_expression(body, node);
    body->tested--;
    gboolean constant = syntax_constant(tree, node, &value);
    if (!constant && when_true != when_false) {
        struct fact_block *block = body->function->blocks->pdata[body->block];
        test_note(body, node, &block->test);
        block->when_true = when_true;
        block->when_false = when_false;
    }
    if (!constant || value)
        block_edge(body, body->block, when_true);
    if (!constant || !value)
        block_edge(body, body->block, when_false);
    if (!constant)
        note_hint(body, hint, when_true, when_false);
}

void lower_condition(struct body *body, int node, int when_true, int when_false)
{
    lower_hinted(body, node, when_true, when_false, BRANCH_EVEN);
}

static void lower_if(struct body *body, int node)
{
    int condition = body->tree->nodes[node].first;
    int then_part = syntax_child(body->tree, node, 1), else_part = syntax_child(body->tree, node, 2);
    int when_true = block_new(body), after = block_new(body);
    int when_false = else_part >= 0 ? block_new(body) : after;
    lower_hinted(body, condition, when_true, when_false,
                 branch_hint_of_arms(body->tree, condition, then_part, else_part));
    body->block = when_true;
    if (then_part >= 0)
        lower_statement(body, then_part);
    block_edge(body, body->block, after);
    if (else_part >= 0) {
        body->block = when_false;
        lower_statement(body, else_part);
        block_edge(body, body->block, after);
    }
    body->block = after;
}

static int loop_add(struct body *body, int node, const struct loop_shape *shape)
{
    struct fact_loop *loop = fact_loop_new(body->extraction->unit);
    CXSourceRange extent = clang_getCursorExtent(body->tree->nodes[node].cursor);
    loop->file = extraction_place(body->extraction, clang_getRangeStart(extent), &loop->line, NULL);
    extraction_place(body->extraction, clang_getRangeEnd(extent), &loop->end_line, NULL);
    loop->end_line = MAX(loop->line, loop->end_line);
    loop->parent = body->loop;
    loop->trip_count = loop_trip_count(body, node, shape);
    iterations_judge(body, node, shape, loop);
    fact_list_add(body->extraction->unit, body->function->loops, loop);
    return (int)body->function->loops->len - 1;
}

static gboolean runs_once(const struct body *body, int node, const struct loop_shape *shape)
{
    gint64 value = 1;
    return body->tree->nodes[node].kind == CXCursor_DoStmt && shape->condition >= 0 &&
           syntax_constant(body->tree, shape->condition, &value) && value == 0;
}

/* `do { … } while (0)`: a block that break leaves. */
static void lower_once(struct body *body, const struct loop_shape *shape)
{
    int after = block_new(body);
    struct jump_target target = {after, after, -1, body->jumps};
    body->jumps = &target;
    if (shape->body >= 0)
        lower_statement(body, shape->body);
    body->jumps = target.outer;
    block_enter(body, after);
}

/* entry → condition → body → increment → condition; a do loop enters at the body. */
static void lower_loop(struct body *body, int node)
{
    struct loop_shape shape = loop_shape_find(body, node);
    gboolean is_do = body->tree->nodes[node].kind == CXCursor_DoStmt;
    if (runs_once(body, node, &shape)) {
        lower_once(body, &shape);
        return;
    }
    if (shape.init >= 0)
        lower_statement(body, shape.init);
    int after = block_new(body), outer = body->loop;
    body->loop = loop_add(body, node, &shape);
    int condition = block_new(body), inside = block_new(body);
    int increment = shape.increment >= 0 ? block_new(body) : condition;
    block_edge(body, body->block, is_do ? inside : condition);
    struct jump_target target = {after, increment, body->loop, body->jumps};
    body->jumps = &target;
    body->block = inside;
    if (shape.body >= 0)
        lower_statement(body, shape.body);
    block_edge(body, body->block, increment);
    if (shape.increment >= 0) {
        body->block = increment;
        lower_expression(body, shape.increment);
        block_edge(body, body->block, condition);
    }
    body->block = condition;
    if (shape.condition >= 0)
        lower_condition(body, shape.condition, inside, after);
    else
        block_edge(body, body->block, inside);
    body->jumps = target.outer;
    body->loop = outer;
    body->block = after;
}

static void lower_switch(struct body *body, int node)
{
    const struct syntax *tree = body->tree;
    int inner = syntax_last_child(tree, node), after = block_new(body);
    body->tested++;
    lower_expression(body, tree->nodes[node].first);
    body->tested--;
    struct switch_target target = {body->block, FALSE, body->switches};
    test_note(body, tree->nodes[node].first,
              &((struct fact_block *)body->function->blocks->pdata[body->block])->test);
    struct jump_target jump = {after, -1, -1, body->jumps};
    body->switches = &target;
    body->jumps = &jump;
    start_unreached(body);
    lower_statement(body, inner);
    block_edge(body, body->block, after);
    if (!target.has_default)
        block_edge(body, target.head, after);
    body->switches = target.outer;
    body->jumps = jump.outer;
    body->block = after;
}

static void case_note(struct body *body, int node, int block)
{
    struct fact_unit *unit = body->extraction->unit;
    gint64 value = 0;
    struct fact_block *head = body->function->blocks->pdata[body->switches->head];
    gboolean single = body->tree->nodes[node].kind == CXCursor_CaseStmt &&
                      syntax_child_count(body->tree, node) == 2 &&
                      syntax_constant(body->tree, body->tree->nodes[node].first, &value);
    if (!single)
        return;
    if (!head->cases)
        head->cases = fact_list_new(unit);
    struct fact_case *label = fact_case_new(unit);
    label->block = block;
    label->value = value;
    fact_list_add(unit, head->cases, label);
}

static void lower_case(struct body *body, int node)
{
    int block = block_new(body);
    block_enter(body, block);
    if (body->switches) {
        block_edge(body, body->switches->head, block);
        case_note(body, node, block);
        if (body->tree->nodes[node].kind == CXCursor_DefaultStmt)
            body->switches->has_default = TRUE;
    }
    int statement = syntax_last_child(body->tree, node);
    if (statement >= 0)
        lower_statement(body, statement);
}

static void lower_jump(struct body *body, gboolean is_break)
{
    struct jump_target *target = body->jumps;
    while (target && !is_break && target->continue_block < 0)
        target = target->outer;
    if (target) {
        block_edge(body, body->block, is_break ? target->break_block : target->continue_block);
        if (is_break && target->loop >= 0)
            loop_at(body, target->loop)->has_exit = TRUE;
    }
    start_unreached(body);
}

static void lower_return(struct body *body, int node)
{
    int value = body->tree->nodes[node].first;
    if (value >= 0) {
        g_autofree char *path = g_strconcat(body->function->key, "#return", NULL);
        lower_expression(body, value);
        assignment_note_return(body, value);
        function_values_collect(body, value, path);
        descriptor_values_collect(body, value, path);
        gint64 constant = 0;
        if (syntax_constant(body->tree, value, &constant) && constant < 0)
            ((struct fact_block *)body->function->blocks->pdata[body->block])->fails = TRUE;
    }
    mark_exits(body, body->loop, -1);
    start_unreached(body);
}

gconstpointer statement_identity(CXCursor statement)
{
    return statement.data[1];
}

static void lower_label(struct body *body, int node)
{
    int block = block_new(body);
    gpointer identity = (gpointer)statement_identity(body->tree->nodes[node].cursor);
    block_enter(body, block);
    g_hash_table_insert(body->labels, identity, GINT_TO_POINTER(block + 1));
    g_hash_table_insert(body->label_loops, identity, GINT_TO_POINTER(body->loop + 1));
    int statement = syntax_last_child(body->tree, node);
    if (statement >= 0)
        lower_statement(body, statement);
}

static void lower_goto(struct body *body, int node)
{
    int reference = body->tree->nodes[node].first;
    if (reference >= 0) {
        CXCursor label = body->tree->nodes[reference].referenced;
        struct pending_goto pending = {
            .block = body->block, .loop = body->loop, .target = -1, .node = node, .label = label};
        g_array_append_val(body->gotos, pending);
        if (label_is_error(label))
            ((struct fact_block *)body->function->blocks->pdata[body->block])->fails = TRUE;
    }
    start_unreached(body);
}

static void lower_computed_goto(struct body *body, int node)
{
    lower_expression(body, body->tree->nodes[node].first);
    g_array_append_val(body->computed_gotos, body->block);
    start_unreached(body);
}

static gboolean encloses(const struct body *body, int outer, int inner)
{
    while (inner >= 0 && inner != outer)
        inner = loop_at(body, inner)->parent;
    return inner == outer;
}

/* Labels may stand behind the gotos that lead to them, so edges are drawn at the end. */
static void resolve_gotos(struct body *body)
{
    for (guint i = 0; i < body->gotos->len; i++) {
        struct pending_goto *pending = &g_array_index(body->gotos, struct pending_goto, i);
        gconstpointer label = statement_identity(pending->label);
        int block = GPOINTER_TO_INT(g_hash_table_lookup(body->labels, label)) - 1;
        int label_loop = GPOINTER_TO_INT(g_hash_table_lookup(body->label_loops, label)) - 1;
        pending->target = block;
        if (block < 0)
            continue;
        block_edge(body, pending->block, block);
        for (int loop = pending->loop; loop >= 0 && !encloses(body, loop, label_loop);
             loop = loop_at(body, loop)->parent)
            loop_at(body, loop)->has_exit = TRUE;
    }
    for (guint i = 0; i < body->computed_gotos->len; i++)
        for (guint l = 0; l < body->addressed_labels->len; l++) {
            gpointer label = body->addressed_labels->pdata[l];
            int block = GPOINTER_TO_INT(g_hash_table_lookup(body->labels, label)) - 1;
            if (block >= 0)
                block_edge(body, g_array_index(body->computed_gotos, int, i), block);
        }
}

static void lower_variable(struct body *body, int node)
{
    CXCursor cursor = body->tree->nodes[node].cursor;
    int value = syntax_last_child(body->tree, node);
    if (value < 0 || clang_Cursor_isNull(clang_Cursor_getVarDeclInitializer(cursor)))
        return;
    const struct declaration *declaration = declaration_find(body->extraction, cursor);
    const struct local *local = local_find(body, cursor);
    CXType type = clang_getCursorType(cursor);
    if (declaration->kind != DECLARATION_GLOBAL) { /* a static one is initialised before the program runs */
        lower_assigned(body, value, declaration->name, local && local->tested);
        assignment_note(body, node, value);
    }
    g_autofree char *place = variable_place(declaration);
    if (declaration->path)
        function_values_of_initializer(body, value, type, declaration->path,
                                       declaration->kind == DECLARATION_GLOBAL ? declaration->path : NULL,
                                       place);
    if (declaration->path && declaration->kind != DECLARATION_GLOBAL)
        descriptor_values_collect(body, value, declaration->path);
}

static void lower_each_statement(struct body *body, int node)
{
    for (int child = body->tree->nodes[node].first; child >= 0; child = body->tree->nodes[child].next)
        lower_statement(body, child);
}

void lower_statement(struct body *body, int node)
{
    enum CXCursorKind kind = body->tree->nodes[node].kind;
    parallel_pragma_note(body, node);
    switch (kind) {
    case CXCursor_IfStmt:
        lower_if(body, node);
        break;
    case CXCursor_WhileStmt:
    case CXCursor_DoStmt:
    case CXCursor_ForStmt:
        lower_loop(body, node);
        break;
    case CXCursor_SwitchStmt:
        lower_switch(body, node);
        break;
    case CXCursor_CaseStmt:
    case CXCursor_DefaultStmt:
        lower_case(body, node);
        break;
    case CXCursor_BreakStmt:
    case CXCursor_ContinueStmt:
        lower_jump(body, kind == CXCursor_BreakStmt);
        break;
    case CXCursor_ReturnStmt:
        lower_return(body, node);
        break;
    case CXCursor_LabelStmt:
        lower_label(body, node);
        break;
    case CXCursor_GotoStmt:
        lower_goto(body, node);
        break;
    case CXCursor_IndirectGotoStmt:
        lower_computed_goto(body, node);
        break;
    case CXCursor_VarDecl:
        lower_variable(body, node);
        break;
    default:
        if (clang_isExpression(kind))
            lower_expression(body, node);
        else
            lower_each_statement(body, node);
    }
}

static void collect_addressed_labels(struct body *body)
{
    for (int node = 0; node < body->tree->count; node++) {
        int reference = body->tree->nodes[node].first;
        if (body->tree->nodes[node].kind != CXCursor_AddrLabelExpr || reference < 0)
            continue;
        CXCursor label = body->tree->nodes[reference].referenced;
        g_ptr_array_add(body->addressed_labels, (gpointer)statement_identity(label));
    }
}

void lower_body(struct body *body)
{
    body->labels = g_hash_table_new(NULL, NULL);
    body->label_loops = g_hash_table_new(NULL, NULL);
    body->gotos = g_array_new(FALSE, FALSE, sizeof(struct pending_goto));
    body->computed_gotos = g_array_new(FALSE, FALSE, sizeof(int));
    body->addressed_labels = g_ptr_array_new();
    body->block_operations = g_array_new(FALSE, FALSE, sizeof(int));
    body->loop = -1;
    collect_addressed_labels(body);
    body->block = block_new(body);
    lower_statement(body, 0);
    resolve_gotos(body);
    goto_loops_add(body);
    comparisons_note(body);
    g_hash_table_unref(body->labels);
    g_hash_table_unref(body->label_loops);
    g_array_unref(body->gotos);
    g_array_unref(body->computed_gotos);
    g_array_unref(body->block_operations);
    g_ptr_array_unref(body->addressed_labels);
}
