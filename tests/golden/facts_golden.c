/* SPDX-License-Identifier: Apache-2.0 */
/* facts_golden FOLDER [SECONDS]: draws the facts of the units that the folder's compile_commands.json lists
 * (or of its C files) and compares them, written out in full, with expected.txt beside them; then once more
 * with what the cache remembers. SECONDS bounds the time of one unit. Files named *.d in the folder must stay
 * as they are. COREWISE_BLESS=1 rewrites expected.txt. */
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/analyzer.h"
#include "analyzer/facts.h"

struct golden {
    char *folder;
    GString *text;
};

G_GNUC_PRINTF(2, 3)
static void say(struct golden *golden, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    g_autofree char *line = g_strdup_vprintf(format, values);
    va_end(values);
    g_autofree char *prefix = g_strconcat(golden->folder, "/", NULL);
    g_auto(GStrv) parts = g_strsplit(line, prefix, -1); /* where the project lies does not matter */
    g_autofree char *shown = g_strjoinv("", parts);
    g_string_append(golden->text, shown);
}

static void say_arguments(struct golden *golden, const struct fact_list *arguments)
{
    static const char *const kinds[] = {
        [ARGUMENT_STRING] = "string ", [ARGUMENT_FUNCTION] = "function ", [ARGUMENT_PATH] = ""};
    for (guint i = 0; i < arguments->len; i++) {
        const struct fact_argument *argument = arguments->pdata[i];
        say(golden, i ? ", " : "");
        if (argument->kind == ARGUMENT_OTHER && argument->integer)
            say(golden, "<%s> with bits %" G_GINT64_FORMAT, argument->type, argument->integer);
        else if (argument->kind == ARGUMENT_OTHER)
            say(golden, "<%s>", argument->type);
        else if (argument->kind == ARGUMENT_INTEGER)
            say(golden, "%" G_GINT64_FORMAT, argument->integer);
        else
            say(golden, "%s%s", kinds[argument->kind], argument->text);
    }
}

static void say_event(struct golden *golden, const struct fact_unit *unit, const struct fact_event *event)
{
    if (event->kind == EVENT_ASSIGN)
        return; /* only what path feasibility needs: unit.place tests it */
    static const char *const kinds[] = {
        [EVENT_CALL] = "call", [EVENT_READ] = "read", [EVENT_WRITE] = "write", [EVENT_ATOMIC] = "atomic"};
    say(golden, "    %s:%d", (const char *)unit->files->pdata[event->file], event->line);
    if (event->end_line != event->line)
        say(golden, "-%d", event->end_line);
    say(golden, " block %d", event->block);
    if (event->loop >= 0)
        say(golden, " loop %d", event->loop);
    say(golden, " %s ", kinds[event->kind]);
    if (event->kind == EVENT_CALL) {
        if (event->callee)
            say(golden, "%s(", event->callee);
        else
            say(golden, "*%s {%s}(", event->via ? event->via : "?", event->signature);
        say_arguments(golden, event->arguments);
        say(golden, ")%s%s%s", event->result ? " -> " : "", event->result ? event->result : "",
            event->checked ? " checked" : "");
    } else {
        say(golden, "%s%s%s", event->path, event->callee ? " by " : "", event->callee ? event->callee : "");
    }
    say(golden, "\n");
}

static void say_loop(struct golden *golden, const struct fact_loop *loop, guint index)
{
    static const char *const dependences[] = {[ITERATIONS_UNKNOWN] = "unknown",
                                              [ITERATIONS_INDEPENDENT] = "independent",
                                              [ITERATIONS_REDUCTION] = "reduction",
                                              [ITERATIONS_DEPENDENT] = "dependent"};
    say(golden, "  loop %u lines %d-%d", index, loop->line, loop->end_line);
    if (loop->parent >= 0)
        say(golden, " in %d", loop->parent);
    if (loop->trip_count == G_MAXINT64)
        say(golden, " endless");
    else if (loop->trip_count >= 0)
        say(golden, " %" G_GINT64_FORMAT " times", loop->trip_count);
    say(golden, "%s %s%s%s, %d operations\n", loop->has_exit ? " left" : "", dependences[loop->dependence],
        loop->carried ? " by " : "", loop->carried ? loop->carried : "", loop->operations);
}

static void say_function(struct golden *golden, const struct fact_unit *unit,
                         const struct fact_function *function)
{
    say(golden, "function %s(", function->key);
    for (guint i = 0; i < function->parameters->len; i++)
        say(golden, "%s%s", i ? ", " : "", (const char *)function->parameters->pdata[i]);
    say(golden, ") {%s}%s at %s:%d-%d, %d operations\n", function->signature,
        function->is_static ? " static" : "", function->file, function->line, function->end_line,
        function->operations);
    for (guint i = 0; i < function->loops->len; i++)
        say_loop(golden, function->loops->pdata[i], i);
    say(golden, "  blocks");
    for (guint i = 0; i < function->blocks->len; i++) {
        const struct fact_block *block = function->blocks->pdata[i];
        say(golden, " %u", i);
        for (guint s = 0; s < block->successors->len; s++)
            say(golden, "%s%d", s ? "," : ">", g_array_index(block->successors, int, s));
    }
    say(golden, "\n");
    for (guint i = 0; i < function->events->len; i++)
        say_event(golden, unit, function->events->pdata[i]);
}

static void say_variable(struct golden *golden, const struct fact_variable *variable)
{
    say(golden, "variable %s {%s}%s%s%s%s%s%s\n", variable->path, variable->type,
        variable->is_lock ? " lock " : "", variable->is_lock ? lock_kind_name(variable->lock) : "",
        variable->is_const ? " const" : "", variable->is_thread_local ? " thread-local" : "",
        variable->is_atomic ? " atomic" : "", variable->is_volatile ? " volatile" : "");
}

static void say_unit(struct golden *golden, const struct fact_unit *unit)
{
    say(golden, "unit %s%s%s\n", unit->file, unit->error ? " failed: " : "", unit->error ? unit->error : "");
    for (guint i = 0; i < unit->variables->len; i++)
        say_variable(golden, unit->variables->pdata[i]);
    for (guint i = 0; i < unit->values->len; i++) {
        const struct fact_function_value *value = unit->values->pdata[i];
        say(golden, "value %s = %s line %d\n", value->path, value->function, value->line);
    }
    for (guint i = 0; i < unit->flows->len; i++) {
        const struct fact_function_flow *flow = unit->flows->pdata[i];
        say(golden, "flow %s = %s line %d%s\n", flow->path, flow->source, flow->line,
            flow->otherwise ? ", if nothing else" : "");
    }
    for (guint i = 0; i < unit->functions->len; i++)
        say_function(golden, unit, unit->functions->pdata[i]);
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Files with this ending, by name. */
static GPtrArray *files_in(const char *folder, const char *ending)
{
    GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) directory = g_dir_open(folder, 0, NULL);
    for (const char *name; directory && (name = g_dir_read_name(directory));)
        if (g_str_has_suffix(name, ending))
            g_ptr_array_add(files, g_build_filename(folder, name, NULL));
    g_ptr_array_sort(files, compare_names);
    return files;
}

static void say_kept_files(struct golden *golden)
{
    g_autoptr(GPtrArray) files = files_in(golden->folder, ".d");
    for (guint i = 0; i < files->len; i++) {
        g_autofree char *content = NULL;
        g_file_get_contents(files->pdata[i], &content, NULL, NULL);
        say(golden, "file %s: %s", (const char *)files->pdata[i], content ? content : "gone\n");
    }
}

static char *facts_text(const char *folder, double seconds, GError **error)
{
    static const char *const flags[] = {"-D_GNU_SOURCE", NULL};
    g_autofree char *database = g_build_filename(folder, "compile_commands.json", NULL);
    gboolean has_database = g_file_test(database, G_FILE_TEST_EXISTS);
    g_autoptr(GPtrArray) files = files_in(folder, ".c");
    g_ptr_array_add(files, NULL);
    struct analyze_options options = {.build_dir = folder, .root = folder, .unit_seconds = seconds};
    if (!has_database) {
        options.paths = (const char *const *)files->pdata;
        options.flags = flags;
    }
    g_autoptr(Session) session = session_new();
    g_autoptr(GPtrArray) units = facts_collect(&options, session, error);
    if (!units)
        return NULL;
    struct golden golden = {g_strdup(folder), g_string_new(NULL)};
    g_autofree char *summary = analyze_summary(session);
    say(&golden, "%s\n", summary);
    for (guint i = 0; i < units->len; i++)
        say_unit(&golden, units->pdata[i]);
    say_kept_files(&golden);
    g_free(golden.folder);
    return g_string_free(golden.text, FALSE);
}

static gboolean is_expected(const char *text, const char *expected, const char *when)
{
    if (strcmp(text, expected) != 0)
        fprintf(stderr, "expected.txt differs%s; this was said:\n%s", when, text);
    return strcmp(text, expected) == 0;
}

static void remove_cache(const char *cache)
{
    g_autofree char *inner = g_build_filename(cache, "corewise", NULL);
    g_autofree char *folder = g_build_filename(inner, "facts", NULL);
    g_autoptr(GPtrArray) files = files_in(folder, "");
    for (guint i = 0; i < files->len; i++)
        g_unlink(files->pdata[i]);
    g_rmdir(folder);
    g_rmdir(inner);
    g_rmdir(cache);
}

int main(int count, char **arguments)
{
    if (count < 2) {
        fprintf(stderr, "usage: %s FOLDER [SECONDS]\n", arguments[0]);
        return 2;
    }
    g_autoptr(GError) error = NULL;
    g_autofree char *cache = g_dir_make_tmp("corewise-cache-XXXXXX", NULL);
    g_autofree char *folder = g_canonicalize_filename(arguments[1], NULL);
    g_autofree char *path = g_build_filename(folder, "expected.txt", NULL);
    g_autofree char *expected = NULL, *again = NULL;
    double seconds = count > 2 ? g_ascii_strtod(arguments[2], NULL) : 0;
    g_setenv("XDG_CACHE_HOME", cache, TRUE);
    g_autofree char *text = facts_text(folder, seconds, &error);
    gboolean bless = g_strcmp0(g_getenv("COREWISE_BLESS"), "1") == 0;
    gboolean read = text && (!bless || g_file_set_contents(path, text, -1, &error)) &&
                    g_file_get_contents(path, &expected, NULL, &error) &&
                    (again = facts_text(folder, seconds, &error));
    remove_cache(cache);
    if (!read) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    gboolean same = is_expected(text, expected, "") && is_expected(again, expected, " with a warm cache");
    return same ? 0 : 1;
}
