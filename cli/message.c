/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/message.h"

#include <glib.h>
#include <stdio.h>

void message_print(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    fputs("corewise: ", stderr);
    for (const char *c = valid; *c; c++) {
        if (g_ascii_iscntrl(*c))
            fprintf(stderr, "\\x%02x", (guchar)*c);
        else
            fputc(*c, stderr);
    }
    fputc('\n', stderr);
}
