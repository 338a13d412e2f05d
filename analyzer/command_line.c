/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/command_line.h"

#include <string.h>

#define RESPONSE_FILE_DEPTH 8

/* How an option of the table below writes its value. */
enum option_value {
    VALUE_NONE,     /* the option is the whole argument */
    VALUE_PREFIX,   /* whatever begins so, the value inside the same argument */
    VALUE_SEPARATE, /* the value is the next argument */
    VALUE_EITHER,   /* next argument, or the rest of this one */
};

/* Options that say what to do with the result, not what the source means. */
static const struct dropped_option {
    const char *name;
    enum option_value value;
} dropped_options[] = {
    {"-c", VALUE_NONE},
    {"-S", VALUE_NONE},
    {"-E", VALUE_NONE},
    {"-o", VALUE_EITHER},
    {"--output", VALUE_SEPARATE},
    {"-M", VALUE_NONE},
    {"-MM", VALUE_NONE},
    {"-MD", VALUE_NONE},
    {"-MMD", VALUE_NONE},
    {"-MP", VALUE_NONE},
    {"-MG", VALUE_NONE},
    {"-MV", VALUE_NONE},
    {"-MF", VALUE_EITHER},
    {"-MT", VALUE_EITHER},
    {"-MQ", VALUE_EITHER},
    {"-MJ", VALUE_EITHER},
    {"--write-dependencies", VALUE_NONE},
    {"--write-user-dependencies", VALUE_NONE},
    {"--dependencies", VALUE_NONE},
    {"-save-temps", VALUE_PREFIX},
    {"--save-temps", VALUE_PREFIX},
    {"-pedantic-errors", VALUE_NONE},
    {"--pedantic-errors", VALUE_NONE},
    {"-Xlinker", VALUE_SEPARATE},
    {"-Xassembler", VALUE_SEPARATE},
    {"-dumpbase", VALUE_SEPARATE},
    {"-dumpdir", VALUE_SEPARATE},
    {"-aux-info", VALUE_SEPARATE},
    {"-specs", VALUE_PREFIX},
    {"--specs", VALUE_PREFIX},
    {"-fdump-", VALUE_PREFIX},
    {"-fprofile", VALUE_PREFIX},
    {"-ftest-coverage", VALUE_NONE},
    {"--coverage", VALUE_NONE},
    {"-fcoverage", VALUE_PREFIX},
    {"-fplugin", VALUE_PREFIX},
    {"-flto", VALUE_PREFIX},
    {"-fuse-ld", VALUE_PREFIX},
    {"-fcallgraph-info", VALUE_PREFIX},
    {"-fstack-usage", VALUE_NONE},
    {"-gsplit-dwarf", VALUE_PREFIX},
    {"-pipe", VALUE_NONE},
    {"-v", VALUE_NONE},
    {"-###", VALUE_NONE},
};

/* Options that keep their separate value, which must not be taken for a source file. */
static const char *const options_with_value[] = {
    "-I",
    "-D",
    "-U",
    "-include",
    "-imacros",
    "-isystem",
    "-iquote",
    "-idirafter",
    "-isysroot",
    "--sysroot",
    "-x",
    "-iprefix",
    "-iwithprefix",
    "-iwithprefixbefore",
    "-target",
    "-Xclang",
    "-Xpreprocessor",
    "-arch",
    "-mllvm",
    "--param",
    "-T",
    "-u",
    "-L",
    "-l",
    "-z",
};

static const char *const launchers[] = {
    "ccache", "sccache", "distcc", "icecc", "gomacc", "buildcache", "libtool", "env", "nice", "time",
};

/* What GCC accepts and clang 16 and later does not, and what only costs time here. */
static const char *const added_flags[] = {
    "-w",
    "-Wno-error=implicit-function-declaration",
    "-Wno-error=implicit-int",
    "-Wno-error=int-conversion",
    "-Wno-error=incompatible-function-pointer-types",
    "-Wno-error=return-type",
    "-ferror-limit=0",
    "-U_FORTIFY_SOURCE",
};

static const struct dropped_option *dropped_option_find(const char *argument)
{
    for (gsize i = 0; i < G_N_ELEMENTS(dropped_options); i++) {
        const struct dropped_option *option = &dropped_options[i];
        gboolean whole = strcmp(argument, option->name) == 0;
        gboolean begins = option->value == VALUE_PREFIX || option->value == VALUE_EITHER;
        if (whole || (begins && g_str_has_prefix(argument, option->name)))
            return option;
    }
    return NULL;
}

static gboolean takes_value(const char *argument)
{
    for (gsize i = 0; i < G_N_ELEMENTS(options_with_value); i++)
        if (strcmp(argument, options_with_value[i]) == 0)
            return TRUE;
    return FALSE;
}

/* `-Wp,-DA=1,-MD,x.d`: definitions for the preprocessor are kept, its dependency files are not. */
static void add_preprocessor_flags(GPtrArray *flags, const char *argument)
{
    g_auto(GStrv) parts = g_strsplit(argument + strlen("-Wp,"), ",", -1);
    for (guint i = 0; parts[i]; i++)
        if (g_str_has_prefix(parts[i], "-D") || g_str_has_prefix(parts[i], "-U") ||
            g_str_has_prefix(parts[i], "-I"))
            g_ptr_array_add(flags, g_strdup(parts[i]));
}

static gboolean is_launcher(const char *argument)
{
    g_autofree char *name = g_path_get_basename(argument);
    for (gsize i = 0; i < G_N_ELEMENTS(launchers); i++)
        if (strcmp(name, launchers[i]) == 0)
            return TRUE;
    return FALSE;
}

/* Index of the first argument after launchers, their options and assignments (`env A=1 ccache gcc …`), and
 * the compiler itself. */
static guint skip_compiler(const char *const *arguments)
{
    guint i = 0;
    while (arguments[i] && is_launcher(arguments[i])) {
        i++;
        while (arguments[i] && (arguments[i][0] == '-' || strchr(arguments[i], '=')))
            i++;
    }
    return arguments[i] ? i + 1 : i;
}

static void expand_response_files(GPtrArray *expanded, const char *const *arguments, const char *directory,
                                  int depth)
{
    for (guint i = 0; arguments[i]; i++) {
        g_autofree char *path = NULL, *text = NULL;
        g_auto(GStrv) inner = NULL;
        if (arguments[i][0] == '@' && depth < RESPONSE_FILE_DEPTH)
            path = g_canonicalize_filename(arguments[i] + 1, directory);
        if (path && g_file_get_contents(path, &text, NULL, NULL) &&
            g_shell_parse_argv(text, NULL, &inner, NULL))
            expand_response_files(expanded, (const char *const *)inner, directory, depth + 1);
        else
            g_ptr_array_add(expanded, g_strdup(arguments[i]));
    }
}

/* Any other name without a dash is an object, a library, or the same source under another spelling. */
static gboolean is_option(const char *argument)
{
    return argument[0] == '-' && argument[1];
}

static char **clean(const char *const *arguments, const char *directory)
{
    g_autoptr(GPtrArray) expanded = g_ptr_array_new_with_free_func(g_free);
    expand_response_files(expanded, arguments, directory, 0);
    g_ptr_array_add(expanded, NULL);
    GPtrArray *flags = g_ptr_array_new();
    char **list = (char **)expanded->pdata;
    for (guint i = 0; list[i]; i++) {
        const char *argument = list[i];
        const struct dropped_option *dropped = dropped_option_find(argument);
        gboolean separate = dropped && (dropped->value == VALUE_SEPARATE || dropped->value == VALUE_EITHER) &&
                            strcmp(argument, dropped->name) == 0;
        if (separate && list[i + 1])
            i++;
        if (dropped || strcmp(argument, "--") == 0)
            continue;
        if (g_str_has_prefix(argument, "-Wp,"))
            add_preprocessor_flags(flags, argument);
        if (g_str_has_prefix(argument, "-W") || !is_option(argument))
            continue;
        g_ptr_array_add(flags, g_strdup(argument));
        if (takes_value(argument) && list[i + 1])
            g_ptr_array_add(flags, g_strdup(list[++i]));
    }
    for (gsize i = 0; i < G_N_ELEMENTS(added_flags); i++)
        g_ptr_array_add(flags, g_strdup(added_flags[i]));
    g_ptr_array_add(flags, NULL);
    return (char **)g_ptr_array_free(flags, FALSE);
}

char **command_line_clean(const char *const *arguments, const char *directory)
{
    return clean(arguments + skip_compiler(arguments), directory);
}

char **command_line_clean_flags(const char *const *flags, const char *directory)
{
    static const char *const none[] = {NULL};
    return clean(flags ? flags : none, directory);
}

/* Does `flag` stand behind what clang quotes? It quotes a whole argument, or an option and its value apart.
 */
static gboolean flag_is_named(const char *flag, const char *quoted)
{
    gsize length = strlen(quoted);
    if (strcmp(flag, quoted) == 0)
        return TRUE;
    if (quoted[0] != '-' || length <= 2 || !g_str_has_prefix(flag, quoted))
        return FALSE;
    return quoted[length - 1] == '=' || flag[length] == '=';
}

static gboolean value_is_named(const char *flag, const char *quoted)
{
    const char *equals = strchr(flag, '=');
    return flag[0] == '-' && flag[1] == 'm' && equals && strcmp(equals + 1, quoted) == 0;
}

/* The last folder below `folder` in which `below` exists; the caller frees it. */
static char *last_folder_with(const char *folder, const char *below)
{
    GDir *directory = g_dir_open(folder, 0, NULL);
    char *last = NULL;
    const char *name;
    while (directory && (name = g_dir_read_name(directory))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *wanted = g_build_filename(path, below, NULL);
        if (g_file_test(wanted, G_FILE_TEST_EXISTS) && g_strcmp0(path, last) > 0) {
            g_free(last);
            last = g_steal_pointer(&path);
        }
    }
    if (directory)
        g_dir_close(directory);
    return last;
}

/* omp.h comes with the compiler, and Debian's clang has none: GCC's, /usr/lib/gcc/TARGET/VERSION/include. */
static char *folder_of_omp_header(void)
{
    GDir *targets = g_dir_open("/usr/lib/gcc", 0, NULL);
    char *folder = NULL;
    const char *name;
    while (targets && !folder && (name = g_dir_read_name(targets))) {
        g_autofree char *target = g_build_filename("/usr/lib/gcc", name, NULL);
        g_autofree char *version = last_folder_with(target, "include/omp.h");
        folder = version ? g_build_filename(version, "include", NULL) : NULL;
    }
    if (targets)
        g_dir_close(targets);
    return folder;
}

char **command_line_replace_openmp(char **flags, gboolean *openmp)
{
    *openmp = FALSE;
    for (guint i = 0; flags[i]; i++) {
        if (!g_str_has_prefix(flags[i], "-fopenmp") || g_str_has_prefix(flags[i], "-fopenmp-simd"))
            continue;
        *openmp = TRUE;
        g_free(flags[i]);
        flags[i] = g_strdup("-D_OPENMP=201511");
    }
    g_autofree char *folder = *openmp ? folder_of_omp_header() : NULL;
    if (!folder)
        return flags;
    guint count = g_strv_length(flags);
    flags = g_renew(char *, flags, count + 3);
    flags[count] = g_strconcat("-idirafter", folder, NULL);
    flags[count + 1] = g_strdup("-D__malloc__(...)=__malloc__"); /* the attribute has arguments in GCC only */
    flags[count + 2] = NULL;
    return flags;
}

gboolean command_line_drop_refused(char **flags, const char *message)
{
    gboolean dropped = FALSE;
    for (const char *start = strchr(message, '\''); start;) {
        const char *end = strchr(start + 1, '\'');
        if (!end)
            break;
        g_autofree char *quoted = g_strndup(start + 1, (gsize)(end - start - 1));
        for (guint i = 0; quoted[0] && flags[i];) {
            gboolean named = flag_is_named(flags[i], quoted) || value_is_named(flags[i], quoted);
            if (!named) {
                i++;
                continue;
            }
            dropped = TRUE;
            guint removed = takes_value(flags[i]) && flags[i + 1] ? 2 : 1;
            for (guint r = 0; r < removed; r++)
                g_free(flags[i + r]);
            memmove(&flags[i], &flags[i + removed],
                    (g_strv_length(flags + i + removed) + 1) * sizeof(char *));
        }
        start = strchr(end + 1, '\'');
    }
    return dropped;
}

static gboolean is_essential(const char *flag)
{
    static const char *const prefixes[] = {"-I",        "-D",        "-U",          "-include",
                                           "-imacros",  "-isystem",  "-iquote",     "-idirafter",
                                           "-isysroot", "--sysroot", "-iprefix",    "-iwith",
                                           "-fopenmp",  "-w",        "-Wno-error=", "-ferror-limit="};
    for (gsize i = 0; i < G_N_ELEMENTS(prefixes); i++)
        if (g_str_has_prefix(flag, prefixes[i]))
            return TRUE;
    return FALSE;
}

gboolean command_line_keep_essential(char **flags)
{
    guint kept = 0, read = 0;
    while (flags[read]) {
        guint length = takes_value(flags[read]) && flags[read + 1] ? 2 : 1;
        gboolean keep = is_essential(flags[read]);
        for (guint i = 0; i < length; i++, read++) {
            if (keep)
                flags[kept++] = flags[read];
            else
                g_free(flags[read]);
        }
    }
    flags[kept] = NULL;
    return kept < read;
}

gboolean command_line_is_c(const char *file, const char *const *flags)
{
    const char *language = NULL;
    for (guint i = 0; flags && flags[i]; i++) {
        if (strcmp(flags[i], "-x") == 0 && flags[i + 1])
            language = flags[i + 1];
        else if (g_str_has_prefix(flags[i], "-x") && flags[i][2])
            language = flags[i] + 2;
    }
    if (language && strcmp(language, "none") != 0)
        return strcmp(language, "c") == 0 || strcmp(language, "c-header") == 0 ||
               strcmp(language, "cpp-output") == 0;
    const char *dot = strrchr(file, '.');
    return dot && (strcmp(dot, ".c") == 0 || strcmp(dot, ".h") == 0 || strcmp(dot, ".i") == 0);
}
