/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>

static void print(const char *line)
{
    if (fork() == 0) {
        puts(line);
        _exit(0);
    }
}

/* Waits for no child, whatever it is called. */
static void wait_for_input(void)
{
    printf("> ");
    fflush(stdout);
}

int main(void)
{
    char line[64];
    wait_for_input();
    while (fgets(line, sizeof(line), stdin))
        print(line);
    return 0;
}
