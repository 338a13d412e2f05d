/* SPDX-License-Identifier: Apache-2.0 */
/* The call chains of the program `chains` and of the test that traces it: what the program says under a
 * chain's name is time of each of its functions. */
#ifndef TESTS_KERNEL_CHAINS_H
#define TESTS_KERNEL_CHAINS_H

#define CHAIN_FUNCTIONS_MAX 6

/* X(name, functions of the program innermost first) */
#define CHAINS(X)                                                                                            \
    X(read, "wait_for_bytes", "fetch_record", "read_body")                                                   \
    X(lock, "wait_for_lock", "update_account", "lock_body")                                                  \
    X(pause, "leave_account", "lock_body")                                                                   \
    X(condition, "wait_for_signal", "take_job", "condition_body")                                            \
    X(sort, "spend", "compare_slowly", "sort_records", "sort_body")                                          \
    X(handler, "spend", "on_signal", "interrupted_loop", "signal_body")                                      \
    X(interrupted, "interrupted_loop", "signal_body")                                                        \
    X(plugin_left, "plugin_work", "plugin_left", "call_plugin", "plugin_body")                               \
    X(plugin_right, "plugin_work", "plugin_right", "call_plugin", "plugin_body")                             \
    X(recursion, "spend", "descend", "start_descent", "recursion_body")                                      \
    X(path_left, "spend", "shared_step", "left_path", "path_body")                                           \
    X(path_right, "spend", "shared_step", "right_path", "path_body")                                         \
    X(deep_left, "spend", "deep_step", "left_deep", "deep_body")                                             \
    X(deep_right, "spend", "deep_step", "right_deep", "deep_body")                                           \
    X(abyss, "spend", "sink_down", "enter_abyss", "abyss_body")                                              \
    X(stub, "call_often", "stub_body")                                                                       \
    X(clock, "read_clock_often", "clock_body")

#define CHAIN_NAME(name, ...) CHAIN_##name,
enum chain { CHAINS(CHAIN_NAME) CHAIN_COUNT };
#undef CHAIN_NAME

#endif
