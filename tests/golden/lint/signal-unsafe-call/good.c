/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
    write(1, "x", 1);
}

int main(void)
{
    signal(SIGUSR1, on_signal);
    while (!stop)
        pause();
    return 0;
}
