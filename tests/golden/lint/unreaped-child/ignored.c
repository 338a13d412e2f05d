/* SPDX-License-Identifier: Apache-2.0 */
/* Children that the kernel reaps, because their end is ignored. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    char line[64];
    signal(SIGCHLD, SIG_IGN);
    while (fgets(line, sizeof(line), stdin)) {
        if (fork() == 0) {
            puts(line);
            _exit(0);
        }
    }
    return 0;
}
