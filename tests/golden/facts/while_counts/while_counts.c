/* `while` and `do` with constant bounds, and some that only look like it. */
int more(void);
void work(int n);

void counted(void)
{
    int i = 0;
    while (i < 10) {
        work(i);
        i++;
    }
    i = 5;
    while (i-- > 0)
        work(i);
    int down = 8;
    do
        work(down);
    while (--down);
    int post = 3;
    do {
        work(post);
    } while (post-- > 0);
    int pre = 0;
    while (++pre < 4)
        work(pre);
    int by_three = 0;
    do {
        by_three += 3;
    } while (by_three < 10);
    for (int j = 0; j < 3; j++) {
        int inner = 0;
        while (inner < 5) {
            work(inner);
            inner += 2;
        }
    }
    while (1)
        if (more())
            break;
    do
        work(1);
    while (0);
}

void uncounted(int n, int *shared)
{
    int q = 0;
    while (q < n)
        q++;
    int r = 0;
    while (r < 6) {
        if (more())
            continue;
        r++;
    }
    int once = 0;
    for (int j = 0; j < 3; j++)
        while (once < 5)
            once++;
    int maybe = 0;
    if (n)
        maybe = 3;
    while (maybe < 5)
        maybe++;
    while (*shared < 5)
        (*shared)++;
    int known = 0;
    shared = &known;
    while (known < 5) {
        known++;
        work(*shared);
    }
    while (n < 7)
        n++;
}
