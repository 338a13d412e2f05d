/* The section that makes the threads take turns stands in a function that they call; another lock is held for a few
 * instructions only. */
#include <pthread.h>

static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER, count_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned long table[64];
static unsigned long count;

static void fill_table(int round)
{
    pthread_mutex_lock(&table_lock);
    for (int i = 0; i < 1000000; i++)
        table[i & 63] += (unsigned long)(i ^ round);
    pthread_mutex_unlock(&table_lock);
}

static void count_round(void)
{
    pthread_mutex_lock(&count_lock);
    count++;
    pthread_mutex_unlock(&count_lock);
}

static void *fill(void *unused)
{
    for (int round = 0; round < 1000; round++) {
        fill_table(round);
        count_round();
    }
    return unused;
}

int main(void)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, fill, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
