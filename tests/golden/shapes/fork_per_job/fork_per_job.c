/* SPDX-License-Identifier: Apache-2.0 */
/* A job each time the clock says so, in a process of its own that may fail alone. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static double work(double x)
{
    for (int i = 0; i < 2000000; i++)
        x = x * 1.000001 + 0.5;
    return x;
}

static void run_job(int number)
{
    if (work(number) < 0)
        abort();
    _exit(0);
}

int main(void)
{
    for (int number = 0;; number++) {
        if (fork() == 0)
            run_job(number);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
        sleep(60);
    }
}
