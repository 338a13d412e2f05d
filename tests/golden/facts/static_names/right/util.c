static int counter;

static int step(int n)
{
    static int calls;
    calls--;
    return counter -= n;
}

int right(int n)
{
    int (*chosen)(int) = step;
    return chosen(n);
}
