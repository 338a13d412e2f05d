/* OpenMP: a loop divided over threads by a pragma, one in a region with braces, and one whose pragma is another's. */
#include <math.h>
#include <stdio.h>

static double table[1000], other[1000];

static double compute(int item)
{
    double sum = 0;
    for (int i = 0; i < 1000000; i++)
        sum += sin(item + i * 0.001);
    return sum;
}

static void fill(void)
{
#pragma omp parallel for \
    schedule(dynamic)
    for (int i = 0; i < 1000; i++)
        table[i] = compute(i);
}

static void fill_other(void)
{
#pragma omp parallel
    {
#pragma omp for
        for (int i = 0; i < 1000; i++)
            other[i] = compute(i);
    }
}

static double total(void)
{
    double sum = 0;
#pragma omp simd
    for (int i = 0; i < 1000; i++)
        sum += table[i] + other[i];
    return sum;
}

int main(void)
{
    fill();
    fill_other();
    printf("%f\n", total());
    return 0;
}
