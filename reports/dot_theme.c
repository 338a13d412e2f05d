/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/dot_theme.h"

#define ORANGE     "#e69f00"
#define SKY        "#56b4e9"
#define VERMILLION "#d55e00"
#define PURPLE     "#cc79a7"

#define CLASS_FILLS                                                                                          \
    .class_fill =                                                                                            \
        {                                                                                                    \
            [WORK_CPU] = ORANGE,   [WORK_IO] = SKY,          [WORK_LOCK] = VERMILLION,                       \
            [WORK_MIXED] = PURPLE, [WORK_LIGHT] = "#d0d4d9",                                                 \
    },                                                                                                       \
    .class_ink = "#101418"

/* The ramps are four even steps of one hue, so that they read in print, too. */
static const struct dot_theme light = {
    .ground = "#fcfcfa",
    .ink = "#24292f",
    .quiet = "#57606a",
    .thread_fill = "#dcebf7",
    .thread_line = "#0072b2",
    .lock_fill = "#fdf0d5",
    .lock_line = "#8a6d1d",
    .outside_fill = "#eceff1",
    .outside_line = "#57606a",
    .alarm = VERMILLION,
    .path = "#009e73",
    .ramp = {"#8fb8de", "#4a8bc2", "#1f5f99", "#0b2f57"},
    CLASS_FILLS,
};

static const struct dot_theme dark = {
    .ground = "#14181d",
    .ink = "#e6edf3",
    .quiet = "#9aa4af",
    .thread_fill = "#12344d",
    .thread_line = SKY,
    .lock_fill = "#3a2f12",
    .lock_line = ORANGE,
    .outside_fill = "#262c33",
    .outside_line = "#9aa4af",
    .alarm = "#ff7a1a",
    .path = "#1ecb98",
    .ramp = {"#2b4f73", "#3f7fb8", "#6fb1e8", "#c9e4ff"},
    CLASS_FILLS,
};

const struct dot_theme *dot_theme_find(gboolean is_dark)
{
    return is_dark ? &dark : &light;
}
