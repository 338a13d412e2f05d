/* SPDX-License-Identifier: Apache-2.0 */
/* shape_golden FOLDER: analyses the folder's C file and compares with expected.txt beside it what is said of
 * the program as a whole: its model, the shape of it with the evidence, what rules models out, what would
 * have to change, and what a run must show. COREWISE_BLESS=1 rewrites expected.txt. */
#include <stdio.h>
#include <string.h>

#include "analyzer/analyzer.h"
#include "analyzer/host_costs.h"

static void add_places(GString *text, const char *word, const GPtrArray *places)
{
    for (guint i = 0; i < places->len; i++) {
        const struct place *place = g_ptr_array_index(places, i);
        g_string_append_printf(text, "%s %s:%d %s\n", word, place->file, place->line, place->text);
    }
}

static void add_advice(GString *text, const struct session *session, const struct advice *advice)
{
    g_string_append_printf(text, "advice %s %s -> %s\n", advice->id,
                           execution_model_name(advice->current_model),
                           execution_model_name(advice->suggested_model));
    for (guint i = 0; i < advice->models->len; i++) {
        const struct model_estimate *estimate = g_ptr_array_index(advice->models, i);
        if (estimate->ruled_out)
            g_string_append_printf(text, "  not %s: %s\n", execution_model_name(estimate->model),
                                   estimate->ruled_out);
    }
    add_places(text, "  change", advice->changes);
    for (guint i = 0; i < session->predictions->len; i++) {
        const struct prediction *prediction = g_ptr_array_index(session->predictions, i);
        if (g_strcmp0(prediction->advice, advice->id) == 0)
            g_string_append_printf(text, "  prediction %s %s %g\n", prediction->id,
                                   comparison_name(prediction->comparison), prediction->value);
    }
}

static char *describe(const struct session *session)
{
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "program %s, %s\n", execution_model_name(session->program->current_model),
                           execution_shape_name(session->program->shape));
    add_places(text, "evidence", session->program->evidence);
    for (guint i = 0; i < session->advice->len; i++)
        add_advice(text, session, g_ptr_array_index(session->advice, i));
    return g_string_free(text, FALSE);
}

static gboolean compare(const char *folder, const char *text, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "expected.txt", NULL);
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

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", arguments[0]);
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
    g_autofree char *name = g_path_get_basename(folder);
    g_autofree char *base = g_strconcat(name, ".c", NULL);
    g_autofree char *file = g_build_filename(folder, base, NULL);
    const char *const paths[] = {file, NULL}, *const flags[] = {"-D_GNU_SOURCE", NULL};
    const struct analyze_options options = {.paths = paths, .flags = flags, .root = folder};
    gboolean passed = analyze(&options, session, &error);
    g_autofree char *text = passed ? describe(session) : NULL;
    passed = passed && check_predictions(session, &error) && compare(folder, text, &error);
    if (!passed)
        fprintf(stderr, "%s\n", error->message);
    return passed ? 0 : 1;
}
