/* SPDX-License-Identifier: Apache-2.0 */
/* Two threads with a job of their own each. */
#include <pthread.h>

static double work(double x)
{
    for (int i = 0; i < 2000000; i++)
        x = x * 1.000001 + 0.5;
    return x;
}

static double heights, depths;

static void *measure_heights(void *unused)
{
    heights = work(1);
    return unused;
}

static void *measure_depths(void *unused)
{
    depths = work(2);
    return unused;
}

int main(void)
{
    pthread_t first, second;
    pthread_create(&first, NULL, measure_heights, NULL);
    pthread_create(&second, NULL, measure_depths, NULL);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    return heights < depths;
}
