/* SPDX-License-Identifier: Apache-2.0 */
/* Every rule, and running them. */
#ifndef ANALYZER_RULES_RULES_H
#define ANALYZER_RULES_RULES_H

#include "analyzer/rules/rule.h"

extern const struct rule lock_order_inversion_rule, self_deadlock_rule, lock_not_released_rule,
    unlock_not_held_rule, data_race_rule, lock_held_across_blocking_call_rule,
    blocking_call_in_event_loop_rule, condition_wait_without_loop_rule, fork_in_threaded_program_rule,
    signal_unsafe_call_rule, async_cancellation_rule, big_lock_rule, busy_wait_rule, cpu_heavy_callback_rule,
    false_sharing_rule, gil_held_across_blocking_call_rule, gil_held_across_computation_rule,
    non_thread_safe_call_rule, nonblocking_missing_rule, oversubscription_rule, pool_starvation_rule,
    sleep_as_synchronization_rule, thread_never_joined_rule, unbounded_thread_creation_rule,
    unreaped_child_rule, volatile_as_synchronization_rule;

/* Finds what the rules share, runs those of `names` (NULL: all), adds their findings to the session, sorted
 * by place, and marks the suppressed ones. `pressures` are those of
 * lock_pressure_find(). `whole`: no unit of the program is missing. */
void rules_run(struct session *session, const struct cost_model *model, GPtrArray *pressures,
               const char *const *names, gboolean whole);

#endif
