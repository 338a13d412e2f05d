/* SPDX-License-Identifier: Apache-2.0 */
/* One call moves what a loop gathered: the call is the work, not the loop. What wraps a mutex and tests for
 * failure only takes the lock. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

struct chunk {
    struct chunk *next;
    char *bytes;
    size_t length;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static int send_chunks(int socket, const struct chunk *first)
{
    struct iovec pieces[64];
    int count = 0;
    for (const struct chunk *chunk = first; chunk && count < 64; chunk = chunk->next) {
        pieces[count].iov_base = chunk->bytes;
        pieces[count].iov_len = chunk->length;
        count++;
    }
    return (int)writev(socket, pieces, count);
}

static void possess(void)
{
    int failure = pthread_mutex_lock(&mutex);
    if (failure) {
        fprintf(stderr, "cannot lock: %d\n", failure);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    int server = socket(AF_INET, SOCK_STREAM, 0);
    struct chunk chunks[2] = {{&chunks[1], argv[0], 1}, {NULL, argv[argc - 1], 1}};
    for (;;) {
        possess();
        if (send_chunks(server, chunks) < 0)
            return 1;
        pthread_mutex_unlock(&mutex);
    }
}
