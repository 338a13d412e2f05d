/* SPDX-License-Identifier: Apache-2.0 */
/* One picture of the live view as lines of styled text, whatever shows them: a terminal or `--batch`. All
 * names are escaped; no line is wider than the state says, and there are no more than its height. */
#ifndef CLI_TOP_FRAME_H
#define CLI_TOP_FRAME_H

#include "cli/top_state.h"

enum top_style {
    TOP_PLAIN,
    TOP_BOLD,
    TOP_DIM,
    TOP_TITLE,   /* first line */
    TOP_ADVICE,  /* the suggestion */
    TOP_ON_CORE, /* the parts of a bar */
    TOP_IO_WORK,
    TOP_QUEUED,
    TOP_ON_LOCK,
    TOP_ON_IO,
    TOP_IDLE,
    TOP_STYLE_COUNT
};

struct top_span {
    enum top_style style;
    char *text; /* UTF-8, or ASCII where the terminal knows no more */
};

struct top_line {
    GPtrArray *spans; /* struct top_span */
    int width;        /* columns so far */
    gboolean selected;
};

struct top_frame {
    const struct top_state *state;
    GPtrArray *lines; /* struct top_line */
};

/* What there is to show; all borrowed. */
struct top_content {
    const struct live_numbers *numbers; /* NULL before the first snapshot */
    const struct live_view *view;
    const GPtrArray *stacks; /* struct thread_stack (tracer.h), for TOP_PAGE_STACKS */
};

struct top_frame *top_frame_new(const struct top_state *state, const struct top_content *content);
void top_frame_free(struct top_frame *frame);
typedef struct top_frame TopFrame;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TopFrame, top_frame_free)

/* All lines without styles, each ended by a newline; the caller's. */
char *top_frame_text(const struct top_frame *frame);

/* --- bricks, for the files that make it ---------------------------------------------------------------- */

struct top_line *top_frame_add(struct top_frame *frame);
/* At most `columns` of the text, padded to them when `pad`; never beyond the width of the frame. `text` is
 * escaped here. */
void top_line_add(const struct top_frame *frame, struct top_line *line, enum top_style style,
                  const char *text, int columns, gboolean pad);
/* The same, right-aligned; takes the string over. */
void top_line_take_right(const struct top_frame *frame, struct top_line *line, enum top_style style,
                         char *text, int columns);
/* Name and number of a thread in `columns`; "?" for NULL. */
void top_line_add_thread(const struct top_frame *frame, struct top_line *line,
                         const struct live_thread *thread, int columns);
/* Columns that are left in the line. */
int top_line_room(const struct top_frame *frame, const struct top_line *line);

/* top_bar.c: `columns` of a bar of `seconds`, and what its letters mean. */
void top_bar_add(const struct top_frame *frame, struct top_line *line, const struct live_states *states,
                 double seconds, int columns);
void top_bar_add_legend(struct top_frame *frame, const struct live_view *view);

/* top_tables.c: the panels of the main page, `rows` rows each with their heads. */
void top_add_panel(struct top_frame *frame, const struct live_view *view, enum top_panel panel, guint rows);
/* Lines of a panel besides its rows. */
#define TOP_PANEL_HEAD 2

/* top_pages.c: everything but the main page. */
void top_add_page(struct top_frame *frame, const struct top_content *content);

#endif
