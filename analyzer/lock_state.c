/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/lock_state.h"

#include <string.h>

struct lock_state *lock_state_new(void)
{
    struct lock_state *state = g_new0(struct lock_state, 1);
    state->held = g_array_new(FALSE, FALSE, sizeof(struct held_lock));
    state->given = g_array_new(FALSE, FALSE, sizeof(struct held_lock));
    state->known = g_array_new(FALSE, FALSE, sizeof(struct known_value));
    return state;
}

struct lock_state *lock_state_copy(const struct lock_state *state)
{
    struct lock_state *copy = g_new0(struct lock_state, 1);
    copy->held = g_array_copy(state->held);
    copy->given = g_array_copy(state->given);
    copy->known = g_array_copy(state->known);
    return copy;
}

void lock_state_free(gpointer data)
{
    struct lock_state *state = data;
    g_array_unref(state->held);
    g_array_unref(state->given);
    g_array_unref(state->known);
    g_free(state);
}

gboolean held_lock_same(const struct held_lock *a, const struct held_lock *b)
{
    return a->place && b->place ? a->place == b->place : a->name == b->name;
}

/* A variable that was assigned again, or an unknown element, may be any object of the name. */
static gboolean is_vague(const struct held_lock *lock)
{
    const char *place = g_quark_to_string(lock->place);
    return !place || *place == '%' || strstr(place, "[]") || strchr(place, '*');
}

int held_lock_find(const GArray *locks, const struct held_lock *lock)
{
    for (guint i = locks->len; i > 0; i--) {
        const struct held_lock *other = &g_array_index(locks, struct held_lock, i - 1);
        if (lock->place && other->place == lock->place)
            return (int)i - 1;
    }
    for (guint i = locks->len; i > 0; i--) {
        const struct held_lock *other = &g_array_index(locks, struct held_lock, i - 1);
        if (other->name == lock->name && (is_vague(other) || is_vague(lock)))
            return (int)i - 1;
    }
    return -1;
}

gboolean held_locks_equal(const GArray *a, const GArray *b)
{
    if (a->len != b->len)
        return FALSE;
    for (guint i = 0; i < a->len; i++) {
        const struct held_lock *lock = &g_array_index(a, struct held_lock, i);
        gboolean found = FALSE;
        for (guint j = 0; j < b->len && !found; j++) {
            const struct held_lock *other = &g_array_index(b, struct held_lock, j);
            found = lock->place == other->place && lock->name == other->name && lock->shared == other->shared;
        }
        if (!found)
            return FALSE;
    }
    return TRUE;
}

gboolean lock_state_same_locks(const struct lock_state *a, const struct lock_state *b)
{
    return held_locks_equal(a->held, b->held) && held_locks_equal(a->given, b->given);
}

static struct known_value *known_find(const struct lock_state *state, GQuark subject)
{
    for (guint i = 0; i < state->known->len; i++) {
        struct known_value *value = &g_array_index(state->known, struct known_value, i);
        if (value->subject == subject)
            return value;
    }
    return NULL;
}

const struct known_value *lock_state_known(const struct lock_state *state, GQuark subject)
{
    return known_find(state, subject);
}

gboolean known_value_contains(const struct known_value *value, gint64 number)
{
    if (number < value->low || number > value->high)
        return FALSE;
    for (guint i = 0; i < value->excluded_count; i++) {
        if (value->excluded[i] == number)
            return FALSE;
    }
    return TRUE;
}

static void exclude(struct known_value *value, gint64 number)
{
    if (known_value_contains(value, number) && value->excluded_count < EXCLUDED_MAX)
        value->excluded[value->excluded_count++] = number;
}

/* The smallest range that holds both; FALSE when it says nothing. */
static gboolean join_values(struct known_value *value, const struct known_value *other)
{
    struct known_value joined = {.subject = value->subject};
    joined.low = MIN(value->low, other->low);
    joined.high = MAX(value->high, other->high);
    for (guint i = 0; i < value->excluded_count; i++) {
        if (!known_value_contains(other, value->excluded[i]))
            exclude(&joined, value->excluded[i]);
    }
    for (guint i = 0; i < other->excluded_count; i++) {
        if (!known_value_contains(value, other->excluded[i]))
            exclude(&joined, other->excluded[i]);
    }
    *value = joined;
    return value->excluded_count > 0 || value->low > G_MININT64 || value->high < G_MAXINT64;
}

gboolean lock_state_join(struct lock_state *state, const struct lock_state *other)
{
    gboolean changed = FALSE;
    for (guint i = state->known->len; i > 0; i--) {
        struct known_value *value = &g_array_index(state->known, struct known_value, i - 1);
        struct known_value before = *value;
        const struct known_value *also = known_find(other, value->subject);
        if (!also || !join_values(value, also)) {
            g_array_remove_index_fast(state->known, i - 1);
            changed = TRUE;
        } else {
            changed |= before.low != value->low || before.high != value->high ||
                       before.excluded_count != value->excluded_count;
        }
    }
    return changed;
}

enum relation relation_negated(enum relation relation)
{
    static const enum relation negated[] = {
        [RELATION_NONE] = RELATION_NONE,       [RELATION_EQUAL] = RELATION_DIFFERENT,
        [RELATION_DIFFERENT] = RELATION_EQUAL, [RELATION_BELOW] = RELATION_AT_LEAST,
        [RELATION_AT_MOST] = RELATION_ABOVE,   [RELATION_ABOVE] = RELATION_AT_MOST,
        [RELATION_AT_LEAST] = RELATION_BELOW,
    };
    return negated[relation];
}

static void restrict_value(struct known_value *value, enum relation relation, gint64 constant)
{
    switch (relation) {
    case RELATION_EQUAL:
        value->low = MAX(value->low, constant);
        value->high = MIN(value->high, constant);
        break;
    case RELATION_DIFFERENT:
        exclude(value, constant);
        break;
    case RELATION_BELOW:
        value->high = MIN(value->high, constant > G_MININT64 ? constant - 1 : constant);
        break;
    case RELATION_AT_MOST:
        value->high = MIN(value->high, constant);
        break;
    case RELATION_ABOVE:
        value->low = MAX(value->low, constant < G_MAXINT64 ? constant + 1 : constant);
        break;
    case RELATION_AT_LEAST:
        value->low = MAX(value->low, constant);
        break;
    case RELATION_NONE:
        break;
    }
}

static gboolean is_empty(const struct known_value *value)
{
    if (value->low > value->high)
        return TRUE;
    if ((guint64)value->high - (guint64)value->low > EXCLUDED_MAX)
        return FALSE;
    for (gint64 number = value->low; number <= value->high; number++) {
        if (known_value_contains(value, number))
            return FALSE;
    }
    return TRUE;
}

gboolean known_values_exclude(const struct known_value *a, const struct known_value *b)
{
    struct known_value both = *a;
    both.low = MAX(a->low, b->low);
    both.high = MIN(a->high, b->high);
    for (guint i = 0; i < b->excluded_count; i++)
        exclude(&both, b->excluded[i]);
    return is_empty(&both);
}

gboolean lock_state_assume(struct lock_state *state, GQuark subject, enum relation relation, gint64 constant)
{
    struct known_value *value = known_find(state, subject);
    if (!value) {
        struct known_value any = {.subject = subject, .low = G_MININT64, .high = G_MAXINT64};
        g_array_append_val(state->known, any);
        value = &g_array_index(state->known, struct known_value, state->known->len - 1);
    }
    restrict_value(value, relation, constant);
    return !is_empty(value);
}

gboolean lock_state_restrict(struct lock_state *state, GQuark subject, const struct known_value *values)
{
    gboolean possible = lock_state_assume(state, subject, RELATION_AT_LEAST, values->low) &&
                        lock_state_assume(state, subject, RELATION_AT_MOST, values->high);
    for (guint i = 0; possible && i < values->excluded_count; i++)
        possible = lock_state_assume(state, subject, RELATION_DIFFERENT, values->excluded[i]);
    return possible;
}

void lock_state_set(struct lock_state *state, GQuark subject, const struct known_value *value)
{
    for (guint i = state->known->len; i > 0; i--) {
        if (g_array_index(state->known, struct known_value, i - 1).subject == subject)
            g_array_remove_index_fast(state->known, i - 1);
    }
    if (!value)
        return;
    struct known_value copy = *value;
    copy.subject = subject;
    g_array_append_val(state->known, copy);
}

void lock_state_forget(struct lock_state *state, const char *subject)
{
    gsize length = strlen(subject);
    for (guint i = state->known->len; i > 0; i--) {
        const char *other = g_quark_to_string(g_array_index(state->known, struct known_value, i - 1).subject);
        if (strncmp(other, subject, length) == 0 && (!other[length] || strchr("&.*[~", other[length])))
            g_array_remove_index_fast(state->known, i - 1);
    }
}

int lock_state_decides(const struct lock_state *state, const struct fact_test *test)
{
    GQuark subject = g_quark_try_string(test->subject);
    const struct known_value *known = subject ? known_find(state, subject) : NULL;
    if (!known)
        return -1;
    struct known_value when_true = *known, when_false = *known;
    restrict_value(&when_true, test->relation, test->constant);
    restrict_value(&when_false, relation_negated(test->relation), test->constant);
    gboolean never = is_empty(&when_true), always = is_empty(&when_false);
    return never ? 0 : always ? 1 : -1;
}
