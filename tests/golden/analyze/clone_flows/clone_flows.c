/* clone(): with CLONE_VM a thread in all but name, without it a process. */
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

static char stacks[8][65536];
static double results[8];

static double compute(int seed)
{
    double sum = 0;
    for (int i = 0; i < 10000000; i++)
        sum += sin(seed + i * 0.001);
    return sum;
}

static int beside(void *argument)
{
    results[0] = compute(1);
    return 0;
}

static int apart(void *argument)
{
    return compute(2) > 0 ? 0 : 1;
}

int main(void)
{
    for (int i = 0; i < 4; i++) {
        clone(beside, stacks[i] + 65536, CLONE_VM | CLONE_FS | SIGCHLD, NULL);
        clone(apart, stacks[i + 4] + 65536, SIGCHLD, NULL);
    }
    while (wait(NULL) > 0)
        ;
    return 0;
}
