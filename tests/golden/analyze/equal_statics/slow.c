#include <math.h>

static int step(int value)
{
    double sum = value;
    for (int i = 0; i < 1000000; i++)
        sum += cos(i * 0.25);
    return (int)sum;
}

int slow(int value)
{
    return step(value);
}
