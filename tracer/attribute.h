/* SPDX-License-Identifier: Apache-2.0 */
/* From stacks with times to regions, threads and the program with times. A region gets all time during which
 * one of its frames was on the stack. */
#ifndef TRACER_ATTRIBUTE_H
#define TRACER_ATTRIBUTE_H

#include <glib.h>

#include "model/session.h"
#include "model/work_class.h"
#include "tracer/collection.h"
#include "tracer/region_map.h"
#include "tracer/stack_meaning.h"
#include "tracer/watch.h"

/* Seconds and counts of one subject. */
struct tally {
    struct time_split split;
    struct time_split squares; /* s²: at least the sum of the squared lengths of the pieces of each part */
    double cpu;                /* on the core, I/O system calls included */
    /* Regions: as the innermost of the program's own functions. */
    struct {
        double cpu, io_work, runnable, idle;
        double blocked; /* of waits that were not idle; by cause the same */
        double blocked_by[WAIT_CAUSE_COUNT];
    } self;
    double blocked[WAIT_CAUSE_COUNT];    /* idle waits included */
    double longest_block;                /* of the waits that were not idle */
    double cold_cache;                   /* blocked until something was read into the page cache */
    double holder_queue;                 /* of lock waits: while who ended them waited for a core himself */
    double sample_weight, shared_weight; /* of on-CPU samples; each divided by the threads that were active
                                            then */
    guint64 samples, waits;
};

/* What one thread's time came to. */
struct thread_result {
    struct tally tally;
    double lost_wait; /* of it: seconds blocked that no stack accounts for */
    guint body;       /* NO_REGION when unknown */
};

struct attribution {
    const struct collection *collection;
    const struct session *session;
    struct region_map *map;
    struct tally *regions; /* one per session->regions */
    struct tally program;
    GHashTable *threads;  /* serial → struct thread_result */
    GHashTable *meanings; /* stack id → struct stack_meaning */
    gint64 named_us;      /* what naming the stacks took */
    double unattributed;  /* seconds, of active time, under stacks without a function of the program */
};

/* A wait as the session will show it. */
struct attributed_wait {
    const struct wait_key *key;
    const struct traced_thread *thread;
    const struct stack_meaning *meaning; /* of an unknown stack: empty */
    enum wait_cause cause;
    gboolean idle;
    double blocked, longest;
    double woken;  /* from being woken to running */
    double queued; /* of `blocked`, as tally.holder_queue */
    guint64 count;
};

struct attribution *attribution_new(const struct collection *collection, const struct session *session);
void attribution_free(struct attribution *attribution);
typedef struct attribution Attribution;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Attribution, attribution_free)

/* Spreads everything that `watch` added up; `each_wait` is called once per sum of waits. */
void attribution_run(struct attribution *attribution, const struct watch *watch,
                     void (*each_wait)(const struct attributed_wait *wait, gpointer data), gpointer data);

/* What a stack means; empty for an unknown one. Never NULL. */
const struct stack_meaning *attribution_meaning(struct attribution *attribution, guint64 stack);

/* The wait is for the next task: a wait of this cause, of this thread, with this stack. */
gboolean attribution_wait_is_idle(const struct attribution *attribution, const struct traced_thread *thread,
                                  enum wait_cause cause, const struct stack_meaning *meaning);

const struct thread_result *attribution_thread(const struct attribution *attribution, guint32 serial);

#endif
