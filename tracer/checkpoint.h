/* SPDX-License-Identifier: Apache-2.0 */
/* Now and then, in a copy of this process, the session is completed as if the watch ended at that moment, so
 * that little is lost when the tracer is killed. The watch is not held up: the copy does all the work. */
#ifndef TRACER_CHECKPOINT_H
#define TRACER_CHECKPOINT_H

#include <glib.h>
#include <sys/types.h>

struct checkpoint {
    double seconds; /* between two; 0: none are made */
    pid_t worker;   /* the copy that is at work, or 0 */
    guint64 next_ns;
    double cpu_seconds; /* of all copies that have ended */
};

/* Makes one when it is time: `write` runs in the copy, which then ends. Rarer when they take long. */
void checkpoint_tick(struct checkpoint *checkpoint, void (*write)(gpointer data), gpointer data);
/* Waits for the copy that may be at work still. */
void checkpoint_finish(struct checkpoint *checkpoint);

#endif
