/* SPDX-License-Identifier: Apache-2.0 */
/* analyze_golden FOLDER: analyses the folder's C files and compares what is said with expected.txt beside
 * them, one fact per line, and the reasons with the lines of reasons.txt. COREWISE_BLESS=1 rewrites
 * expected.txt; `-` as second argument prints instead. analyze_golden FOLDER HOST uses the costs of
 * FOLDER/HOST.yaml and compares with FOLDER/HOST.txt. */
#include <stdio.h>
#include <string.h>

#include "analyzer/analyzer.h"
#include "analyzer/calibration/host_file.h"
#include "analyzer/host_costs.h"

static int compare_lines(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static GPtrArray *source_files(const char *folder, GError **error)
{
    GDir *directory = g_dir_open(folder, 0, error);
    if (!directory)
        return NULL;
    GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
    const char *name;
    while ((name = g_dir_read_name(directory))) {
        if (g_str_has_suffix(name, ".c"))
            g_ptr_array_add(files, g_build_filename(folder, name, NULL));
    }
    g_dir_close(directory);
    g_ptr_array_sort(files, compare_lines);
    g_ptr_array_add(files, NULL);
    return files;
}

static void add_regions(const struct session *session, GPtrArray *lines)
{
    for (guint i = 0; i < session->regions->len; i++) {
        const struct region *region = g_ptr_array_index(session->regions, i);
        g_ptr_array_add(lines, g_strdup_printf("region %s %s %s%s", region->id,
                                               region_kind_name(region->kind), work_class_name(region->class),
                                               region->confidence >= 0.5 ? "" : " unsure"));
        for (guint j = 0; j < region->idle_sites->len; j++) {
            const struct place *place = g_ptr_array_index(region->idle_sites, j);
            g_ptr_array_add(lines, g_strdup_printf("idle %s %s:%d", region->id, place->file, place->line));
        }
        for (guint j = 0; j < region->evidence->len; j++) {
            const struct place *place = g_ptr_array_index(region->evidence, j);
            g_ptr_array_add(lines, g_strdup_printf("evidence %s %u %s:%d %s", region->id, j, place->file,
                                                   place->line, place->text));
        }
    }
}

static char *describe(const struct session *session)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(lines,
                    g_strdup_printf("program %s -> %s", execution_model_name(session->program->current_model),
                                    execution_model_name(session->program->suggested_model)));
    add_regions(session, lines);
    for (guint i = 0; i < session->locks->len; i++) {
        const struct lock *lock = g_ptr_array_index(session->locks, i);
        g_ptr_array_add(lines, g_strdup_printf("lock %s %s", lock->name, lock_kind_name(lock->kind)));
    }
    for (guint i = 0; i < session->unknown_functions->len; i++) {
        const struct unknown_function *unknown = g_ptr_array_index(session->unknown_functions, i);
        g_ptr_array_add(lines, g_strdup_printf("unknown %u %s %d calls, first %s:%d", i, unknown->name,
                                               unknown->calls, unknown->file, unknown->line));
    }
    for (guint i = 0; i < session->advice->len; i++) {
        const struct advice *advice = g_ptr_array_index(session->advice, i);
        g_ptr_array_add(lines, g_strdup_printf("advice %s %s -> %s", advice->id,
                                               execution_model_name(advice->current_model),
                                               execution_model_name(advice->suggested_model)));
    }
    for (guint i = 0; i < session->predictions->len; i++) {
        const struct prediction *prediction = g_ptr_array_index(session->predictions, i);
        g_ptr_array_add(lines, g_strdup_printf("prediction %s %s %g", prediction->id,
                                               comparison_name(prediction->comparison), prediction->value));
    }
    g_ptr_array_sort(lines, compare_lines);
    g_ptr_array_add(lines, NULL);
    g_autofree char *text = g_strjoinv("\n", (char **)lines->pdata);
    return g_strconcat(text, "\n", NULL);
}

static gboolean compare(const char *folder, const char *host, const char *text, GError **error)
{
    g_autofree char *name = g_strconcat(host ? host : "expected", ".txt", NULL);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    if (g_strcmp0(g_getenv("COREWISE_BLESS"), "1") == 0)
        return g_file_set_contents(path, text, -1, error);
    g_autofree char *expected = NULL;
    if (!g_file_get_contents(path, &expected, NULL, error))
        return FALSE;
    if (strcmp(expected, text) == 0)
        return TRUE;
    g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT, "%s differs; this was said:\n%s", path, text);
    return FALSE;
}

/* Advice that no run could refute is none. */
static gboolean check_predictions(const struct session *session, GError **error)
{
    for (guint i = 0; i < session->advice->len; i++) {
        const struct advice *advice = g_ptr_array_index(session->advice, i);
        guint count = 0;
        for (guint j = 0; j < session->predictions->len; j++) {
            const struct prediction *prediction = g_ptr_array_index(session->predictions, j);
            count += g_strcmp0(prediction->advice, advice->id) == 0;
        }
        if (count == 0) {
            g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT, "the advice %s has no prediction",
                        advice->id);
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean is_said(const struct session *session, const char *text)
{
    for (guint i = 0; i < session->advice->len; i++) {
        const struct advice *advice = g_ptr_array_index(session->advice, i);
        for (guint j = 0; j < advice->reasons->len; j++) {
            if (strstr(g_ptr_array_index(advice->reasons, j), text))
                return TRUE;
        }
    }
    return FALSE;
}

/* Each line of the folder's reasons.txt, if it has one, must be part of a reason of some advice. */
static gboolean check_reasons(const struct session *session, const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "reasons.txt", NULL);
    g_autofree char *text = NULL;
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return TRUE;
    if (!g_file_get_contents(path, &text, NULL, error))
        return FALSE;
    g_auto(GStrv) lines = g_strsplit(g_strstrip(text), "\n", -1);
    for (char **line = lines; *line; line++) {
        if (is_said(session, *line))
            continue;
        g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT, "%s: no reason says: %s", path, *line);
        return FALSE;
    }
    return TRUE;
}

/* NULL without `error` for the default host. */
static struct host *read_host(const char *folder, const char *name, GError **error)
{
    g_autofree char *file = g_strconcat(name, ".yaml", NULL);
    g_autofree char *path = g_build_filename(folder, file, NULL);
    return strcmp(name, "default") == 0 ? NULL : host_file_read(path, error);
}

static void print_confidences(const struct session *session)
{
    for (guint i = 0; i < session->regions->len; i++) {
        const struct region *region = g_ptr_array_index(session->regions, i);
        printf("confidence %s %s %.2f\n", region->id, work_class_name(region->class), region->confidence);
    }
}

static void print_advice(const struct session *session)
{
    for (guint i = 0; i < session->advice->len; i++) {
        const struct advice *advice = g_ptr_array_index(session->advice, i);
        printf("%s confidence %.2f\n", advice->id, advice->confidence);
        for (guint j = 0; j < advice->reasons->len; j++)
            printf("  - %s\n", (char *)g_ptr_array_index(advice->reasons, j));
        for (guint j = 0; j < advice->models->len; j++) {
            const struct model_estimate *estimate = g_ptr_array_index(advice->models, j);
            printf("  %-16s %12.6g s %12.0f B %s\n", execution_model_name(estimate->model),
                   estimate->predicted_seconds, estimate->predicted_bytes,
                   estimate->ruled_out ? estimate->ruled_out : "");
        }
    }
}

int main(int count, char **arguments)
{
    if (count < 2) {
        fprintf(stderr, "usage: %s FOLDER [HOST|-]\n", arguments[0]);
        return 2;
    }
    struct host_costs host;
    host_costs_default(&host);
    if (host.cores < 2) {
        printf("SKIP: the advice of the golden cases is that for two cores or more\n");
        return 77;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(Session) session = session_new();
    g_autofree char *folder = g_canonicalize_filename(arguments[1], NULL);
    g_autoptr(GPtrArray) files = source_files(folder, &error);
    const char *const flags[] = {"-D_GNU_SOURCE", NULL};
    struct analyze_options options = {
        .paths = files ? (const char *const *)files->pdata : NULL, .flags = flags, .root = folder};
    g_autofree char *database = g_build_filename(folder, "compile_commands.json", NULL);
    if (g_file_test(database, G_FILE_TEST_EXISTS))
        options = (struct analyze_options){.build_dir = folder};
    const char *name = count > 2 && strcmp(arguments[2], "-") != 0 ? arguments[2] : NULL;
    g_autoptr(Host) measured = name ? read_host(folder, name, &error) : NULL;
    options.host = measured;
    gboolean passed = !error && files && analyze(&options, session, &error);
    if (passed && count > 2 && !name) {
        g_autofree char *text = describe(session);
        fputs(text, stdout);
        print_confidences(session);
        print_advice(session);
    } else if (passed) {
        g_autofree char *text = describe(session);
        passed = check_predictions(session, &error) && compare(folder, name, text, &error) &&
                 check_reasons(session, folder, &error);
    }
    if (!passed)
        fprintf(stderr, "%s\n", error->message);
    return passed ? 0 : 1;
}
