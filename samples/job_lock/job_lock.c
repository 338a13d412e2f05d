/* SPDX-License-Identifier: Apache-2.0 */
/* Lesson: no model helps where everything happens under one lock: the tasks stand in a queue, whoever runs
 * them. Many hands fill one ledger, and whoever writes holds it, also while adding up. The ledger and its
 * lock lie in memory that processes share, so that it is the same ledger under every COREWISE_MODEL. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "runtime/corewise.h"

#define ENTRIES  200
#define ACCOUNTS 4096
#define PASSES   400

struct ledger {
    pthread_mutex_t lock;
    uint32_t accounts[ACCOUNTS];
};

static struct ledger *ledger_new(void)
{
    pthread_mutexattr_t shared;
    struct ledger *ledger =
        mmap(NULL, sizeof *ledger, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (ledger == MAP_FAILED) {
        fprintf(stderr, "job_lock: mmap: %s\n", strerror(errno));
        exit(1);
    }
    pthread_mutexattr_init(&shared);
    pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&ledger->lock, &shared);
    pthread_mutexattr_destroy(&shared);
    return ledger;
}

__attribute__((noinline)) static void add_up(struct ledger *ledger, uint32_t amount)
{
    for (int pass = 0; pass < PASSES; pass++) {
        for (int i = 0; i < ACCOUNTS; i++)
            ledger->accounts[i] = ledger->accounts[i] * 3 + (ledger->accounts[i] >> 5) + amount;
    }
}

/* The lesson: the lock is held from the first to the last step. */
__attribute__((noinline)) static int enter_amount(const struct corewise_task *task)
{
    struct ledger *ledger = task->data;
    pthread_mutex_lock(&ledger->lock);
    add_up(ledger, 1);
    pthread_mutex_unlock(&ledger->lock);
    return 0;
}

int main(void)
{
    struct ledger *ledger = ledger_new();
    const struct corewise_job job = {
        .name = "lock",
        .run = enter_amount,
        .data = ledger,
        .task_count = ENTRIES,
    };
    struct corewise_error error;
    if (!corewise_job_run(&job, NULL, NULL, &error)) {
        fprintf(stderr, "job_lock: %s\n", error.message);
        return 1;
    }
    uint32_t sum = 0;
    for (int i = 0; i < ACCOUNTS; i++)
        sum += ledger->accounts[i];
    printf("%d entries, the ledger says %08x\n", ENTRIES, (unsigned)sum);
    return munmap(ledger, sizeof *ledger);
}
