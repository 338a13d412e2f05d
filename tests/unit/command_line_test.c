/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/command_line.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* The flags that are the command's own, without what is always added. */
static char *cleaned(const char *command)
{
    g_auto(GStrv) arguments = NULL;
    g_assert_true(g_shell_parse_argv(command, NULL, &arguments, NULL));
    g_auto(GStrv) flags = command_line_clean((const char *const *)arguments, "/nowhere");
    static const char *const none[] = {"cc", NULL};
    g_auto(GStrv) added = command_line_clean(none, "/nowhere");
    guint own = g_strv_length(flags) - g_strv_length(added);
    g_assert_cmpstr(flags[own], ==, added[0]);
    g_clear_pointer(&flags[own], g_free);
    char *text = g_strjoinv(" ", flags);
    for (guint i = own + 1; i < own + g_strv_length(added); i++)
        g_free(flags[i]);
    return text;
}

static void test_clean(void)
{
    static const struct {
        const char *command, *flags;
    } cases[] = {
        {"gcc -O2 -DA=1 -I inc -c -o a.o a.c", "-O2 -DA=1 -I inc"},
        {"gcc -MD -MF a.d -MT a.o -MQ a.o -MJ x.json -MP -c a.c", ""},
        {"gcc -MFa.d -oa.o -save-temps=obj a.c", ""},
        {"gcc -Wall -Werror -Wno-unused -Werror=return-type -pedantic-errors a.c", ""},
        {"ccache gcc -O1 a.c", "-O1"},
        {"env LANG=C ccache -x arm-linux-gnueabihf-gcc -O1 -g a.c", "-O1 -g"},
        {"gcc -O1 -- a.c", "-O1"},
        {"gcc -Wp,-DX=1,-MD,x.d -Wl,-z,now a.c", "-DX=1"},
        {"gcc -include config.h -isystem /usr/x -x c a.c other.o", "-include config.h -isystem /usr/x -x c"},
        {"gcc -fplugin=x.so -fprofile-arcs --coverage -flto=auto -specs=/x a.c", ""},
        {"gcc -std=gnu99 -pthread -fopenmp -march=native a.c", "-std=gnu99 -pthread -fopenmp -march=native"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *flags = cleaned(cases[i].command);
        g_assert_cmpstr(flags, ==, cases[i].flags);
    }
}

static void test_response_file(void)
{
    g_autofree char *folder = g_dir_make_tmp("corewise-test-XXXXXX", NULL);
    g_autofree char *inner = g_build_filename(folder, "inner.rsp", NULL);
    g_autofree char *outer = g_build_filename(folder, "outer.rsp", NULL);
    g_assert_true(g_file_set_contents(inner, "-DINNER='a b' -o x.o", -1, NULL));
    g_assert_true(g_file_set_contents(outer, "-DOUTER @inner.rsp", -1, NULL));
    static const char *const arguments[] = {"gcc", "@outer.rsp", "a.c", NULL};
    g_auto(GStrv) flags = command_line_clean(arguments, folder);
    g_assert_cmpstr(flags[0], ==, "-DOUTER");
    g_assert_cmpstr(flags[1], ==, "-DINNER=a b");
    g_assert_cmpstr(flags[2], ==, "-w");
    g_unlink(inner);
    g_unlink(outer);
    g_rmdir(folder);
}

static void test_drop_refused(void)
{
    static const struct {
        const char *flags, *message, *left;
    } cases[] = {
        {"-O2 -mfoo=6 -g", "unknown argument: '-mfoo=6'", "-O2 -g"},
        {"-O2 -march=foo -g", "unknown target CPU 'foo'", "-O2 -g"},
        {"-O2 -std=gnu99x", "invalid value 'gnu99x' in '-std=gnu99x'", "-O2"},
        {"-mfunction-return=keep -g", "unsupported argument 'keep' to option '-mfunction-return='", "-g"},
        {"-O2 -g", "unknown argument: '-mfoo'", NULL},
        {"-O2 -g", "no quotes at all", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(GStrv) flags = g_strsplit(cases[i].flags, " ", -1);
        gboolean dropped = command_line_drop_refused(flags, cases[i].message);
        g_autofree char *left = g_strjoinv(" ", flags);
        g_assert_cmpint(dropped, ==, cases[i].left != NULL);
        g_assert_cmpstr(left, ==, cases[i].left ? cases[i].left : cases[i].flags);
    }
}

static void test_keep_essential(void)
{
    g_auto(GStrv) flags = g_strsplit("-O2 -Iinc -std=gnu99x -x c -D A=1 -include c.h -mfoo -w", " ", -1);
    g_assert_true(command_line_keep_essential(flags));
    g_autofree char *left = g_strjoinv(" ", flags);
    g_assert_cmpstr(left, ==, "-Iinc -D A=1 -include c.h -w");
    g_assert_false(command_line_keep_essential(flags));
}

static void test_language(void)
{
    static const char *const none[] = {NULL}, *const as_c[] = {"-x", "c", NULL},
                             *const as_cpp[] = {"-xc++", NULL};
    g_assert_true(command_line_is_c("/a/b.c", none));
    g_assert_false(command_line_is_c("/a/b.cpp", none));
    g_assert_false(command_line_is_c("/a/b.S", none));
    g_assert_false(command_line_is_c("/a.c/b", none));
    g_assert_true(command_line_is_c("/a/b.inc", as_c));
    g_assert_false(command_line_is_c("/a/b.c", as_cpp));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/command_line/clean", test_clean);
    g_test_add_func("/command_line/response_file", test_response_file);
    g_test_add_func("/command_line/drop_refused", test_drop_refused);
    g_test_add_func("/command_line/keep_essential", test_keep_essential);
    g_test_add_func("/command_line/language", test_language);
    return g_test_run();
}
