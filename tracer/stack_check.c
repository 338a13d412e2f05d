/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/stack_check.h"

#include <string.h>

#include "tracer/target.h"

#define NUMBERED_WORDS  64                      /* the program's own code in these makes the number */
#define START_BYTES     40                      /* of the C library's _start, which never returns */
#define INNERMOST_WORDS (STACK_CHECK_WORDS / 3) /* when there are too many, so many of these are kept */

static gboolean is_c_library(const struct module *module)
{
    const char *slash = strrchr(module->path, '/');
    const char *name = slash ? slash + 1 : module->path;
    return g_str_has_prefix(name, "libc.so") || g_str_has_prefix(name, "libc-") ||
           g_str_has_prefix(name, "libpthread") || g_str_has_prefix(name, "ld-") ||
           g_str_equal(name, "[vdso]");
}

/* The return address in _start is below every stack of the first thread and of no other. */
static gboolean is_start(const struct image *image, guint64 frame)
{
    return image->module->is_executable && frame - image->bias - image->module->entry < START_BYTES;
}

static gboolean is_worth_a_look(struct target *target, guint64 frame, guint64 word)
{
    const struct image *image = target_known_image(target, frame - 1);
    if (!image)
        return TRUE; /* code that was made at run time */
    if (is_c_library(image->module) || is_start(image, frame))
        return FALSE;
    return word >= NUMBERED_WORDS || !image->module->is_executable;
}

void stack_check_make(struct stack_check *check, struct target *target, guint64 sp, const guint64 *frames,
                      const guint64 *places, guint count)
{
    g_autofree guint *chosen = g_new(guint, count + 1);
    guint chosen_count = 0;
    memset(check, 0, sizeof(*check));
    for (guint i = 1; i < count; i++) {
        guint64 word = (places[i] - sp) / sizeof(guint64);
        gboolean repeats = i + 1 < count && frames[i] == frames[i - 1] && frames[i] == frames[i + 1];
        if (!places[i] || word > G_MAXUINT16 || repeats || !is_worth_a_look(target, frames[i], word))
            continue;
        chosen[chosen_count++] = i;
    }
    for (guint k = 0; k < chosen_count; k++) {
        /* the outermost tell paths apart that meet in one function */
        if (chosen_count > STACK_CHECK_WORDS && k >= INNERMOST_WORDS &&
            k < INNERMOST_WORDS + chosen_count - STACK_CHECK_WORDS)
            continue;
        guint i = chosen[k];
        check->words[check->count] = frames[i];
        check->at[check->count++] = (guint16)((places[i] - sp) / sizeof(guint64));
    }
}
