/* Pragmas of OpenMP as programs have them that are built with and without it: inside conditionals, before comments,
 * over several lines, and as an operator; those of branches that are not compiled make no threads. */
#include <math.h>
#include <stdio.h>

static double table[1000];

static double compute(double start)
{
    double sum = 0;
    for (int i = 0; i < 1000000; i++)
        sum += sin(start + i * 0.001);
    return sum;
}

static void conditional(void)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic, 50)
#endif
    for (int i = 0; i < 1000; i++)
        table[i] = compute(i);
}

static void conditional_sections(double *first, double *second)
{
    {
#if defined(_OPENMP) && _OPENMP >= 200805
    #pragma omp parallel \
                num_threads(2) /* one each */
    #  pragma omp sections
#endif
      {
#ifdef _OPENMP
        #pragma omp section
#endif
        *first = compute(1);
#ifdef _OPENMP
        #pragma omp section
#endif
        *second = compute(2);
      }
    }
}

static void commented(void)
{
#pragma omp parallel for
    // each item costs the same

    /* so that
     * #pragma omp critical
     * is not needed */
    for (int i = 0; i < 1000; i++)
        table[i] = compute(i);
}

static void operated(void)
{
    _Pragma("omp parallel for schedule(static)")
    for (int i = 0; i < 1000; i++)
        table[i] = compute(i);
}

static void operated_beside(void)
{
    _Pragma("omp parallel for") for (int i = 0; i < 1000; i++)
        table[i] = compute(i);
}

static void left_out(void)
{
#if 0
#pragma omp parallel for
#endif
    for (int i = 0; i < 1000; i++)
        table[i] = compute(i);
#ifndef _OPENMP
#pragma omp parallel for
#else
#pragma message("divided elsewhere")
#endif
    for (int i = 0; i < 1000; i++)
        table[i] = compute(i);
}

static void of_another(void)
{
#ifdef _OPENMP
#pragma omp parallel
#endif
    table[0] = compute(0);
    /* omp parallel for */
    for (int i = 1; i < 1000; i++)
        table[i] = compute(i);
}

int main(void)
{
    double first, second;
    conditional();
    conditional_sections(&first, &second);
    commented();
    operated();
    operated_beside();
    left_out();
    of_another();
    printf("%f %f %f\n", table[9], first, second);
    return 0;
}
