/* C11 threads: thrd_create in a loop, a mutex around the result. */
#include <math.h>
#include <threads.h>

static mtx_t total_lock;
static double total;

static int integrate(void *argument)
{
    double sum = 0;
    for (int i = 0; i < 10000000; i++)
        sum += sqrt(i * 0.5);
    mtx_lock(&total_lock);
    total += sum;
    mtx_unlock(&total_lock);
    return 0;
}

int main(void)
{
    thrd_t workers[4];
    mtx_init(&total_lock, mtx_plain);
    for (int i = 0; i < 4; i++)
        thrd_create(&workers[i], integrate, NULL);
    for (int i = 0; i < 4; i++)
        thrd_join(workers[i], NULL);
    return total > 0 ? 0 : 1;
}
