/* Two programs in one database: this one has threads, and more functions than the other. */
#include <pthread.h>
#include "table.h"

static void *serve(void *table)
{
    for (int i = 0; i < 1000000; i++)
        table_add(table, i);
    return NULL;
}

static int count(struct table *table)
{
    int sum = 0;
    for (int i = 0; i < 1000; i++)
        sum += table->values[i];
    return sum;
}

void complain(const char *text)
{
    table_add(NULL, text[0]);
}

int main(void)
{
    static struct table tables[4];
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, serve, &tables[i]);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    if (count(&tables[0]) < 0)
        complain("negative");
    return 0;
}
