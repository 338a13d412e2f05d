/* SPDX-License-Identifier: Apache-2.0 */
/* Programs of tests/unit/fixtures as children of a test: started, listened to, stopped and looked into. */
#ifndef FIXTURE_PROCESS_H
#define FIXTURE_PROCESS_H

#include <glib.h>

#include "tracer/stack.h"

struct fixture_process {
    int pid;
    GPtrArray *lines; /* char *: what it printed up to now */
    int output;
};

/* The path of a fixture's file in the build tree; the caller's. */
char *fixture_path(const char *name);

/* Starts `name` (with one optional argument) and reads its first `line_count` lines of output; the test fails
 * when it does not print them. The process is killed by _stop. */
struct fixture_process *fixture_process_start(const char *name, const char *argument, guint line_count);
void fixture_process_stop(struct fixture_process *process);

/* The rest of the line that starts with `word` and a space, or NULL. */
const char *fixture_process_find(const struct fixture_process *process, const char *word);

#define FIXTURE_STACK_BYTES (64ul * 1024)
/* Registers and stack of a thread that is stopped for the moment. `bytes` has room for FIXTURE_STACK_BYTES.
 * FALSE when the system forbids ptrace. */
gboolean fixture_thread_stop(int tid);
void fixture_thread_read(int tid, guint8 *bytes, struct stack_snapshot *snapshot);
void fixture_thread_step(int tid); /* one instruction */
void fixture_thread_release(int tid);

/* 1-based number of the first line of a fixture's source that contains `text`. */
int fixture_line(const char *source, const char *text);

#endif
