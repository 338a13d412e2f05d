/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/tracer.h"

#include <dwarf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tracer/module.h"

/* The rule of execvp: a name with a slash is a path, any other is searched in PATH. The caller's, or NULL. */
static char *find_executable(const char *name, GError **error)
{
    if (name[0] == '\0' || strchr(name, '/')) {
        if (access(name, R_OK) == 0)
            return g_strdup(name);
        g_set_error(error, TRACER_ERROR, TRACER_ERROR_TARGET, "cannot read the executable %s: %s", name,
                    g_strerror(errno));
        return NULL;
    }
    char *found = g_find_program_in_path(name);
    if (!found)
        g_set_error(error, TRACER_ERROR, TRACER_ERROR_TARGET,
                    "cannot find the executable %s: no directory of PATH has it; give its path", name);
    return found;
}

static gboolean is_script(const char *path)
{
    char start[2] = "";
    FILE *file = fopen(path, "re");
    if (!file)
        return FALSE;
    gboolean script = fread(start, sizeof start, 1, file) == 1 && memcmp(start, "#!", sizeof start) == 0;
    fclose(file);
    return script;
}

GPtrArray *executable_sources(const char *path, GError **error)
{
    g_autofree char *found = find_executable(path, error);
    if (!found)
        return NULL;
    GPtrArray *sources = g_ptr_array_new_with_free_func(g_free);
    if (is_script(found))
        return sources;
    g_autoptr(Module) module = module_open_path(found, error);
    if (!module) {
        g_ptr_array_unref(sources);
        return NULL;
    }
    struct debug_index *debug = module_debug(module);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; debug && i < debug->units->len; i++) {
        struct debug_unit *unit = &g_array_index(debug->units, struct debug_unit, i);
        char *source = debug_unit_path(unit, dwarf_diename(&unit->lines));
        if (source && g_hash_table_add(seen, source))
            g_ptr_array_add(sources, source);
        else
            g_free(source);
    }
    return sources;
}
