/* SPDX-License-Identifier: Apache-2.0 */
/* A loop of libevent whose callback blocks: the loop's own wait is for the next task, the callback's is not.
 */
#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define ROUNDS      20
#define BETWEEN_US  30000
#define BLOCKING_US 20000

static int there[2], back[2];
static int rounds;

static void *answer(void *argument)
{
    char byte;
    while (read(there[0], &byte, 1) == 1) {
        usleep(BLOCKING_US);
        if (write(back[1], &byte, 1) != 1)
            abort();
    }
    return argument;
}

static void on_timer(evutil_socket_t descriptor, short events, void *base)
{
    char byte = 'x';
    (void)descriptor;
    (void)events;
    if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
        abort();
    if (++rounds == ROUNDS)
        event_base_loopbreak(base);
}

int main(void)
{
    const struct timeval between = {.tv_usec = BETWEEN_US};
    pthread_t thread;
    struct event_base *base = event_base_new();
    if (!base || pipe(there) != 0 || pipe(back) != 0 || pthread_create(&thread, NULL, answer, NULL) != 0)
        return 1;
    struct event *timer = event_new(base, -1, EV_PERSIST, on_timer, base);
    event_add(timer, &between);
    event_base_dispatch(base);
    event_free(timer);
    event_base_free(base);
    close(there[1]);
    pthread_join(thread, NULL);
    return 0;
}
