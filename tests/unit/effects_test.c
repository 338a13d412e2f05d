/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/effects.h"

#include <glib/gstdio.h>
#include <string.h>

#include "analyzer/analyzer.h"

static char *write_file(const char *text)
{
    g_autoptr(GError) error = NULL;
    char *path = NULL;
    int descriptor = g_file_open_tmp("effects-XXXXXX.yaml", &path, &error);
    g_assert_no_error(error);
    g_assert_true(g_close(descriptor, NULL));
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    return path;
}

/* Loads one file of this text over the built-in ones. */
static struct effects *load(const char *text, char **path, GError **error)
{
    *path = write_file(text);
    const char *const files[] = {*path, NULL};
    struct effects *effects = effects_load(files, error);
    g_remove(*path);
    return effects;
}

static void test_families(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = NULL;
    struct effects *effects = load("effects:\n"
                                   "  - functions: [vector_*]\n    cpu_ns: 1\n"
                                   "  - functions: [vector_load_*]\n    cpu_ns: 2\n"
                                   "  - functions: [vector_load_slowly]\n    cpu_ns: 3\n",
                                   &path, &error);
    g_assert_no_error(error);
    g_assert_cmpfloat(effects_find(effects, "vector_add")->cpu_ns, ==, 1);
    g_assert_cmpfloat(effects_find(effects, "vector_load_all")->cpu_ns, ==, 2);
    g_assert_cmpfloat(effects_find(effects, "vector_load_slowly")->cpu_ns, ==, 3);
    g_assert_cmpfloat(effects_find(effects, "__builtin_vector_add")->cpu_ns, ==, 1);
    g_assert_null(effects_find(effects, "vectors_add"));
    g_assert_null(effects_find(effects, "vector"));
    g_assert_nonnull(effects_find(effects, "_mm_xor_si128"));
    effects_free(effects);
}

static void test_built_in(void)
{
    g_autoptr(GError) error = NULL;
    struct effects *effects = effects_load(NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(effects_count(effects), >, 400);
    const struct effect *effect = effects_find(effects, "pthread_create");
    g_assert_cmpint(effect->creates, ==, CREATE_THREAD);
    g_assert_cmpint(effect->start_argument, ==, 2);
    effect = effects_find(effects, "read");
    g_assert_cmpint(effect->block, ==, BLOCK_DESCRIPTOR);
    g_assert_cmpint(effect->descriptor_argument, ==, 0);
    g_assert_cmpint(effect->size_argument, ==, 2);
    effect = effects_find(effects, "pthread_cond_wait");
    g_assert_cmpint(effect->lock, ==, LOCK_WAIT);
    g_assert_cmpint(effect->mutex_argument, ==, 1);
    g_assert_true(effect->properties & EFFECT_WAITS_FOR_TASK);
    effect = effects_find(effects, "socketpair");
    g_assert_true(effect->opens);
    g_assert_cmpint(effect->opens_cause, ==, CAUSE_SOCKET);
    g_assert_cmpint(effect->opens_argument, ==, 3);
    effect = effects_find(effects, "PyEval_SaveThread");
    g_assert_cmpint(effect->lock, ==, LOCK_RELEASE);
    g_assert_cmpstr(effect->lock_name, ==, "GIL");
    g_assert_cmpint(effect->lock_argument, ==, NO_ARGUMENT);
    effect = effects_find(effects, "corewise_job_run");
    g_assert_cmpstr(effect->model_field, ==, "struct corewise_options.model");
    g_assert_cmpint(effect->options_argument, ==, 1);
    effect = effects_find(effects, "struct PyMethodDef.ml_meth");
    g_assert_true(effect->properties & EFFECT_FIELD);
    g_assert_true(effect_runs_alone(effect));
    effects_free(effects);
}

static void test_spellings(void)
{
    struct effects *effects = effects_load(NULL, NULL);
    g_assert_nonnull(effects);
    const struct effect *memcpy_effect = effects_find(effects, "memcpy");
    g_assert_nonnull(memcpy_effect);
    g_assert_true(effects_find(effects, "__builtin_memcpy") == memcpy_effect);
    g_assert_true(effects_find(effects, "__builtin___memcpy_chk") == memcpy_effect);
    g_assert_true(effects_find(effects, "fopen64") == effects_find(effects, "fopen"));
    g_assert_true(effects_find(effects, "getc_unlocked") == effects_find(effects, "getc"));
    g_assert_null(effects_find(effects, "no_such_function"));
    g_assert_null(effects_find(effects, "__"));
    effects_free(effects);
}

static void test_user_file_wins(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = NULL;
    struct effects *effects = load("effects:\n"
                                   "  - functions: [sin, my_wait]\n"
                                   "    cpu_ns: 7\n"
                                   "    blocks_on: socket\n"
                                   "    wait_ns: [1, 2, 3]\n",
                                   &path, &error);
    g_assert_no_error(error);
    const struct effect *effect = effects_find(effects, "my_wait");
    g_assert_cmpint(effect->cause, ==, CAUSE_SOCKET);
    g_assert_true(effect->has_wait_ns);
    g_assert_cmpfloat(effect->wait_ns[WAIT_HIGH], ==, 3);
    g_assert_cmpfloat(effects_find(effects, "sin")->cpu_ns, ==, 7);
    g_assert_cmpfloat(effects_find(effects, "cos")->cpu_ns, !=, 7);
    effects_free(effects);
}

/* Each wrong text must fail and the message must name the file and what is said here. */
static void test_wrong_files(void)
{
    static const char *const cases[][2] = {
        {"effects:\n  - functions: [f]\n    cpu_nanoseconds: 3\n", "cpu_nanoseconds"},
        {"effects:\n  - functions: [f]\n    blocks_on: bus\n", "bus"},
        {"effects:\n  - functions: [f\n", "libyaml"},
        {"effects:\n  - cpu_ns: 3\n", "functions"},
        {"effects:\n  - functions: [f]\n    blocks_on: descriptor\n", "descriptor_argument"},
        {"effects:\n  - functions: [f]\n    lock: take\n", "lock_argument"},
        {"effects:\n  - functions: [f]\n    lock: take\n    lock_argument: 1\n    lock_name: L\n",
         "lock_name"},
        {"effects:\n  - functions: [f]\n    task_field: struct j.run\n    model_field: struct o.model\n",
         "options_argument"},
        {"effects:\n  - functions: [f]\n    model_field: struct o.model\n    options_argument: 1\n",
         "task_field"},
        {"effects:\n  - functions: [f]\n    cpu_ns: -1\n", "negative"},
        {"effects:\n  - functions: [f]\n    wait_ns: [1, 2]\n", "too few"},
        {"effects:\n  - functions: [f]\n    cpu_ns: 1\n  - functions: [g]\n    colour: red\n", ".yaml:4"},
        {"", "effects"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *path = NULL;
        struct effects *effects = load(cases[i][0], &path, &error);
        g_assert_null(effects);
        g_assert_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT);
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, path));
        g_assert_nonnull(strstr(error->message, cases[i][1]));
    }
}

static void test_missing_file(void)
{
    g_autoptr(GError) error = NULL;
    const char *const files[] = {"/nowhere/effects.yaml", NULL};
    g_assert_null(effects_load(files, &error));
    g_assert_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT);
    g_assert_nonnull(strstr(error->message, "/nowhere/effects.yaml"));
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/effects/built-in", test_built_in);
    g_test_add_func("/effects/families", test_families);
    g_test_add_func("/effects/spellings", test_spellings);
    g_test_add_func("/effects/user-file-wins", test_user_file_wins);
    g_test_add_func("/effects/wrong-files", test_wrong_files);
    g_test_add_func("/effects/missing-file", test_missing_file);
    return g_test_run();
}
