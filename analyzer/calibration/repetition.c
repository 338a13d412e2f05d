/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/calibration/repetition.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define COUNT_LIMIT (G_GUINT64_CONSTANT(1) << 40)

double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
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

/* Seconds per time; negative when the work failed. */
static double run_batch(repeated_work *work, gpointer data, guint64 count, double *seconds)
{
    double start = clock_seconds();
    guint64 done = work(count, data);
    *seconds = clock_seconds() - start;
    return done > 0 ? *seconds / (double)done : -1;
}

/* The count for which one repetition is long enough; 0 when the work failed. */
static guint64 warm_up(const struct effort *effort, repeated_work *work, gpointer data)
{
    double seconds = 0, start = clock_seconds();
    for (guint64 count = 1; count < COUNT_LIMIT; count *= 2) {
        double each = run_batch(work, data, count, &seconds);
        if (each < 0 && (errno != EAGAIN || clock_seconds() - start > effort->limit_seconds))
            return 0;
        if (seconds >= effort->batch_seconds)
            return count;
    }
    return COUNT_LIMIT;
}

gboolean repetition_measure(const struct effort *effort, repeated_work *work, gpointer data,
                            struct repetition *result)
{
    *result = (struct repetition){0};
    guint64 count = warm_up(effort, work, data);
    if (count == 0)
        return FALSE;
    g_autofree double *values = g_new(double, effort->repetitions);
    guint done = 0;
    double start = clock_seconds(), seconds = 0;
    while (done < effort->repetitions) {
        gboolean late = clock_seconds() - start > effort->limit_seconds;
        if (late && done >= REPETITIONS_MINIMUM)
            break;
        values[done] = run_batch(work, data, count, &seconds);
        if (values[done] >= 0)
            done++;
        else if (errno != EAGAIN || late)
            return FALSE;
    }
    repetition_of(values, drop_disturbed(values, done, effort->disturbed_factor), result);
    return TRUE;
}
