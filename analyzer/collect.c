/* SPDX-License-Identifier: Apache-2.0 */
/* From options to facts: which units, their hashes, and the workers that parse them. */
#include <string.h>

#include "analyzer/analyzer.h"
#include "analyzer/database.h"
#include "analyzer/facts.h"
#include "analyzer/facts_cache.h"
#include "analyzer/file_state.h"
#include "analyzer/parse.h"
#include "analyzer/worker.h"

#define UNIT_SECONDS     120
#define UNIT_BYTES       (G_GUINT64_CONSTANT(4) << 30)
#define UNIT_STACK_BYTES ((gsize)512 << 20)
#define FACTS_TYPE       "(uayay)"

struct collection {
    const struct analyze_options *options;
    GPtrArray *entries; /* struct database_entry */
    char *root;
    struct file_states *states;
    struct facts_cache *cache; /* NULL: none is wanted */
    GPtrArray *units;          /* struct fact_unit, in the order of entries; NULL until known */
    guint *order;              /* those that need a parser, as they are begun */
    guint parsed, count;       /* of them */
};

static gboolean path_selected(const char *file, const char *path)
{
    gsize length = strlen(path);
    return strncmp(file, path, length) == 0 && (file[length] == '\0' || file[length] == '/');
}

/* Keeps the entries at or below the paths; every path must select something. */
static gboolean select_entries(GPtrArray *entries, const char *const *paths, const char *build_dir,
                               GError **error)
{
    g_autofree gboolean *selected = g_new0(gboolean, entries->len);
    for (guint p = 0; paths && paths[p]; p++) {
        g_autofree char *path = g_canonicalize_filename(paths[p], NULL);
        gboolean found = FALSE;
        if (strcmp(path, "/") == 0)
            path[0] = '\0';
        for (guint i = 0; i < entries->len; i++) {
            const struct database_entry *entry = entries->pdata[i];
            if (path_selected(entry->file, path))
                found = selected[i] = TRUE;
        }
        if (!found) {
            g_set_error(
                error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT,
                "no unit of the database in %s is %s or lies below it; name a file that the database lists, "
                "or give its compiler flags after `--`",
                build_dir, paths[p]);
            return FALSE;
        }
    }
    for (guint i = entries->len; paths && paths[0] && i-- > 0;)
        if (!selected[i])
            g_ptr_array_remove_index(entries, i);
    return TRUE;
}

/* The longest folder that all files share. */
static char *common_folder(const GPtrArray *entries)
{
    const struct database_entry *first = entries->pdata[0];
    g_autofree char *folder = g_path_get_dirname(first->file);
    for (guint i = 1; i < entries->len; i++) {
        const struct database_entry *entry = entries->pdata[i];
        while (strcmp(folder, "/") != 0 && !path_selected(entry->file, folder)) {
            char *above = g_path_get_dirname(folder);
            g_free(folder);
            folder = above;
        }
    }
    return g_steal_pointer(&folder);
}

/* *root: that of the whole database, so that names do not depend on what is selected of it; the caller frees
 * it. */
static GPtrArray *entries_find(const struct analyze_options *options, char **root, GError **error)
{
    const char *build_dir = options->build_dir ? options->build_dir : ".";
    g_autoptr(GPtrArray) entries = options->flags ? database_from_files(options->paths, options->flags, error)
                                                  : database_read(build_dir, error);
    if (!entries)
        return NULL;
    g_autofree char *found =
        options->root ? g_canonicalize_filename(options->root, NULL) : common_folder(entries);
    if (!options->flags && !select_entries(entries, options->paths, build_dir, error))
        return NULL;
    *root = g_steal_pointer(&found);
    return g_steal_pointer(&entries);
}

static GVariant *parse_job(guint job, gpointer data)
{
    const struct collection *collection = data;
    const struct database_entry *entry = collection->entries->pdata[job];
    struct parse_request request = {
        .file = entry->file,
        .directory = entry->directory,
        .flags = (const char *const *)entry->flags,
        .root = collection->root,
    };
    struct fact_unit *unit = parse_unit(&request);
    GVariant *facts = facts_to_variant(unit); /* a copy */
    fact_unit_free(unit);
    return facts;
}

/* Names the unit that is in progress for the longest time. */
static void tell_progress(const struct collection *collection)
{
    guint first = 0, total = collection->entries->len;
    while (first < collection->count && collection->units->pdata[collection->order[first]])
        first++;
    if (first == collection->count || !collection->options->progress)
        return;
    const struct database_entry *entry = collection->entries->pdata[collection->order[first]];
    collection->options->progress(entry->file, total - collection->count + collection->parsed, total,
                                  collection->options->progress_data);
}

static void job_finished(guint job, GVariant *result, const char *why, gpointer data)
{
    struct collection *collection = data;
    const struct database_entry *entry = collection->entries->pdata[job];
    struct fact_unit *unit = result ? facts_from_variant(result) : NULL;
    if (!unit) {
        unit = fact_unit_new(entry->file);
        unit->error = fact_text(unit, why ? why : "the parser's answer was damaged");
    } else if (collection->cache) {
        facts_cache_store(collection->cache, entry, unit, result);
    }
    collection->units->pdata[job] = unit;
    collection->parsed++;
    tell_progress(collection);
}

struct sized_job {
    guint job;
    gint64 size;
};

static gint compare_sizes(gconstpointer a, gconstpointer b)
{
    const struct sized_job *left = a, *right = b;
    if (left->size != right->size)
        return left->size > right->size ? -1 : 1;
    return left->job < right->job ? -1 : 1;
}

/* The units that no cache knows, the largest files first, so that no core is left with one long unit at the
 * end. */
static void order_by_size(struct collection *collection)
{
    const GPtrArray *entries = collection->entries;
    g_autofree struct sized_job *jobs = g_new0(struct sized_job, entries->len);
    guint count = 0;
    for (guint i = 0; i < entries->len; i++) {
        const struct database_entry *entry = entries->pdata[i];
        if (!collection->units->pdata[i])
            jobs[count++] =
                (struct sized_job){i, file_states_find(collection->states, entry->file)->size_bytes};
    }
    qsort(jobs, count, sizeof(*jobs), compare_sizes);
    collection->order = g_new(guint, entries->len);
    collection->count = count;
    for (guint i = 0; i < count; i++)
        collection->order[i] = jobs[i].job;
}

static void find_cached(struct collection *collection)
{
    for (guint i = 0; collection->cache && i < collection->entries->len; i++)
        collection->units->pdata[i] = facts_cache_find(collection->cache, collection->entries->pdata[i]);
}

static void parse_others(struct collection *collection)
{
    struct worker_pool pool = {
        .limits = {.seconds = collection->options->unit_seconds > 0 ? collection->options->unit_seconds
                                                                    : UNIT_SECONDS,
                   .bytes = UNIT_BYTES,
                   .stack_bytes = UNIT_STACK_BYTES,
                   .at_once = collection->options->units_at_once},
        .work = parse_job,
        .type = FACTS_TYPE,
        .finished = job_finished,
        .data = collection,
    };
    order_by_size(collection);
    tell_progress(collection);
    worker_pool_run(&pool, collection->order, collection->count);
    g_clear_pointer(&collection->order, g_free);
}

static void add_session_units(const struct collection *collection, struct session *session)
{
    for (guint i = 0; i < collection->entries->len; i++) {
        const struct database_entry *entry = collection->entries->pdata[i];
        const struct fact_unit *facts = collection->units->pdata[i];
        struct unit *unit = unit_new();
        g_autofree char *flags = g_strjoinv(" ", entry->flags);
        gboolean below = path_selected(entry->file, collection->root);
        unit->file = g_strdup(below ? entry->file + strlen(collection->root) + 1 : entry->file);
        unit->command = g_strconcat("clang -fsyntax-only ", flags, " ", entry->file, NULL);
        unit->content_hash = file_states_hash_text(collection->states, entry->file);
        unit->error = g_strdup(facts->error);
        g_ptr_array_add(session->units, unit);
    }
}

static void fact_unit_destroy(gpointer unit)
{
    fact_unit_free(unit);
}

GPtrArray *facts_collect(const struct analyze_options *options, struct session *session, GError **error)
{
    char *root = NULL;
    g_autoptr(GPtrArray) entries = entries_find(options, &root, error);
    if (!entries)
        return NULL;
    struct collection collection = {
        .options = options,
        .entries = entries,
        .root = root,
        .units = g_ptr_array_new_with_free_func(fact_unit_destroy),
    };
    g_ptr_array_set_size(collection.units, (gint)entries->len);
    collection.states = file_states_new();
    if (!options->no_cache)
        collection.cache = facts_cache_new(NULL, collection.root, 0, collection.states);
    find_cached(&collection);
    parse_others(&collection);
    add_session_units(&collection, session);
    g_free(session->root);
    session->root = g_steal_pointer(&collection.root);
    facts_cache_free(collection.cache);
    file_states_free(collection.states);
    return collection.units;
}
