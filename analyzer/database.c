/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/database.h"

#include <clang-c/CXCompilationDatabase.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/analyzer.h"
#include "analyzer/command_line.h"
#include "analyzer/worker.h"

#define DATABASE_NAME    "compile_commands.json"
#define DATABASE_TYPE    "(ba(ayayaay))"
#define DATABASE_SECONDS 120
#define DATABASE_STACK   (64 << 20)

#define HOW_TO_GET_ONE                                                                                       \
    "CMake writes it with -DCMAKE_EXPORT_COMPILE_COMMANDS=ON, Meson always does (in its build folder), "     \
    "Make users get "                                                                                        \
    "it with `bear -- make`; or name the files and give their compiler flags after `--`"

void database_entry_free(struct database_entry *entry)
{
    if (!entry)
        return;
    g_free(entry->file);
    g_free(entry->directory);
    g_strfreev(entry->flags);
    g_free(entry);
}

static void entry_free(gpointer entry)
{
    database_entry_free(entry);
}

struct reading {
    const char *folder;
    GVariant *result;
    char *why;
};

static char *take_string(CXString string)
{
    char *copy = g_strdup(clang_getCString(string));
    clang_disposeString(string);
    return copy ? copy : g_strdup("");
}

static void add_command(GVariantBuilder *commands, CXCompileCommand command)
{
    g_autofree char *directory = take_string(clang_CompileCommand_getDirectory(command));
    g_autofree char *file = take_string(clang_CompileCommand_getFilename(command));
    g_autoptr(GPtrArray) arguments = g_ptr_array_new_with_free_func(g_free);
    for (unsigned i = 0; i < clang_CompileCommand_getNumArgs(command); i++)
        g_ptr_array_add(arguments, take_string(clang_CompileCommand_getArg(command, i)));
    GVariant *list = g_variant_new_bytestring_array((const char *const *)arguments->pdata, arguments->len);
    g_variant_builder_add(commands, "(^ay^ay@aay)", directory, file, list);
}

static GVariant *read_commands(guint job, gpointer data)
{
    (void)job;
    const struct reading *reading = data;
    CXCompilationDatabase_Error code = CXCompilationDatabase_NoError;
    CXCompilationDatabase database = clang_CompilationDatabase_fromDirectory(reading->folder, &code);
    GVariantBuilder commands;
    g_variant_builder_init(&commands, G_VARIANT_TYPE("a(ayayaay)"));
    gboolean read = code == CXCompilationDatabase_NoError;
    if (read) {
        CXCompileCommands all = clang_CompilationDatabase_getAllCompileCommands(database);
        for (unsigned i = 0; i < clang_CompileCommands_getSize(all); i++)
            add_command(&commands, clang_CompileCommands_getCommand(all, i));
    }
    return g_variant_new("(ba(ayayaay))", read, &commands);
}

static void commands_read(guint job, GVariant *result, const char *why, gpointer data)
{
    (void)job;
    struct reading *reading = data;
    if (result)
        reading->result = g_variant_get_normal_form(result);
    reading->why = g_strdup(why);
}

/* libclang takes what it understands of a damaged file: whether the text is whole is decided here. FALSE when
 * brackets or a string stay open. */
static gboolean is_whole(const char *text)
{
    int depth = 0;
    gboolean in_string = FALSE, seen = FALSE;
    for (const char *c = text; *c; c++) {
        if (in_string) {
            if (*c == '\\' && c[1])
                c++;
            else if (*c == '"')
                in_string = FALSE;
        } else if (*c == '"') {
            in_string = TRUE;
        } else if (*c == '[' || *c == '{') {
            depth++;
            seen = TRUE;
        } else if (*c == ']' || *c == '}') {
            depth--;
        }
    }
    return seen && depth == 0 && !in_string;
}

static gboolean check_text(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) cause = NULL;
    gsize size = 0;
    if (!g_file_get_contents(path, &text, &size, &cause)) {
        gboolean missing = g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_NOENT) ||
                           g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_NOTDIR);
        g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_DATABASE, "cannot read %s: %s; %s", path,
                    missing ? "no such file" : cause->message, HOW_TO_GET_ONE);
        return FALSE;
    }
    g_strstrip(text);
    if (!*text) {
        g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_DATABASE,
                    "%s is empty; build the project again so that it is written anew: %s", path,
                    HOW_TO_GET_ONE);
        return FALSE;
    }
    if (text[0] != '[' || strlen(text) > size || !is_whole(text)) {
        g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_DATABASE,
                    "%s is truncated or no list of compile commands (%" G_GSIZE_FORMAT
                    " bytes); generate it again: %s",
                    path, size, HOW_TO_GET_ONE);
        return FALSE;
    }
    return TRUE;
}

/* libclang reads only folders with a file of the one name: another name is reached through a link in a folder
 * of its own. The caller removes both (remove_link_folder). */
static char *make_link_folder(const char *path, GError **error)
{
    char *folder = g_dir_make_tmp("corewise-database-XXXXXX", error);
    if (!folder)
        return NULL;
    g_autofree char *link = g_build_filename(folder, DATABASE_NAME, NULL);
    if (symlink(path, link) != 0) {
        g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_DATABASE, "cannot link %s to %s", link, path);
        rmdir(folder);
        g_clear_pointer(&folder, g_free);
    }
    return folder;
}

static void remove_link_folder(const char *folder)
{
    g_autofree char *link = g_build_filename(folder, DATABASE_NAME, NULL);
    unlink(link);
    rmdir(folder);
}

static GVariant *read_in_worker(const char *folder, const char *path, GError **error)
{
    struct reading reading = {.folder = folder};
    struct worker_pool pool = {
        .limits = {.seconds = DATABASE_SECONDS, .stack_bytes = DATABASE_STACK, .at_once = 1},
        .work = read_commands,
        .type = DATABASE_TYPE,
        .finished = commands_read,
        .data = &reading,
    };
    guint job = 0;
    worker_pool_run(&pool, &job, 1);
    g_autofree char *why = reading.why;
    gboolean read = FALSE;
    if (reading.result)
        g_variant_get_child(reading.result, 0, "b", &read);
    if (read)
        return reading.result;
    g_clear_pointer(&reading.result, g_variant_unref);
    g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_DATABASE,
                "cannot understand %s: %s; generate it again: %s", path,
                why ? why : "not a list of {directory, file, command or arguments}", HOW_TO_GET_ONE);
    return NULL;
}

/* Adds the entry unless the same file with the same flags is there already. */
static void add_entry(GPtrArray *entries, GHashTable *seen, struct database_entry *entry)
{
    g_autofree char *flags = g_strjoinv("\n", entry->flags);
    char *identity = g_strconcat(entry->file, "\n", entry->directory, "\n", flags, NULL);
    gboolean is_new = g_hash_table_add(seen, identity);
    if (is_new && command_line_is_c(entry->file, (const char *const *)entry->flags))
        g_ptr_array_add(entries, entry);
    else
        database_entry_free(entry);
}

static GPtrArray *entries_from_commands(GVariant *commands, const char *folder)
{
    GPtrArray *entries = g_ptr_array_new_with_free_func(entry_free);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (gsize i = 0; i < g_variant_n_children(commands); i++) {
        g_autoptr(GVariant) command = g_variant_get_child_value(commands, i);
        g_autoptr(GVariant) directory = g_variant_get_child_value(command, 0);
        g_autoptr(GVariant) file = g_variant_get_child_value(command, 1);
        g_autoptr(GVariant) arguments = g_variant_get_child_value(command, 2);
        g_autofree const char **list = g_variant_get_bytestring_array(arguments, NULL);
        struct database_entry *entry = g_new0(struct database_entry, 1);
        entry->directory = g_canonicalize_filename(g_variant_get_bytestring(directory), folder);
        entry->file = g_canonicalize_filename(g_variant_get_bytestring(file), entry->directory);
        entry->flags = command_line_clean(list, entry->directory);
        add_entry(entries, seen, entry);
    }
    return entries;
}

GPtrArray *database_read(const char *build_dir, GError **error)
{
    gboolean is_file = g_file_test(build_dir, G_FILE_TEST_IS_REGULAR);
    g_autofree char *named = is_file ? g_strdup(build_dir) : g_build_filename(build_dir, DATABASE_NAME, NULL);
    g_autofree char *path = g_canonicalize_filename(named, NULL);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *link_folder = NULL;
    if (!check_text(named, error))
        return NULL;
    if (!g_str_has_suffix(path, "/" DATABASE_NAME) && !(link_folder = make_link_folder(path, error)))
        return NULL;
    g_autoptr(GVariant) result = read_in_worker(link_folder ? link_folder : folder, named, error);
    if (link_folder)
        remove_link_folder(link_folder);
    if (!result)
        return NULL;
    g_autoptr(GVariant) commands = g_variant_get_child_value(result, 1);
    GPtrArray *entries = entries_from_commands(commands, folder);
    if (entries->len == 0) {
        g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_DATABASE,
                    "%s lists %" G_GSIZE_FORMAT
                    " commands but no C file; build the C part of the project first: %s",
                    named, g_variant_n_children(commands), HOW_TO_GET_ONE);
        g_clear_pointer(&entries, g_ptr_array_unref);
    }
    return entries;
}

static void add_file(GPtrArray *entries, const char *file, char **flags)
{
    struct database_entry *entry = g_new0(struct database_entry, 1);
    entry->directory = g_get_current_dir();
    entry->file = g_strdup(file);
    entry->flags = g_strdupv(flags);
    g_ptr_array_add(entries, entry);
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Adds the .c files of a folder and its folders, in name order. */
static void add_folder(GPtrArray *entries, const char *folder, char **flags)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) directory = g_dir_open(folder, 0, NULL);
    for (const char *name; directory && (name = g_dir_read_name(directory));)
        if (name[0] != '.')
            g_ptr_array_add(names, g_build_filename(folder, name, NULL));
    g_ptr_array_sort(names, compare_names);
    for (guint i = 0; i < names->len; i++) {
        const char *path = names->pdata[i];
        if (g_file_test(path, G_FILE_TEST_IS_DIR) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
            add_folder(entries, path, flags);
        else if (g_str_has_suffix(path, ".c"))
            add_file(entries, path, flags);
    }
}

GPtrArray *database_from_files(const char *const *paths, const char *const *flags, GError **error)
{
    g_autofree char *directory = g_get_current_dir();
    g_auto(GStrv) cleaned = command_line_clean_flags(flags, directory);
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(entry_free);
    for (guint i = 0; paths && paths[i]; i++) {
        g_autofree char *path = g_canonicalize_filename(paths[i], directory);
        guint before = entries->len;
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            add_folder(entries, path, cleaned);
        else if (g_file_test(path, G_FILE_TEST_EXISTS))
            add_file(entries, path, cleaned);
        if (entries->len == before) {
            g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT, "cannot analyse %s: %s", paths[i],
                        g_file_test(path, G_FILE_TEST_EXISTS)
                            ? "no .c file in this folder; name one that has some"
                            : "no such file or folder; check the name");
            return NULL;
        }
    }
    if (entries->len == 0) {
        g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT,
                    "no file to analyse; name C files or folders before `--`");
        return NULL;
    }
    return g_steal_pointer(&entries);
}
