/* SPDX-License-Identifier: Apache-2.0 */
/* One thread of each kind, made from a table: whether there are two of a kind is doubtful. */
#include <pthread.h>
#include <stddef.h>

static long read_count, written_count;

static void *reader(void *unused)
{
    read_count++;
    return unused;
}

static void *writer(void *unused)
{
    written_count++;
    return unused;
}

static const struct {
    void *(*body)(void *);
} kinds[] = {{reader}, {writer}};

int main(void)
{
    pthread_t threads[2];
    for (size_t i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, kinds[i].body, NULL);
    for (size_t i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    return (int)(read_count + written_count);
}
