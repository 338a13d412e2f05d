/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include <errno.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cli/options.h"
#include "model/session_file.h"
#include "reports/reports.h"

void output_arguments_add(struct output_arguments *arguments, GArray *entries)
{
    const GOptionEntry own[] = {
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &arguments->session, "Keep the session in this file",
         "FILE.cw"},
        {"format", 'f', 0, G_OPTION_ARG_STRING, &arguments->format, "Format of the report (default: text)",
         "NAME"},
        {"report", 'r', 0, G_OPTION_ARG_FILENAME, &arguments->report, "File for the report (default: stdout)",
         "FILE"},
        {"table", 0, 0, G_OPTION_ARG_STRING, &arguments->table, "Table that csv shows (default: regions)",
         "NAME"},
        {"links", 0, 0, G_OPTION_ARG_STRING, &arguments->link_base,
         "Address of the source that places in markdown lead to (default: as GitHub or GitLab tell their "
         "jobs)",
         "URL"},
        {"all", 'a', 0, G_OPTION_ARG_NONE, &arguments->all, "Every row, also those left out for brevity",
         NULL},
    };
    g_array_append_vals(entries, own, G_N_ELEMENTS(own));
}

void output_arguments_clear(struct output_arguments *arguments)
{
    g_free(arguments->format);
    g_free(arguments->report);
    g_free(arguments->table);
    g_free(arguments->link_base);
    g_free(arguments->session);
}

static const char *chosen_format(const struct output_arguments *arguments)
{
    return arguments->format ? arguments->format : "text";
}

/* Always FALSE, for the caller to return. */
static gboolean cannot_write(const char *name, int number, const char *reason, GError **error)
{
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(number), "cannot write %s: %s; choose another place",
                name, reason);
    return FALSE;
}

static gboolean check_writable(const char *file, GError **error)
{
    if (!file || g_strcmp0(file, "-") == 0)
        return TRUE;
    g_autofree char *folder = g_path_get_dirname(file);
    const char *tried = g_file_test(file, G_FILE_TEST_EXISTS) ? file : folder;
    if (g_file_test(file, G_FILE_TEST_IS_DIR))
        return cannot_write(file, EISDIR, "it is a folder", error);
    return access(tried, W_OK) == 0 || cannot_write(file, errno, g_strerror(errno), error);
}

gboolean output_check(const struct output_arguments *arguments, GError **error)
{
    if (!format_find(chosen_format(arguments))) {
        GString *known = g_string_new(NULL);
        for (const struct format *const *format = formats; *format; format++)
            g_string_append_printf(known, "%s%s", known->len ? ", " : "", (*format)->name);
        g_set_error(error, OPTIONS_ERROR, 0, "unknown format %s; known: %s", chosen_format(arguments),
                    known->str);
        g_string_free(known, TRUE);
        return FALSE;
    }
    return check_writable(arguments->report, error) && check_writable(arguments->session, error);
}

static gboolean write_stream(FILE *stream, const char *name, const void *bytes, gsize size, GError **error)
{
    if (fwrite(bytes, 1, size, stream) == size && fflush(stream) == 0)
        return TRUE;
    return cannot_write(name, errno, g_strerror(errno), error);
}

gboolean output_write(const char *file, const void *bytes, gsize size, GError **error)
{
    if (!file || g_strcmp0(file, "-") == 0)
        return write_stream(stdout, "the report to stdout", bytes, size, error);
    FILE *stream = fopen(file, "w");
    if (!stream)
        return cannot_write(file, errno, g_strerror(errno), error);
    gboolean written = write_stream(stream, file, bytes, size, error);
    if (fclose(stream) != 0 && written)
        return cannot_write(file, errno, g_strerror(errno), error);
    return written;
}

static gboolean is_null_device(int descriptor)
{
    struct stat status;
    return fstat(descriptor, &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
}

static int terminal_width(int descriptor)
{
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

gboolean output_forbids_colour(void)
{
    const char *no_colour = g_getenv("NO_COLOR");
    return no_colour && *no_colour;
}

static gboolean may_colour(int descriptor)
{
    return isatty(descriptor) && !output_forbids_colour();
}

static struct report_options look_on(int descriptor, const char *file)
{
    return (struct report_options){
        .colour = !file && may_colour(descriptor),
        .width = file ? 0 : terminal_width(descriptor),
    };
}

struct report_options output_look(const char *file)
{
    return look_on(STDOUT_FILENO, file);
}

int output_width(void)
{
    return terminal_width(STDOUT_FILENO);
}

/* Where the source of this commit can be seen, as the service that runs this job tells; NULL elsewhere. */
static char *links_of_service(void)
{
    const char *server = g_getenv("GITHUB_SERVER_URL"), *repository = g_getenv("GITHUB_REPOSITORY");
    const char *commit = g_getenv("GITHUB_SHA");
    if (server && repository && commit)
        return g_strdup_printf("%s/%s/blob/%s", server, repository, commit);
    const char *project = g_getenv("CI_PROJECT_URL"), *revision = g_getenv("CI_COMMIT_SHA");
    return project && revision ? g_strdup_printf("%s/-/blob/%s", project, revision) : NULL;
}

gboolean output_report(const struct output_arguments *arguments, const struct session *session,
                       GError **error)
{
    const struct format *format = format_find(chosen_format(arguments));
    gboolean to_stderr = !arguments->report && is_null_device(STDOUT_FILENO);
    int descriptor = to_stderr ? STDERR_FILENO : STDOUT_FILENO;
    g_autofree char *links = arguments->link_base ? g_strdup(arguments->link_base) : links_of_service();
    struct report_options options = look_on(descriptor, arguments->report);
    options.all = arguments->all;
    options.link_base = links;
    options.table = arguments->table;
    if (format->binary && !arguments->report && isatty(descriptor)) {
        g_set_error(error, OPTIONS_ERROR, 0, "%s is not for a terminal; give --report FILE", format->name);
        return FALSE;
    }
    GString *text = g_string_new(NULL);
    gboolean done = format->render(session, &options, text, error) &&
                    (to_stderr ? write_stream(stderr, "the report to stderr", text->str, text->len, error)
                               : output_write(arguments->report, text->str, text->len, error));
    g_string_free(text, TRUE);
    return done;
}

gboolean output_session(const struct output_arguments *arguments, const struct session *session,
                        unsigned stages, GError **error)
{
    return !arguments->session || session_file_write(session, arguments->session, stages, error);
}

static const char *type_of_file(const char *file)
{
    const char *dot = strrchr(file, '.');
    if (!dot || strchr(dot, '/'))
        return "svg";
    return g_strcmp0(dot, ".gv") == 0 ? "dot" : dot + 1;
}

gboolean output_graph(const struct session *session, const char *kind, const struct graph_options *options,
                      const char *type, const char *file, GError **error)
{
    const struct graph_kind *graph = graph_kind_find(kind);
    if (!graph) {
        GString *known = g_string_new(NULL);
        for (const struct graph_kind *const *each = graph_kinds; *each; each++)
            g_string_append_printf(known, "%s%s", known->len ? ", " : "", (*each)->name);
        g_set_error(error, OPTIONS_ERROR, 0, "unknown graph kind %s; known: %s", kind, known->str);
        g_string_free(known, TRUE);
        return FALSE;
    }
    GString *dot = g_string_new(NULL);
    graph->write_dot(session, options, dot);
    g_autoptr(GBytes) image = graph_render(dot->str, type ? type : type_of_file(file), error);
    g_string_free(dot, TRUE);
    gsize size = 0;
    const void *bytes = image ? g_bytes_get_data(image, &size) : NULL;
    return image && output_write(file, bytes, size, error);
}
