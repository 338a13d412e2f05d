/* SPDX-License-Identifier: Apache-2.0 */
/* `#pragma omp parallel`, `task` and their like. libclang shows nothing of what stands below such a pragma,
 * so units are parsed without -fopenmp, and the lines above a statement say what runs on several threads. */
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

static gboolean is_pragma(const char *line)
{
    while (g_ascii_isspace(*line))
        line++;
    return *line == '#' && strstr(line, "pragma");
}

/* `#endif` below `#ifdef _OPENMP` and the pragma: the condition holds, or the unit would have no such pragma.
 */
static gboolean is_conditional(const char *line)
{
    while (g_ascii_isspace(*line))
        line++;
    if (*line != '#')
        return FALSE;
    do
        line++;
    while (g_ascii_isspace(*line));
    return g_str_has_prefix(line, "if") || g_str_has_prefix(line, "el") || g_str_has_prefix(line, "endif");
}

/* The outermost construct of the pragmas directly above the statement (`omp parallel` above `omp single`), or
 * NULL. */
static const struct construct *construct_above(const struct body *body, int node)
{
    CXFile file = NULL;
    unsigned offset = 0;
    gsize size = 0;
    const struct construct *found = NULL;
    CXSourceRange extent = clang_getCursorExtent(body->tree->nodes[node].cursor);
    clang_getExpansionLocation(clang_getRangeStart(extent), &file, NULL, NULL, &offset);
    const char *text = file ? clang_getFileContents(body->extraction->translation_unit, file, &size) : NULL;
    if (!text || offset > size)
        return NULL;
    for (gsize end = offset;;) {
        gsize start = end;
        while (end > 0 && g_ascii_isspace(text[end - 1]))
            end--;
        if (end == 0 || !memchr(text + end, '\n', start - end))
            return found; /* something else stands before it in its line */
        g_autofree char *line = line_before(text, &end);
        if (is_conditional(line))
            continue;
        if (!is_pragma(line))
            return found;
        const struct construct *here = construct_of(line);
        if (here && (!found || here < found))
            found = here;
    }
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
