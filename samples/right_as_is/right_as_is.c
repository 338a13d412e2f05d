/* SPDX-License-Identifier: Apache-2.0 */
/* Lesson: what corewise says when there is nothing to change. One thread per usable core takes blocks of
 * numbers from a shared counter, counts the primes in them, and adds to a total of its own: no lock, nothing
 * shared but the counter. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS        800
#define BLOCK_NUMBERS 20000

/* On cache lines of their own, so that the workers' totals do not slow each other down. */
struct worker {
    _Alignas(64) long primes;
    long blocks;
    pthread_t thread;
};

static atomic_int next_block;

/* Trial division by odd numbers up to the square root. */
static int is_prime(uint32_t number)
{
    if (number < 2 || number % 2 == 0)
        return number == 2;
    for (uint32_t divisor = 3; divisor * divisor <= number; divisor += 2) {
        if (number % divisor == 0)
            return 0;
    }
    return 1;
}

__attribute__((noinline)) static long count_primes(uint32_t first, uint32_t count)
{
    long primes = 0;
    for (uint32_t number = first; number < first + count; number++)
        primes += is_prime(number);
    return primes;
}

/* Takes the next block until none is left: fast workers simply take more. */
static void *prime_worker(void *argument)
{
    struct worker *worker = argument;
    for (;;) {
        int block = atomic_fetch_add(&next_block, 1);
        if (block >= BLOCKS)
            return NULL;
        worker->primes += count_primes((uint32_t)block * BLOCK_NUMBERS, BLOCK_NUMBERS);
        worker->blocks++;
    }
}

/* Cores this process may run on, which can be fewer than the machine has. */
static int usable_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    return CPU_COUNT(&set);
}

int main(void)
{
    int count = usable_cores();
    struct worker *workers = aligned_alloc(64, sizeof *workers * (size_t)count);
    if (!workers) {
        perror("right_as_is");
        return 1;
    }
    memset(workers, 0, sizeof *workers * (size_t)count);
    for (int i = 0; i < count; i++) {
        int error = pthread_create(&workers[i].thread, NULL, prime_worker, &workers[i]);
        if (error) {
            fprintf(stderr, "right_as_is: pthread_create: %s\n", strerror(error));
            return 1;
        }
    }

    long primes = 0;
    for (int i = 0; i < count; i++) {
        pthread_join(workers[i].thread, NULL);
        primes += workers[i].primes;
        printf("worker %d counted %ld primes in %ld blocks\n", i, workers[i].primes, workers[i].blocks);
    }
    printf("%ld primes below %d\n", primes, BLOCKS * BLOCK_NUMBERS);
    free(workers);
    return 0;
}
