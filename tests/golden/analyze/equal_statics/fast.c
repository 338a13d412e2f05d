/* A static step() here and another one in slow.c: each caller has its own. */
static int step(int value)
{
    return value + 1;
}

int fast(int value)
{
    return step(value);
}
