/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the iterations of a loop depend on each other, by what one function shows: scalars and fields
 * (here), array elements, and objects handed to callees. What callees do to globals is the linker's
 * knowledge. */
#ifndef ANALYZER_ITERATIONS_H
#define ANALYZER_ITERATIONS_H

#include "analyzer/body.h"

struct iterations {
    const struct body *body;
    const struct syntax *tree;
    int loop; /* the loop statement */
    const struct loop_shape *shape;
    GHashTable *written;    /* declaration identity: variables written somewhere in the loop */
    GHashTable *declared;   /* declaration identity: variables declared inside the loop */
    GHashTable *inductions; /* declaration identity: those that move by a constant step each iteration */
    enum iteration_dependence dependence;
    char *carried;
};

/* Keeps the stronger of what was known and `dependence`: dependent, then unknown, then reduction. */
void iterations_add(struct iterations *iterations, enum iteration_dependence dependence, const char *carried);

/* Nodes of the loop without its init; TRUE while there is one (start with *node = -1). */
gboolean iterations_next(const struct iterations *iterations, int *node);

/* Position in evaluation order: the increment comes after the body. */
int iterations_order(const struct iterations *iterations, int node);

/* The part of the loop that always runs together with `node`: a branch, an inner loop, or the loop itself. */
int iterations_scope(const struct iterations *iterations, int node);

/* TRUE when `node` names something else in each iteration: it depends on a variable that the loop changes. */
gboolean iterations_varies(const struct iterations *iterations, int node);

/* TRUE when different iterations surely have different values of `node`: linear in an induction variable. */
gboolean iterations_linear(const struct iterations *iterations, int node, int depth);

/* TRUE when different iterations surely mean different objects by `node`: an element at a linear index, or
 * something reached from one. */
gboolean iterations_own_element(const struct iterations *iterations, int node, int depth);

void iterations_judge_arrays(struct iterations *iterations);
void iterations_judge_calls(struct iterations *iterations);

#endif
