/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of one array: which of them an index means is not known. */
#include <pthread.h>

static pthread_mutex_t locks[5];

int main(int count, char **arguments)
{
    (void)arguments;
    for (int i = 0; i < 5; i++)
        pthread_mutex_init(&locks[i], NULL);
    pthread_mutex_lock(&locks[count - 1]);
    pthread_mutex_lock(&locks[0]);
    pthread_mutex_unlock(&locks[count - 1]);
    pthread_mutex_unlock(&locks[0]);
    return 0;
}
