/* SPDX-License-Identifier: Apache-2.0 */
/* The lock of an interpreter (CPython's GIL) as its C extensions see it: methods are called with the lock
 * held, give it up and take it back. Which lock, which fields hold methods and which calls need the lock is
 * data (`lock_name` in docs/effects.md). */
#ifndef ANALYZER_INTERPRETER_LOCK_H
#define ANALYZER_INTERPRETER_LOCK_H

#include "analyzer/classify.h"

/* The longest code that a method runs without giving the lock up: a loop, or one call. */
struct held_place {
    const struct graph_function *function; /* NULL: none */
    int loop;                              /* -1: the call */
    const struct call_site *call; /* in a loop: the call in it that waits or computes longest, or NULL */
    const struct call_site *needs_lock; /* a call in there that is only allowed with the lock, or NULL */
    struct cost cost;                   /* typical, of one call of `function` */
    gboolean waits;                     /* it is longest because it waits, not because it computes */
};

/* A function of the extension that the interpreter calls. */
struct method {
    const struct graph_function *function;
    struct cost whole, held;          /* typical, of one call: all of it, and what runs with the lock held */
    const struct call_site *gives_up; /* the first call, here or below, that gives the lock up; or NULL */
    struct held_place place;
};

struct interpreter_lock {
    const char *name;                   /* of the lock: "GIL" */
    GPtrArray *methods;                 /* struct method, in the order of the graph */
    const struct graph_function *entry; /* the module's first function (`PyInit_x`), or NULL */
};

/* NULL when the code has no methods. Borrows the model. */
struct interpreter_lock *interpreter_lock_find(const struct cost_model *model);
void interpreter_lock_free(struct interpreter_lock *lock);

#endif
