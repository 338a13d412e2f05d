/* SPDX-License-Identifier: Apache-2.0 */
/* Lesson: independent work on a library that two threads may not enter belongs into processes. Looks for
 * accounts with weak passwords, as a system administrator does: every guess is hashed with crypt(), which
 * writes its result into one static buffer. */
#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACCOUNTS 320
#define SALT     "$5$rounds=5000$samplesalt$" /* SHA-256, some thousand rounds: slow on purpose */

static const char *const guesses[] = {"123456", "secret", "letmein", "dragon"};
#define GUESSES (sizeof guesses / sizeof guesses[0])

/* As in /etc/shadow. */
struct account {
    char hash[CRYPT_OUTPUT_SIZE];
};

__attribute__((noreturn)) static void fail(const char *what)
{
    fprintf(stderr, "non_reentrant: %s\n", what);
    exit(1);
}

/* The lesson: in two threads at once, crypt() would compare one account with the hash of another. */
__attribute__((noinline)) static int is_weak(const struct account *account)
{
    int weak = 0;
    for (size_t i = 0; i < GUESSES; i++) {
        const char *hash = crypt(guesses[i], SALT);
        weak |= hash && strcmp(hash, account->hash) == 0;
    }
    return weak;
}

/* Every fourth account has one of the guesses for a password, the others something better. */
static void make_accounts(struct account *accounts)
{
    const char *weak = crypt(guesses[2], SALT);
    if (!weak || weak[0] == '*')
        fail("this crypt() does not know SHA-256");
    for (int i = 0; i < ACCOUNTS; i++)
        strcpy(accounts[i].hash, i % 4 == 0 ? weak : "$5$rounds=5000$samplesalt$correcthorsebatterystaple");
}

__attribute__((noinline)) static int count_weak(const struct account *accounts)
{
    int weak = 0;
    for (int i = 0; i < ACCOUNTS; i++)
        weak += is_weak(&accounts[i]);
    return weak;
}

int main(void)
{
    struct account *accounts = calloc(ACCOUNTS, sizeof *accounts);
    if (!accounts)
        fail("no memory for the accounts");
    make_accounts(accounts);
    int weak = count_weak(accounts);
    printf("%d of %d accounts have a password that everybody guesses\n", weak, ACCOUNTS);
    free(accounts);
    return weak == ACCOUNTS / 4 ? 0 : 1;
}
