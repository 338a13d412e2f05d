/* SPDX-License-Identifier: Apache-2.0 */
/* The truth table: regions whose shares are set by number. The program (shares.c) makes a function of each
 * row, the test (shares_test.c) a region with predictions. A row is (kind, percent): so much of the region's
 * time passes as the kind says, the rest it computes. */
#ifndef TESTS_KERNEL_SHARES_H
#define TESTS_KERNEL_SHARES_H

#define SHARES_QUIET(ROW)                                                                                    \
    ROW(sleep, 10)                                                                                           \
    ROW(sleep, 30)                                                                                           \
    ROW(sleep, 50)                                                                                           \
    ROW(sleep, 60)                                                                                           \
    ROW(sleep, 65)                                                                                           \
    ROW(sleep, 75)                                                                                           \
    ROW(sleep, 80)                                                                                           \
    ROW(sleep, 95)                                                                                           \
    ROW(pipe, 20)                                                                                            \
    ROW(pipe, 55)                                                                                            \
    ROW(pipe, 85)                                                                                            \
    ROW(socket, 20)                                                                                          \
    ROW(socket, 55)                                                                                          \
    ROW(socket, 85)                                                                                          \
    ROW(lock, 10)                                                                                            \
    ROW(lock, 20)                                                                                            \
    ROW(lock, 27)                                                                                            \
    ROW(lock, 33)                                                                                            \
    ROW(lock, 45)                                                                                            \
    ROW(lock, 70)                                                                                            \
    ROW(lock, 95)                                                                                            \
    ROW(idle, 10)                                                                                            \
    ROW(idle, 50)                                                                                            \
    ROW(idle, 80)                                                                                            \
    ROW(light, 0)

/* Those that are run again with other programs on every core. */
#define SHARES_BUSY(ROW)                                                                                     \
    ROW(sleep, 30)                                                                                           \
    ROW(sleep, 60)                                                                                           \
    ROW(sleep, 95)                                                                                           \
    ROW(pipe, 55)                                                                                            \
    ROW(socket, 85)                                                                                          \
    ROW(lock, 20)                                                                                            \
    ROW(lock, 70)                                                                                            \
    ROW(idle, 50)

#endif
