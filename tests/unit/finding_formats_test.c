/* SPDX-License-Identifier: Apache-2.0 */
/* The formats of findings for CI services, fed with hostile names and texts. */
#include <json-glib/json-glib.h>
#include <string.h>

#include "reports/reports.h"

#define HOSTILE_FILE "src/a,b:c%d \"e\"\n::error file=x::\t\xff\xe2\x80\xae.c"
#define HOSTILE_TEXT "waits\r\n::set-output name=x::%0A\x1b[31m</script>\xe2\x80\xa8\xc0"

static struct finding *add_finding(struct session *session, const char *rule, const char *file,
                                   enum severity severity)
{
    struct finding *finding = finding_new();
    finding->rule = g_strdup(rule);
    finding->file = g_strdup(file);
    finding->severity = severity;
    finding->line = 7;
    finding->column = 3;
    finding->message = g_strdup(HOSTILE_TEXT);
    finding->fingerprint = g_strdup("0123456789abcdef");
    g_ptr_array_add(finding->path, place_new(file, 9, HOSTILE_TEXT));
    g_ptr_array_add(session->findings, finding);
    return finding;
}

/* Two findings to show, one of them harmless to print, and one that is suppressed. */
static struct session *make_session(void)
{
    struct session *session = session_new();
    session->root = g_strdup("/a folder/p%20q");
    add_finding(session, "data-race", "plain.c", SEVERITY_ERROR);
    add_finding(session, "self-deadlock", HOSTILE_FILE, SEVERITY_NOTE);
    struct unit *unit = unit_new();
    unit->file = g_strdup(HOSTILE_FILE);
    unit->error = g_strdup(HOSTILE_TEXT);
    g_ptr_array_add(session->units, unit);
    struct finding *hidden = add_finding(session, "busy-wait", HOSTILE_FILE, SEVERITY_WARNING);
    hidden->suppressed = TRUE;
    hidden->justification = g_strdup(HOSTILE_TEXT);
    return session;
}

static GString *render(const struct session *session, const char *format, gboolean all)
{
    g_autoptr(GError) error = NULL;
    const struct report_options options = {.all = all};
    GString *out = g_string_new(NULL);
    g_assert_true(format_find(format)->render(session, &options, out, &error));
    g_assert_no_error(error);
    g_assert_true(g_utf8_validate(out->str, (gssize)out->len, NULL));
    for (gsize i = 0; i < out->len; i++)
        g_assert_true(out->str[i] == '\n' || !g_ascii_iscntrl(out->str[i]));
    g_assert_null(strstr(out->str, "\xe2\x80\xae"));
    g_assert_null(strstr(out->str, "\xe2\x80\xa8"));
    return out;
}

static JsonNode *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    JsonNode *node = json_from_string(text, &error);
    g_assert_no_error(error);
    return node;
}

static void test_github(void)
{
    g_autoptr(Session) session = make_session();
    g_autoptr(GString) out = render(session, "github", FALSE);
    g_auto(GStrv) lines = g_strsplit(out->str, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 3);
    g_assert_true(
        g_str_has_prefix(lines[0], "::error file=plain.c,line=7,col=3,title=data-race::waits\\r\\n"));
    g_assert_nonnull(strstr(lines[0], "::%250A"));
    g_assert_nonnull(strstr(lines[0], "%0Aplain.c:9: waits"));
    g_assert_true(
        g_str_has_prefix(lines[1], "::notice file=src/a%2Cb%3Ac%25d \"e\"\\n%3A%3Aerror file=x%3A%3A"));
    g_assert_cmpstr(lines[2], ==, "");
}

static void test_gitlab(void)
{
    g_autoptr(Session) session = make_session();
    g_autoptr(GString) out = render(session, "gitlab", FALSE);
    g_autoptr(JsonNode) root = parse(out->str);
    JsonArray *issues = json_node_get_array(root);
    g_assert_cmpuint(json_array_get_length(issues), ==, 2);
    JsonObject *issue = json_array_get_object_element(issues, 0);
    g_assert_cmpstr(json_object_get_string_member(issue, "severity"), ==, "critical");
    g_assert_cmpstr(json_object_get_string_member(issue, "check_name"), ==, "data-race");
    g_assert_cmpstr(json_object_get_string_member(issue, "fingerprint"), ==, "0123456789abcdef");
    JsonObject *location = json_object_get_object_member(issue, "location");
    JsonObject *lines = json_object_get_object_member(location, "lines");
    g_assert_cmpstr(json_object_get_string_member(location, "path"), ==, "plain.c");
    g_assert_cmpint(json_object_get_int_member(lines, "begin"), ==, 7);
    issue = json_array_get_object_element(issues, 1);
    location = json_object_get_object_member(issue, "location");
    g_assert_true(
        g_str_has_prefix(json_object_get_string_member(location, "path"), "src/a,b:c%d \"e\"\n::error"));
}

static void test_rdjsonl(void)
{
    g_autoptr(Session) session = make_session();
    g_autoptr(GString) out = render(session, "rdjsonl", FALSE);
    g_auto(GStrv) lines = g_strsplit(out->str, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 3);
    for (int i = 0; i < 2; i++) {
        g_autoptr(JsonNode) root = parse(lines[i]);
        JsonObject *diagnostic = json_node_get_object(root);
        JsonObject *range =
            json_object_get_object_member(json_object_get_object_member(diagnostic, "location"), "range");
        JsonArray *related = json_object_get_array_member(diagnostic, "related_locations");
        g_assert_cmpstr(json_object_get_string_member(diagnostic, "severity"), ==, i == 0 ? "ERROR" : "INFO");
        g_assert_cmpint(json_object_get_int_member(json_object_get_object_member(range, "start"), "line"), ==,
                        7);
        g_assert_cmpuint(json_array_get_length(related), ==, 1);
    }
}

static void test_sarif(void)
{
    g_autoptr(Session) session = make_session();
    g_autoptr(GString) out = render(session, "sarif", FALSE);
    g_autoptr(JsonNode) root = parse(out->str);
    JsonArray *runs = json_object_get_array_member(json_node_get_object(root), "runs");
    JsonArray *results = json_object_get_array_member(json_array_get_object_element(runs, 0), "results");
    g_assert_cmpuint(json_array_get_length(results), ==, 3);
    g_assert_false(json_object_has_member(json_array_get_object_element(results, 0), "suppressions"));
    JsonObject *hidden = json_array_get_object_element(results, 2);
    JsonObject *suppression =
        json_array_get_object_element(json_object_get_array_member(hidden, "suppressions"), 0);
    g_assert_cmpstr(json_object_get_string_member(suppression, "kind"), ==, "inSource");
    g_assert_true(g_str_has_prefix(json_object_get_string_member(suppression, "justification"), "waits"));
    JsonObject *invocation = json_array_get_object_element(
        json_object_get_array_member(json_array_get_object_element(runs, 0), "invocations"), 0);
    g_assert_false(json_object_get_boolean_member(invocation, "executionSuccessful"));
    g_assert_cmpuint(
        json_array_get_length(json_object_get_array_member(invocation, "toolExecutionNotifications")), ==, 1);
    g_assert_nonnull(strstr(out->str, "\"uri\": \"src/a%2Cb%3Ac%25d%20%22e%22%0A%3A%3Aerror%20file%3Dx"));
}

static void test_text(void)
{
    g_autoptr(Session) session = make_session();
    g_autoptr(GString) brief = render(session, "findings", FALSE);
    g_autoptr(GString) all = render(session, "findings", TRUE);
    g_auto(GStrv) lines = g_strsplit(brief->str, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 5);
    g_assert_true(g_str_has_prefix(lines[0], "plain.c:7:3: error: waits\\r\\n::set-output"));
    g_assert_true(g_str_has_suffix(lines[0], " [data-race]"));
    g_assert_null(strstr(brief->str, "busy-wait"));
    g_assert_nonnull(strstr(all->str, "[busy-wait]"));
    g_assert_nonnull(strstr(all->str, ":7:3: note: suppressed: waits"));
}

static void test_empty(void)
{
    g_autoptr(Session) session = session_new();
    g_autoptr(GString) github = render(session, "github", FALSE);
    g_autoptr(GString) rdjsonl = render(session, "rdjsonl", FALSE);
    g_autoptr(GString) gitlab = render(session, "gitlab", FALSE);
    g_assert_cmpstr(github->str, ==, "");
    g_assert_cmpstr(rdjsonl->str, ==, "");
    g_assert_cmpstr(gitlab->str, ==, "[]\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/finding_formats/github", test_github);
    g_test_add_func("/finding_formats/gitlab", test_gitlab);
    g_test_add_func("/finding_formats/rdjsonl", test_rdjsonl);
    g_test_add_func("/finding_formats/sarif", test_sarif);
    g_test_add_func("/finding_formats/text", test_text);
    g_test_add_func("/finding_formats/empty", test_empty);
    return g_test_run();
}
