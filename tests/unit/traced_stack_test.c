/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "fixture_process.h"
#include "tracer/traced_stack.h"

#define SHAPE_COUNT 11

/* A stopped look at the thread that sleeps below a hundred calls of one function. */
struct sleeper {
    struct fixture_process *process;
    struct target *target;
    struct snapshot_pieces *pieces;
    struct snapshot_event event; /* the first of `bytes` are in it */
    struct stack_snapshot snapshot;
    guint8 bytes[FIXTURE_STACK_BYTES];
};

/* FALSE when ptrace is forbidden. */
static gboolean sleeper_start(struct sleeper *sleeper, const char *shape)
{
    g_autofree char *plugin = fixture_path("libstack_plugin.so");
    memset(sleeper, 0, sizeof(*sleeper));
    sleeper->process = fixture_process_start("stack_shapes", plugin, SHAPE_COUNT);
    sleeper->target = target_open(sleeper->process->pid, NULL);
    sleeper->pieces = snapshot_pieces_new();
    g_assert_nonnull(sleeper->target);
    g_usleep(100000); /* from the announcement to the sleep */
    int tid = atoi(fixture_process_find(sleeper->process, shape));
    gboolean stopped = fixture_thread_stop(tid);
    if (stopped) {
        fixture_thread_read(tid, sleeper->bytes, &sleeper->snapshot);
        fixture_thread_release(tid);
        g_usleep(20000); /* until the call goes on */
    }
    sleeper->event = (struct snapshot_event){
        .stack = 1,
        .ip = sleeper->snapshot.ip,
        .sp = sleeper->snapshot.sp,
        .bp = sleeper->snapshot.bp,
        .bx = sleeper->snapshot.bx,
        .r12 = sleeper->snapshot.r12,
        .r13 = sleeper->snapshot.r13,
        .r14 = sleeper->snapshot.r14,
        .r15 = sleeper->snapshot.r15,
        .tid = (guint32)tid,
        .tgid = (guint32)sleeper->process->pid,
    };
    return stopped;
}

static void sleeper_clear(struct sleeper *sleeper)
{
    snapshot_pieces_free(sleeper->pieces);
    target_free(sleeper->target);
    fixture_process_stop(sleeper->process);
}

static void set_bytes(struct sleeper *sleeper, guint32 offset, guint32 size, enum snapshot_piece piece)
{
    sleeper->event.offset = offset;
    sleeper->event.size = size;
    sleeper->event.piece = piece;
    memcpy(sleeper->event.bytes, sleeper->bytes + offset, size);
}

static struct traced_stack *unwound(struct sleeper *sleeper, struct stack_answer *answer)
{
    return traced_stack_new(sleeper->pieces, &sleeper->event, sleeper->target, answer);
}

/* Too short a copy is completed from the thread, as long as it stands where it stood. */
static void test_standing(void)
{
    g_autofree struct sleeper *sleeper = g_new(struct sleeper, 1);
    struct stack_answer answer;
    if (!sleeper_start(sleeper, "recursion")) {
        sleeper_clear(sleeper);
        g_test_skip("ptrace is forbidden here");
        return;
    }
    set_bytes(sleeper, 0, 512, PIECE_ONLY);
    struct traced_stack *stack = unwound(sleeper, &answer);
    g_assert_cmpint(stack->end, ==, UNWIND_COMPLETE);
    g_assert_cmpuint(stack->frame_count, >, 100);
    g_assert_false(answer.wants_deep);
    sleeper->event.stack = 2; /* a hundred locks that are taken in one place are one path */
    struct traced_stack *alike = unwound(sleeper, &answer);
    g_assert_true(alike->frames == stack->frames);
    traced_stack_free(stack);
    g_assert_cmphex(alike->frames[0], ==, sleeper->event.ip);
    traced_stack_free(alike);

    sleeper->event.bytes[256] ^= 1; /* the same place, reached in another way */
    stack = unwound(sleeper, &answer);
    g_assert_cmpint(stack->end, !=, UNWIND_COMPLETE);
    g_assert_cmpuint(stack->frame_count, <, 100);
    traced_stack_free(stack);

    set_bytes(sleeper, 0, 512, PIECE_ONLY);
    sleeper->event.origin = SNAPSHOT_SAMPLE; /* one that runs stands nowhere */
    stack = unwound(sleeper, &answer);
    g_assert_cmpint(stack->end, ==, UNWIND_TRUNCATED);
    g_assert_true(answer.wants_deep);
    g_assert_cmpuint(answer.depth_bytes, ==, 0);
    traced_stack_free(stack);
    sleeper_clear(sleeper);
}

static void test_pieces(void)
{
    g_autofree struct sleeper *sleeper = g_new(struct sleeper, 1);
    struct stack_answer answer;
    if (!sleeper_start(sleeper, "recursion")) {
        sleeper_clear(sleeper);
        g_test_skip("ptrace is forbidden here");
        return;
    }
    sleeper->event.origin = SNAPSHOT_SAMPLE;
    guint32 all = MIN(sleeper->snapshot.size, 3u * WATCH_SNAPSHOT_BYTES), first = 2048;
    set_bytes(sleeper, 0, first, PIECE_MORE);
    g_assert_null(unwound(sleeper, &answer));
    set_bytes(sleeper, first, MIN(all - first, WATCH_SNAPSHOT_BYTES), PIECE_LAST);
    struct traced_stack *stack = unwound(sleeper, &answer);
    g_assert_nonnull(stack);
    g_assert_cmpint(stack->end, ==, UNWIND_COMPLETE);
    g_assert_cmpuint(stack->frame_count, >, 100);
    g_assert_cmpuint(answer.depth_bytes, >, 100 * sizeof(guint64));
    g_assert_cmpuint(answer.depth_bytes, <=, all);
    traced_stack_free(stack);

    set_bytes(sleeper, 0, first, PIECE_MORE);
    g_assert_null(unwound(sleeper, &answer));
    set_bytes(sleeper, first + 8, 1024, PIECE_LAST); /* one between was lost */
    g_assert_null(unwound(sleeper, &answer));
    for (guint64 stack_number = 2; stack_number < 1000; stack_number++) { /* that nobody ever completes */
        sleeper->event.stack = stack_number;
        set_bytes(sleeper, 0, first, PIECE_MORE);
        g_assert_null(unwound(sleeper, &answer));
    }
    set_bytes(sleeper, first, MIN(all - first, WATCH_SNAPSHOT_BYTES), PIECE_LAST);
    stack = unwound(sleeper, &answer);
    g_assert_nonnull(stack);
    g_assert_cmpint(stack->end, ==, UNWIND_COMPLETE);
    traced_stack_free(stack);
    sleeper_clear(sleeper);
}

/* What the kernel side must look at: the far caller of a recursion, the library's caller; nothing where the
 * words near the stack's end tell all. */
static void test_checks(void)
{
    static const struct {
        const char *shape;
        gboolean is_checked;
    } shapes[] = {{"recursion", TRUE}, {"plugin", TRUE}, {"mutex", FALSE}};
    for (guint i = 0; i < G_N_ELEMENTS(shapes); i++) {
        g_autofree struct sleeper *sleeper = g_new(struct sleeper, 1);
        struct stack_answer answer;
        if (!sleeper_start(sleeper, shapes[i].shape)) {
            sleeper_clear(sleeper);
            g_test_skip("ptrace is forbidden here");
            return;
        }
        set_bytes(sleeper, 0, MIN(sleeper->snapshot.size, WATCH_SNAPSHOT_BYTES), PIECE_ONLY);
        struct traced_stack *stack = unwound(sleeper, &answer);
        g_test_message("%s: %u words of %u frames", shapes[i].shape, answer.check.count, stack->frame_count);
        g_assert_cmpint(answer.check.count > 0, ==, shapes[i].is_checked);
        for (guint k = 0; k < answer.check.count; k++) {
            guint64 word = 0;
            memcpy(&word, sleeper->bytes + answer.check.at[k] * sizeof(word), sizeof(word));
            g_assert_cmphex(word, ==, answer.check.words[k]);
        }
        g_assert_cmpuint(answer.check.count, <, 8); /* a hundred equal frames are one */
        traced_stack_free(stack);
        sleeper_clear(sleeper);
    }
}

/* The process was gone before anybody looked. */
static void test_no_target(void)
{
    struct snapshot_event *event = g_new0(struct snapshot_event, 1);
    struct snapshot_pieces *pieces = snapshot_pieces_new();
    struct stack_answer answer;
    struct traced_stack *stack = traced_stack_new(pieces, event, NULL, &answer);
    g_assert_cmpuint(stack->frame_count, ==, 0);
    g_assert_cmpint(stack->end, ==, UNWIND_NO_RULE);
    traced_stack_free(stack);
    snapshot_pieces_free(pieces);
    g_free(event);
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/traced-stack/standing", test_standing);
    g_test_add_func("/traced-stack/pieces", test_pieces);
    g_test_add_func("/traced-stack/checks", test_checks);
    g_test_add_func("/traced-stack/no-target", test_no_target);
    return g_test_run();
}
