/* Heavy iterations that all add to one global: not without a lock or a sum per worker. */
static double total;

static void add(int item)
{
    double value = item;
    for (int i = 0; i < 1000000; i++)
        value = value * 0.999999 + 1;
    total += value;
}

int main(void)
{
    for (int item = 0; item < 2000; item++)
        add(item);
    return total > 0 ? 0 : 1;
}
