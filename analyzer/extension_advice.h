/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of an extension module of an interpreter: which of its methods compute or wait for long while
 * they hold the interpreter's lock, and what to do about it. Such code has no main: its program is the
 * interpreter, whose threads call the methods. */
#ifndef ANALYZER_EXTENSION_ADVICE_H
#define ANALYZER_EXTENSION_ADVICE_H

#include "analyzer/interpreter_lock.h"
#include "model/session.h"

/* The lock, and a critical section for each place where a method holds it for long. */
void extension_regions_add(struct session *session, const struct cost_model *model,
                           const struct interpreter_lock *lock);

/* session->program, one advice for it and one for each further method that holds the lock for long, with
 * their predictions. Needs the regions. */
void extension_advice_add(struct session *session, const struct cost_model *model,
                          const struct interpreter_lock *lock, const char *program_name);

#endif
