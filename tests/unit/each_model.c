/* SPDX-License-Identifier: Apache-2.0 */
#include "each_model.h"

void add_test(const char *subject, enum corewise_model model, GTestDataFunc function)
{
    g_autofree char *path = g_strdup_printf("%s/%s", subject, corewise_model_name(model));
    g_test_add_data_func(path, GINT_TO_POINTER(model), function);
}

struct corewise_options options_of(gconstpointer model)
{
    struct corewise_options options;
    corewise_options_init(&options);
    options.model = (enum corewise_model)GPOINTER_TO_INT(model);
    options.workers = 3;
    return options;
}

struct corewise_outcome run_job(const struct corewise_job *job, const struct corewise_options *options)
{
    struct corewise_outcome outcome = {0};
    struct corewise_error error = {0};
    if (!corewise_job_run(job, options, &outcome, &error))
        g_error("%s: %s", corewise_model_name(options->model), error.message);
    return outcome;
}

guint64 mix(guint64 value)
{
    value = (value ^ value >> 33) * G_GUINT64_CONSTANT(0xff51afd7ed558ccd);
    return value ^ value >> 29;
}

int sleep_a_little(const struct corewise_task *task)
{
    return corewise_sleep(task->index % 5 == 0 ? 0.001 : 0);
}
