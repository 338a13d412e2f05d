/* Loops that only gotos make, among others. */
int more(void);
void work(int n);
int table[10];

void up(int n)
{
    int i = 0;
next:
    work(i);
    i++;
    if (i < n)
        goto next;
}

void test_below(int n)
{
    goto check;
body:
    work(n);
    table[n & 7] += n * 3;
check:
    if (n-- > 0)
        goto body;
}

void nested(int n)
{
outer:
    for (int i = 0; i < 4; i++)
        work(i);
inner:
    if (more())
        goto inner;
    while (n) {
    deep:
        if (more())
            goto deep;
        n--;
    }
    if (more())
        goto outer;
}

void failed_attempt(void)
{
again:
    if (more())
        goto again;
}

void forever(void)
{
top:
    work(1);
    goto top;
}

void forward(int n)
{
    if (n)
        goto out;
    work(1);
out:
    work(2);
}

void leaves_two(int n)
{
    for (int i = 0; i < n; i++)
        for (;;)
            if (more())
                goto out;
out:
    work(3);
}

int interpret(const unsigned char *code)
{
    static void *const labels[] = {&&add, &&repeat, &&stop};
    int sum = 0;
    goto *labels[*code];
add:
    sum += table[*code++];
    goto *labels[*code];
repeat:
    for (int i = 0; i < 3; i++)
        work(sum);
    goto *labels[*++code];
stop:
    return sum;
}
