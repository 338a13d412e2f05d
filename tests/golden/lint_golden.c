/* SPDX-License-Identifier: Apache-2.0 */
/* lint_golden FOLDER: runs every rule on each C file of the folder, as a program of its own, and compares the
 * findings, the doubtful ones among them, with expected.txt beside them. COREWISE_BLESS=1 rewrites
 * expected.txt; `-` as second argument prints instead. */
#include <stdio.h>
#include <string.h>

#include "analyzer/analyzer.h"

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static GPtrArray *source_files(const char *folder, GError **error)
{
    GDir *directory = g_dir_open(folder, 0, error);
    const char *name;
    if (!directory)
        return NULL;
    GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
    while ((name = g_dir_read_name(directory))) {
        if (g_str_has_suffix(name, ".c"))
            g_ptr_array_add(files, g_build_filename(folder, name, NULL));
    }
    g_dir_close(directory);
    g_ptr_array_sort(files, compare_names);
    return files;
}

static void describe(const struct session *session, GString *out)
{
    for (guint i = 0; i < session->findings->len; i++) {
        const struct finding *finding = g_ptr_array_index(session->findings, i);
        g_string_append_printf(out, "%s:%d: %s: %s [%s]\n", finding->file, finding->line,
                               severity_name(finding->severity), finding->message, finding->rule);
        if (finding->suppressed)
            g_string_append_printf(out, "  suppressed: %s\n", finding->justification);
        for (guint j = 0; j < finding->path->len; j++) {
            const struct place *place = g_ptr_array_index(finding->path, j);
            g_string_append_printf(out, "  %s:%d: %s\n", place->file, place->line, place->text);
        }
    }
}

static gboolean lint_file(const char *folder, const char *file, GString *out, GError **error)
{
    const char *const flags[] = {"-D_GNU_SOURCE", NULL};
    const char *const paths[] = {file, NULL};
    g_autoptr(Session) session = session_new();
    struct analyze_options options = {
        .paths = paths, .flags = flags, .root = folder, .only_findings = TRUE, .no_cache = TRUE};
    if (!analyze(&options, session, error))
        return FALSE;
    describe(session, out);
    return TRUE;
}

static gboolean compare(const char *folder, const char *text, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "expected.txt", NULL);
    g_autofree char *expected = NULL;
    if (g_strcmp0(g_getenv("COREWISE_BLESS"), "1") == 0)
        return g_file_set_contents(path, text, -1, error);
    if (!g_file_get_contents(path, &expected, NULL, error))
        return FALSE;
    if (strcmp(expected, text) == 0)
        return TRUE;
    g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT, "%s differs; this was said:\n%s", path, text);
    return FALSE;
}

int main(int count, char **arguments)
{
    g_autoptr(GError) error = NULL;
    if (count < 2) {
        fprintf(stderr, "usage: %s FOLDER [-]\n", arguments[0]);
        return 2;
    }
    g_autofree char *folder = g_canonicalize_filename(arguments[1], NULL);
    g_autoptr(GPtrArray) files = source_files(folder, &error);
    GString *out = g_string_new(NULL);
    gboolean passed = files != NULL;
    for (guint i = 0; passed && i < files->len; i++)
        passed = lint_file(folder, g_ptr_array_index(files, i), out, &error);
    if (passed && count > 2)
        fputs(out->str, stdout);
    else if (passed)
        passed = compare(folder, out->str, &error);
    g_string_free(out, TRUE);
    if (!passed)
        fprintf(stderr, "%s\n", error->message);
    return passed ? 0 : 1;
}
