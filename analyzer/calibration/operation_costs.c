/* SPDX-License-Identifier: Apache-2.0 */
/* One operation of compiled code, as the analyzer counts operations in source: arithmetic, comparisons,
 * subscripts and members, and one more per iteration. Four loops of different kinds; the mean of them. Built
 * with -O2 whatever the rest is. */
#include "analyzer/calibration/cost_groups.h"

#define ITEMS 4096 /* 16 KiB of values: they stay in the first cache */

struct node {
    const struct node *next;
    unsigned value;
};

struct workbench {
    unsigned values[ITEMS], sorted[ITEMS];
    struct node nodes[ITEMS];
    volatile unsigned result; /* so that nothing is optimised away */
};

/* Each returns a result that depends on all it did; the comment has the operations of an iteration. */
__attribute__((noinline)) static unsigned hash_values(const unsigned *values)
{
    unsigned hash = 2166136261U;
    for (int i = 0; i < ITEMS; i++) { /* < ++ ^= [] *=, and one */
        hash ^= values[i];
        hash *= 16777619U;
    }
    return hash;
}
#define HASH_OPERATIONS (6.0 * ITEMS)

__attribute__((noinline)) static unsigned look_values_up(const unsigned *values, const unsigned *table)
{
    unsigned sum = 0;
    for (int i = 0; i < ITEMS; i++) /* < ++ += [] [] %, and one */
        sum += table[values[i] % ITEMS];
    return sum;
}
#define LOOK_UP_OPERATIONS (7.0 * ITEMS)

__attribute__((noinline)) static unsigned follow_nodes(const struct node *node)
{
    unsigned sum = 0;
    for (; node; node = node->next) /* -> += ->, and one */
        sum += node->value;
    return sum;
}
#define FOLLOW_OPERATIONS (4.0 * ITEMS)

#define SEARCHES 256
#define STEPS    12 /* log2 of ITEMS */
__attribute__((noinline)) static unsigned search_values(const unsigned *sorted, const unsigned *values)
{
    unsigned sum = 0;
    for (int i = 0; i < SEARCHES; i++) {
        int low = 0, high = ITEMS;
        unsigned value = values[i];
        while (low < high) { /* < + - / [] < and half a +, and one */
            int middle = low + (high - low) / 2;
            if (sorted[middle] < value)
                low = middle + 1;
            else
                high = middle;
        }
        sum += (unsigned)low; /* < ++ [] +=, and one, per search */
    }
    return sum;
}
#define SEARCH_OPERATIONS (SEARCHES * (7.5 * STEPS + 5))

static guint64 repeat_hash(guint64 count, gpointer data)
{
    struct workbench *bench = data;
    for (guint64 i = 0; i < count; i++)
        bench->result += hash_values(bench->values);
    return count;
}

static guint64 repeat_look_up(guint64 count, gpointer data)
{
    struct workbench *bench = data;
    for (guint64 i = 0; i < count; i++)
        bench->result += look_values_up(bench->values, bench->sorted);
    return count;
}

static guint64 repeat_follow(guint64 count, gpointer data)
{
    struct workbench *bench = data;
    for (guint64 i = 0; i < count; i++)
        bench->result += follow_nodes(&bench->nodes[0]);
    return count;
}

static guint64 repeat_search(guint64 count, gpointer data)
{
    struct workbench *bench = data;
    for (guint64 i = 0; i < count; i++)
        bench->result += search_values(bench->sorted, bench->values);
    return count;
}

static void workbench_init(struct workbench *bench)
{
    unsigned state = 1;
    for (int i = 0; i < ITEMS; i++) {
        state = state * 1664525U + 1013904223U;
        bench->values[i] = state;
        bench->sorted[i] = (unsigned)i << 20;
    }
    /* every node once, 17 apart: neither the next in memory nor far away */
    for (int i = 0, at = 0; i < ITEMS; i++) {
        int next = (at + 17) % ITEMS;
        bench->nodes[at] = (struct node){i + 1 < ITEMS ? &bench->nodes[next] : NULL, bench->values[i]};
        at = next;
    }
}

void calibrate_operations(struct calibration *calibration)
{
    static const struct {
        repeated_work *work;
        double operations;
    } shapes[] = {
        {repeat_hash, HASH_OPERATIONS},
        {repeat_look_up, LOOK_UP_OPERATIONS},
        {repeat_follow, FOLLOW_OPERATIONS},
        {repeat_search, SEARCH_OPERATIONS},
    };
    g_autofree struct workbench *bench = g_new0(struct workbench, 1);
    struct repetition mean = {0};
    workbench_init(bench);
    for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++) {
        double factor = 1e9 / shapes[i].operations / G_N_ELEMENTS(shapes);
        if (!calibration_time(calibration, HOST_OPERATION, shapes[i].work, bench, factor))
            return;
        const struct repetition *one = &calibration->repetitions[HOST_OPERATION];
        mean.median += one->median;
        mean.low += one->low;
        mean.high += one->high;
        mean.samples += one->samples;
    }
    calibration->repetitions[HOST_OPERATION] = mean;
}
