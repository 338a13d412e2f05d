/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in the way of a model in a piece of code, place by place: memory that all share, library calls
 * that are not thread-safe, waits that an event loop cannot take over, and what a process does to be apart
 * from others. */
#ifndef ANALYZER_SHARED_STATE_H
#define ANALYZER_SHARED_STATE_H

#include "analyzer/cost.h"

enum obstacle_kind {
    OBSTACLE_GLOBAL_WRITE, /* of globals, unless they are thread-local, atomic, constant or locks */
    OBSTACLE_SHARED_WRITE, /* also of fields of objects that may be shared, and atomic ones */
    OBSTACLE_UNSAFE_CALL,  /* of library functions that are not thread-safe */
    OBSTACLE_ISOLATION,    /* calls that change or limit the whole process */
    OBSTACLE_CRASH,        /* calls that are known to crash or to hang on some input */
    OBSTACLE_STOP, /* waits for what no event loop can watch: files, sleeps, name resolution, children */
    OBSTACLE_WAIT, /* waits on a descriptor that an event loop could watch */
    OBSTACLE_KIND_COUNT,
};

#define OBSTACLE_LIMIT 32 /* of one kind; more are counted by nobody */

/* Which kinds are in or below which function, so that looking for one does not walk where none is. Whoever
 * asks for obstacles makes it first, as model->obstacles. */
struct obstacle_index *obstacle_index_new(const struct cost_model *model);
void obstacle_index_free(struct obstacle_index *index);

/* The obstacles in `function` (only inside its loop `loop`, -1 for all of it) and everything that it calls,
 * but for what only runs on the way out of the program: struct place with a text such as `writes total`, one
 * per text, at most OBSTACLE_LIMIT. The caller unrefs the array. */
GPtrArray *obstacles_find(const struct cost_model *model, const struct graph_function *function, int loop,
                          enum obstacle_kind kind);

/* `writes total at count.c:20, writes sum at count.c:31 and 4 more`, or NULL when there is none; the caller
 * frees it. */
char *obstacles_sentence(const GPtrArray *places);

/* Both in one. */
char *obstacle_sentence(const struct cost_model *model, const struct graph_function *function, int loop,
                        enum obstacle_kind kind);

#endif
