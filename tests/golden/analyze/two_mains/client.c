/* The other program is sequential; its complain() is not the server's. */
#include <stdio.h>
#include "table.h"

void complain(const char *text)
{
    fputs(text, stderr);
}

int main(void)
{
    static struct table table;
    table_add(&table, 1);
    complain("done\n");
    return 0;
}
