static int counter;

static int step(int n)
{
    static int calls;
    calls++;
    return counter += n;
}

int left(int n)
{
    return step(n);
}
