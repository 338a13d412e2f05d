/* SPDX-License-Identifier: Apache-2.0 */
/* Lesson: threads that do all their computing under one lock are a sequential program with extra steps.
 * Four threads look for the longest Collatz sequence (n → n/2 or 3n+1, until 1) and share one table of
 * records. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS       4
#define RANGES        60
#define RANGE_NUMBERS 120000
#define RECORDS       16

struct record {
    uint64_t start;
    int steps;
};

/* The longest sequences so far, longest first; one per number of binary digits would be a better table, but
 * not a better lesson. */
static struct record records[RECORDS];
static pthread_mutex_t records_lock = PTHREAD_MUTEX_INITIALIZER;

static int collatz_steps(uint64_t number)
{
    int steps = 0;
    while (number != 1) {
        number = number % 2 == 0 ? number / 2 : 3 * number + 1;
        steps++;
    }
    return steps;
}

/* Inserts a sequence into the table when it belongs there. */
static void keep_record(uint64_t start, int steps)
{
    if (steps <= records[RECORDS - 1].steps)
        return;
    int place = RECORDS - 1;
    while (place > 0 && records[place - 1].steps < steps) {
        records[place] = records[place - 1];
        place--;
    }
    records[place] = (struct record){start, steps};
}

/* Computes for some 30 milliseconds; the table is touched a few times at most. */
__attribute__((noinline)) static void search_range(int range)
{
    uint64_t first = (uint64_t)range * RANGE_NUMBERS + 1;
    for (uint64_t number = first; number < first + RANGE_NUMBERS; number++)
        keep_record(number, collatz_steps(number));
}

/* The lesson: the lock is held during the search, although only keep_record needs it. */
static void *search_worker(void *argument)
{
    int first_range = *(const int *)argument;
    for (int range = first_range; range < RANGES; range += THREADS) {
        pthread_mutex_lock(&records_lock);
        search_range(range);
        pthread_mutex_unlock(&records_lock);
    }
    return NULL;
}

__attribute__((noreturn)) static void fail(const char *what, int error)
{
    fprintf(stderr, "big_lock: %s: %s\n", what, strerror(error));
    exit(1);
}

int main(void)
{
    pthread_t threads[THREADS];
    int first_ranges[THREADS];
    for (int i = 0; i < THREADS; i++) {
        first_ranges[i] = i;
        int error = pthread_create(&threads[i], NULL, search_worker, &first_ranges[i]);
        if (error)
            fail("pthread_create", error);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);

    printf("the longest Collatz sequences that start below %d:\n", RANGES * RANGE_NUMBERS);
    for (int i = 0; i < 5; i++)
        printf("  %10llu takes %d steps\n", (unsigned long long)records[i].start, records[i].steps);
    return 0;
}
