/* SPDX-License-Identifier: Apache-2.0 */
/* Loops that only look at something, again and again, until another thread changes it. */
#ifndef ANALYZER_RULES_FLAG_LOOPS_H
#define ANALYZER_RULES_FLAG_LOOPS_H

#include "analyzer/rules/rule.h"

struct flag_loop {
    const struct graph_function *function;
    int loop;
    const struct fact_event *look;    /* where the loop looks, or calls what looks */
    const char *path;                 /* what it looks at; NULL with `try` */
    guint look_index;                 /* in the function's events */
    const struct thread_flow *reader; /* NULL: no flag, a call that does not wait (`try`) */
    const struct thread_flow *writer; /* changes it, beside the reader */
    const struct graph_function *writing;
    const struct fact_event *write;
    const struct call_site *try;   /* a lock that is tried, a child that is looked for; NULL: a flag */
    const struct call_site *sleep; /* inside the loop; NULL: none */
    gboolean yields;               /* gives way without sleeping: sched_yield, a pause instruction */
    gboolean locked;               /* takes a lock for the look */
};

/* All of them in what is reachable; the caller unrefs the array. */
GPtrArray *flag_loops_find(const struct lint *lint);

/* The call itself waits for a time. */
gboolean call_sleeps(const struct call_site *call);

#endif
