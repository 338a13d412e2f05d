/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/gate/baseline.h"

#include <string.h>

#include "analyzer/analyzer.h"

#define HEADER "# corewise baseline 1"
#define EXPLANATION                                                                                          \
    "Findings that were known: `corewise lint --baseline FILE --write-baseline` writes them anew."

enum { FIELD_FINGERPRINT, FIELD_RULE, FIELD_FILE, FIELD_FUNCTION, FIELD_MESSAGE, FIELD_COUNT };

static void entry_free(gpointer data)
{
    struct baseline_entry *entry = data;
    g_free(entry->fingerprint);
    g_free(entry->rule);
    g_free(entry->file);
    g_free(entry->function);
    g_free(entry->message);
    g_free(entry);
}

void baseline_free(struct baseline *baseline)
{
    if (!baseline)
        return;
    g_ptr_array_unref(baseline->entries);
    g_free(baseline);
}

static struct baseline_entry *entry_from_line(const char *line)
{
    g_auto(GStrv) fields = g_strsplit(line, "\t", -1);
    if (g_strv_length(fields) != FIELD_COUNT)
        return NULL;
    struct baseline_entry *entry = g_new0(struct baseline_entry, 1);
    entry->fingerprint = g_strcompress(fields[FIELD_FINGERPRINT]);
    entry->rule = g_strcompress(fields[FIELD_RULE]);
    entry->file = g_strcompress(fields[FIELD_FILE]);
    entry->function = g_strcompress(fields[FIELD_FUNCTION]);
    entry->message = g_strcompress(fields[FIELD_MESSAGE]);
    return entry;
}

static gboolean read_lines(struct baseline *baseline, const char *file, char **lines, GError **error)
{
    if (g_strcmp0(lines[0], HEADER) != 0) {
        g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT,
                    "%s is no baseline of this version (its first line is not `%s`); write it anew with "
                    "--write-baseline",
                    file, HEADER);
        return FALSE;
    }
    for (guint i = 1; lines[i]; i++) {
        if (*lines[i] == '\0' || *lines[i] == '#')
            continue;
        struct baseline_entry *entry = entry_from_line(lines[i]);
        if (!entry) {
            g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT,
                        "%s:%u is no entry of a baseline (%d fields between tabs); write the file anew with "
                        "--write-baseline",
                        file, i + 1, FIELD_COUNT);
            return FALSE;
        }
        g_ptr_array_add(baseline->entries, entry);
    }
    return TRUE;
}

struct baseline *baseline_read(const char *file, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) cause = NULL;
    if (!g_file_get_contents(file, &text, NULL, &cause)) {
        g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT,
                    "cannot read baseline %s: %s; --write-baseline writes it", file, cause->message);
        return NULL;
    }
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    struct baseline *baseline = g_new0(struct baseline, 1);
    baseline->entries = g_ptr_array_new_with_free_func(entry_free);
    if (!read_lines(baseline, file, lines, error))
        g_clear_pointer(&baseline, baseline_free);
    return baseline;
}

/* What is said, without the places in it, which move. */
static char *message_without_places(const char *message)
{
    g_autoptr(GRegex) places = g_regex_new("[^ (`]+:[0-9]+(:[0-9]+)?", G_REGEX_RAW, 0, NULL);
    return g_regex_replace_literal(places, message, -1, 0, "…", 0, NULL);
}

static void append_field(GString *line, const char *text, char end)
{
    char readable[129]; /* UTF-8 stays as it is */
    for (int i = 0; i < 128; i++)
        readable[i] = (char)(128 + i);
    readable[128] = '\0';
    g_autofree char *escaped = g_strescape(text ? text : "", readable);
    g_string_append(line, escaped);
    g_string_append_c(line, end);
}

static char *line_of(const struct finding *finding)
{
    GString *line = g_string_new(NULL);
    g_autofree char *message = message_without_places(finding->message);
    append_field(line, finding->fingerprint, '\t');
    append_field(line, finding->rule, '\t');
    append_field(line, finding->file, '\t');
    append_field(line, finding->function, '\t');
    append_field(line, message, '\n');
    return g_string_free(line, FALSE);
}

static int compare_findings(gconstpointer a, gconstpointer b)
{
    const struct finding *left = *(const struct finding *const *)a;
    const struct finding *right = *(const struct finding *const *)b;
    int order = g_strcmp0(left->file, right->file);
    order = order ? order : g_strcmp0(left->rule, right->rule);
    return order ? order : g_strcmp0(left->fingerprint, right->fingerprint);
}

gboolean baseline_write(const char *file, const struct session *session, GError **error)
{
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    g_autoptr(GString) text = g_string_new(HEADER "\n# " EXPLANATION "\n");
    g_autoptr(GError) cause = NULL;
    for (guint i = 0; i < session->findings->len; i++) {
        struct finding *finding = g_ptr_array_index(session->findings, i);
        if (!finding->suppressed)
            g_ptr_array_add(sorted, finding);
    }
    g_ptr_array_sort(sorted, compare_findings);
    for (guint i = 0; i < sorted->len; i++) {
        g_autofree char *line = line_of(g_ptr_array_index(sorted, i));
        g_string_append(text, line);
    }
    if (g_file_set_contents(file, text->str, (gssize)text->len, &cause))
        return TRUE;
    g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT,
                "cannot write baseline %s: %s; choose another place", file, cause->message);
    return FALSE;
}

static gboolean same_fingerprint(const struct baseline_entry *entry, const struct finding *finding)
{
    return g_strcmp0(entry->fingerprint, finding->fingerprint) == 0;
}

/* Code that moved to another file, or whose function has another name. */
static gboolean same_description(const struct baseline_entry *entry, const struct finding *finding)
{
    gboolean same_function = *entry->function && g_strcmp0(entry->function, finding->function) == 0;
    if (g_strcmp0(entry->rule, finding->rule) != 0 ||
        !(same_function || g_strcmp0(entry->file, finding->file) == 0))
        return FALSE;
    g_autofree char *message = message_without_places(finding->message);
    return g_strcmp0(entry->message, message) == 0;
}

static guint remove_known(struct baseline *baseline, struct session *session,
                          gboolean (*is_same)(const struct baseline_entry *, const struct finding *))
{
    guint removed = 0;
    for (guint i = 0; i < session->findings->len;) {
        const struct finding *finding = g_ptr_array_index(session->findings, i);
        struct baseline_entry *known = NULL;
        for (guint j = 0; !finding->suppressed && !known && j < baseline->entries->len; j++) {
            struct baseline_entry *entry = g_ptr_array_index(baseline->entries, j);
            known = !entry->found && is_same(entry, finding) ? entry : NULL;
        }
        if (!known) {
            i++;
            continue;
        }
        known->found = TRUE;
        g_ptr_array_remove_index(session->findings, i);
        removed++;
    }
    return removed;
}

guint baseline_apply(struct baseline *baseline, struct session *session)
{
    guint removed = remove_known(baseline, session, same_fingerprint);
    return removed + remove_known(baseline, session, same_description);
}
