/* SPDX-License-Identifier: Apache-2.0 */
/* Two processes on one core pass one byte back and forth through pipes: nothing but context switches, as many
 * as there can be. (On two cores each waits for the other core to wake up, which hides any cost.) With a
 * second argument each byte is answered after so many steps of computing. */
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

static long steps;
static volatile unsigned long result;

static void compute(void)
{
    unsigned long sum = 0;
    for (long i = 0; i < steps; i++)
        sum = sum * 31 + (unsigned long)i;
    result = sum;
}

static void pass(int from, int to, long rounds, int first)
{
    char byte = 'x';
    if (first && write(to, &byte, 1) != 1)
        exit(1);
    for (long i = 0; i < rounds; i++) {
        if (read(from, &byte, 1) != 1)
            exit(1);
        compute();
        if ((!first || i + 1 < rounds) && write(to, &byte, 1) != 1)
            exit(1);
    }
}

int main(int argc, char **argv)
{
    const long rounds = workload_rounds(600000, argc, argv);
    int there[2], back[2];
    cpu_set_t one;
    steps = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    if (pipe(there) != 0 || pipe(back) != 0 || sched_setaffinity(0, sizeof(one), &one) != 0)
        return 1;
    double start = workload_now();
    pid_t child = fork();
    if (child == 0) {
        pass(there[0], back[1], rounds, 0);
        _exit(0);
    }
    pass(back[0], there[1], rounds, 1);
    waitpid(child, NULL, 0);
    workload_report(2 * rounds, start);
    return 0;
}
