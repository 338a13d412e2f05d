/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target where libFuzzer is not installed: `TARGET [-seed=S] [-first=RUN] [-runs=N] FOLDER…`, on
 * the folders' files, changed at random in a repeatable way. Options of libFuzzer that it does not know are
 * passed over. A run that takes longer than a few seconds is ended by a signal. */
#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RUN_SECONDS 10
#define CHANGES_MAX 24
#define BLOCK_MAX   64

int LLVMFuzzerTestOneInput(const guint8 *data, size_t size);
void __sanitizer_set_death_callback(void (*callback)(void));

static volatile guint current_run;

static void tell_run(void)
{
    g_printerr("died in run %u: repeat it with -first=%u -runs=1\n", current_run, current_run);
}

static void on_alarm(int number)
{
    tell_run();
    signal(number, SIG_DFL);
    raise(number);
}

static gint compare_names(gconstpointer left, gconstpointer right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void add_folder(GPtrArray *seeds, const char *folder)
{
    g_autoptr(GDir) directory = g_dir_open(folder, 0, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name;
    while (directory && (name = g_dir_read_name(directory)) != NULL)
        g_ptr_array_add(names, g_build_filename(folder, name, NULL));
    g_ptr_array_sort(names, compare_names);
    for (guint i = 0; i < names->len; i++) {
        char *content = NULL;
        gsize size = 0;
        if (g_file_get_contents(names->pdata[i], &content, &size, NULL))
            g_ptr_array_add(seeds, g_bytes_new_take(content, size));
    }
}

static gsize position(GRand *random, gsize size)
{
    /* headers and tables of contents stand at both ends of a file */
    gsize extent = g_rand_int(random) % 16 ? size : MIN(size, 2048);
    gsize at = g_rand_int(random) % extent;
    return g_rand_boolean(random) ? at : size - 1 - at;
}

static void change(GRand *random, guint8 *bytes, gsize size)
{
    static const guint64 interesting[] = {0,          1,          0x7f,       0xff,       0x7fff,     0xffff,
                                          0x7fffffff, 0xffffffff, 1ull << 47, G_MAXINT64, G_MAXUINT64};
    gsize at = position(random, size), length = 1 + g_rand_int(random) % BLOCK_MAX;
    gsize width = (gsize)1 << (g_rand_int(random) & 3);
    length = MIN(size - at, length);
    switch (g_rand_int(random) % 4) {
    case 0:
        bytes[at] = (guint8)g_rand_int(random);
        break;
    case 1:
        bytes[at] ^= (guint8)(1u << (g_rand_int(random) & 7));
        break;
    case 2:
        memcpy(bytes + at, &interesting[g_rand_int(random) % G_N_ELEMENTS(interesting)],
               MIN(size - at, width));
        break;
    default:
        memmove(bytes + at, bytes + position(random, size - length + 1), length);
    }
}

/* The first runs are of the files as they are. */
static void run(const GPtrArray *seeds, guint seed, guint number)
{
    current_run = number;
    g_autoptr(GRand) random = g_rand_new_with_seed_array((guint32[]){seed, number}, 2);
    gboolean as_it_is = number <= seeds->len;
    guint chosen = as_it_is ? number - 1 : g_rand_int(random) % seeds->len;
    gsize size = 0;
    gconstpointer data = g_bytes_get_data(seeds->pdata[chosen], &size);
    if (!as_it_is && g_rand_int(random) % 16 == 0)
        size = g_rand_int(random) % (size + 1);
    g_autofree guint8 *bytes = g_malloc(size ? size : 1); /* of this size: reading behind it is seen */
    memcpy(bytes, data, size);
    guint most = g_rand_int(random) % 2 ? CHANGES_MAX : 4; /* many changes seldom leave much to be read */
    guint changes = as_it_is ? 0 : g_rand_int(random) % most;
    for (guint i = 0; size && i < changes; i++)
        change(random, bytes, size);
    alarm(RUN_SECONDS);
    LLVMFuzzerTestOneInput(bytes, size);
    alarm(0);
}

static guint number_of(const char *argument, const char *option, guint otherwise)
{
    return g_str_has_prefix(argument, option) ? (guint)g_ascii_strtoull(argument + strlen(option), NULL, 10)
                                              : otherwise;
}

int main(int count, char **arguments)
{
    guint seed = 1, runs = 1000, first = 1;
    g_autoptr(GPtrArray) seeds = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    for (int i = 1; i < count; i++) {
        seed = number_of(arguments[i], "-seed=", seed);
        runs = number_of(arguments[i], "-runs=", runs);
        first = number_of(arguments[i], "-first=", first);
        if (arguments[i][0] != '-')
            add_folder(seeds, arguments[i]);
    }
    if (seeds->len == 0) {
        g_printerr("no seed files\n");
        return EXIT_FAILURE;
    }
    __sanitizer_set_death_callback(tell_run);
    signal(SIGALRM, on_alarm);
    for (guint i = first; i < first + runs; i++)
        run(seeds, seed, i);
    g_print("%u runs from %u files\n", runs, seeds->len);
    return EXIT_SUCCESS;
}
