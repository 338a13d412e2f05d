int use(int n);

int unit(void)
{
    return use(VALUE);
}
