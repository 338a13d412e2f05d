/* SPDX-License-Identifier: Apache-2.0 */
/* Measures what concurrency costs on this host; docs/calibrate.md says how each number is won. */
#ifndef ANALYZER_CALIBRATION_CALIBRATION_H
#define ANALYZER_CALIBRATION_CALIBRATION_H

#include "model/records.h"

struct calibration_options {
    gboolean quick; /* fewer repetitions: a tenth of the time, more spread */
    /* Optional: called before each group of costs. */
    void (*progress)(const char *subject, guint done, guint total, gpointer data);
    gpointer progress_data;
};

/* This host with all costs that could be measured; *failures (char *, the caller's) says which could not, and
 * why. Takes less than 30 seconds, starts threads and processes and ends them, and writes nothing. The caller
 * should have no other threads. */
struct host *calibrate(const struct calibration_options *options, GPtrArray **failures);

#endif
