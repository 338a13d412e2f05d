#include "unit.h"

int use(int n);

int answer(void)
{
    return use(ANSWER);
}
