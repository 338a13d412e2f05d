/* SPDX-License-Identifier: Apache-2.0 */
/* Children that are waited for in a handler. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void on_child(int number)
{
    (void)number;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
}

int main(void)
{
    char line[64];
    signal(SIGCHLD, on_child);
    while (fgets(line, sizeof(line), stdin)) {
        if (fork() == 0) {
            puts(line);
            _exit(0);
        }
    }
    return 0;
}
