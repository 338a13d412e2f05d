/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal of the live view: the only user of ncurses. While it is open, stdin, stdout and stderr lead to
 * nothing as far as they are the terminal, so that a launched command and messages do not disturb it. */
#ifndef CLI_TOP_SCREEN_H
#define CLI_TOP_SCREEN_H

#include "cli/top_frame.h"

struct top_screen;

/* NULL with OPTIONS_ERROR when there is no terminal, or of no known type. */
struct top_screen *top_screen_open(GError **error);
void top_screen_close(struct top_screen *screen);
typedef struct top_screen TopScreen;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TopScreen, top_screen_close)

/* Columns and lines, as they are now. */
void top_screen_size(const struct top_screen *screen, int *width, int *height);
void top_screen_draw(struct top_screen *screen, const struct top_frame *frame);

#define TOP_SCREEN_RESIZED (-1)
/* A character, an enum top_key, TOP_SCREEN_RESIZED, or 0 when none comes within the time. */
int top_screen_key(struct top_screen *screen, int timeout_ms);

#endif
