/* SPDX-License-Identifier: Apache-2.0 */
/* Lesson: input that nobody trusts, and a parser that it can crash. In a process of its own a crash costs one
 * record; in a thread it costs the program. Records arrive from outside; most are well-formed, a few are made
 * to hurt: they claim to be longer than they are. Before the parser touches one, it limits what it may take:
 * a limit holds for a process and not for a thread. How the tasks run is up to COREWISE_MODEL; only those
 * with processes come to an end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "runtime/corewise.h"

#define RECORDS      600
#define RECORD_BYTES 4096
#define BAD_RECORDS  3
#define PASSES       60

struct record {
    uint32_t claimed_bytes; /* as the sender says */
    unsigned char content[RECORD_BYTES];
};

/* At most so much time for all that this process parses, and no file dumped when it crashes. */
static void limit_process(void)
{
    const struct rlimit seconds = {.rlim_cur = 60, .rlim_max = 60}, none = {0};
    setrlimit(RLIMIT_CPU, &seconds);
    setrlimit(RLIMIT_CORE, &none);
}

/* Believes what the record says of itself. */
__attribute__((noinline)) static uint32_t parse_record(const struct record *record)
{
    uint32_t sum = 0;
    for (int pass = 0; pass < PASSES; pass++) {
        for (uint32_t i = 0; i < record->claimed_bytes; i++)
            sum = sum * 31 + *(const volatile unsigned char *)(record->content + i);
    }
    return sum;
}

__attribute__((noinline)) static int handle_record(const struct corewise_task *task)
{
    const struct record *records = task->data;
    uint32_t *sum = task->result;
    limit_process();
    *sum = parse_record(&records[task->index]);
    return 0;
}

/* Every two-hundredth record claims two gigabytes. */
static struct record *receive_records(void)
{
    struct record *records = calloc(RECORDS, sizeof *records);
    if (!records) {
        perror("job_parsing");
        exit(1);
    }
    for (int i = 0; i < RECORDS; i++) {
        records[i].claimed_bytes = i % (RECORDS / BAD_RECORDS) == 100 ? 0x7fffffff : RECORD_BYTES;
        memset(records[i].content, i % 251, RECORD_BYTES);
    }
    return records;
}

int main(void)
{
    static uint32_t sums[RECORDS];
    struct record *records = receive_records();
    const struct corewise_job job = {
        .name = "parsing",
        .run = handle_record,
        .data = records,
        .task_count = RECORDS,
        .result_bytes = sizeof sums[0],
        .results = sums,
    };
    struct corewise_outcome outcome;
    struct corewise_error error;
    if (!corewise_job_run(&job, NULL, &outcome, &error)) {
        fprintf(stderr, "job_parsing: %s\n", error.message);
        return 1;
    }
    printf("%d records, of which %u ended their parser\n", RECORDS, (unsigned)outcome.crashed);
    free(records);
    return 0;
}
