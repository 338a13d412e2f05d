/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/gate/source_comments.h"

#include <string.h>

struct reading {
    const char *at, *end;
    const char *line_start;
    struct source_comments *result;
    struct source_line line;
    int depth;      /* open parentheses and brackets */
    int conditions; /* open #if */
    gboolean in_directive;
};

static void end_line(struct reading *reading)
{
    g_array_append_val(reading->result->lines, reading->line);
    reading->line = (struct source_line){.conditional = reading->conditions > 0};
    reading->in_directive = FALSE;
    reading->line_start = reading->at + 1;
}

static gboolean starts(const struct reading *reading, char first, char second)
{
    return reading->at + 1 < reading->end && reading->at[0] == first && reading->at[1] == second;
}

static void add_comment(const struct reading *reading, const char *from, const char *to)
{
    while (from < to && (g_ascii_isspace(*from) || *from == '*' || *from == '/' || *from == '!'))
        from++;
    while (to > from && g_ascii_isspace(to[-1]))
        to--;
    const struct comment_line line = {
        .text = from,
        .length = (gsize)(to - from),
        .line = (int)reading->result->lines->len + 1,
        .column = (int)(from - reading->line_start) + 1,
    };
    if (from < to)
        g_array_append_val(reading->result->comments, line);
}

/* Each of these leaves `at` on the last character that it read. */
static void read_line_comment(struct reading *reading)
{
    const char *from = reading->at + 2;
    while (reading->at < reading->end && *reading->at != '\n')
        reading->at++;
    add_comment(reading, from, reading->at);
    reading->at--;
}

static void read_block_comment(struct reading *reading)
{
    const char *from = reading->at + 2;
    reading->at += 2;
    while (reading->at < reading->end && !starts(reading, '*', '/')) {
        if (*reading->at == '\n') {
            add_comment(reading, from, reading->at);
            end_line(reading);
            from = reading->at + 1;
        }
        reading->at++;
    }
    add_comment(reading, MIN(from, reading->end), MIN(reading->at, reading->end));
    reading->at++;
}

/* At most to the end of the line: quotes in directives may stand alone. */
static void read_quoted(struct reading *reading)
{
    char quote = *reading->at++;
    while (reading->at < reading->end && *reading->at != quote && *reading->at != '\n') {
        if (*reading->at == '\\' && reading->at + 1 < reading->end && reading->at[1] != '\n')
            reading->at++;
        reading->at++;
    }
    if (reading->at < reading->end && *reading->at == '\n')
        reading->at--;
}

static void read_directive(struct reading *reading)
{
    const char *word = reading->at + 1;
    while (word < reading->end && (*word == ' ' || *word == '\t'))
        word++;
    gsize left = (gsize)(reading->end - word);
    if (left >= 2 && strncmp(word, "if", 2) == 0)
        reading->conditions++;
    else if (left >= 5 && strncmp(word, "endif", 5) == 0 && reading->conditions > 0)
        reading->conditions--;
    reading->in_directive = TRUE;
}

static void read_code(struct reading *reading)
{
    char c = *reading->at;
    if (g_ascii_isspace(c))
        return;
    if (c == '#' && !reading->line.has_code && !reading->in_directive) {
        read_directive(reading);
        return;
    }
    reading->line.has_code = reading->line.has_code || !reading->in_directive;
    if (c == '(' || c == '[')
        reading->depth++;
    else if ((c == ')' || c == ']') && reading->depth > 0)
        reading->depth--;
    else if (c == '{' || c == '}')
        reading->depth = 0; /* whatever a conditional directive left open */
    if (c == '{' || c == '}' || (c == ';' && reading->depth == 0))
        reading->line.ends = TRUE;
    if (c == '"' || c == '\'')
        read_quoted(reading);
}

struct source_comments *source_comments_read(const char *text, gsize length)
{
    struct source_comments *result = g_new0(struct source_comments, 1);
    result->lines = g_array_new(FALSE, FALSE, sizeof(struct source_line));
    result->comments = g_array_new(FALSE, FALSE, sizeof(struct comment_line));
    struct reading reading = {.at = text, .end = text + length, .line_start = text, .result = result};
    for (; reading.at < reading.end; reading.at++) {
        if (starts(&reading, '/', '/'))
            read_line_comment(&reading);
        else if (starts(&reading, '/', '*'))
            read_block_comment(&reading);
        else if (*reading.at == '\n')
            end_line(&reading);
        else
            read_code(&reading);
    }
    g_array_append_val(result->lines, reading.line);
    return result;
}

void source_comments_free(struct source_comments *comments)
{
    if (!comments)
        return;
    g_array_unref(comments->lines);
    g_array_unref(comments->comments);
    g_free(comments);
}

struct source_line source_comments_line(const struct source_comments *comments, int line)
{
    if (line < 1 || line > (int)comments->lines->len)
        return (struct source_line){0};
    return g_array_index(comments->lines, struct source_line, line - 1);
}
