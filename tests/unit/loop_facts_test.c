/* SPDX-License-Identifier: Apache-2.0 */
/* What the facts say of loops: forms of `for`, trip counts, and whether iterations depend on each other. */
#include <string.h>

#include "parsed_source.h"

static void test_for_forms(void)
{
    struct parsed parsed = parse("int more(void);\n"
                                 "#define FOREVER for (;;)\n"
                                 "#define UNTIL(c) for (; !(c);)\n"
                                 "void f(int n)\n{\n"
                                 "  for (;;) if (more()) break;\n"
                                 "  for (; n;) more();\n"
                                 "  for (;; n++) if (more()) break;\n"
                                 "  for (n = 0;;) if (more()) break;\n"
                                 "  for (n = 0; n < 10;) n++;\n"
                                 "  for (; /* ; */ n < 10; n++) more();\n"
                                 "  for (int i = ';'; i < 100; i += 10) more();\n"
                                 "  UNTIL(n > 3) more();\n"
                                 "  FOREVER more();\n}\n");
    static const gint64 trips[] = {G_MAXINT64, -1, G_MAXINT64, G_MAXINT64, -1, -1, 5, -1, G_MAXINT64};
    for (guint i = 0; i < G_N_ELEMENTS(trips); i++)
        g_assert_cmpint(loop_of(&parsed, "f", i)->trip_count, ==, trips[i]);
    g_assert_true(loop_of(&parsed, "f", 0)->has_exit);
    g_assert_false(loop_of(&parsed, "f", 8)->has_exit);
    g_assert_cmpint(loop_of(&parsed, "f", 8)->line, ==, 14);
    parsed_clear(&parsed);
}

static void test_trip_counts(void)
{
    struct parsed parsed = parse("int a[8]; void g(int *);\n"
                                 "void f(int n)\n{\n"
                                 "  for (int i = 0; i < 16; i++) a[i & 7]++;\n"
                                 "  for (int i = 10; i > 0; i -= 3) a[0]++;\n"
                                 "  for (int i = 0; i <= 4; ++i) a[0]++;\n"
                                 "  for (unsigned i = 0; i < sizeof a / sizeof a[0]; i++) a[i]++;\n"
                                 "  for (int i = 0; i < n; i++) a[0]++;\n"
                                 "  for (int i = 0; i < 5; i++) i += a[0];\n"
                                 "  for (int i = 0; i < 5; i++) g(&i);\n"
                                 "  while (1) if (a[0]++) break;\n"
                                 "  do { if (n) break; a[0]++; } while (0);\n"
                                 "  for (int i = 5; i < 5; i++) a[0]++;\n}\n");
    static const gint64 trips[] = {16, 4, 5, 8, -1, -1, -1, G_MAXINT64, 0};
    g_assert_cmpuint(function_named(&parsed, "f")->loops->len, ==,
                     G_N_ELEMENTS(trips)); /* do … while (0) is none */
    for (guint i = 0; i < G_N_ELEMENTS(trips); i++)
        g_assert_cmpint(loop_of(&parsed, "f", i)->trip_count, ==, trips[i]);
    parsed_clear(&parsed);
}

static void test_dependence(void)
{
    static const struct {
        const char *loop;
        enum iteration_dependence dependence;
        const char *carried;
    } cases[] = {
        {"for (i = 0; i < n; i++) a[i] = b[i] * 2;", ITERATIONS_INDEPENDENT, NULL},
        {"for (i = 1; i < n; i++) a[i] = a[i - 1] + b[i];", ITERATIONS_DEPENDENT, "a"},
        {"for (i = 0; i < n; i++) sum += b[i];", ITERATIONS_REDUCTION, "sum"},
        {"for (i = 0; i < n; i++) sum = sum + b[i];", ITERATIONS_REDUCTION, "sum"},
        {"for (i = 0; i < n; i++) if (b[i] > best) best = b[i];", ITERATIONS_REDUCTION, "best"},
        {"for (i = 0; i < n; i++) { sum += b[i]; a[i] = sum; }", ITERATIONS_DEPENDENT, "sum"},
        {"for (i = 0; i < n; i++) { int t = b[i]; t *= t; a[i] = t; }", ITERATIONS_INDEPENDENT, NULL},
        {"for (i = 0; i < n; i++) { j = b[i]; a[i] = j; }", ITERATIONS_INDEPENDENT, NULL},
        {"for (i = 0; i < n; i++) a[b[i]]++;", ITERATIONS_REDUCTION, "a"},
        {"for (i = 0; i < n; i++) { a[b[i]] = i; }", ITERATIONS_UNKNOWN, "a"},
        {"for (i = 0; i < n; i++) { int k = b[i]; c[i] = a[k]; a[k]++; }", ITERATIONS_UNKNOWN, "a"},
        {"for (p = list; p; p = p->next) p->value++;", ITERATIONS_DEPENDENT, "p"},
        {"for (i = 0; i < n; i++) for (j = 0; j < n; j++) m[i][j] = m[i][j] + 1;", ITERATIONS_INDEPENDENT,
         NULL},
        {"for (i = 0; i < n; i++) for (j = 0; j < n; j++) a[i * n + j] = 0;", ITERATIONS_INDEPENDENT, NULL},
        {"for (i = 0; i < n; i++) nodes[i].value = nodes[i].value * 3;", ITERATIONS_INDEPENDENT, NULL},
        {"for (i = 0; i < n; i++) { struct node *q = &nodes[i]; q->value = i; }", ITERATIONS_INDEPENDENT,
         NULL},
        {"for (i = 0; i < n; i++) state = state * 33 + b[i];", ITERATIONS_DEPENDENT, "state"},
        {"for (i = 0; i < n; i++) if (b[i]) a[j++] = b[i];", ITERATIONS_DEPENDENT, "j"},
        {"for (i = 0; i < n; i++) change(&sum);", ITERATIONS_UNKNOWN, "f:sum through change()"},
        {"for (i = 0; i < n; i++) look(&sum);", ITERATIONS_INDEPENDENT, NULL},
        {"for (i = 0; i < n; i++) change(&a[i]);", ITERATIONS_INDEPENDENT, NULL},
        {"while (n--) *a++ = 0;", ITERATIONS_INDEPENDENT, NULL},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *source =
            g_strconcat("struct node { struct node *next; int value; } *list, nodes[9];\n"
                        "int m[9][9]; void change(int *); void look(const int *);\n"
                        "int f(int *a, const int *b, int *c, int n, int state)\n{\n"
                        "int i, j = 0, sum = 0, best = 0; struct node *p = 0;\n",
                        cases[i].loop, "\nreturn i + j + sum + best + state + (p != 0);\n}\n", NULL);
        struct parsed parsed = parse(source);
        const struct fact_loop *loop = loop_of(&parsed, "f", 0);
        g_test_message("%s: %s", cases[i].loop, loop->carried ? loop->carried : "-");
        g_assert_cmpint(loop->dependence, ==, cases[i].dependence);
        if (!cases[i].carried)
            g_assert_null(loop->carried);
        else if (!strstr(loop->carried, cases[i].carried))
            g_assert_cmpstr(loop->carried, ==, cases[i].carried);
        parsed_clear(&parsed);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/loop_facts/for_forms", test_for_forms);
    g_test_add_func("/loop_facts/trip_counts", test_trip_counts);
    g_test_add_func("/loop_facts/dependence", test_dependence);
    return g_test_run();
}
