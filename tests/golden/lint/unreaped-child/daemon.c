/* SPDX-License-Identifier: Apache-2.0 */
/* The parent ends: the child belongs to init. */
#include <stdlib.h>
#include <unistd.h>

static void become_daemon(void)
{
    pid_t child = fork();
    if (child < 0)
        exit(1);
    if (child > 0)
        exit(0);
    setsid();
}

int main(void)
{
    become_daemon();
    for (;;)
        pause();
}
