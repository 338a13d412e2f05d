/* What older compilers accepted. */
old(a, b) int a;
char *b;
{
    undeclared(a, b);
    return 1;
}

char *number(void)
{
    return 5;
}

void *pointer(void)
{
    int (*other)(void) = number;
    return other;
}
