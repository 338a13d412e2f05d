/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "example_session.h"
#include "reports/escape.h"
#include "reports/quantity.h"
#include "reports/reports.h"
#include "reports/text_page.h"

static char *render(struct session *session, const struct report_options *options)
{
    g_autoptr(GError) error = NULL;
    GString *out = g_string_new(NULL);
    g_assert_true(format_find("text")->render(session, options, out, &error));
    g_assert_no_error(error);
    session_free(session);
    return g_string_free(out, FALSE);
}

static void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        g_test_message("'%s' is missing in:\n%s", part, text);
        g_test_fail();
    }
}

static void assert_order(const char *text, const char *first, const char *second)
{
    assert_contains(text, first);
    assert_contains(text, second);
    g_assert_true(strstr(text, first) < strstr(text, second));
}

static void assert_quantity(char *actual, const char *expected)
{
    g_assert_cmpstr(actual, ==, expected);
    g_free(actual);
}

static void test_quantities(void)
{
    assert_quantity(quantity_seconds(0), "0 s");
    assert_quantity(quantity_seconds(0.0000000005), "0.50 ns");
    assert_quantity(quantity_seconds(0.00001234), "12.3 µs");
    assert_quantity(quantity_seconds(0.25), "250 ms");
    assert_quantity(quantity_seconds(4.214), "4.21 s");
    assert_quantity(quantity_seconds(725), "12 min 5 s");
    assert_quantity(quantity_seconds(7500), "2 h 5 min");
    assert_quantity(quantity_seconds(NAN), "-");
    assert_quantity(quantity_bytes(512), "512 B");
    assert_quantity(quantity_bytes(1.5 * 1024 * 1024 * 1024), "1.50 GiB");
    assert_quantity(quantity_count(1234567), "1,234,567");
    assert_quantity(quantity_percent(0.43), "43 %");
    assert_quantity(quantity_percent(0.997), "99.7 %");
    assert_quantity(quantity_percent(0.004), "0.4 %");
    assert_quantity(quantity_percent(1), "100 %");
    assert_quantity(quantity_metric("cpu_share", 0.7), "70 %");
    assert_quantity(quantity_metric("parallelism", 1.2), "1.20");
    assert_quantity(quantity_metric("threads_created", 1200), "1,200");
}

static void test_escape(void)
{
    static const char right_to_left[] = {'\xe2', '\x80', '\xae', '\0'}; /* U+202E */
    g_autofree char *raw = g_strconcat("a\x1b[31m\n\t\x7f\xff", right_to_left, "z", NULL);
    g_autofree char *text = escape_text(raw);
    g_assert_cmpstr(text, ==, "a\\x1b[31m\\n\\t\\x7f\xef\xbf\xbd\\u202ez");
    g_autofree char *umlaut = escape_text("größe 漢字");
    g_assert_cmpstr(umlaut, ==, "größe 漢字");
    g_autofree char *none = escape_text(NULL);
    g_assert_cmpstr(none, ==, "");
    g_autoptr(GString) dot = g_string_new(NULL);
    escape_append_dot(dot, "\"\\&\n");
    g_assert_cmpstr(dot->str, ==, "\\\"\\\\&amp;\\\\n");
    g_autoptr(GString) json = g_string_new(NULL);
    escape_append_json(json, "\"\\\x1b\xc2\x9b");
    g_assert_cmpstr(json->str, ==, "\"\\\"\\\\\\u001b\\u009b\"");
}

static void test_display_width(void)
{
    g_assert_cmpint(text_width("abc"), ==, 3);
    g_assert_cmpint(text_width("漢字"), ==, 4);
    g_assert_cmpint(text_width("e\xcc\x81"), ==, 1); /* e and a combining accent */
    g_autofree char *elided = text_elide("漢字漢字漢字", 6);
    g_assert_cmpint(text_width(elided), <=, 6);
    assert_contains(elided, "…");
    g_autofree char *kept = text_elide("short", 6);
    g_assert_cmpstr(kept, ==, "short");
}

static void test_columns_align(void)
{
    static const struct text_column columns[] = {
        {"name", TEXT_LEFT, 4}, {"n", TEXT_RIGHT, 0}, {"", TEXT_LEFT, 0}};
    g_autoptr(TextTable) table = text_table_new(columns, G_N_ELEMENTS(columns));
    g_autoptr(GString) out = g_string_new(NULL);
    struct text_page page = {out, FALSE, FALSE, 60, 60};
    text_table_add(table, TEXT_PLAIN, "漢字");
    text_table_add(table, TEXT_PLAIN, "7");
    text_table_add(table, TEXT_PLAIN, NULL);
    text_table_add(table, TEXT_PLAIN, "plain\n");
    text_table_add(table, TEXT_PLAIN, "1234");
    text_table_add(table, TEXT_PLAIN, NULL);
    text_table_write(table, &page);
    g_assert_cmpstr(out->str, ==, "  name        n\n  漢字        7\n  plain\\n  1234\n");
}

static void test_pigz(void)
{
    const struct report_options terminal = {.width = 100};
    g_autofree char *text = render(example_session_pigz(), &terminal);
    assert_contains(text, "pigz: threads today, suggested: threads");
    assert_contains(text, "7 predictions: 4 confirmed, 1 refuted, 1 inconclusive, 1 not exercised");
    assert_contains(text, "parallelism >= 1.20: confirmed, 1.93");
    assert_order(text, "Refuted", "Regions");
    assert_order(text, "compress_thread@pigz.c:1665", "deflate_slow@deflate.c:1820");
    assert_order(text, "Regions", "Threads");
    assert_order(text, "Threads", "Waits");
    assert_order(text, "out_pool.have->mutex", "write_first->cond");
    assert_contains(text, "refuted 41 % (36…46)");
    assert_contains(text, "predicted because of pigz.c:1866: writes to a descriptor of unknown origin");
    assert_contains(text, "yarn.c:96");
    g_assert_null(strstr(text, "help@pigz.c")); /* never ran */
    /* nothing to change: what the run says of it, and no table of models */
    assert_contains(text, "Advice for compress_thread@pigz.c:1665: keep threads");
    g_assert_null(strstr(text, "ruled out"));
    g_assert_null(strchr(text, '\033'));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), <=, 60);
    for (char **line = lines; *line; line++) {
        g_assert_cmpint(text_width(*line), <=, 100);
        g_assert_false(g_str_has_suffix(*line, " "));
    }
}

static void test_guesses(void)
{
    static const struct {
        const char *region;
        double own_seconds;
    } rows[] = {{"deflate_slow@deflate.c:1820", 6.9}, {"write_thread@pigz.c:1821", 0.35}};
    struct session *session = example_session_pigz();
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        session_add_measurement(session, EXAMPLE_RUN, SUBJECT_REGION, rows[i].region, "self_cpu_seconds",
                                rows[i].own_seconds, 350);
        for (guint j = 0; j < session->regions->len; j++) {
            struct region *region = g_ptr_array_index(session->regions, j);
            if (i == 1 && strcmp(region->id, rows[i].region) == 0)
                region->confidence = 0.49;
        }
    }
    const struct report_options wide = {.width = 200};
    g_autofree char *text = render(session, &wide);
    assert_contains(text,
                    "time: 77 % confirmed, 0 % refuted, 0 % inconclusive, 4 % guessed, 19 % without a class");
    assert_contains(text, "Guesses, less than half sure: 0 % confirmed, 4 % refuted, 0 % inconclusive");
    assert_contains(text, "Guess io refuted for 4 %: io_share of write_thread@pigz.c:1821");
    assert_contains(text, "io (guess)");
    g_assert_null(strstr(text, "cpu (guess)"));
}

static void test_options(void)
{
    struct report_options colour = {.colour = TRUE, .width = 200};
    g_autofree char *coloured = render(example_session_pigz(), &colour);
    assert_contains(coloured, "\033[1;31m");
    assert_contains(coloured, "longest_match@deflate.c:1226");
    struct report_options all = {.all = TRUE, .width = 200};
    g_autofree char *everything = render(example_session_pigz(), &all);
    assert_contains(everything, "compress_have->cond"); /* an idle wait */
    assert_contains(everything, "Advice for compress_thread@pigz.c:1665");
    assert_contains(everything, "ruled out: deflate computes");
}

static void test_analysis_only(void)
{
    g_autofree char *text = render(example_session_analysis(), NULL);
    assert_contains(text, "server: threads today, suggested: async");
    assert_contains(text, "Not measured yet");
    assert_order(text, "serve_connection@server.c:40", "checksum@server.c:20");
    assert_contains(text, "Advice for the program: threads → async");
    assert_contains(text, "ruled out: connections share");
    assert_contains(text, "1 of 2 units analysed");
    g_assert_null(strstr(text, "Waits"));
    g_assert_null(strstr(text, "usage@server.c:10")); /* light */
}

static void test_trace_only(void)
{
    g_autofree char *text = render(example_session_trace(), NULL);
    assert_contains(text, "No analysis in this session");
    assert_contains(text, "1,234 events were lost");
    assert_contains(text, "bio_close_file");
    assert_contains(text, "No lock was waited for.");
    g_assert_null(strstr(text, "Regions"));
}

static void test_hostile_names(void)
{
    g_autofree char *text = render(example_session_hostile(), NULL);
    g_assert_true(g_utf8_validate(text, -1, NULL));
    for (const char *at = text; *at; at = g_utf8_next_char(at))
        g_assert_true(*at == '\n' || g_unichar_isprint(g_utf8_get_char(at)));
    assert_contains(text, "</script>\\x1b[2J");
}

static void test_crowd(void)
{
    g_autofree char *text = render(example_session_crowd(500), NULL);
    assert_contains(text, "worker            500"); /* grouped: one row, whatever the number */
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), <, 30);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/text/quantities", test_quantities);
    g_test_add_func("/text/escape", test_escape);
    g_test_add_func("/text/display-width", test_display_width);
    g_test_add_func("/text/columns-align", test_columns_align);
    g_test_add_func("/text/pigz", test_pigz);
    g_test_add_func("/text/guesses", test_guesses);
    g_test_add_func("/text/options", test_options);
    g_test_add_func("/text/analysis-only", test_analysis_only);
    g_test_add_func("/text/trace-only", test_trace_only);
    g_test_add_func("/text/hostile-names", test_hostile_names);
    g_test_add_func("/text/crowd", test_crowd);
    return g_test_run();
}
