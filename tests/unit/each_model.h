/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of jobs share that hold under every model. The model is the data that a test is given. */
#ifndef TESTS_UNIT_EACH_MODEL_H
#define TESTS_UNIT_EACH_MODEL_H

#include <glib.h>

#include "runtime/corewise.h"

enum { MODELS = COREWISE_ASYNC_THREADS + 1 };

/* `subject` starts with a slash; the name of the model is added. */
void add_test(const char *subject, enum corewise_model model, GTestDataFunc function);
/* The defaults, with this model and three workers. */
struct corewise_options options_of(gconstpointer model);
/* Ends the test when the job cannot run. */
struct corewise_outcome run_job(const struct corewise_job *job, const struct corewise_options *options);

/* Mixes the value well, so that no result is right by chance. */
guint64 mix(guint64 value);
/* What a task runs: every fifth waits for a moment. */
int sleep_a_little(const struct corewise_task *task);

#endif
