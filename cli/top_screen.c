/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/top_screen.h"

#include <curses.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/options.h"
#include "cli/output.h"

#define ESCAPE_MS 25 /* a key's sequence arrives at once: what is alone after this was Esc */

struct top_screen {
    FILE *terminal;
    SCREEN *screen;
    int saved[3]; /* copies of stdin, stdout and stderr; -1: left alone */
    gboolean colour;
};

static const struct {
    short foreground;
    attr_t attributes;
} looks[TOP_STYLE_COUNT] = {
    [TOP_PLAIN] = {-1, A_NORMAL},
    [TOP_BOLD] = {-1, A_BOLD},
    [TOP_DIM] = {-1, A_DIM},
    [TOP_TITLE] = {-1, A_BOLD | A_UNDERLINE},
    [TOP_ADVICE] = {COLOR_CYAN, A_BOLD},
    [TOP_ON_CORE] = {COLOR_GREEN, A_NORMAL},
    [TOP_IO_WORK] = {COLOR_CYAN, A_NORMAL},
    [TOP_QUEUED] = {COLOR_YELLOW, A_NORMAL},
    [TOP_ON_LOCK] = {COLOR_RED, A_BOLD},
    [TOP_ON_IO] = {COLOR_BLUE, A_BOLD},
    [TOP_IDLE] = {-1, A_DIM},
};

static void divert(struct top_screen *screen)
{
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    fflush(stdout);
    for (int descriptor = 0; descriptor < 3; descriptor++) {
        screen->saved[descriptor] = -1;
        if (nothing < 0 || !isatty(descriptor))
            continue;
        screen->saved[descriptor] = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
        dup2(nothing, descriptor);
    }
    if (nothing >= 0)
        close(nothing);
}

static void restore(struct top_screen *screen)
{
    for (int descriptor = 0; descriptor < 3; descriptor++) {
        if (screen->saved[descriptor] < 0)
            continue;
        dup2(screen->saved[descriptor], descriptor);
        close(screen->saved[descriptor]);
        screen->saved[descriptor] = -1;
    }
}

static void prepare(struct top_screen *screen)
{
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    curs_set(0);
    set_escdelay(ESCAPE_MS);
    screen->colour = has_colors() && !output_forbids_colour();
    if (!screen->colour)
        return;
    start_color();
    use_default_colors();
    for (short style = 0; style < TOP_STYLE_COUNT; style++)
        init_pair((short)(style + 1), looks[style].foreground, -1);
}

struct top_screen *top_screen_open(GError **error)
{
    const char *type = g_getenv("TERM");
    const char *missing = "so the live view cannot be drawn; --batch N prints it as text";
    if (!type || !*type) {
        g_set_error(error, OPTIONS_ERROR, 0, "TERM does not name the terminal's type, %s", missing);
        return NULL;
    }
    FILE *terminal = fopen("/dev/tty", "r+e");
    if (!terminal) {
        g_set_error(error, OPTIONS_ERROR, 0, "there is no terminal, %s", missing);
        return NULL;
    }
    struct top_screen *screen = g_new0(struct top_screen, 1);
    screen->terminal = terminal;
    screen->saved[0] = screen->saved[1] = screen->saved[2] = -1;
    screen->screen = newterm(type, terminal, terminal);
    if (!screen->screen || !tigetstr("cup") || tigetstr("cup") == (char *)-1) {
        g_set_error(error, OPTIONS_ERROR, 0,
                    "terminals of the type %s (TERM) are not known or cannot move the cursor, %s", type,
                    missing);
        top_screen_close(screen);
        return NULL;
    }
    divert(screen);
    prepare(screen);
    return screen;
}

void top_screen_close(struct top_screen *screen)
{
    if (!screen)
        return;
    if (screen->screen) {
        endwin();
        delscreen(screen->screen);
    }
    fclose(screen->terminal);
    restore(screen);
    g_free(screen);
}

void top_screen_size(const struct top_screen *screen, int *width, int *height)
{
    (void)screen;
    getmaxyx(stdscr, *height, *width);
}

static attr_t look(const struct top_screen *screen, enum top_style style)
{
    attr_t attributes = looks[style].attributes;
    return screen->colour ? attributes | COLOR_PAIR(style + 1) : attributes;
}

void top_screen_draw(struct top_screen *screen, const struct top_frame *frame)
{
    erase();
    for (guint i = 0; i < frame->lines->len; i++) {
        const struct top_line *line = g_ptr_array_index(frame->lines, i);
        move((int)i, 0);
        for (guint k = 0; k < line->spans->len; k++) {
            const struct top_span *span = g_ptr_array_index(line->spans, k);
            attrset(look(screen, span->style));
            addstr(span->text);
        }
        if (line->selected)
            mvchgat((int)i, 0, -1, A_REVERSE, 0, NULL);
    }
    attrset(A_NORMAL);
    refresh();
}

static int translate(int key)
{
    switch (key) {
    case ERR:
        return 0;
    case KEY_RESIZE:
        return TOP_SCREEN_RESIZED;
    case KEY_UP:
        return TOP_KEY_UP;
    case KEY_DOWN:
        return TOP_KEY_DOWN;
    case KEY_PPAGE:
        return TOP_KEY_PAGE_UP;
    case KEY_NPAGE:
        return TOP_KEY_PAGE_DOWN;
    case KEY_HOME:
        return TOP_KEY_HOME;
    case KEY_END:
        return TOP_KEY_END;
    case KEY_ENTER:
    case '\r':
    case '\n':
        return TOP_KEY_ENTER;
    case 27:
    case KEY_BACKSPACE:
        return TOP_KEY_BACK;
    case '\t':
        return TOP_KEY_TAB;
    default:
        return key < KEY_MIN ? key : 0;
    }
}

int top_screen_key(struct top_screen *screen, int timeout_ms)
{
    (void)screen;
    timeout(timeout_ms);
    return translate(getch());
}
