/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/host_limits.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <sched.h>

#define CPU_MOUNT                                                                                            \
    "31 23 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
#define MEM_MOUNT "35 23 0:33 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
#define UNIFIED   "41 23 0:38 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"

/* A root with files of our own; each is PATH, CONTENT, …, NULL. */
static char *make_root(const char *const *files)
{
    char *root = g_dir_make_tmp("host-limits-XXXXXX", NULL);
    for (; files[0]; files += 2) {
        g_autofree char *path = g_build_filename(root, files[0], NULL);
        g_autofree char *folder = g_path_get_dirname(path);
        g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
        g_assert_true(g_file_set_contents(path, files[1], -1, NULL));
    }
    return root;
}

static void remove_tree(const char *folder)
{
    GDir *directory = g_dir_open(folder, 0, NULL);
    const char *name;
    while (directory && (name = g_dir_read_name(directory))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            remove_tree(path);
        else
            g_unlink(path);
    }
    if (directory)
        g_dir_close(directory);
    g_rmdir(folder);
}

static struct usable_cores read_cores(const char *const *files)
{
    struct usable_cores usable;
    g_autofree char *root = make_root(files);
    corewise_usable_cores_read(root, &usable);
    remove_tree(root);
    return usable;
}

static void test_affinity(void)
{
    struct usable_cores usable = read_cores((const char *const[]){
        "proc/self/status", "Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t0-2,5,8-9\nMems_allowed:\t1\n",
        NULL});
    g_assert_cmpint(usable.affinity, ==, 6);
    g_assert_cmpint(usable.workers, ==, 6);
    g_assert_cmpfloat(usable.quota_cores, ==, 0);
}

static void test_cores_that_are_not_there(void)
{
    struct usable_cores usable =
        read_cores((const char *const[]){"proc/self/status", "Name:\tx\nCpus_allowed_list:\t0-127\n",
                                         "sys/devices/system/cpu/online", "0-3\n", NULL});
    g_assert_cmpint(usable.workers, ==, 4);
}

static void test_quota_version_1(void)
{
    struct usable_cores usable = read_cores(
        (const char *const[]){"proc/self/status", "Name:\tx\nCpus_allowed_list:\t0-7\n", "proc/self/cgroup",
                              "5:memory:/other\n4:cpu,cpuacct:/box/inner\n0::/\n", "proc/self/mountinfo",
                              MEM_MOUNT CPU_MOUNT, "sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us",
                              "150000\n", "sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us", "100000\n",
                              "sys/fs/cgroup/cpu,cpuacct/box/inner/cpu.cfs_quota_us", "-1\n",
                              "sys/fs/cgroup/cpu,cpuacct/box/inner/cpu.cfs_period_us", "100000\n", NULL});
    g_assert_cmpint(usable.affinity, ==, 8);
    g_assert_cmpfloat_with_epsilon(usable.quota_cores, 1.5, 1e-9);
    g_assert_cmpint(usable.workers, ==, 2);
}

/* The tightest group on the way up counts, not the nearest. */
static void test_quota_version_2(void)
{
    struct usable_cores usable = read_cores(
        (const char *const[]){"proc/self/status", "Name:\tx\nCpus_allowed_list:\t0-7\n", "proc/self/cgroup",
                              "0::/a/b\n", "proc/self/mountinfo", UNIFIED, "sys/fs/cgroup/a/cpu.max",
                              "50000 100000\n", "sys/fs/cgroup/a/b/cpu.max", "400000 100000\n", NULL});
    g_assert_cmpfloat_with_epsilon(usable.quota_cores, 0.5, 1e-9);
    g_assert_cmpint(usable.workers, ==, 1);
    usable = read_cores((const char *const[]){"proc/self/status", "Name:\tx\nCpus_allowed_list:\t0-7\n",
                                              "proc/self/cgroup", "0::/a\n", "proc/self/mountinfo", UNIFIED,
                                              "sys/fs/cgroup/a/cpu.max", "max 100000\n", NULL});
    g_assert_cmpfloat(usable.quota_cores, ==, 0);
    g_assert_cmpint(usable.workers, ==, 8);
}

/* Inside a container without a namespace of its own the mount shows a part of the hierarchy only. */
static void test_mounted_part(void)
{
    struct usable_cores usable = read_cores((const char *const[]){
        "proc/self/status", "Name:\tx\nCpus_allowed_list:\t0-7\n", "proc/self/cgroup", "0::/docker/f00\n",
        "proc/self/mountinfo", "41 23 0:38 /docker/f00 /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
        "sys/fs/cgroup/cpu.max", "300000 100000\n", NULL});
    g_assert_cmpint(usable.workers, ==, 3);
}

static void test_quota_above_affinity(void)
{
    struct usable_cores usable = read_cores((const char *const[]){
        "proc/self/status", "Name:\tx\nCpus_allowed_list:\t3\n", "proc/self/cgroup", "0::/\n",
        "proc/self/mountinfo", UNIFIED, "sys/fs/cgroup/cpu.max", "400000 100000\n", NULL});
    g_assert_cmpint(usable.workers, ==, 1);
    g_assert_cmpfloat(usable.quota_cores, ==, 0);
}

static void test_rubbish(void)
{
    struct usable_cores usable = read_cores((const char *const[]){
        "proc/self/status", "Name:\tx\nCpus_allowed_list:\t\n", "proc/self/cgroup", "::\n4\n:cpu:\n0::\n",
        "proc/self/mountinfo", " - \n- cgroup2\n41 23 0:38 / /sys/fs/cgroup - cgroup2\n" UNIFIED,
        "sys/fs/cgroup/cpu.max", "many\n", NULL});
    g_assert_cmpint(usable.workers, >=, 1);
    g_assert_cmpfloat(usable.quota_cores, ==, 0);
    usable = read_cores((const char *const[]){NULL});
    g_assert_cmpint(usable.workers, >=, 1);
}

static void test_own_host(void)
{
    struct usable_cores usable;
    cpu_set_t allowed;
    corewise_usable_cores_read("/", &usable);
    g_assert_cmpint(sched_getaffinity(0, sizeof(allowed), &allowed), ==, 0);
    g_assert_cmpint(usable.affinity, ==, CPU_COUNT(&allowed));
}

static void test_memory(void)
{
    g_autofree char *root = make_root(
        (const char *const[]){"proc/meminfo", "MemTotal: 9000 kB\nMemAvailable:    8000 kB\n",
                              "proc/self/cgroup", "5:memory:/box\n", "proc/self/mountinfo", MEM_MOUNT,
                              "sys/fs/cgroup/memory/box/memory.limit_in_bytes", "4096000\n", NULL});
    g_assert_cmpfloat(corewise_usable_memory_bytes(root), ==, 4096000);
    remove_tree(root);
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/host-limits/affinity", test_affinity);
    g_test_add_func("/host-limits/cores-that-are-not-there", test_cores_that_are_not_there);
    g_test_add_func("/host-limits/quota-version-1", test_quota_version_1);
    g_test_add_func("/host-limits/quota-version-2", test_quota_version_2);
    g_test_add_func("/host-limits/mounted-part", test_mounted_part);
    g_test_add_func("/host-limits/quota-above-affinity", test_quota_above_affinity);
    g_test_add_func("/host-limits/rubbish", test_rubbish);
    g_test_add_func("/host-limits/own-host", test_own_host);
    g_test_add_func("/host-limits/memory", test_memory);
    return g_test_run();
}
