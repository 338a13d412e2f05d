/* SPDX-License-Identifier: Apache-2.0 */
/* One small source on its way through database, worker and libclang, and look-ups in the facts it became. */
#ifndef TESTS_UNIT_PARSED_SOURCE_H
#define TESTS_UNIT_PARSED_SOURCE_H

#include "analyzer/facts.h"
#include "model/session.h"

struct parsed {
    GPtrArray *units;
    struct session *session;
    const struct fact_unit *unit; /* the first one */
    char *folder, *file;
};

/* The source as a file of its own with these compiler flags; parsed_clear() removes it. */
struct parsed parse_with(const char *source, const char *const *flags);
/* The same with -O2; the test fails when there are errors. */
struct parsed parse(const char *source);
void parsed_clear(struct parsed *parsed);

/* Each fails the test when there is none. */
const struct fact_function *function_named(const struct parsed *parsed, const char *name);
const struct fact_loop *loop_of(const struct parsed *parsed, const char *function, guint index);

/* The n-th event of a kind, or NULL; of calls, those of `callee` only when it is given. */
const struct fact_event *event_of(const struct fact_function *function, enum event_kind kind,
                                  const char *callee, guint n);

#endif
