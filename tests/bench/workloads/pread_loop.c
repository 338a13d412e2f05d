/* SPDX-License-Identifier: Apache-2.0 */
/* One-byte reads and writes of a cached file: nothing but short system calls that never block. */
#include <unistd.h>

#include "workload.h"

int main(int argc, char **argv)
{
    const long rounds = workload_rounds(4000000, argc, argv);
    FILE *file = tmpfile();
    if (!file)
        return 1;
    int descriptor = fileno(file);
    char byte = 'x';
    double start = workload_now();
    for (long i = 0; i < rounds; i++) {
        if (pwrite(descriptor, &byte, 1, i & 4095) != 1 || pread(descriptor, &byte, 1, i & 4095) != 1)
            return 1;
    }
    workload_report(2 * rounds, start);
    return 0;
}
