/* SPDX-License-Identifier: Apache-2.0 */
/* mixed_data MEGABYTES: writes the same bytes on every host to stdout: prose, records and noise in turns, so
 * that deflate finds long matches, short matches and none. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 65536

static uint64_t state = 88172645463325252ULL;

/* xorshift64 (Marsaglia, 2003). */
static uint64_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void fill_prose(char *block)
{
    static const char *const words[] = {"core ",  "wait ",   "lock ", "thread ", "queue ",  "the ",
                                        "of ",    "and ",    "to ",   "page ",   "socket ", "loop.\n",
                                        "every ", "signal ", "is ",   "branch "};
    size_t used = 0;
    while (used < BLOCK_BYTES) {
        const char *word = words[(next_random() & next_random()) % 16];
        size_t length = strlen(word);
        length = length < BLOCK_BYTES - used ? length : BLOCK_BYTES - used;
        memcpy(block + used, word, length);
        used += length;
    }
}

static void fill_records(char *block)
{
    for (size_t offset = 0; offset < BLOCK_BYTES; offset += 16) {
        char record[32];
        snprintf(record, sizeof record, "%07u;%06u;", (unsigned)(offset / 16),
                 (unsigned)(next_random() % 1000000));
        memcpy(block + offset, record, 15);
        block[offset + 15] = '\n';
    }
}

static void fill_noise(char *block)
{
    for (size_t offset = 0; offset < BLOCK_BYTES; offset += sizeof(uint64_t)) {
        uint64_t value = next_random();
        memcpy(block + offset, &value, sizeof value);
    }
}

int main(int argc, char **argv)
{
    static char block[BLOCK_BYTES];
    long blocks = argc == 2 ? atol(argv[1]) * 1000000 / BLOCK_BYTES : 0;
    if (blocks < 1) {
        fprintf(stderr, "usage: mixed_data MEGABYTES\n");
        return 2;
    }
    for (long i = 0; i <= blocks; i++) {
        if (i % 8 == 7)
            fill_noise(block);
        else if (i % 8 >= 5)
            fill_records(block);
        else
            fill_prose(block);
        if (fwrite(block, 1, sizeof block, stdout) != sizeof block) {
            perror("mixed_data");
            return 1;
        }
    }
    return 0;
}
