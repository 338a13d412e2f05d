/* SPDX-License-Identifier: Apache-2.0 */
/* `#pragma omp parallel`, `task` and their like. libclang shows nothing of what stands below such a pragma,
 * so units are parsed without -fopenmp, and the lines above a statement say what runs on several threads.
 * Which branches of conditionals are compiled libclang does not say either: those count that may be, as
 * -fopenmp is given. */
#include <string.h>

#include "analyzer/body.h"

/* The line that ends before `*end`, joined with lines that end in a backslash; *end moves to its start. The
 * caller frees it. */
static char *line_before(const char *text, gsize *end)
{
    gsize start = *end;
    while (start > 0 && (text[start - 1] != '\n' || (start > 1 && text[start - 2] == '\\')))
        start--;
    char *line = g_strndup(text + start, *end - start);
    *end = start;
    return line;
}

/* What gives the statement below to the threads of a team, the outermost first: `parallel sections` makes the
 * team. The functions are those of GCC's libgomp. */
static const struct construct {
    const char *word, *callee;
} constructs[] = {
    {"parallel", "GOMP_parallel"},
    {"taskloop", "GOMP_taskloop"},
    {"task", "GOMP_task"},
    {"sections", "GOMP_sections_start"},
};

/* Words that may stand before one of those; with any other word the clauses begin. */
static const char *const prefixes[] = {"target", "teams", "distribute", "masked", "master"};

static gboolean is_prefix(const char *word)
{
    for (gsize i = 0; i < G_N_ELEMENTS(prefixes); i++)
        if (strcmp(word, prefixes[i]) == 0)
            return TRUE;
    return FALSE;
}

/* The first construct of `# pragma omp …`, or NULL. */
static const struct construct *construct_of(const char *line)
{
    g_auto(GStrv) words = g_strsplit_set(line, "# \t(),\\\n", -1);
    guint omp = 0;
    for (guint i = 0; words[i]; i++) {
        if (!*words[i])
            continue;
        if (omp < 2) {
            if (strcmp(words[i], omp == 0 ? "pragma" : "omp") != 0)
                return NULL;
            omp++;
            continue;
        }
        for (gsize j = 0; j < G_N_ELEMENTS(constructs); j++)
            if (strcmp(words[i], constructs[j].word) == 0)
                return &constructs[j];
        if (!is_prefix(words[i]))
            return NULL;
    }
    return NULL;
}

/* What stands above a statement, read from the bottom up. */
struct pragma_search {
    const char *text;
    gsize end; /* what is above ends here */
    int depth; /* conditionals (`#endif`) whose beginning is still to come */
    const struct construct *found, *conditional; /* the outermost one; the same inside the conditional */
};

static void keep_outermost(const struct construct **found, const struct construct *here)
{
    if (here && (!*found || here < *found))
        *found = here;
}

/* Conditions that do not hold where OpenMP is compiled. */
static gboolean is_left_out(const char *directive)
{
    static const char *const patterns[] = {"if 0*",
                                           "ifndef _OPENMP*",
                                           "ifndef OPENMP*",
                                           "if !defined*(_OPENMP)*",
                                           "if !defined*(OPENMP)*",
                                           "if !defined _OPENMP*"};
    g_autofree char *plain = g_strdup(directive);
    g_strdelimit(plain, "\t", ' ');
    for (gsize i = 0; i < G_N_ELEMENTS(patterns); i++)
        if (g_pattern_match_simple(patterns[i], plain))
            return TRUE;
    return FALSE;
}

/* A line that begins with `#`, which is left out of `directive`; FALSE when the statement is not below what
 * is above it. */
static gboolean pass_directive(struct pragma_search *search, const char *directive)
{
    if (g_str_has_prefix(directive, "pragma")) {
        keep_outermost(search->depth > 0 ? &search->conditional : &search->found, construct_of(directive));
    } else if (g_str_has_prefix(directive, "endif")) {
        search->depth++;
    } else if (g_str_has_prefix(directive, "if") && search->depth > 0) {
        search->depth--;
        if (is_left_out(directive))
            search->conditional = NULL;
        if (search->depth == 0) {
            keep_outermost(&search->found, search->conditional);
            search->conditional = NULL;
        }
    } else if (g_str_has_prefix(directive, "el") && search->depth == 0) {
        return FALSE;
    }
    return TRUE;
}

/* A comment that ends where `end` stands: goes to its beginning. */
static gboolean pass_comment(struct pragma_search *search, gsize end)
{
    if (end < 4 || strncmp(search->text + end - 2, "*/", 2) != 0)
        return FALSE;
    const char *start = g_strrstr_len(search->text, (gssize)(end - 2), "/*");
    if (!start)
        return FALSE;
    search->end = (gsize)(start - search->text);
    return TRUE;
}

/* `_Pragma("omp parallel for")` and nothing after it */
static gboolean pass_operator(struct pragma_search *search, const char *line)
{
    g_auto(GStrv) parts = g_strsplit(line, "\"", 4);
    if (g_strv_length(parts) != 3 || !g_str_has_prefix(parts[0], "_Pragma") ||
        strcmp(g_strstrip(parts[2]), ")") != 0)
        return FALSE;
    g_autofree char *pragma = g_strconcat("pragma ", parts[1], NULL);
    keep_outermost(search->depth > 0 ? &search->conditional : &search->found, construct_of(pragma));
    return TRUE;
}

/* One line, or one comment, up; FALSE at code. */
static gboolean pass_line(struct pragma_search *search)
{
    gsize end = search->end;
    while (end > 0 && g_ascii_isspace(search->text[end - 1]))
        end--;
    if (end == 0)
        return FALSE;
    gsize start = end;
    g_autofree char *line = g_strstrip(line_before(search->text, &start));
    const char *directive = line + 1;
    while (g_ascii_isspace(*directive))
        directive++;
    search->end = start;
    if (*line == '#')
        return pass_directive(search, directive);
    if (g_str_has_prefix(line, "//") || pass_operator(search, line))
        return TRUE;
    return pass_comment(search, end);
}

/* The outermost construct of the pragmas above the statement (`omp parallel` above `omp single`), or NULL:
 * only comments and other directives may stand between. */
static const struct construct *construct_above(const struct body *body, int node)
{
    CXFile file = NULL;
    unsigned offset = 0;
    gsize size = 0;
    CXSourceRange extent = clang_getCursorExtent(body->tree->nodes[node].cursor);
    clang_getExpansionLocation(clang_getRangeStart(extent), &file, NULL, NULL, &offset);
    const char *text = file ? clang_getFileContents(body->extraction->translation_unit, file, &size) : NULL;
    if (!text || offset > size)
        return NULL;
    struct pragma_search search = {.text = text, .end = offset};
    while (pass_line(&search))
        ;
    return search.found;
}

void parallel_pragma_note(struct body *body, int node)
{
    const struct construct *construct = body->extraction->openmp ? construct_above(body, node) : NULL;
    if (!construct)
        return;
    struct fact_event *event = fact_event_new(body->extraction->unit, EVENT_CALL);
    CXSourceRange extent = clang_getCursorExtent(body->tree->nodes[node].cursor);
    event->callee = construct->callee;
    event->file =
        extraction_place(body->extraction, clang_getRangeStart(extent), &event->line, &event->column);
    extraction_place(body->extraction, clang_getRangeEnd(extent), &event->end_line, NULL);
    event->end_line = MAX(event->line, event->end_line);
    event->block = body->block;
    event->loop = body->loop;
    fact_list_add(body->extraction->unit, body->function->events, event);
}
