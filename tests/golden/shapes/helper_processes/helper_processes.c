/* SPDX-License-Identifier: Apache-2.0 */
/* Three jobs that have nothing to do with each other. */
#include <sys/wait.h>
#include <unistd.h>

static double work(double x)
{
    for (int i = 0; i < 2000000; i++)
        x = x * 1.000001 + 0.5;
    return x;
}

static void forecast(void)
{
    _exit(work(1) < 0);
}

static void index_files(void)
{
    _exit(work(2) < 0);
}

static void compact(void)
{
    _exit(work(3) < 0);
}

int main(void)
{
    if (fork() == 0)
        forecast();
    if (fork() == 0)
        index_files();
    if (fork() == 0)
        compact();
    while (wait(NULL) > 0)
        ;
    return 0;
}
