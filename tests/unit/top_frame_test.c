/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of the live view: they fit, whatever the terminal's size and the names, and keys lead where the
 * help says. */
#include <string.h>

#include "cli/top_frame.h"
#include "example_session.h"
#include "reports/text_page.h"
#include "tracer/tracer.h"

static const int every_key[] = {TOP_KEY_UP,
                                TOP_KEY_DOWN,
                                TOP_KEY_PAGE_UP,
                                TOP_KEY_PAGE_DOWN,
                                TOP_KEY_HOME,
                                TOP_KEY_END,
                                TOP_KEY_ENTER,
                                TOP_KEY_BACK,
                                TOP_KEY_TAB,
                                ' ',
                                't',
                                'f',
                                '?',
                                'c',
                                'r',
                                'b',
                                'l',
                                'i',
                                'n',
                                'j',
                                'k',
                                'x',
                                'q'};

struct picture {
    struct live_numbers *numbers;
    struct live_view *view;
    GPtrArray *stacks;
    struct top_content content;
};

static void stack_free(gpointer data)
{
    struct thread_stack *stack = data;
    g_ptr_array_unref(stack->frames);
    g_free(stack);
}

/* Takes the session over. */
static struct picture picture_of(struct session *session)
{
    struct picture picture = {.numbers = live_numbers_new(session)};
    for (guint i = 0; i < session->threads->len; i++) {
        struct histogram durations = {0};
        histogram_add(&durations, 0.01 * i);
        live_numbers_add_rounds(picture.numbers, i, &durations);
    }
    struct thread_stack *stack = g_new0(struct thread_stack, 1);
    stack->seconds = 1;
    stack->cause = CAUSE_MUTEX;
    stack->frames = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < 40; i++)
        g_ptr_array_add(stack->frames, g_strdup_printf("f\033[2J%u a\tb.c:7", i));
    picture.stacks = g_ptr_array_new_with_free_func(stack_free);
    g_ptr_array_add(picture.stacks, stack);
    picture.view = live_view_new(picture.numbers, NULL, LIVE_SORT_ON_CORE);
    picture.content = (struct top_content){picture.numbers, picture.view, picture.stacks};
    session_free(session);
    return picture;
}

static void picture_clear(struct picture *picture)
{
    live_view_free(picture->view);
    live_numbers_free(picture->numbers);
    g_ptr_array_unref(picture->stacks);
}

static void check_fits(const struct top_state *state, const struct top_content *content)
{
    g_autoptr(TopFrame) frame = top_frame_new(state, content);
    g_assert_cmpuint(frame->lines->len, <=, MAX(1, state->height));
    for (guint i = 0; i < frame->lines->len; i++) {
        const struct top_line *line = g_ptr_array_index(frame->lines, i);
        int width = 0;
        for (guint k = 0; k < line->spans->len; k++) {
            const struct top_span *span = g_ptr_array_index(line->spans, k);
            g_assert_true(g_utf8_validate(span->text, -1, NULL));
            width += text_width(span->text);
            for (const char *at = span->text; *at; at = g_utf8_next_char(at)) {
                g_assert_true(g_unichar_isprint(g_utf8_get_char(at)));
                g_assert_true(state->utf8 || g_utf8_get_char(at) < 0x80);
            }
        }
        g_assert_cmpint(width, ==, line->width);
        g_assert_cmpint(width, <=, MAX(0, state->width));
    }
}

/* Every size, page, panel and kind of terminal. */
static void check_all(struct session *session)
{
    struct picture picture = picture_of(session);
    struct top_state state = {.tid = 4101, .lock = g_strdup("cache_lock"), .interval_seconds = 1};
    for (int width = 0; width < 210; width += width < 24 ? 5 : 37)
        for (int height = 0; height < 60; height += height < 20 ? 3 : 13)
            for (guint kind = 0; kind < 4 * TOP_PANEL_COUNT * 2; kind++) {
                state.width = width;
                state.height = height;
                state.page = kind % 4;
                state.panel = kind / 4 % TOP_PANEL_COUNT;
                state.utf8 = kind >= 4 * TOP_PANEL_COUNT;
                state.selected[state.panel] = (guint)height;
                state.scroll = (guint)width;
                check_fits(&state, &picture.content);
            }
    top_state_clear(&state);
    picture_clear(&picture);
}

static void test_fits(void)
{
    check_all(example_session_pigz());
    check_all(example_session_crowd(60));
}

static void test_hostile(void)
{
    check_all(example_session_hostile());
}

static void test_nothing_yet(void)
{
    const struct top_content nothing = {NULL, NULL, NULL};
    struct top_state state = {.width = 80, .height = 24};
    for (enum top_page page = TOP_PAGE_MAIN; page <= TOP_PAGE_HELP; page++) {
        state.page = page;
        check_fits(&state, &nothing);
    }
}

static char *text_of(const struct top_state *state, const struct top_content *content)
{
    g_autoptr(TopFrame) frame = top_frame_new(state, content);
    return top_frame_text(frame);
}

static void test_says(void)
{
    struct picture picture = picture_of(example_session_crowd(3));
    struct top_state state = {.width = 120, .height = 40, .utf8 = TRUE};
    g_autofree char *running = text_of(&state, &picture.content);
    g_assert_nonnull(strstr(running, "cache_lock"));
    g_assert_nonnull(strstr(running, "watched for"));
    g_assert_null(strstr(running, "FROZEN"));
    state.frozen = TRUE;
    g_autofree char *frozen = text_of(&state, &picture.content);
    g_assert_nonnull(strstr(frozen, "FROZEN"));
    state.frozen = FALSE;
    state.ended = TRUE;
    g_autofree char *ended = text_of(&state, &picture.content);
    g_assert_nonnull(strstr(ended, "ended after"));
    picture_clear(&picture);
}

/* The chosen row is shown, wherever it is. */
static void test_selected_row_is_shown(void)
{
    struct picture picture = picture_of(example_session_crowd(300));
    struct top_state state = {.width = 100, .height = 30, .utf8 = TRUE};
    for (guint at = 0; at < picture.view->threads->len; at += 7) {
        state.selected[TOP_THREADS] = at;
        g_autoptr(TopFrame) frame = top_frame_new(&state, &picture.content);
        guint selected = 0;
        for (guint i = 0; i < frame->lines->len; i++)
            selected += ((const struct top_line *)g_ptr_array_index(frame->lines, i))->selected;
        g_assert_cmpuint(selected, ==, 1);
    }
    picture_clear(&picture);
}

static void test_keys(void)
{
    struct picture picture = picture_of(example_session_crowd(3));
    struct top_state state = {.width = 100, .height = 30};
    g_assert_cmpint(top_state_key(&state, picture.view, 'l'), ==, TOP_REDRAW);
    g_assert_cmpint(state.sort, ==, LIVE_SORT_LOCK);
    g_assert_cmpint(top_state_key(&state, picture.view, TOP_KEY_DOWN), ==, TOP_REDRAW);
    g_assert_cmpuint(state.selected[TOP_THREADS], ==, 1);
    g_assert_cmpint(top_state_key(&state, picture.view, TOP_KEY_ENTER), ==, TOP_LOOK);
    g_assert_cmpint(state.page, ==, TOP_PAGE_STACKS);
    const struct live_thread_row *row = g_ptr_array_index(picture.view->threads, 1);
    g_assert_cmpint(state.tid, ==, row->thread->tid);
    g_assert_cmpint(top_state_key(&state, picture.view, 'q'), ==, TOP_REDRAW);
    g_assert_cmpint(state.page, ==, TOP_PAGE_MAIN);
    top_state_key(&state, picture.view, TOP_KEY_TAB);
    top_state_key(&state, picture.view, TOP_KEY_ENTER);
    g_assert_cmpint(state.page, ==, TOP_PAGE_LOCK);
    g_assert_cmpstr(state.lock, ==, "cache_lock");
    top_state_key(&state, picture.view, TOP_KEY_BACK);
    g_assert_cmpint(top_state_key(&state, picture.view, 's'), ==, TOP_SAVE);
    g_assert_cmpint(top_state_key(&state, picture.view, ' '), ==, TOP_REDRAW);
    g_assert_true(state.frozen);
    g_assert_cmpint(top_state_key(&state, picture.view, 'q'), ==, TOP_QUIT);
    top_state_clear(&state);
    picture_clear(&picture);
}

/* No order of keys leads out of what can be drawn. */
static void test_any_keys(void)
{
    struct picture picture = picture_of(example_session_pigz());
    struct top_state state = {.width = 90, .height = 25};
    for (guint i = 0; i < 600; i++) {
        int key = every_key[(guint)g_test_rand_int() % G_N_ELEMENTS(every_key)];
        top_state_key(&state, i % 5 ? picture.view : NULL, key);
        check_fits(&state, &picture.content);
    }
    top_state_clear(&state);
    picture_clear(&picture);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/top_frame/fits", test_fits);
    g_test_add_func("/top_frame/hostile", test_hostile);
    g_test_add_func("/top_frame/nothing_yet", test_nothing_yet);
    g_test_add_func("/top_frame/says", test_says);
    g_test_add_func("/top_frame/selected_row_is_shown", test_selected_row_is_shown);
    g_test_add_func("/top_state/keys", test_keys);
    g_test_add_func("/top_state/any_keys", test_any_keys);
    return g_test_run();
}
