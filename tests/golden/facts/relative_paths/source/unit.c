#include "limit.h"
#include <other.h>

int bounded(int n)
{
    return n < LIMIT && twice(n) < LIMIT;
}
