/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/parse.h"

#include <clang-c/Index.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/command_line.h"
#include "analyzer/extraction.h"
#include "analyzer/syntax.h"

#define ATTEMPTS_MAX 32

static char *diagnostic_text(CXDiagnostic diagnostic)
{
    return clang_string_take(clang_getDiagnosticSpelling(diagnostic));
}

/* `file.c:12: message`, or the message alone where it has no place. */
static char *diagnostic_with_place(CXDiagnostic diagnostic)
{
    CXFile file = NULL;
    unsigned line = 0;
    g_autofree char *text = diagnostic_text(diagnostic);
    clang_getExpansionLocation(clang_getDiagnosticLocation(diagnostic), &file, &line, NULL, NULL);
    if (!file)
        return g_steal_pointer(&text);
    g_autofree char *name = clang_string_take(clang_getFileName(file));
    return g_strdup_printf("%s:%u: %s", name, line, text);
}

/* Complaints about the command have no place in a file. */
static gboolean is_about_command(CXDiagnostic diagnostic)
{
    CXFile file = NULL;
    clang_getExpansionLocation(clang_getDiagnosticLocation(diagnostic), &file, NULL, NULL, NULL);
    return file == NULL;
}

static gboolean drop_refused_flags(CXTranslationUnit unit, char **flags)
{
    gboolean dropped = FALSE;
    unsigned count = clang_getNumDiagnostics(unit);
    for (unsigned i = 0; i < count; i++) {
        CXDiagnostic diagnostic = clang_getDiagnostic(unit, i);
        if (clang_getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error && is_about_command(diagnostic)) {
            g_autofree char *text = diagnostic_text(diagnostic);
            dropped = command_line_drop_refused(flags, text) || dropped;
        }
        clang_disposeDiagnostic(diagnostic);
    }
    return dropped;
}

/* First error, with the number of further ones; complaints about flags that were only unknown do not count
 * when the source itself was understood. NULL without errors. */
static char *first_error(CXTranslationUnit unit)
{
    char *first = NULL;
    unsigned errors = 0, count = clang_getNumDiagnostics(unit);
    for (unsigned i = 0; i < count; i++) {
        CXDiagnostic diagnostic = clang_getDiagnostic(unit, i);
        gboolean counts =
            clang_getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error && !is_about_command(diagnostic);
        if (counts && errors++ == 0)
            first = diagnostic_with_place(diagnostic);
        clang_disposeDiagnostic(diagnostic);
    }
    if (errors < 2)
        return first;
    char *text = g_strdup_printf("%s (and %u more errors)", first, errors - 1);
    g_free(first);
    return text;
}

/* libclang gives no diagnostics when the compiler invocation itself is refused, only text on standard error.
 */
static char *stderr_capture_start(int *saved)
{
    g_autoptr(GError) error = NULL;
    char *name = NULL;
    int file = g_file_open_tmp("corewise-parse-XXXXXX", &name, &error);
    *saved = -1;
    if (file < 0)
        return NULL;
    *saved = dup(STDERR_FILENO);
    dup2(file, STDERR_FILENO);
    close(file);
    return name;
}

static char *stderr_capture_end(char *name, int saved)
{
    char *text = NULL;
    if (!name)
        return g_strdup("");
    dup2(saved, STDERR_FILENO);
    close(saved);
    g_file_get_contents(name, &text, NULL, NULL);
    unlink(name);
    g_free(name);
    return text ? text : g_strdup("");
}

static enum CXErrorCode parse_once(CXIndex index, const struct parse_request *request, char **flags,
                                   CXTranslationUnit *unit)
{
    unsigned options = CXTranslationUnit_KeepGoing;
    return clang_parseTranslationUnit2(index, request->file, (const char *const *)flags,
                                       (int)g_strv_length(flags), NULL, 0, options, unit);
}

/* Why libclang made nothing of a command, as it says itself when asked again aloud. */
static char *refusal_text(const struct parse_request *request, char **flags)
{
    int saved = -1;
    CXTranslationUnit unit = NULL;
    CXIndex index = clang_createIndex(0, 1);
    char *name = stderr_capture_start(&saved);
    enum CXErrorCode code = parse_once(index, request, flags, &unit);
    char *text = stderr_capture_end(name, saved);
    if (code == CXError_Success)
        clang_disposeTranslationUnit(unit);
    clang_disposeIndex(index);
    g_strstrip(text);
    return text;
}

/* NULL with *error, which is NULL when the parser crashed. */
static CXTranslationUnit parse(CXIndex index, const struct parse_request *request, gboolean *openmp,
                               char **error)
{
    g_auto(GStrv) flags = command_line_replace_openmp(g_strdupv((char **)request->flags), openmp);
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        CXTranslationUnit unit = NULL;
        gboolean dropped = FALSE;
        enum CXErrorCode code = parse_once(index, request, flags, &unit);
        if (code == CXError_Success) {
            if (!drop_refused_flags(unit, flags))
                return unit;
            clang_disposeTranslationUnit(unit);
            continue;
        }
        g_clear_pointer(error, g_free);
        if (code == CXError_Crashed)
            break;
        *error = refusal_text(request, flags);
        g_auto(GStrv) lines = g_strsplit(*error, "\n", -1);
        for (guint i = 0; lines[i]; i++)
            if (strstr(lines[i], "error: "))
                dropped = command_line_drop_refused(flags, lines[i]) || dropped;
        if (!dropped && !command_line_keep_essential(flags))
            break;
    }
    return NULL;
}

static void describe_failure(struct fact_unit *unit, const struct parse_request *request, char *why)
{
    if (!why) {
        unit->error = "the parser crashed";
        return;
    }
    g_strdelimit(why, "\n", ' ');
    g_autofree char *flags = g_strjoinv(" ", (char **)request->flags);
    char *error = *why ? g_strdup_printf("clang refuses the command: %s", why)
                       : g_strdup_printf("clang refuses the command with the flags `%s`", flags);
    unit->error = fact_text_take(unit, error);
}

struct fact_unit *parse_unit(const struct parse_request *request)
{
    struct fact_unit *unit = fact_unit_new(request->file);
    if (access(request->file, R_OK) != 0) {
        unit->error = fact_text_take(
            unit, g_strdup_printf("cannot read %s: %s; build the project first if it is a generated file",
                                  request->file, g_strerror(errno)));
        return unit;
    }
    if (chdir(request->directory) != 0) {
        unit->error = fact_text_take(
            unit, g_strdup_printf("cannot enter %s, where its command ran: %s; build the project first",
                                  request->directory, g_strerror(errno)));
        return unit;
    }
    g_setenv("LIBCLANG_NOTHREADS", "1", TRUE); /* parse on this stack, which is large */
    clang_toggleCrashRecovery(0);
    g_autofree char *why = g_strdup("");
    CXIndex index = clang_createIndex(0, 0);
    gboolean openmp = FALSE;
    CXTranslationUnit parsed = parse(index, request, &openmp, &why);
    if (parsed) {
        extract(parsed, request->directory, request->root, openmp, unit);
        unit->error = fact_text_take(unit, first_error(parsed));
    } else {
        describe_failure(unit, request, why);
    }
    clang_disposeTranslationUnit(parsed);
    clang_disposeIndex(index);
    return unit;
}
