/* SPDX-License-Identifier: Apache-2.0 */
/* Two threads, one of them through wrappers that get the lock by pointer. */
#include <pthread.h>

struct account {
    pthread_mutex_t lock;
    long money;
};

static struct account checking = {.lock = PTHREAD_MUTEX_INITIALIZER};
static pthread_mutex_t journal = PTHREAD_MUTEX_INITIALIZER;

static void account_lock(struct account *account)
{
    pthread_mutex_lock(&account->lock);
}

static void account_unlock(struct account *account)
{
    pthread_mutex_unlock(&account->lock);
}

static void journal_add(void)
{
    pthread_mutex_lock(&journal);
    pthread_mutex_unlock(&journal);
}

static void *deposit(void *unused)
{
    account_lock(&checking);
    checking.money++;
    journal_add();
    account_unlock(&checking);
    return unused;
}

static void *audit(void *unused)
{
    pthread_mutex_lock(&journal);
    account_lock(&checking);
    checking.money--;
    account_unlock(&checking);
    pthread_mutex_unlock(&journal);
    return unused;
}

int main(void)
{
    pthread_t depositor, auditor;
    pthread_create(&depositor, NULL, deposit, NULL);
    pthread_create(&auditor, NULL, audit, NULL);
    pthread_join(depositor, NULL);
    pthread_join(auditor, NULL);
    return 0;
}
