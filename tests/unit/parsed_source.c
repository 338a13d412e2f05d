/* SPDX-License-Identifier: Apache-2.0 */
#include "parsed_source.h"

#include <glib/gstdio.h>
#include <string.h>

#include "analyzer/analyzer.h"

struct parsed parse_with(const char *source, const char *const *flags)
{
    struct parsed parsed = {.session = session_new()};
    parsed.folder = g_dir_make_tmp("corewise-test-XXXXXX", NULL);
    parsed.file = g_build_filename(parsed.folder, "input.c", NULL);
    g_assert_true(g_file_set_contents(parsed.file, source, -1, NULL));
    const char *paths[] = {parsed.file, NULL};
    struct analyze_options options = {.paths = paths, .flags = flags, .no_cache = TRUE};
    g_autoptr(GError) error = NULL;
    parsed.units = facts_collect(&options, parsed.session, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(parsed.units->len, ==, 1);
    parsed.unit = parsed.units->pdata[0];
    return parsed;
}

struct parsed parse(const char *source)
{
    static const char *const flags[] = {"-O2", NULL};
    struct parsed parsed = parse_with(source, flags);
    g_assert_cmpstr(parsed.unit->error, ==, NULL);
    return parsed;
}

void parsed_clear(struct parsed *parsed)
{
    g_unlink(parsed->file);
    g_rmdir(parsed->folder);
    g_ptr_array_unref(parsed->units);
    session_free(parsed->session);
    g_free(parsed->folder);
    g_free(parsed->file);
}

const struct fact_function *function_named(const struct parsed *parsed, const char *name)
{
    for (guint i = 0; i < parsed->unit->functions->len; i++) {
        const struct fact_function *function = parsed->unit->functions->pdata[i];
        if (strcmp(function->name, name) == 0)
            return function;
    }
    g_error("no function %s", name);
}

const struct fact_loop *loop_of(const struct parsed *parsed, const char *function, guint index)
{
    const struct fact_function *found = function_named(parsed, function);
    g_assert_cmpuint(found->loops->len, >, index);
    return found->loops->pdata[index];
}

const struct fact_event *event_of(const struct fact_function *function, enum event_kind kind,
                                  const char *callee, guint n)
{
    for (guint i = 0; i < function->events->len; i++) {
        const struct fact_event *event = function->events->pdata[i];
        gboolean matches = event->kind == kind && (!callee || g_strcmp0(event->callee, callee) == 0);
        if (matches && n-- == 0)
            return event;
    }
    return NULL;
}
