/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>

static volatile int ready;
static volatile long hits;
static volatile int state;
static int answer;

static void *produce(void *unused)
{
    answer = 42;
    ready = 1;
    for (int i = 0; i < 1000; i++)
        hits++;
    state = 2;
    return unused;
}

int main(void)
{
    pthread_t first, second;
    pthread_create(&first, NULL, produce, NULL);
    pthread_create(&second, NULL, produce, NULL);
    while (!ready)
        sched_yield();
    printf("%d in state %d\n", answer, state);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    return hits > 0;
}
