/* 60,000 terms in one expression: no parser may blow its stack on it. */
#define TEN(x)          x + x + x + x + x + x + x + x + x + x
#define THOUSAND(x)     TEN(TEN(TEN(x)))
#define TEN_THOUSAND(x) TEN(THOUSAND(x))

int total;

int terms(int a)
{
    return TEN_THOUSAND(a) + TEN_THOUSAND(a) + TEN_THOUSAND(a) + TEN_THOUSAND(a) + TEN_THOUSAND(a) +
           TEN_THOUSAND(a);
}

void after(void)
{
    total = terms(1);
}
