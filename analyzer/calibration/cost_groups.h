/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a calibration: each function measures some costs and adds them, or says why it could not. */
#ifndef ANALYZER_CALIBRATION_COST_GROUPS_H
#define ANALYZER_CALIBRATION_COST_GROUPS_H

#include <sched.h>

#include "analyzer/calibration/repetition.h"
#include "analyzer/host_costs.h"

struct calibration {
    struct effort effort;
    gboolean quick;
    cpu_set_t usable;                               /* the affinity that the process came with */
    struct repetition repetitions[HOST_COST_COUNT]; /* seconds, bytes, or nanoseconds */
    GPtrArray *failures;                            /* char * */
};

/* Runs the work, keeps what it took times `factor`; on failure keeps the reason. */
gboolean calibration_time(struct calibration *calibration, enum host_cost_id id, repeated_work *work,
                          gpointer data, double factor);
/* The errno of what was tried. */
void calibration_fail(struct calibration *calibration, enum host_cost_id id, const char *tried, int reason);

/* Everything that this thread starts from now on runs on one core, and the time that it spends there counts:
 * the cost of a switch is wanted, not how long an idle core takes to wake up, or other programs take. Work
 * of a child that lives on is not in that time: then effort.clock must be NULL again. */
void calibration_pin(struct calibration *calibration);
void calibration_unpin(struct calibration *calibration);

/* _Fork() as in a small program: the libraries of this one do not go along, and so must not be called by what
 * they registered with pthread_atfork(), as fork() does. The child may call nothing but lean_call, a syscall()
 * that needs no lookup of its name in libraries that are gone. */
extern long (*const volatile lean_call)(long number, ...);
void lean_fork_begin(void);
void lean_fork_end(void);

void calibrate_threads(struct calibration *calibration);
void calibrate_processes(struct calibration *calibration);
void calibrate_coroutines(struct calibration *calibration);
void calibrate_switches(struct calibration *calibration);
void calibrate_locks(struct calibration *calibration);
void calibrate_messages(struct calibration *calibration);
void calibrate_memory(struct calibration *calibration);
void calibrate_operations(struct calibration *calibration);

#endif
