/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/gate/changed_lines.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/analyzer.h"

#define NEW_PREFIX "+++ "
#define SIDE       "b/"

struct line_range {
    int line, end_line;
};

struct changed_lines {
    GHashTable *files; /* absolute, links resolved → GArray of struct line_range */
};

static void ranges_free(gpointer ranges)
{
    g_array_unref(ranges);
}

struct changed_lines *changed_lines_new(void)
{
    struct changed_lines *changes = g_new0(struct changed_lines, 1);
    changes->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, ranges_free);
    return changes;
}

void changed_lines_free(struct changed_lines *changes)
{
    if (!changes)
        return;
    g_hash_table_unref(changes->files);
    g_free(changes);
}

static char *resolve(const char *path)
{
    char *resolved = realpath(path, NULL);
    char *copy = g_strdup(resolved ? resolved : path);
    free(resolved);
    return copy;
}

/* The ranges of a file, made when there are none. */
static GArray *ranges_of(struct changed_lines *changes, const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *resolved = resolve(path);
    GArray *ranges = g_hash_table_lookup(changes->files, resolved);
    if (!ranges) {
        ranges = g_array_new(FALSE, FALSE, sizeof(struct line_range));
        g_hash_table_insert(changes->files, g_steal_pointer(&resolved), ranges);
    }
    return ranges;
}

/* git quotes names that hold control characters or bytes beyond ASCII: `"na\303\244me"`. */
static char *unquote(const char *text)
{
    gsize length = strlen(text);
    if (length < 2 || text[0] != '"' || text[length - 1] != '"')
        return g_strdup(text);
    g_autofree char *inner = g_strndup(text + 1, length - 2);
    return g_strcompress(inner);
}

/* `+++ b/name`, with a tab at the end when the name holds blanks. NULL: no file of ours. */
static char *name_of(const char *line, gsize length)
{
    g_autofree char *text = g_strndup(line + strlen(NEW_PREFIX), length - strlen(NEW_PREFIX));
    if (g_str_has_suffix(text, "\t"))
        text[strlen(text) - 1] = '\0';
    g_autofree char *name = unquote(text);
    return g_str_has_prefix(name, SIDE) ? g_strdup(name + strlen(SIDE)) : NULL;
}

/* `@@ -7,2 +9 @@`: what is removed and what is new. FALSE: no hunk. */
static gboolean read_hunk(const char *line, int *removed, struct line_range *added)
{
    int count = 1, old_line = 0;
    char *end = NULL;
    if (!g_str_has_prefix(line, "@@ -"))
        return FALSE;
    *removed = 1;
    old_line = (int)strtol(line + strlen("@@ -"), &end, 10);
    if (*end == ',')
        *removed = (int)strtol(end + 1, &end, 10);
    if (old_line < 0 || strncmp(end, " +", 2) != 0)
        return FALSE;
    added->line = (int)strtol(end + 2, &end, 10);
    if (*end == ',')
        count = (int)strtol(end + 1, &end, 10);
    added->end_line = added->line + count - 1;
    return TRUE;
}

void changed_lines_add_patch(struct changed_lines *changes, const char *folder, const char *patch)
{
    GArray *ranges = NULL;
    int content = 0; /* lines of the hunk that are still to come: they may look like anything */
    for (const char *line = patch, *next; *line; line = next) {
        gsize length = strcspn(line, "\n");
        struct line_range added;
        next = line + length + (line[length] == '\n');
        if (content > 0 && (*line == '+' || *line == '-')) {
            content--;
        } else if (g_str_has_prefix(line, NEW_PREFIX)) {
            g_autofree char *name = name_of(line, length);
            ranges = name ? ranges_of(changes, folder, name) : NULL;
        } else if (read_hunk(line, &content, &added)) {
            content += added.end_line - added.line + 1;
            if (added.end_line < added.line) /* taken out behind this line */
                added.end_line = added.line + 1;
            if (ranges)
                g_array_append_val(ranges, added);
        }
    }
}

gboolean changed_lines_touch(const struct changed_lines *changes, const char *file, int line, int end_line)
{
    g_autofree char *resolved = resolve(file);
    const GArray *ranges = g_hash_table_lookup(changes->files, resolved);
    for (guint i = 0; ranges && i < ranges->len; i++) {
        const struct line_range *range = &g_array_index(ranges, struct line_range, i);
        if (line <= range->end_line && MAX(line, end_line) >= range->line)
            return TRUE;
    }
    return FALSE;
}

/* A hook's variables would lead git to another place than `folder`. */
static char **git_environment(void)
{
    static const char *const local[] = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX",
                                        "GIT_EXTERNAL_DIFF"};
    char **environment = g_get_environ();
    for (guint i = 0; i < G_N_ELEMENTS(local); i++)
        environment = g_environ_unsetenv(environment, local[i]);
    return environment;
}

/* What git prints, without NUL; NULL with `error` set when it fails. The caller frees it. */
static char *run_git(const char *folder, const char *const *words, const char *revision, GError **error)
{
    g_autoptr(GPtrArray) line = g_ptr_array_new();
    g_auto(GStrv) environment = git_environment();
    g_autofree char *out = NULL, *messages = NULL;
    g_autoptr(GError) cause = NULL;
    int status = 0;
    g_ptr_array_add(line, (gpointer) "git");
    g_ptr_array_add(line, (gpointer) "-c");
    g_ptr_array_add(line, (gpointer) "core.quotePath=true");
    for (guint i = 0; words[i]; i++)
        g_ptr_array_add(line, (gpointer)words[i]);
    g_ptr_array_add(line, NULL);
    if (g_spawn_sync(folder, (char **)line->pdata, environment, G_SPAWN_SEARCH_PATH, NULL, NULL, &out,
                     &messages, &status, &cause) &&
        g_spawn_check_wait_status(status, NULL))
        return g_steal_pointer(&out);
    g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT,
                "cannot tell what changed since %s in %s: %s; name a commit of this repository, and fetch "
                "enough of its history (`git fetch --unshallow`)",
                revision, folder, cause ? cause->message : g_strstrip(messages));
    return NULL;
}

static gboolean add_tracked(struct changed_lines *changes, const char *folder, const char *revision,
                            GError **error)
{
    const char *const words[] = {"diff",
                                 "--merge-base",
                                 "--unified=0",
                                 "--no-color",
                                 "--no-ext-diff",
                                 "--no-textconv",
                                 "--find-renames",
                                 "--src-prefix=a/",
                                 "--dst-prefix=b/",
                                 "--ignore-submodules",
                                 "--end-of-options",
                                 revision,
                                 "--",
                                 NULL};
    g_autofree char *patch = run_git(folder, words, revision, error);
    if (!patch)
        return FALSE;
    changed_lines_add_patch(changes, folder, patch);
    return TRUE;
}

/* Files that git does not know yet are new as a whole. */
static gboolean add_untracked(struct changed_lines *changes, const char *folder, const char *revision,
                              GError **error)
{
    static const char *const words[] = {"ls-files", "--others", "--exclude-standard", NULL};
    static const struct line_range whole = {1, G_MAXINT};
    g_autofree char *text = run_git(folder, words, revision, error);
    if (!text)
        return FALSE;
    g_auto(GStrv) names = g_strsplit(text, "\n", -1);
    for (char **name = names; *name; name++) {
        g_autofree char *file = unquote(*name);
        if (*file)
            g_array_append_val(ranges_of(changes, folder, file), whole);
    }
    return TRUE;
}

struct changed_lines *changed_lines_read(const char *folder, const char *revision, GError **error)
{
    static const char *const words[] = {"rev-parse", "--show-toplevel", NULL};
    g_autofree char *top = run_git(folder, words, revision, error);
    if (!top)
        return NULL;
    top[strcspn(top, "\n")] = '\0';
    g_autoptr(ChangedLines) changes = changed_lines_new();
    if (!add_tracked(changes, top, revision, error) || !add_untracked(changes, top, revision, error))
        return NULL;
    return g_steal_pointer(&changes);
}

static gboolean is_touched(const struct changed_lines *changes, const char *root,
                           const struct finding *finding)
{
    g_autofree char *file = g_canonicalize_filename(finding->file, root);
    if (changed_lines_touch(changes, file, finding->line, finding->line))
        return TRUE;
    for (guint i = 0; i < finding->path->len; i++) {
        const struct place *place = g_ptr_array_index(finding->path, i);
        g_autofree char *on_path = g_canonicalize_filename(place->file, root);
        if (changed_lines_touch(changes, on_path, place->line, place->end_line))
            return TRUE;
    }
    return FALSE;
}

guint changed_lines_apply(const struct changed_lines *changes, struct session *session)
{
    guint before = session->findings->len;
    for (guint i = before; i > 0; i--) {
        if (!is_touched(changes, session->root, g_ptr_array_index(session->findings, i - 1)))
            g_ptr_array_remove_index(session->findings, i - 1);
    }
    return before - session->findings->len;
}
