/* SPDX-License-Identifier: Apache-2.0 */
/* `#pragma omp parallel` and its like. libclang shows nothing of what stands below such a pragma, so units
 * are parsed without -fopenmp, and the line above a statement says what runs on several threads. */
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

static gboolean makes_threads(const char *line)
{
    while (g_ascii_isspace(*line))
        line++;
    if (*line != '#')
        return FALSE;
    g_auto(GStrv) words = g_strsplit_set(line + 1, " \t(),\\\n", -1);
    gboolean omp = FALSE, threads = FALSE;
    for (guint i = 0; words[i]; i++) {
        omp |= strcmp(words[i], "omp") == 0;
        threads |= strcmp(words[i], "parallel") == 0;
    }
    return omp && threads;
}

/* `#pragma omp sections` below `#pragma omp parallel`, `#endif` below `#ifdef _OPENMP` and the pragma. */
static gboolean is_directive(const char *line)
{
    while (g_ascii_isspace(*line))
        line++;
    return *line == '#';
}

static gboolean stands_below_pragma(const struct body *body, int node)
{
    CXFile file = NULL;
    unsigned offset = 0;
    gsize size = 0;
    CXSourceLocation location = clang_getCursorLocation(body->tree->nodes[node].cursor);
    clang_getExpansionLocation(location, &file, NULL, NULL, &offset);
    const char *text = file ? clang_getFileContents(body->extraction->translation_unit, file, &size) : NULL;
    gsize end = offset;
    if (!text || offset > size)
        return FALSE;
    while (end > 0 && g_ascii_isspace(text[end - 1]))
        end--;
    if (end == 0 || end == offset || !memchr(text + end, '\n', offset - end))
        return FALSE; /* something else stands before it in its line */
    for (;;) {
        g_autofree char *line = line_before(text, &end);
        if (makes_threads(line))
            return TRUE;
        if (!is_directive(line) || end == 0)
            return FALSE;
        end--; /* the end of the line above */
    }
}

void parallel_pragma_note(struct body *body, int node)
{
    if (!body->extraction->openmp || !stands_below_pragma(body, node))
        return;
    struct fact_event *event = fact_event_new(EVENT_CALL);
    CXSourceRange extent = clang_getCursorExtent(body->tree->nodes[node].cursor);
    event->callee = g_strdup("GOMP_parallel");
    event->file =
        extraction_place(body->extraction, clang_getRangeStart(extent), &event->line, &event->column);
    extraction_place(body->extraction, clang_getRangeEnd(extent), &event->end_line, NULL);
    event->end_line = MAX(event->line, event->end_line);
    event->block = body->block;
    event->loop = body->loop;
    g_ptr_array_add(body->function->events, event);
}
