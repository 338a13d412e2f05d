/* OpenMP's tasks: of a recursion, of a loop, of a list below two pragmas, and sections. `taskwait` and
 * words in clauses make none. */
#include <math.h>
#include <stdio.h>

struct item {
    struct item *next;
    double value;
};

static double table[1000];

static double compute(double start)
{
    double sum = 0;
    for (int i = 0; i < 1000000; i++)
        sum += sin(start + i * 0.001);
    return sum;
}

static long fibonacci(int n)
{
    long left, right;
    if (n < 20)
        return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
#pragma omp task shared(left)
    left = fibonacci(n - 1);
#pragma omp task shared(right) \
    firstprivate(n)
    {
        right = fibonacci(n - 2);
    }
#pragma omp taskwait
    return left + right;
}

static void walk(struct item *items)
{
#pragma omp parallel
#pragma omp single
    {
        for (struct item *item = items; item; item = item->next) {
#pragma omp task firstprivate(item)
            item->value = compute(item->value);
        }
    }
}

static void fill(void)
{
#pragma omp taskloop grainsize(10)
    for (int i = 0; i < 1000; i++)
        table[i] = compute(i);
}

static void halves(double *first, double *second)
{
#pragma omp parallel sections
    {
#pragma omp section
        *first = compute(1);
#pragma omp section
        *second = compute(2);
    }
}

static void more_halves(double *first, double *second)
{
#pragma omp sections
    {
#pragma omp section
        *first = compute(3);
#pragma omp section
        *second = compute(4);
    }
}

static double total(void)
{
    double sum = 0, task = 0;
#pragma omp simd reduction(+ : sum, task)
    for (int i = 0; i < 1000; i++)
        sum += table[i] + task;
    return sum;
}

int main(void)
{
    static struct item items[3] = {{&items[1], 0}, {&items[2], 1}, {NULL, 2}};
    double first, second, third = 0, fourth = 0;
    walk(items);
#pragma omp parallel
    {
#pragma omp single
        fill();
        more_halves(&third, &fourth);
    }
    halves(&first, &second);
    printf("%ld %f %f %f %f %f\n", fibonacci(40), total(), first, second, third, fourth);
    return 0;
}
