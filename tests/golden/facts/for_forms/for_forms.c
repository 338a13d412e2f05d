/* Every form of `for`, whose missing parts libclang does not show. */
int more(void);
#define FOREVER          for (;;)
#define UNTIL(condition) for (; !(condition);)

int forms(int n)
{
    for (;;)
        if (more())
            break;
    for (; n;)
        more();
    for (;; n++)
        if (more())
            break;
    for (n = 0;;)
        if (more())
            break;
    for (n = 0; n < 10;)
        n++;
    for (; /* ; */ n < 10; n++)
        more();
    for (int i = ';'; i < 100; i += 10)
        more();
    for (int i = 10, j = 0; i > j; i--, j++)
        more();
    for (int i = 16; i-- > 0;)
        more();
    for (more(); more();)
        ;
    UNTIL(n > 3)
    more();
    FOREVER
    if (more())
        return n;
}
