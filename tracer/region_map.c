/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/region_map.h"

#include <string.h>

struct region_map {
    const struct session *session;
    GHashTable *functions;  /* name → GArray of guint, indices of regions */
    GHashTable *files;      /* file names that the session uses */
    GHashTable *relative;   /* absolute name → relative name, remembered */
    GHashTable *idle_sites; /* file → GPtrArray of const struct place */
};

static void note_idle_sites(struct region_map *map, const struct region *region)
{
    for (guint i = 0; i < region->idle_sites->len; i++) {
        const struct place *site = g_ptr_array_index(region->idle_sites, i);
        GPtrArray *sites = g_hash_table_lookup(map->idle_sites, site->file);
        if (!sites) {
            sites = g_ptr_array_new();
            g_hash_table_insert(map->idle_sites, site->file, sites);
        }
        g_ptr_array_add(sites, (gpointer)site);
        g_hash_table_add(map->files, site->file);
    }
}

struct region_map *region_map_new(const struct session *session)
{
    struct region_map *map = g_new0(struct region_map, 1);
    map->session = session;
    map->functions = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_array_unref);
    map->files = g_hash_table_new(g_str_hash, g_str_equal);
    map->relative = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    map->idle_sites = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
    for (guint i = 0; i < session->regions->len; i++) {
        struct region *region = g_ptr_array_index(session->regions, i);
        if (!region->function || !region->file || region->kind == REGION_MARKER)
            continue;
        GArray *indices = g_hash_table_lookup(map->functions, region->function);
        if (!indices) {
            indices = g_array_new(FALSE, FALSE, sizeof(guint));
            g_hash_table_insert(map->functions, region->function, indices);
        }
        g_array_append_val(indices, i);
        g_hash_table_add(map->files, region->file);
        note_idle_sites(map, region);
    }
    return map;
}

void region_map_free(struct region_map *map)
{
    if (!map)
        return;
    g_hash_table_unref(map->functions);
    g_hash_table_unref(map->files);
    g_hash_table_unref(map->relative);
    g_hash_table_unref(map->idle_sites);
    g_free(map);
}

static const char *trailing_part(const struct region_map *map, const char *file)
{
    for (const char *slash = strchr(file, '/'); slash; slash = strchr(slash + 1, '/')) {
        if (g_hash_table_contains(map->files, slash + 1))
            return slash + 1;
    }
    return file;
}

const char *region_map_relative(struct region_map *map, const char *file)
{
    const char *known = g_hash_table_lookup(map->relative, file);
    if (known)
        return known;
    const char *root = map->session->root;
    gsize length = root ? strlen(root) : 0;
    const char *relative = file;
    if (length && g_str_has_prefix(file, root) && file[length] == '/')
        relative = file + length + 1;
    else if (length)
        relative = trailing_part(map, file);
    char *remembered = g_strdup(relative);
    g_hash_table_insert(map->relative, g_strdup(file), remembered);
    return remembered;
}

char *symbol_base_name(const char *function)
{
    /* A bare `libc.so.6+0x89134` is no function's name. */
    if (!*function || strchr(function, '+'))
        return g_strdup(function);
    return g_strndup(function, strcspn(function + 1, ".@") + 1); /* a leading dot belongs to the name */
}

static gboolean needs_line(const struct region *region)
{
    return region->kind == REGION_LOOP || region->kind == REGION_CRITICAL_SECTION ||
           region->kind == REGION_PARALLEL_REGION || region->kind == REGION_PROCESS_BODY;
}

/* An inlined or macro line may stand in another file: the function's name still tells, when only one region
 * has it. */
static gboolean region_holds(struct region_map *map, const struct region *region, const struct symbol *symbol,
                             gboolean unique)
{
    if (!symbol->file)
        return unique && !needs_line(region);
    gboolean same_file = g_str_equal(region_map_relative(map, symbol->file), region->file);
    if (!needs_line(region))
        return same_file || unique;
    return same_file && symbol->line >= region->line && symbol->line <= region->end_line;
}

static gboolean name_is_unique(const struct region_map *map, const GArray *indices)
{
    const char *file = NULL;
    for (guint i = 0; i < indices->len; i++) {
        const struct region *region =
            g_ptr_array_index(map->session->regions, g_array_index(indices, guint, i));
        if (file && !g_str_equal(file, region->file))
            return FALSE;
        file = region->file;
    }
    return TRUE;
}

static void add_once(GArray *regions, guint index)
{
    for (guint i = 0; i < regions->len; i++) {
        if (g_array_index(regions, guint, i) == index)
            return;
    }
    g_array_append_val(regions, index);
}

void region_map_find(struct region_map *map, const struct symbol *symbol, GArray *regions)
{
    if (!symbol->function || !symbol->is_program)
        return;
    g_autofree char *name = symbol_base_name(symbol->function);
    const GArray *indices = g_hash_table_lookup(map->functions, name);
    if (!indices)
        return;
    gboolean unique = name_is_unique(map, indices);
    for (guint i = 0; i < indices->len; i++) {
        guint index = g_array_index(indices, guint, i);
        const struct region *region = g_ptr_array_index(map->session->regions, index);
        if (region_holds(map, region, symbol, unique))
            add_once(regions, index);
    }
}

gboolean region_map_is_idle_site(struct region_map *map, const struct symbol *symbol)
{
    if (!symbol->file || !symbol->line || !symbol->is_program)
        return FALSE;
    const GPtrArray *sites = g_hash_table_lookup(map->idle_sites, region_map_relative(map, symbol->file));
    for (guint i = 0; sites && i < sites->len; i++) {
        const struct place *site = g_ptr_array_index(sites, i);
        if (symbol->line >= site->line && symbol->line <= MAX(site->line, site->end_line))
            return TRUE;
    }
    return FALSE;
}
