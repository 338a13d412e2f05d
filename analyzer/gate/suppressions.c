/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/gate/suppressions.h"

#include <string.h>

#include "analyzer/gate/source_comments.h"
#include "analyzer/rules/rule.h"
#include "model/nearest_name.h"

#define MARK                "corewise:"
#define STATEMENT_LINES_MAX 20

const struct rule unused_suppression_rule = {
    .name = "unused-suppression",
    .summary = "a comment suppresses a finding that is not there (any more)",
};
const struct rule invalid_suppression_rule = {
    .name = "invalid-suppression",
    .summary = "a comment that was meant to suppress a finding names no known rule, or no reason",
};

struct search {
    struct session *session;
    const struct program_graph *graph;
    const char *const *ran; /* names of rules; NULL: all */
    gboolean whole;
    GHashTable *fingerprints;
    GPtrArray *complaints; /* struct finding, added when all files were read */
};

/* One comment in one file. */
struct suppression {
    struct search *search;
    const char *file; /* relative to the root */
    const struct comment_line *comment;
    int line, end_line;   /* what it covers */
    gboolean conditional; /* it stands between #if and #endif */
    const char *reason;
    const char *subject; /* the rule or the word that is looked at; NULL: none yet */
};

static gboolean rule_ran(const struct search *search, const char *name)
{
    return !search->ran || g_strv_contains(search->ran, name);
}

/* No line number, and not the whole text, which formatters break: the comment is the same when it moves. */
static char *fingerprint_new(const struct suppression *suppression, const struct rule *rule)
{
    g_autofree char *identity = g_strjoin("\n", rule->name, suppression->file,
                                          suppression->subject ? suppression->subject : "", NULL);
    return finding_fingerprint(suppression->search->fingerprints, identity);
}

static void complain(const struct suppression *suppression, const struct rule *rule, enum severity severity,
                     char *message)
{
    if (!rule_ran(suppression->search, rule->name)) {
        g_free(message);
        return;
    }
    struct finding *finding = finding_new();
    finding->rule = g_strdup(rule->name);
    finding->severity = severity;
    finding->file = g_strdup(suppression->file);
    finding->line = suppression->comment->line;
    finding->column = suppression->comment->column;
    finding->message = message;
    finding->fingerprint = fingerprint_new(suppression, rule);
    g_ptr_array_add(suppression->search->complaints, finding);
}

static void complain_invalid(const struct suppression *suppression, char *message)
{
    complain(suppression, &invalid_suppression_rule, SEVERITY_ERROR, message);
}

static gboolean suppress(const struct suppression *suppression, const char *rule)
{
    const struct session *session = suppression->search->session;
    gboolean used = FALSE;
    for (guint i = 0; i < session->findings->len; i++) {
        struct finding *finding = g_ptr_array_index(session->findings, i);
        if (strcmp(finding->rule, rule) != 0 || finding->line < suppression->line ||
            finding->line > suppression->end_line || g_strcmp0(finding->file, suppression->file) != 0)
            continue;
        used = TRUE;
        finding->suppressed = TRUE;
        if (!finding->justification)
            finding->justification = g_strdup(suppression->reason);
    }
    return used;
}

/* Whether the compiler saw something in what is covered. */
static gboolean is_compiled(const struct suppression *suppression)
{
    const GPtrArray *functions = suppression->search->graph->functions;
    for (guint i = 0; i < functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(functions, i);
        const struct fact_function *facts = function->facts;
        if (facts->line > suppression->end_line || facts->end_line < suppression->line ||
            strcmp(function->file, suppression->file) != 0)
            continue;
        for (guint j = 0; j < facts->events->len; j++) {
            const struct fact_event *event = g_ptr_array_index(facts->events, j);
            if (event->line >= suppression->line && event->line <= suppression->end_line)
                return TRUE;
        }
    }
    return FALSE;
}

static void apply_rule(struct suppression *suppression, const char *name)
{
    const struct search *search = suppression->search;
    suppression->subject = name;
    if (!rule_find(name)) {
        g_autofree const char **known = rule_names();
        complain_invalid(suppression,
                         g_strdup_printf("no rule is called `%s`: did you mean %s? corewise lint "
                                         "--list-rules shows them all",
                                         name, nearest_name(name, known)));
        return;
    }
    if (suppress(suppression, name) || !search->whole || !rule_ran(search, name) ||
        (suppression->conditional && !is_compiled(suppression)))
        return;
    g_autofree char *range =
        suppression->line == suppression->end_line
            ? g_strdup_printf("line %d", suppression->line)
            : g_strdup_printf("lines %d to %d", suppression->line, suppression->end_line);
    complain(
        suppression, &unused_suppression_rule, SEVERITY_WARNING,
        g_strdup_printf("nothing is suppressed here: there is no %s in %s; remove the comment, or put it "
                        "where the finding is",
                        name, range));
}

/* The function whose head begins at `line`, its type possibly above its name. */
static const struct graph_function *function_headed(const struct suppression *suppression,
                                                    const struct source_comments *comments, int line)
{
    const GPtrArray *functions = suppression->search->graph->functions;
    const struct graph_function *first = NULL;
    for (guint i = 0; i < functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(functions, i);
        if (function->facts->line >= line && strcmp(function->file, suppression->file) == 0 &&
            (!first || function->facts->line < first->facts->line))
            first = function;
    }
    for (int i = line; first && i < first->facts->line; i++) {
        if (source_comments_line(comments, i).ends)
            return NULL;
    }
    return first;
}

/* A comment beside code belongs to it, any other one to the code that follows. */
static void find_extent(struct suppression *suppression, const struct source_comments *comments)
{
    int line = suppression->comment->line, last = (int)comments->lines->len;
    gboolean beside = source_comments_line(comments, line).has_code;
    suppression->conditional = source_comments_line(comments, line).conditional;
    while (line < last && !source_comments_line(comments, line).has_code)
        line++;
    const struct graph_function *function = function_headed(suppression, comments, line);
    suppression->line = suppression->end_line = line;
    if (function && (!beside || function->facts->line == line)) {
        suppression->end_line = function->facts->end_line;
        return;
    }
    for (int count = 0; beside && count < STATEMENT_LINES_MAX; count++) {
        struct source_line before = source_comments_line(comments, suppression->line - 1);
        if (!before.has_code || before.ends)
            break;
        suppression->line--;
    }
    for (int count = 0; !beside && count < STATEMENT_LINES_MAX; count++) {
        if (source_comments_line(comments, suppression->end_line).ends || suppression->end_line >= last)
            break;
        suppression->end_line++;
    }
}

static gboolean has_letter(const char *text)
{
    for (; *text; text = g_utf8_next_char(text)) {
        if (g_unichar_isalpha(g_utf8_get_char(text)))
            return TRUE;
    }
    return FALSE;
}

/* `names) reason`, what stands behind `allow(`. */
static void apply_names(struct suppression *suppression, char *names)
{
    char *end = strchr(names, ')');
    if (!end) {
        complain_invalid(suppression, g_strdup("no closing parenthesis: write " MARK " allow(RULE) REASON"));
        return;
    }
    *end = '\0';
    suppression->subject = names;
    char *reason = end + 1;
    while (*reason && strchr(" \t:-", *reason))
        reason++;
    suppression->reason = reason;
    if (!has_letter(reason)) {
        complain_invalid(suppression,
                         g_strdup_printf("nothing is suppressed without a reason: write behind "
                                         "the parenthesis why it is no problem, " MARK " allow(%s) REASON",
                                         names));
        return;
    }
    g_auto(GStrv) list = g_strsplit(names, ",", -1);
    if (!*list)
        complain_invalid(suppression, g_strdup("no rule is named: write " MARK " allow(RULE) REASON"));
    for (char **name = list; *name; name++)
        apply_rule(suppression, g_strstrip(*name));
}

/* Prose that begins with the mark is none of ours, unless it looks like a call. */
static void apply_comment(struct suppression *suppression, char *text)
{
    char *word = g_strchug(text);
    gsize length = strspn(word, "abcdefghijklmnopqrstuvwxyz-_");
    char *open = word + length + strspn(word + length, " ");
    gboolean is_ours = length == strlen("allow") && g_str_has_prefix(word, "allow") && *open == '(';
    if (is_ours) {
        apply_names(suppression, open + 1);
    } else if (length > 0 && word[length] == '(') {
        word[length] = '\0';
        suppression->subject = word;
        complain_invalid(suppression,
                         g_strdup_printf("%s is not known here: write " MARK " allow(RULE) REASON", word));
    }
}

static gboolean is_marked(const struct comment_line *comment)
{
    return comment->length >= strlen(MARK) && strncmp(comment->text, MARK, strlen(MARK)) == 0;
}

/* What stands behind the mark, with the comment lines that follow it at once. The caller frees it. */
static char *directive_text(const struct source_comments *comments, guint first)
{
    const struct comment_line *line = &g_array_index(comments->comments, struct comment_line, first);
    GString *text = g_string_new_len(line->text + strlen(MARK), (gssize)(line->length - strlen(MARK)));
    for (guint i = first + 1; i < comments->comments->len; i++) {
        const struct comment_line *next = line + (i - first);
        if (next->line != line->line + (int)(i - first) ||
            source_comments_line(comments, next->line).has_code || is_marked(next) ||
            strchr("@\\-", *next->text))
            break;
        g_string_append_c(text, ' ');
        g_string_append_len(text, next->text, (gssize)next->length);
    }
    char *valid = g_utf8_make_valid(text->str, (gssize)text->len);
    g_string_free(text, TRUE);
    return valid;
}

static void apply_file(struct search *search, const char *file)
{
    g_autofree char *path = g_canonicalize_filename(file, search->graph->root);
    g_autofree char *text = NULL;
    gsize length = 0;
    if (!g_file_get_contents(path, &text, &length, NULL) || !g_strstr_len(text, (gssize)length, MARK))
        return;
    struct source_comments *comments = source_comments_read(text, length);
    for (guint i = 0; i < comments->comments->len; i++) {
        const struct comment_line *comment = &g_array_index(comments->comments, struct comment_line, i);
        if (!is_marked(comment))
            continue;
        g_autofree char *words = directive_text(comments, i);
        struct suppression suppression = {.search = search, .file = file, .comment = comment};
        find_extent(&suppression, comments);
        apply_comment(&suppression, words);
    }
    source_comments_free(comments);
}

void suppressions_apply(struct session *session, const struct program_graph *graph, const char *const *ran,
                        gboolean whole)
{
    g_autoptr(GHashTable) files = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) fingerprints = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct search search = {session, graph, ran, whole, fingerprints, g_ptr_array_new()};
    for (guint i = 0; i < graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(graph->functions, i);
        if (g_hash_table_add(files, function->file))
            apply_file(&search, function->file);
    }
    g_ptr_array_extend_and_steal(session->findings, search.complaints);
}
