/* What both programs are linked with. */
#include "table.h"

void table_add(struct table *table, int value)
{
    for (int i = 0; i < 1000; i++)
        table->values[i] += value;
}
