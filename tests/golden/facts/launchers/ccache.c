int use(int n);

int value(void)
{
    return use(VALUE);
}
