/* SPDX-License-Identifier: Apache-2.0 */
/* What holds on one path through a function: the locks that are held, those of the caller that were given up,
 * and what conditions have said of values. Paths with the same locks are merged, others are kept apart, so
 * that `if (x) lock(); … if (x) unlock();` is understood (after M. Das, S. Lerner, M. Seigle, "ESP:
 * path-sensitive program verification in polynomial time", PLDI 2002). */
#ifndef ANALYZER_LOCK_STATE_H
#define ANALYZER_LOCK_STATE_H

#include "analyzer/program_graph.h"

#define EXCLUDED_MAX 6 /* remembered per value: enough for the labels of most switches */

/* A lock as one function sees it. */
struct held_lock {
    GQuark place; /* the object (facts.h); 0: unknown */
    GQuark name;  /* all objects of that field or variable: `struct conn.lock`; 0: unknown */
    enum lock_kind kind;
    gboolean shared;              /* a read lock */
    const struct call_site *site; /* the call in this function that took it */
};

/* Values that a subject (struct fact_test) may have on this path. */
struct known_value {
    GQuark subject;
    gint64 low, high;
    guint excluded_count; /* values inside that it surely has not */
    gint64 excluded[EXCLUDED_MAX];
};

/* TRUE when no number is in both. */
gboolean known_values_exclude(const struct known_value *a, const struct known_value *b);
gboolean known_value_contains(const struct known_value *value, gint64 number);

struct lock_state {
    GArray *held;  /* struct held_lock */
    GArray *given; /* struct held_lock: of the caller */
    GArray *known; /* struct known_value */
};

struct lock_state *lock_state_new(void);
struct lock_state *lock_state_copy(const struct lock_state *state);
void lock_state_free(gpointer state);

/* The same object; of unknown objects, the same name. */
gboolean held_lock_same(const struct held_lock *a, const struct held_lock *b);
/* Index in `locks` of the same lock: by object, else the last one of the name whose object may be it; -1. */
int held_lock_find(const GArray *locks, const struct held_lock *lock);

/* TRUE when both name the same locks in the same mode, in any order. */
gboolean held_locks_equal(const GArray *a, const GArray *b);
gboolean lock_state_same_locks(const struct lock_state *a, const struct lock_state *b);
/* Forgets in `state` what `other` does not know, too; TRUE when that changed anything. */
gboolean lock_state_join(struct lock_state *state, const struct lock_state *other);

const struct known_value *lock_state_known(const struct lock_state *state, GQuark subject);
/* FALSE when the comparison cannot hold on this path. */
gboolean lock_state_assume(struct lock_state *state, GQuark subject, enum relation relation, gint64 constant);
/* FALSE when the subject cannot have any of these values on this path. */
gboolean lock_state_restrict(struct lock_state *state, GQuark subject, const struct known_value *values);
void lock_state_set(struct lock_state *state, GQuark subject, const struct known_value *value);
/* The subject, and what is part of it, may now have any value. */
void lock_state_forget(struct lock_state *state, const char *subject);
/* 1, 0, or -1 when unknown. */
int lock_state_decides(const struct lock_state *state, const struct fact_test *test);

enum relation relation_negated(enum relation relation);

#endif
