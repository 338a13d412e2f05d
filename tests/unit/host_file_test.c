/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/calibration/host_file.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/analyzer.h"
#include "analyzer/calibration/host_identity.h"
#include "analyzer/host_costs.h"

/* The cache folder of this test's process; GLib reads the variable once. */
static char *cache_folder;

static struct host *this_host_with(double thread_seconds)
{
    struct host *host = host_identify();
    host->measured_at = g_strdup("2026-11-21T05:40:00Z");
    struct host_cost *cost = host_cost_new();
    cost->name = g_strdup("create_thread_seconds");
    cost->unit = g_strdup("s");
    cost->value = thread_seconds;
    cost->low = thread_seconds / 2;
    cost->high = thread_seconds * 2;
    cost->samples = 101;
    g_ptr_array_add(host->costs, cost);
    return host;
}

static void write_default(const char *text)
{
    g_autofree char *path = host_file_default_path();
    g_autofree char *folder = g_path_get_dirname(path);
    g_assert_true(g_str_has_prefix(path, cache_folder));
    g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void remove_default(void)
{
    g_autofree char *path = host_file_default_path();
    g_unlink(path);
}

static void test_round_trip(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Host) written = this_host_with(12.3456789e-6);
    written->quota_cores = 1.5;
    g_autofree char *path = g_build_filename(cache_folder, "new", "folder", "host.yaml", NULL);
    g_assert_true(host_file_write(written, path, &error));
    g_autoptr(Host) read = host_file_read(path, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(read->name, ==, written->name);
    g_assert_cmpstr(read->kernel, ==, written->kernel);
    g_assert_cmpstr(read->processor, ==, written->processor);
    g_assert_cmpstr(read->measured_at, ==, written->measured_at);
    g_assert_cmpstr(read->corewise, ==, COREWISE_VERSION);
    g_assert_cmpint(read->cores, ==, written->cores);
    g_assert_cmpfloat(read->quota_cores, ==, 1.5);
    g_assert_cmpuint(read->costs->len, ==, 1);
    const struct host_cost *cost = read->costs->pdata[0];
    g_assert_cmpstr(cost->name, ==, "create_thread_seconds");
    g_assert_cmpfloat_with_epsilon(cost->value, 12.3456789e-6, 1e-15);
    g_assert_cmpfloat_with_epsilon(cost->high, 2 * 12.3456789e-6, 1e-15);
    g_assert_cmpint(cost->samples, ==, 101);
    g_unlink(path);
}

/* Measured costs replace their defaults, the others stay. */
static void test_apply(void)
{
    g_autoptr(Host) host = this_host_with(0.5);
    host->cores = 7;
    host->quota_cores = 6.5;
    struct host_costs costs, defaults;
    host_costs_apply(&costs, host);
    host_costs_default(&defaults);
    g_assert_true(costs.measured);
    g_assert_false(defaults.measured);
    g_assert_cmpfloat(costs.create_thread_seconds, ==, 0.5);
    g_assert_cmpfloat(costs.create_process_seconds, ==, defaults.create_process_seconds);
    g_assert_cmpint(costs.cores, ==, 7);
    g_assert_cmpfloat(host_costs_lanes(&costs, 100), ==, 6.5);
    g_autoptr(Host) record = host_costs_record(&costs, host);
    g_assert_cmpuint(record->costs->len, ==, HOST_COST_COUNT);
    g_assert_cmpint(((const struct host_cost *)record->costs->pdata[HOST_CREATE_THREAD])->samples, ==, 101);
    g_assert_cmpint(((const struct host_cost *)record->costs->pdata[HOST_SWITCH])->samples, ==, 0);
}

static void test_own_file(void)
{
    char *remark = NULL;
    g_autoptr(GError) error = NULL;
    remove_default();
    g_assert_null(host_file_find(&remark, &error));
    g_assert_no_error(error);
    g_autofree char *path = host_file_default_path();
    g_autoptr(Host) written = this_host_with(1e-5);
    g_assert_true(host_file_write(written, path, &error));
    g_autoptr(Host) found = host_file_find(&remark, &error);
    g_assert_no_error(error);
    g_assert_nonnull(found);
    g_assert_null(remark);
    g_assert_cmpint(found->cores, ==, 0); /* read anew */
}

static void test_other_kernel(void)
{
    char *remark = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = host_file_default_path();
    g_autoptr(Host) written = this_host_with(1e-5);
    g_free(written->kernel);
    written->kernel = g_strdup("2.6.32");
    g_assert_true(host_file_write(written, path, &error));
    g_autoptr(Host) found = host_file_find(&remark, &error);
    g_assert_nonnull(found);
    g_assert_nonnull(strstr(remark, "2.6.32"));
    g_free(remark);
}

static void test_other_machine(void)
{
    char *remark = NULL;
    g_autofree char *path = host_file_default_path();
    g_autoptr(Host) written = this_host_with(1e-5);
    g_free(written->name);
    written->name = g_strdup("elsewhere");
    g_assert_true(host_file_write(written, path, NULL));
    g_autoptr(GError) error = NULL;
    g_assert_null(host_file_find(&remark, &error));
    g_assert_error(error, ANALYZER_ERROR, ANALYZER_ERROR_COSTS);
    g_assert_nonnull(strstr(error->message, "elsewhere"));
    g_assert_nonnull(strstr(error->message, "corewise calibrate"));
}

/* Each text must be refused, and each message must hold the words behind it. */
static void test_damage(void)
{
    static const char *const cases[][2] = {
        {"", "host.yaml"},
        {"\0", "host.yaml"},
        {"version: 1\ncosts:\n  create_thread_seconds:\n    medi", "host.yaml"},
        {"version: 2\n", "its version is 2"},
        {"cores: 2\n", "version"},
        {"version: 1\ncosts: {create_thread_seconds: {median: -1}}\n", "create_thread_seconds"},
        {"version: 1\ncosts: {create_thread_seconds: {median: nan}}\n", "create_thread_seconds"},
        {"version: 1\ncosts: {create_thread_seconds: {median: inf}}\n", "create_thread_seconds"},
        {"version: 1\ncosts: {create_thread_seconds: {median: soon}}\n", "host.yaml:"},
        {"version: 1\ncosts: {create_threat_seconds: {median: 1}}\n", "create_threat_seconds"},
        {"version: 1\ncosts: [1, 2]\n", "host.yaml"},
        {"version: 1\ncores: -3\n", "host.yaml"},
        {"version: 1\ncores: 1000000\n", "cores"},
        {"version: 1\nquota_cores: -1\n", "quota_cores"},
        {"\x7f"
         "ELF\x02\x01\x01",
         "host.yaml"},
        {"version: 1\nhost: &a [*a, *a]\n", "host.yaml"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *remark = NULL;
        g_autoptr(GError) error = NULL;
        write_default(cases[i][0]);
        g_assert_null(host_file_find(&remark, &error));
        g_assert_error(error, ANALYZER_ERROR, ANALYZER_ERROR_COSTS);
        g_assert_nonnull(strstr(error->message, "corewise calibrate"));
        if (!strstr(error->message, cases[i][1]))
            g_test_message("case %" G_GSIZE_FORMAT " lacks %s: %s", i, cases[i][1], error->message);
        g_assert_nonnull(strstr(error->message, cases[i][1]));
    }
    remove_default();
}

/* Every prefix of a good file, as a torn copy would leave it, and bytes that flipped: refused or read, never
 * a crash, and what is read is sound. */
static void test_torn_file(void)
{
    g_autofree char *path = host_file_default_path();
    g_autofree char *text = NULL;
    gsize length = 0;
    g_autoptr(Host) written = this_host_with(1e-5);
    g_assert_true(host_file_write(written, path, NULL));
    g_assert_true(g_file_get_contents(path, &text, &length, NULL));
    for (gsize i = 0; i < 2 * length; i++) {
        g_autofree char *damaged = g_memdup2(text, length + 1);
        if (i < length)
            damaged[i] = '\0';
        else
            damaged[i - length] = (char)(damaged[i - length] ^ 0x15);
        g_assert_true(g_file_set_contents(path, damaged, (gssize)(i < length ? i : length), NULL));
        g_autoptr(GError) error = NULL;
        g_autoptr(Host) host = host_file_read(path, &error);
        g_assert_true((host != NULL) == (error == NULL));
        for (guint each = 0; host && each < host->costs->len; each++) {
            const struct host_cost *cost = host->costs->pdata[each];
            g_assert_true(isfinite(cost->value) && cost->value > 0);
        }
    }
    remove_default();
}

static void test_unwritable(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Host) host = this_host_with(1e-5);
    g_assert_false(host_file_write(host, "/proc/nowhere/host.yaml", &error));
    g_assert_error(error, ANALYZER_ERROR, ANALYZER_ERROR_COSTS);
}

int main(int count, char **arguments)
{
    cache_folder = g_dir_make_tmp("host-file-XXXXXX", NULL);
    g_setenv("XDG_CACHE_HOME", cache_folder, TRUE);
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/host-file/round-trip", test_round_trip);
    g_test_add_func("/host-file/apply", test_apply);
    g_test_add_func("/host-file/own-file", test_own_file);
    g_test_add_func("/host-file/other-kernel", test_other_kernel);
    g_test_add_func("/host-file/other-machine", test_other_machine);
    g_test_add_func("/host-file/damage", test_damage);
    g_test_add_func("/host-file/torn-file", test_torn_file);
    g_test_add_func("/host-file/unwritable", test_unwritable);
    int status = g_test_run();
    g_autofree char *folder = g_build_filename(cache_folder, "corewise", NULL);
    g_autofree char *inner = g_build_filename(cache_folder, "new", "folder", NULL);
    g_autofree char *outer = g_build_filename(cache_folder, "new", NULL);
    g_rmdir(folder);
    g_rmdir(inner);
    g_rmdir(outer);
    g_rmdir(cache_folder);
    g_free(cache_folder);
    return status;
}
