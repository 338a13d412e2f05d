/* SPDX-License-Identifier: Apache-2.0 */
/* The thresholds of a class, shared by the prediction (analyzer), the measurement (tracer) and the verdict
 * (judge). */
#ifndef MODEL_WORK_CLASS_H
#define MODEL_WORK_CLASS_H

#include <glib.h>

#include "model/names.h"

#define CLASS_LOCK_SHARE  0.30  /* lock at or above; looked at first */
#define CLASS_IO_SHARE    0.70  /* io at or above */
#define CLASS_CPU_SHARE   0.70  /* cpu at or above */
#define CLASS_LIGHT_SHARE 0.001 /* light below, of the program's active time */

/* A class of less confidence is a guess: shown and judged as one, and no prediction claims it. */
#define CLASS_CLAIM_CONFIDENCE 0.5

/* Seconds of one region, thread or program by state. They are disjoint and add up to its time. */
struct time_split {
    double on_cpu;    /* on the core outside I/O system calls */
    double io_work;   /* on the core inside I/O system calls */
    double runnable;  /* waiting for a core */
    double io_wait;   /* blocked on something outside the program: disk, socket, pipe, terminal, timer, child,
                         fault */
    double lock_wait; /* blocked on other threads of the same program */
    double idle;      /* waiting for the next task */
};

double time_split_active(const struct time_split *split); /* everything but idle */

/* The class of a region with this split inside a program that was active for `program_active` seconds.
 * Source: DESIGN.md's thresholds, which docs/model.md repeats. No active time at all is WORK_LIGHT. */
enum work_class time_split_class(const struct time_split *split, double program_active);

/* How a blocked state counts: FALSE when the cause is a wait on another thread of the program (lock_wait). */
gboolean wait_cause_is_lock(enum wait_cause cause);
/* TRUE for the causes that count as idle without further knowledge: the join of workers, accept. */
gboolean wait_cause_is_idle(enum wait_cause cause);

#endif
