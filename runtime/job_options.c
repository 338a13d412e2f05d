/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/failure.h"
#include "runtime/places.h"

#include <errno.h>
#include <stdlib.h>

void corewise_options_init(struct corewise_options *options)
{
    *options = (struct corewise_options){.model = COREWISE_SEQUENTIAL};
}

static bool read_number(const char *name, unsigned long most, uint32_t *number, struct corewise_error *error)
{
    const char *text = getenv(name);
    if (!text || *text == '\0')
        return true;
    char *end = NULL;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (errno != 0 || *end != '\0' || *text == '-' || value < 1 || value > most)
        return corewise_fail(error, EINVAL, "cannot use %s=%.60s: give a number from 1 to %lu", name, text,
                             most);
    *number = (uint32_t)value;
    return true;
}

bool corewise_options_environment(struct corewise_options *options, struct corewise_error *error)
{
    const char *model = getenv("COREWISE_MODEL"), *report = getenv("COREWISE_JOB_REPORT");
    if (model && *model != '\0' && !corewise_model_find(model, &options->model))
        return corewise_fail(
            error, EINVAL,
            "cannot use COREWISE_MODEL=%.60s: the models are sequential, threads, processes, "
            "async, async+processes and async+threads",
            model);
    if (report && *report != '\0')
        options->report_path = report;
    return read_number("COREWISE_WORKERS", COREWISE_WORKERS_LIMIT, &options->workers, error) &&
           read_number("COREWISE_TASKS_AT_ONCE", UINT32_MAX, &options->tasks_at_once, error);
}
