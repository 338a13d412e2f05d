/* SPDX-License-Identifier: Apache-2.0 */
/* What the program `chains` has in shared libraries: one it is linked with, one it opens while it runs. */
#ifndef TESTS_KERNEL_CHAINS_LIBRARY_H
#define TESTS_KERNEL_CHAINS_LIBRARY_H

int chains_library_step(int value);

/* Waits and computes for as long, and tells `note` how long it really was; `side` 0 is left. */
typedef void chains_plugin_function(void (*note)(int side, double waited, double computed), long wait_ns,
                                    double compute_seconds);

#endif
