/* Independent items of moderate length: whether workers pay for them is up to the host. */
static double improve(int item)
{
    double value = item;
    for (int i = 0; i < 100000; i++)
        value = value * 0.999999 + 1;
    return value;
}

int main(void)
{
    double results[64];
    for (int item = 0; item < 64; item++)
        results[item] = improve(item);
    return results[63] > 0 ? 0 : 1;
}
