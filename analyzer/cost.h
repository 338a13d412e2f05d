/* SPDX-License-Identifier: Apache-2.0 */
/* Expected time of every function per call, from the bottom of the call graph up. Nobody knows how often a
 * loop over data runs or how long a device takes, so each cost is computed in nine scenarios (loops run few,
 * some or many times; waits are short, typical or long). What holds in all of them is certain; docs/advice.md
 * has the numbers. */
#ifndef ANALYZER_COST_H
#define ANALYZER_COST_H

#include "analyzer/blocking.h"
#include "analyzer/critical_sections.h"
#include "analyzer/idle_sites.h"
#include "analyzer/roots.h"
#include "model/work_class.h"

enum trip_level { TRIPS_FEW, TRIPS_SOME, TRIPS_MANY, TRIP_LEVEL_COUNT };
#define SCENARIO_COUNT   (TRIP_LEVEL_COUNT * WAIT_LEVEL_COUNT)
#define SCENARIO_TYPICAL (TRIPS_SOME * WAIT_LEVEL_COUNT + WAIT_TYPICAL)

/* How much a scenario weighs in a confidence; they add up to 1. */
extern const double scenario_weights[SCENARIO_COUNT];

/* Seconds. Of io_wait, `child` waits for child processes (nothing can be said of its length) and `unpollable`
 * for what no event loop can wait for: files, sleeps, name resolution. */
struct cost {
    struct time_split split;
    double child, unpollable;
    double waits[WAIT_CAUSE_COUNT]; /* io_wait and lock_wait by cause */
};

struct function_cost {
    struct cost scenarios[SCENARIO_COUNT]; /* of one call */
    double invocations[TRIP_LEVEL_COUNT];  /* calls during one run of the program */
    guint unknown_calls, guessed_calls; /* own calls without effect, and through pointers by signature only */
    guint cut_calls; /* own calls that are left out because they close a circle, recursions excepted */
    guint vague_descriptors; /* own operations on descriptors of several or unknown origins */
    gboolean transfers;      /* reads or writes once, and has no loop but for that */
    double agreement;        /* of one call, class_agreement() */
    int pieces_parameter;    /* how many pieces it hands on (pieces.h), each at piece_seconds; with 0 none */
    double piece_seconds;
    enum work_class straight_class; /* were every loop over data run once; with typical waits */
    double created_flows;           /* threads made per call, itself or below */
    double flow_waits;              /* waits per call for a condition or semaphore that is not a task */
};

struct cost_model {
    const struct program_graph *graph;
    const struct host_costs *host;
    const struct endings *endings;
    const struct roots *roots;
    const struct idle_sites *idle;
    double **frequencies;            /* per function: of its blocks, NULL without blocks */
    double **loop_shares;            /* per function: of its loops (loop_weights.h), NULL without */
    int **repeating;                 /* per function: blocks_repeating_loops() */
    gboolean **stopping;             /* per function: blocks_that_stop() */
    guint8 **nesting;                /* per function: how deep loops over data are nested (loop_weights.h) */
    struct function_cost *functions; /* by function index */
    GHashTable *retry_loops; /* struct fact_loop: loops around a condition wait that only look again */
    gboolean *bodies;        /* by function index: runs as a thread or process of its own */
    gboolean *dispatched;    /* by function index: runs below callbacks of an event loop */
    gboolean *registered;    /* by function index: registered_by_callbacks() */
    GHashTable *dispatches;  /* struct call_site: calls of callbacks out of an event loop */
    GHashTable *callbacks;   /* of library_callbacks.h */
    gboolean *later;         /* by function index: library_callbacks_later() */
    GHashTable *blocking;    /* struct call_site → struct blocking */
    GHashTable *evidence;    /* of evidence.c */
    struct obstacle_index *obstacles; /* of shared_state.h; borrowed */
    GHashTable *task_holds; /* struct graph_function (the task of a job) → double: seconds that one task holds
                               the lock that it holds longest */
    GHashTable *lock_waits; /* struct call_site (a take) → double[SCENARIO_COUNT], seconds */
    gboolean straight;      /* while loops over data run once */
    struct cost program[SCENARIO_COUNT]; /* all flows of one run together */
};

struct cost_model *cost_model_new(const struct program_graph *graph, const struct host_costs *host,
                                  const struct endings *endings, const struct roots *roots,
                                  const struct idle_sites *idle);
void cost_model_free(struct cost_model *model);
/* How often a call that runs the tasks of a job calls their function; 1 for all other calls. */
double cost_tasks(const struct cost_model *model, const struct call_site *call, int scenario);

/* Once more, after lock_waits have been added. */
void cost_model_update(struct cost_model *model);

/* One execution of the call. */
struct cost cost_of_call(const struct cost_model *model, const struct call_site *call, int scenario);
/* How often the call runs per call of its function. */
double cost_weight(const struct cost_model *model, const struct call_site *call, int scenario);
/* The part of it that is not loops, 0 … 1: how likely the way to the call is. */
double cost_share(const struct cost_model *model, const struct call_site *call);
/* How often one iteration of the loop runs per call of the function. */
double cost_loop_weight(const struct cost_model *model, const struct graph_function *function, int loop,
                        int scenario);
/* All iterations of the loop per call of the function, callees included. */
struct cost cost_of_loop(const struct cost_model *model, const struct graph_function *function, int loop,
                         int scenario);
/* Iterations of one execution of the loop, were it an innermost one. */
double cost_trip_count(const struct cost_model *model, const struct fact_loop *loop, int scenario);
/* The whole of the section once. */
struct cost cost_of_section(const struct cost_model *model, const struct critical_section *section,
                            int scenario);

void cost_add(struct cost *sum, const struct cost *cost, double times);
/* The same for a call on a way of this likelihood (0 … 1, contained in `times`): its waits count with the
 * square. Which ways a run takes is decided by its input and its settings; those that a class speaks of are
 * the common ones, and not a rare one that happens to wait a thousand times as long as anything computes. */
void cost_add_call(struct cost *sum, const struct cost *cost, double times, double likelihood);
/* All executions of the call per call of its function. */
void cost_add_site(const struct cost_model *model, struct cost *sum, const struct call_site *call,
                   int scenario);
/* The call reports trouble or ends the program. */
gboolean cost_only_on_failure(const struct cost_model *model, const struct call_site *call);
double cost_active(const struct cost *cost);

#endif
