/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char *text;

static void note(const char *what)
{
    printf("%s\n", what);
}

static void on_signal(int number)
{
    (void)number;
    note("signal");
    text = malloc(10);
}

int main(void)
{
    signal(SIGUSR1, on_signal);
    pause();
    free(text);
    return 0;
}
