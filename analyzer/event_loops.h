/* SPDX-License-Identifier: Apache-2.0 */
/* Event loops and what they call. A program's own loop is found by its shape: a wait for several descriptors
 * inside a loop, perhaps some functions deep (redis: aeMain > aeProcessEvents > aeApiPoll > epoll_wait);
 * whatever the functions on that way call through pointers are callbacks. A library's loop (uv_run) calls
 * what was registered with it. */
#ifndef ANALYZER_EVENT_LOOPS_H
#define ANALYZER_EVENT_LOOPS_H

#include "analyzer/roots.h"

/* Adds the loops to roots->loops and their callbacks to roots->roots. */
void event_loops_find(const struct program_graph *graph, const struct endings *endings, struct roots *roots);

#endif
