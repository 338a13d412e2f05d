/* SPDX-License-Identifier: Apache-2.0 */
/* Lesson: items that only compute, none of which needs another's result: as many workers as cores, and no
 * more. How many steps does the Collatz sequence take from each number of a range? Each task looks at one
 * range and keeps the longest. The program does not say how its tasks run: COREWISE_MODEL and
 * COREWISE_WORKERS do. */
#include <inttypes.h>
#include <stdio.h>

#include "runtime/corewise.h"

#define RANGES        400
#define RANGE_NUMBERS 6000

struct longest {
    uint64_t number;
    int steps;
};

static int collatz_steps(uint64_t number)
{
    int steps = 0;
    for (; number != 1; steps++)
        number = number % 2 ? 3 * number + 1 : number / 2;
    return steps;
}

/* The lesson: a task reads its index and writes its own result, and nothing else. */
__attribute__((noinline)) static int search_range(const struct corewise_task *task)
{
    struct longest *longest = task->result;
    uint64_t first = 1 + task->index * RANGE_NUMBERS;
    for (uint64_t number = first; number < first + RANGE_NUMBERS; number++) {
        int steps = collatz_steps(number);
        if (steps > longest->steps)
            *longest = (struct longest){.number = number, .steps = steps};
    }
    return 0;
}

/* Merging runs in main's thread, one result at a time: no lock. */
static void keep_longer(void *total, const void *result, void *data)
{
    struct longest *best = total;
    const struct longest *other = result;
    (void)data;
    if (other->steps > best->steps || (other->steps == best->steps && other->number < best->number))
        *best = *other;
}

int main(void)
{
    struct longest best = {0};
    const struct corewise_job job = {
        .name = "items",
        .run = search_range,
        .task_count = RANGES,
        .result_bytes = sizeof best,
        .merge = keep_longer,
        .total = &best,
    };
    struct corewise_error error;
    if (!corewise_job_run(&job, NULL, NULL, &error)) {
        fprintf(stderr, "job_items: %s\n", error.message);
        return 1;
    }
    printf("%" PRIu64 " takes %d steps, more than any other number up to %d\n", best.number, best.steps,
           RANGES * RANGE_NUMBERS);
    return 0;
}
