/* SPDX-License-Identifier: Apache-2.0 */
#include <json-glib/json-glib.h>
#include <locale.h>
#include <math.h>

#include "example_session.h"
#include "reports/json_emit.h"
#include "reports/reports.h"

static char *render(const struct session *session)
{
    g_autoptr(GError) error = NULL;
    struct report_options options = {0};
    GString *out = g_string_new(NULL);
    g_assert_true(format_find("json")->render(session, &options, out, &error));
    g_assert_no_error(error);
    return g_string_free(out, FALSE);
}

static JsonNode *render_and_parse(struct session *session)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = render(session);
    session_free(session);
    JsonNode *node = json_from_string(text, &error);
    g_assert_no_error(error);
    g_assert_nonnull(node);
    return node;
}

static JsonObject *record(JsonNode *node, const char *array, guint position)
{
    return json_array_get_object_element(json_object_get_array_member(json_node_get_object(node), array),
                                         position);
}

static void test_names_of_an_empty_session(void)
{
    static const char *const arrays[] = {"regions", "locks",   "advice",       "findings", "predictions",
                                         "runs",    "threads", "measurements", "waits",    "verdicts"};
    g_autoptr(JsonNode) node = render_and_parse(session_new());
    JsonObject *root = json_node_get_object(node);
    g_assert_cmpint(json_object_get_int_member(root, "schema"), ==, 1);
    g_assert_cmpstr(json_object_get_string_member(root, "corewise"), ==, COREWISE_VERSION);
    g_assert_true(json_object_get_null_member(root, "program"));
    for (guint i = 0; i < G_N_ELEMENTS(arrays); i++)
        g_assert_cmpuint(json_array_get_length(json_object_get_array_member(root, arrays[i])), ==, 0);
}

static void test_pigz(void)
{
    g_autoptr(JsonNode) node = render_and_parse(example_session_pigz());
    JsonObject *program = json_object_get_object_member(json_node_get_object(node), "program");
    g_assert_cmpstr(json_object_get_string_member(program, "current_model"), ==, "threads");
    JsonObject *region = record(node, "regions", 0);
    g_assert_cmpstr(json_object_get_string_member(region, "id"), ==, "compress_thread@pigz.c:1665");
    g_assert_cmpstr(json_object_get_string_member(region, "kind"), ==, "thread_body");
    g_assert_cmpstr(json_object_get_string_member(region, "class"), ==, "cpu");
    JsonArray *sites = json_object_get_array_member(region, "idle_sites");
    g_assert_cmpint(json_object_get_int_member(json_array_get_object_element(sites, 0), "end_line"), ==, 263);
    JsonObject *verdict = record(node, "verdicts", 1);
    g_assert_cmpstr(json_object_get_string_member(verdict, "verdict"), ==, "refuted");
    g_assert_cmpfloat(json_object_get_double_member(verdict, "measured"), ==, 0.41);
    g_assert_cmpstr(json_object_get_string_member(record(node, "verdicts", 5), "verdict"), ==,
                    "not_exercised");
    g_assert_true(json_object_get_null_member(record(node, "verdicts", 5), "measured")); /* NaN */
    JsonObject *async =
        json_array_get_object_element(json_object_get_array_member(record(node, "advice", 0), "models"), 3);
    g_assert_true(json_object_get_null_member(async, "predicted_seconds"));
    g_assert_cmpstr(json_object_get_string_member(record(node, "runs", 0), "started"), ==,
                    "2025-11-21T08:59:44.250000Z");
}

static void test_measurement_names_one_subject(void)
{
    g_autoptr(JsonNode) node = render_and_parse(example_session_pigz());
    JsonArray *measurements = json_object_get_array_member(json_node_get_object(node), "measurements");
    guint counts[4] = {0};
    for (guint i = 0; i < json_array_get_length(measurements); i++) {
        JsonObject *measurement = json_array_get_object_element(measurements, i);
        guint region = json_object_has_member(measurement, "region") ? 1 : 0;
        guint thread = json_object_has_member(measurement, "thread") ? 1 : 0;
        guint lock = json_object_has_member(measurement, "lock") ? 1 : 0;
        g_assert_cmpuint(region + thread + lock, <=, 1);
        counts[region ? 1 : thread ? 2 : lock ? 3 : 0]++;
    }
    for (guint i = 0; i < G_N_ELEMENTS(counts); i++)
        g_assert_cmpuint(counts[i], >, 0);
}

static char *print_number(double value)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    json_builder_begin_object(builder);
    json_emit_number(builder, "n", value);
    json_builder_end_object(builder);
    g_autoptr(JsonNode) root = json_builder_get_root(builder);
    GString *out = g_string_new(NULL);
    json_print(root, out);
    return g_string_free(out, FALSE);
}

static void assert_number(double value, const char *expected)
{
    g_autofree char *text = print_number(value);
    g_autofree char *object = g_strdup_printf("{\n  \"n\": %s\n}\n", expected);
    g_assert_cmpstr(text, ==, object);
}

static void test_numbers(void)
{
    assert_number(0.7, "0.7");
    assert_number(3, "3");
    assert_number(123456789012.0, "123456789012");
    assert_number(1.0 / 3, "0.333333333");
    assert_number(NAN, "null");
    assert_number(-INFINITY, "null");
    /* A locale with a decimal comma, where the machine has one. */
    static const char *const comma_locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "nl_NL.UTF-8", "pl_PL.UTF-8"};
    for (guint i = 0; i < G_N_ELEMENTS(comma_locales); i++) {
        locale_t comma = newlocale(LC_ALL_MASK, comma_locales[i], (locale_t)0);
        if (!comma)
            continue;
        locale_t previous = uselocale(comma);
        g_autofree char *proof = g_strdup_printf("%.1f", 0.7);
        g_assert_cmpstr(proof, ==, "0,7");
        assert_number(0.7, "0.7");
        uselocale(previous);
        freelocale(comma);
        return;
    }
    g_test_message("no locale with a decimal comma is installed; that part was not tested");
}

static void test_hostile_names(void)
{
    struct session *session = example_session_hostile();
    g_autofree char *text = render(session);
    g_assert_true(g_utf8_validate(text, -1, NULL));
    for (const char *at = text; *at; at++)
        g_assert_true((guchar)*at >= 0x20 || *at == '\n');
    g_autoptr(JsonNode) node = render_and_parse(session);
    g_assert_cmpstr(json_object_get_string_member(record(node, "threads", 0), "name"), ==,
                    "</script>\033[2J");
    g_assert_cmpstr(json_object_get_string_member(record(node, "locks", 0), "id"), ==,
                    "lock\"];evil [label=\"x");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json/empty-session", test_names_of_an_empty_session);
    g_test_add_func("/json/pigz", test_pigz);
    g_test_add_func("/json/measurement-subject", test_measurement_names_one_subject);
    g_test_add_func("/json/numbers", test_numbers);
    g_test_add_func("/json/hostile-names", test_hostile_names);
    return g_test_run();
}
