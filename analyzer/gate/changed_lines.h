/* SPDX-License-Identifier: Apache-2.0 */
/* The lines that a change touches, as git tells them. */
#ifndef ANALYZER_GATE_CHANGED_LINES_H
#define ANALYZER_GATE_CHANGED_LINES_H

#include "model/session.h"

struct changed_lines;

/* What the work tree that `folder` lies in, untracked files included, has and the last common commit with
 * `revision` has not. Where lines were only taken out, the lines around count. NULL with ANALYZER_ERROR_INPUT
 * when git cannot tell. */
struct changed_lines *changed_lines_read(const char *folder, const char *revision, GError **error);
void changed_lines_free(struct changed_lines *changes);
typedef struct changed_lines ChangedLines;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ChangedLines, changed_lines_free)

/* Adds what a patch without context (`git diff -U0`) says of files below `folder`. */
void changed_lines_add_patch(struct changed_lines *changes, const char *folder, const char *patch);
struct changed_lines *changed_lines_new(void);
/* `file` is absolute. */
gboolean changed_lines_touch(const struct changed_lines *changes, const char *file, int line, int end_line);

/* Removes the findings of which no place is touched, suppressed ones too, and returns how many. */
guint changed_lines_apply(const struct changed_lines *changes, struct session *session);

#endif
