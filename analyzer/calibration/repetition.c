/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/calibration/repetition.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define COUNT_LIMIT (G_GUINT64_CONSTANT(1) << 40)

double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double seconds_of(const struct timeval *time)
{
    return (double)time->tv_sec + (double)time->tv_usec * 1e-6;
}

double clock_spent_seconds(void)
{
    struct timespec own;
    struct rusage children;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
    getrusage(RUSAGE_CHILDREN, &children);
    return (double)own.tv_sec + (double)own.tv_nsec * 1e-9 + seconds_of(&children.ru_utime) +
           seconds_of(&children.ru_stime);
}

static int compare_values(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;
    return difference > 0 ? 1 : difference < 0 ? -1 : 0;
}

/* Between the two nearest of the sorted values. */
static double quantile(const double *values, guint count, double share)
{
    double position = share * (count - 1);
    guint below = (guint)position, above = MIN(below + 1, count - 1);
    return values[below] + (position - below) * (values[above] - values[below]);
}

void repetition_of(double *values, guint count, struct repetition *result)
{
    *result = (struct repetition){.samples = count};
    if (count == 0)
        return;
    qsort(values, count, sizeof(*values), compare_values);
    result->median = quantile(values, count, 0.5);
    result->low = quantile(values, count, 0.25);
    result->high = quantile(values, count, 0.75);
}

void repetition_scale(struct repetition *repetition, double factor, double offset)
{
    repetition->median = repetition->median * factor + offset;
    repetition->low = repetition->low * factor + offset;
    repetition->high = repetition->high * factor + offset;
}

/* What lies above `factor` times the lowest decile goes. */
static guint drop_disturbed(double *values, guint count, double factor)
{
    qsort(values, count, sizeof(*values), compare_values);
    double limit = factor * quantile(values, count, 0.1);
    while (factor > 0 && count > 1 && values[count - 1] > limit)
        count--;
    return count;
}

struct batch {
    double seconds, seconds_each; /* of all, of one time */
    int reason;                   /* errno when it failed, else 0 */
};

static struct batch run_batch(const struct effort *effort, repeated_work *work, gpointer data, guint64 count)
{
    struct batch batch = {0};
    double (*clock)(void) = effort->clock ? effort->clock : clock_seconds;
    double start = clock();
    errno = 0;
    guint64 done = work(count, data);
    batch.reason = done > 0 ? 0 : errno;
    batch.seconds = clock() - start;
    batch.seconds_each = done > 0 ? batch.seconds / (double)done : 0;
    if (done == 0 && batch.reason == 0)
        batch.reason = EIO; /* a short read */
    return batch;
}

/* The count for which one repetition is long enough; 0 with *reason when the work failed. */
static guint64 warm_up(const struct effort *effort, repeated_work *work, gpointer data, int *reason)
{
    double start = clock_seconds();
    for (guint64 count = 1; count < COUNT_LIMIT; count *= 2) {
        struct batch batch = run_batch(effort, work, data, count);
        *reason = batch.reason;
        if (batch.reason &&
            (batch.reason != REPETITION_AGAIN || clock_seconds() - start > effort->limit_seconds))
            return 0;
        if (batch.seconds >= effort->batch_seconds)
            return count;
    }
    return COUNT_LIMIT;
}

gboolean repetition_measure(const struct effort *effort, repeated_work *work, gpointer data,
                            struct repetition *result)
{
    *result = (struct repetition){0};
    int reason = 0;
    guint64 count = warm_up(effort, work, data, &reason);
    g_autofree double *values = g_new(double, effort->repetitions);
    guint done = 0;
    double start = clock_seconds();
    while (count > 0 && done < effort->repetitions) {
        gboolean late = clock_seconds() - start > effort->limit_seconds;
        if (late && done >= REPETITIONS_MINIMUM)
            break;
        struct batch batch = run_batch(effort, work, data, count);
        reason = batch.reason;
        if (reason == 0)
            values[done++] = batch.seconds_each;
        else if (reason != REPETITION_AGAIN || late)
            count = 0;
    }
    errno = reason;
    if (count == 0)
        return FALSE;
    repetition_of(values, drop_disturbed(values, done, effort->disturbed_factor), result);
    return TRUE;
}
