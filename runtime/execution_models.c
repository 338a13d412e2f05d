/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/places.h"

#include <string.h>

static const struct execution_model models[] = {
    [COREWISE_SEQUENTIAL] = {"sequential", corewise_blocking_worker_run, corewise_run_in_caller},
    [COREWISE_THREADS] = {"threads", corewise_blocking_worker_run, corewise_run_in_threads, .many = true},
    [COREWISE_PROCESSES] = {"processes", corewise_blocking_worker_run, corewise_run_in_processes,
                            .shared = true, .many = true},
    [COREWISE_ASYNC] = {"async", corewise_loop_worker_run, corewise_run_in_caller, .loops = true},
    [COREWISE_ASYNC_PROCESSES] = {"async+processes", corewise_loop_worker_run, corewise_run_in_processes,
                                  .loops = true, .shared = true, .many = true},
    [COREWISE_ASYNC_THREADS] = {"async+threads", corewise_loop_worker_run, corewise_run_in_threads,
                                .loops = true, .many = true},
};
enum { MODEL_COUNT = sizeof(models) / sizeof(models[0]) };

const struct execution_model *corewise_execution_model(enum corewise_model model)
{
    return (unsigned)model < MODEL_COUNT ? &models[model] : NULL;
}

const char *corewise_model_name(enum corewise_model model)
{
    const struct execution_model *found = corewise_execution_model(model);
    return found ? found->name : "unknown";
}

bool corewise_model_find(const char *name, enum corewise_model *model)
{
    for (unsigned i = 0; i < MODEL_COUNT; i++) {
        if (strcmp(models[i].name, name) == 0) {
            *model = (enum corewise_model)i;
            return true;
        }
    }
    return false;
}
