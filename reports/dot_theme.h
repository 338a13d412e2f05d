/* SPDX-License-Identifier: Apache-2.0 */
/* The colours of graphs, for a light and a dark ground. They are those of Okabe and Ito (Color Universal
 * Design, 2008), told apart with every kind of colour vision; what a colour says, a shape, a line style or a
 * word says as well. */
#ifndef REPORTS_DOT_THEME_H
#define REPORTS_DOT_THEME_H

#include <glib.h>

#include "model/names.h"

#define DOT_RAMP_STEPS 4

struct dot_theme {
    const char *ground, *ink, *quiet; /* page, text, remarks */
    const char *thread_fill, *thread_line;
    const char *lock_fill, *lock_line;
    const char *outside_fill, *outside_line; /* disk, network, timer: nothing of the program */
    const char *alarm;                       /* rings, knots, big locks */
    const char *path;                        /* the critical path */
    const char *ramp[DOT_RAMP_STEPS];        /* waiting, from little to most */
    const char *class_fill[WORK_CLASS_COUNT];
    const char *class_ink; /* text on those */
};

const struct dot_theme *dot_theme_find(gboolean dark);

#endif
