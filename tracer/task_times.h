/* SPDX-License-Identifier: Apache-2.0 */
/* How long threads were busy between two waits for the next task, added up while a watch goes on
 * (measure_tasks in measure.h). */
#ifndef TRACER_TASK_TIMES_H
#define TRACER_TASK_TIMES_H

#include <glib.h>

#define TASK_WAITS_MAX (1u << 18) /* that are kept until they are counted */

struct task_times;
struct task_times *task_times_new(void);
void task_times_free(struct task_times *times);

/* By thread, as of the last measure_tasks: struct thread_tasks (tracer.h), the caller's. */
GPtrArray *task_times_take(struct task_times *times);

#endif
