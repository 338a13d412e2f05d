/* Do iterations need each other? */
struct node {
    struct node *next;
    int value;
};
double compute(double x);

void judge(double *a, double *b, int n, struct node *list, int *bins)
{
    for (int i = 0; i < n; i++)
        a[i] = compute(b[i]);
    for (int i = 1; i < n; i++)
        a[i] = a[i - 1] + b[i];
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    double best = a[0];
    for (int i = 0; i < n; i++)
        if (a[i] > best)
            best = a[i];
    for (struct node *node = list; node; node = node->next)
        node->value++;
    double state = sum;
    for (int i = 0; i < n; i++) {
        state = compute(state + best);
        b[i] = state;
    }
    for (int i = 0; i < n; i++) {
        double own = a[i] * 2;
        b[i] = own + own;
    }
    for (int i = 0; i < n; i++)
        bins[(int)a[i]] = i;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            a[i * n + j] = b[j * n + i];
}

struct body {
    double place, speed;
};
void advance(struct body bodies[5]);
void draw(const struct body bodies[5]);

void elements(struct body *bodies, int n, struct body few[5], unsigned char now[9][9], unsigned char next[9][9])
{
    for (int i = 0; i < n; i++)
        bodies[i].place += bodies[i].speed;
    for (int i = 1; i < n; i++)
        bodies[i].place += bodies[i - 1].speed;
    for (int i = 1; i < 8; i++)
        for (int j = 1; j < 8; j++)
            next[i][j] = now[i - 1][j] + now[i + 1][j];
    for (int i = 1; i < 8; i++)
        for (int j = 1; j < 8; j++)
            next[i][j] = next[i - 1][j] + now[i][j];
    for (int i = 0; i < n; i++)
        advance(few);
    for (int i = 0; i < n; i++)
        draw(few);
}
