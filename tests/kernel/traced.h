/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel tests share: a program that knows its own truth, traced, and the two compared. */
#ifndef TESTS_KERNEL_TRACED_H
#define TESTS_KERNEL_TRACED_H

#include <sys/types.h>

#include "tracer/tracer.h"

#define SHARE_OF_CAUSE  0.02 /* allowed error of blocked time */
#define SHARE_OF_CPU    0.01
#define SLACK_SECONDS   0.003
#define LEAST_DISK_TIME 0.02

struct traced {
    struct session *session;
    GHashTable *truth; /* name → double */
};

struct traced_case {
    const char *name;
    void (*run)(void);
};

extern const char *traced_program;
extern const char *traced_argument; /* what the program is told after the case and its file; may be NULL */

/* Ends the test as one that cannot run here, for the reason given. */
void skip(const char *format, ...) G_GNUC_PRINTF(1, 2) G_GNUC_NORETURN;
void skip_unless_possible(void);
/* The main() of a test CASE PROGRAM [ARGUMENT]: runs the case on the program and returns the exit status.
 * `usage` names the test and its arguments: as many words must be given. */
int run_traced_case(int argc, char **argv, const char *usage, const struct traced_case *cases, guint count);

/* Runs a case of the program under the tracer, with what is set in `options` besides the command. */
struct traced trace_case_with(const char *name, const struct trace_options *options);
struct traced trace_case(const char *name);
/* Into a session that has regions already; it belongs to the result. */
struct traced trace_case_into(struct session *session, const char *name, const struct trace_options *options);
void traced_clear(struct traced *traced);
/* The file that a case writes. */
GHashTable *truth_read(const char *path);
/* Starts a case without tracing it. */
pid_t start_case(const char *name);
void end_case(pid_t child);

double truth_of(const struct traced *traced, const char *name);
double measured(const struct traced *traced, enum subject_kind kind, const char *subject, const char *metric);
const struct thread *thread_named(const struct traced *traced, const char *name);

void assert_near(const char *what, double seen, double expected, double share, double slack);
/* Blocked time of a thread (NULL: the program) against what it saw itself: it cannot tell a wait from the
 * queue for a core after it. */
void assert_waited(const struct traced *traced, const char *thread, double blocked, double expected);
/* The states of every thread add up to its life. */
void check_states(const struct traced *traced);

#endif
