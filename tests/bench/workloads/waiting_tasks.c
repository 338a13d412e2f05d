/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of tasks that wait: COREWISE_MODEL=… waiting_tasks COUNT prints kilobytes per task, resident, of
 * this process and what the kernel holds for its page tables. */
#include "runtime/corewise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* VmRSS and VmPTE together. */
static double memory_kilobytes(void)
{
    char line[256];
    double sum = 0, value;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof(line), status))
        if (sscanf(line, "VmRSS: %lf", &value) == 1 || sscanf(line, "VmPTE: %lf", &value) == 1)
            sum += value;
    if (status)
        fclose(status);
    return sum;
}

static double before, peak;

static int wait(const struct corewise_task *task)
{
    (void)task;
    return corewise_sleep(1);
}

static void look(const struct corewise_progress *progress, void *data)
{
    (void)progress;
    (void)data;
    double used = memory_kilobytes();
    peak = used > peak ? used : peak;
}

int main(int argument_count, char **arguments)
{
    uint64_t count = argument_count > 1 ? strtoull(arguments[1], NULL, 10) : 10000;
    struct corewise_options options;
    struct corewise_error error;
    corewise_options_init(&options);
    options.progress = look;
    options.progress_seconds = 0.05;
    struct corewise_job job = {
        .name = "waiting", .run = wait, .task_count = count, .together = (uint32_t)count};
    before = memory_kilobytes();
    if (!corewise_options_environment(&options, &error) || !corewise_job_run(&job, &options, NULL, &error)) {
        fprintf(stderr, "waiting_tasks: %s\n", error.message);
        return 1;
    }
    printf("%.2f\n", (peak - before) / (double)count);
    return 0;
}
