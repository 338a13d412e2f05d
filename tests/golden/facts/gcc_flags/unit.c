int use(int n);

int flag(void)
{
    return use(FLAG);
}
