/* SPDX-License-Identifier: Apache-2.0 */
/* One function body on its way into facts: control flow is lowered to blocks while expressions turn into
 * events. */
#ifndef ANALYZER_BODY_H
#define ANALYZER_BODY_H

#include "analyzer/declaration.h"
#include "analyzer/extraction.h"
#include "analyzer/syntax.h"

/* What the body does with one of its locals or parameters. */
struct local {
    gboolean escapes; /* its address is taken, or an array of it is passed on */
    gboolean tested;  /* it stands in a condition or comparison */
    int assignments;  /* initialiser included */
    int value;        /* node of the last value assigned, -1 */
};

/* Where break and continue lead. */
struct jump_target {
    int break_block, continue_block; /* continue_block -1: a switch */
    int loop;                        /* -1: a switch, or do … while (0) */
    struct jump_target *outer;
};

struct switch_target {
    int head;
    gboolean has_default;
    struct switch_target *outer;
};

struct pending_goto {
    int block, loop; /* where it stands */
    int target;      /* block of the label; -1 until all labels are known */
    int node;
    CXCursor label;
};

struct body {
    struct extraction *extraction;
    struct fact_function *function; /* NULL while initialisers of globals are read */
    const struct syntax *tree;
    GHashTable *locals; /* declaration identity → struct local */
    int block, loop;    /* where the next event happens */
    int tested;         /* depth inside conditions and comparisons: results are checked there */
    char *result;       /* what the expression being lowered is assigned to; borrowed */
    gboolean result_tested;
    struct jump_target *jumps;
    struct switch_target *switches;
    GHashTable *labels;          /* label statement → block + 1 */
    GHashTable *label_loops;     /* label statement → loop + 1 */
    GArray *gotos;               /* struct pending_goto */
    GPtrArray *addressed_labels; /* label statements whose address is taken */
    GArray *computed_gotos;      /* int: blocks that end in goto *p */
    GArray *block_operations;    /* int per block: its part of the operations */
};

/* Collects body->locals from the tree. */
void locals_scan(struct body *body);
const struct local *local_find(const struct body *body, CXCursor declaration);

enum path_purpose {
    PATH_OF_ACCESS,   /* NULL for what only this call can see */
    PATH_OF_ARGUMENT, /* locals and parameters have names, single-assignment pointers are followed */
};

/* Access path of an expression: of the object, or of what it points to when `node` is `&object`. NULL or
 * owned by the caller. */
char *access_path(const struct body *body, int node, enum path_purpose purpose);

/* Place (facts.h) of the object that `node` names, and of the one that the pointer `node` points to. NULL or
 * owned by the caller. */
char *object_place(const struct body *body, int node);
char *pointee_place(const struct body *body, int node);

/* Which element of arrays the pointer `node` points into: the texts of all subscripts on the way to its
 * variable, innermost first. Equal texts mean equal elements, if nothing with `~` changed in between. NULL
 * without subscripts; the caller frees it. */
char *element_index(const struct body *body, int node);
/* The value of an integer variable in the same words; NULL of anything else. */
char *variable_text(const struct body *body, int node);
/* Fills function->comparisons. */
void comparisons_note(struct body *body);

/* Notes that the local `node` gets `value` (-1: something unknown), when it is compared somewhere. */
void assignment_note(struct body *body, int node, int value);
/* Notes that the local `node` changes by `step` (0: unknown), when it is compared somewhere. */
void step_note(struct body *body, int node, gint64 step);
void assignment_note_return(struct body *body, int value);
/* What the condition `node` compares; to be asked right after it was lowered. */
void test_note(struct body *body, int node, struct fact_test *test);

/* `table[3].run`: an element of a global array, named by constant indexes, or a part of it. NULL for any
 * other place. The caller frees it. */
char *element_path(const struct body *body, int node);

/* `state@/abs/file.c` and `.lock` make `state.lock@/abs/file.c`: where it is defined stays at the end. The
 * caller frees it. */
char *path_with_suffix(const char *path, const char *suffix);

/* The function whose address `node` is; NULL when it is none. */
const struct declaration *function_of(const struct body *body, int node);

/* Records functions and function pointers that flow from `node` into `path`. */
void function_values_collect(struct body *body, int node, const char *path);
/* The same for argument `position` of a call of `target` (function key or path of the pointer, may be NULL).
 */
void function_values_of_argument(struct body *body, int node, const char *target, int position);
/* The same for the initialiser of a variable, member by member, and the constants there that say how often or
 * how something is done. `object` (may be NULL) is the path of the variable itself; what stands in arrays is
 * also recorded as element_path() knows it. `place` (may be NULL) is the object's. */
void function_values_of_initializer(struct body *body, int node, CXType type, const char *path,
                                    const char *object, const char *place);
/* The place of a variable itself; NULL when it has no path. The caller frees it. */
char *variable_place(const struct declaration *declaration);
/* `path` holds what `source` holds, if nothing else is stored there. */
void function_values_otherwise(struct body *body, int node, const char *path, const char *source);

/* Appends an event at the place of `node`. */
struct fact_event *event_add(struct body *body, int node, enum event_kind kind);
/* The same for the operation `name` on the atomic object that `pointer` (-1: unknown) points to, and counts
 * it.
 */
void atomic_add(struct body *body, int node, int pointer, const char *name);

/* Records that `path` may hold the descriptor that `node` is, when its type is that of one. */
void descriptor_values_collect(struct body *body, int node, const char *path);

/* Which way of a condition is the exception. */
enum branch_hint {
    BRANCH_EVEN,
    BRANCH_TRUE_UNLIKELY,
    BRANCH_FALSE_UNLIKELY,
    BRANCH_TRUE_RARE, /* once in a buffer's length */
    BRANCH_FALSE_RARE,
};
enum branch_hint branch_hint_find(const struct syntax *tree, int node);
enum branch_hint branch_hint_opposite(enum branch_hint hint);
/* What the arms tell of the condition: `next < end ? buffer[next++] : refill()` is seldom false. An arm may
 * be -1. */
enum branch_hint branch_hint_of_arms(const struct syntax *tree, int condition, int when_true, int when_false);
/* TRUE for labels like `error`, `out_err`, `fail`. */
gboolean label_is_error(CXCursor label);

int block_new(struct body *body);
void block_edge(struct body *body, int from, int to);
/* Starts a block that follows the current one. */
void block_enter(struct body *body, int block);

/* Identifies a statement inside one translation unit. */
gconstpointer statement_identity(CXCursor statement);

/* Adds the loops that only gotos make, once all blocks and edges are there. */
void goto_loops_add(struct body *body);

/* Adds the call (of GOMP_parallel, GOMP_task …) that stands for the pragma of OpenMP above this statement, if
 * it gives the statement to several threads; its lines are those of the statement. */
void parallel_pragma_note(struct body *body, int node);

/* Lowers the whole tree into body->function. */
void lower_body(struct body *body);
void lower_statement(struct body *body, int node);
void lower_expression(struct body *body, int node);
void lower_call(struct body *body, int node);
/* Lowers a condition with its short circuits; ends the current block. */
void lower_condition(struct body *body, int node, int when_true, int when_false);
/* The same, when it is known which way the whole condition seldom takes. */
void lower_hinted(struct body *body, int node, int when_true, int when_false, enum branch_hint hint);
/* `left = right`, or an initialiser whose variable has the path `left_path` (may be NULL). */
void lower_assigned(struct body *body, int value, const char *left_path, gboolean tested);

/* Adds one operation to the innermost loop or to the function. */
void operation_count(struct body *body);

/* The parts of a loop statement; -1 where there is none. */
struct loop_shape {
    int init, condition, increment, body;
};
struct loop_shape loop_shape_find(const struct body *body, int node);
/* Constant number of iterations, as in fact_loop.trip_count. */
gint64 loop_trip_count(const struct body *body, int node, const struct loop_shape *shape);
/* Fills dependence and carried. */
void iterations_judge(const struct body *body, int node, const struct loop_shape *shape,
                      struct fact_loop *loop);

/* TRUE when `node` assigns, increments or decrements; *target is then the object, stripped. */
gboolean syntax_is_write(const struct syntax *tree, int node, int *target);
/* The step of a write `i++`, `i -= 2`, `i = i + 4`; 0 when it is not constant. */
gint64 write_step(const struct syntax *tree, int node);

#endif
