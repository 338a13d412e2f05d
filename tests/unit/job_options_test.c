/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "each_model.h"

static void test_environment(void)
{
    struct corewise_options options;
    struct corewise_error error;
    corewise_options_init(&options);
    g_setenv("COREWISE_MODEL", "async+processes", TRUE);
    g_setenv("COREWISE_WORKERS", "7", TRUE);
    g_assert_true(corewise_options_environment(&options, &error));
    g_assert_cmpint(options.model, ==, COREWISE_ASYNC_PROCESSES);
    g_assert_cmpuint(options.workers, ==, 7);
    static const char *const wrong[] = {"0", "-1", "x", "3x", "99999"};
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_setenv("COREWISE_WORKERS", wrong[i], TRUE);
        g_assert_false(corewise_options_environment(&options, &error));
        g_assert_nonnull(strstr(error.message, wrong[i]));
    }
    g_unsetenv("COREWISE_WORKERS");
    g_setenv("COREWISE_MODEL", "fibers", TRUE);
    g_assert_false(corewise_options_environment(&options, &error));
    g_assert_nonnull(strstr(error.message, "fibers"));
    g_unsetenv("COREWISE_MODEL");
    for (int model = 0; model < MODELS; model++) {
        enum corewise_model found = COREWISE_SEQUENTIAL;
        g_assert_true(corewise_model_find(corewise_model_name((enum corewise_model)model), &found));
        g_assert_cmpint(found, ==, model);
    }
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/job-options/environment", test_environment);
    return g_test_run();
}
