/* SPDX-License-Identifier: Apache-2.0 */
/* Where descriptors come from: a flow-insensitive search backwards from a place in memory through copies,
 * fields, parameters and what functions return, to the calls that made them. All ways are followed: an origin
 * is a set. */
#ifndef ANALYZER_DESCRIPTOR_ORIGINS_H
#define ANALYZER_DESCRIPTOR_ORIGINS_H

#include "analyzer/program_graph.h"

struct descriptor_origin {
    guint causes;         /* bit c: an operation on it waits for the cause c; 0: no origin was found */
    gboolean unknown;     /* some way leads to a place of which nothing is known */
    gboolean nonblocking; /* made so somewhere on the way: operations on it return at once */
};

struct descriptor_origins;

struct descriptor_origins *descriptor_origins_new(const struct program_graph *graph);
void descriptor_origins_free(struct descriptor_origins *origins);

/* The descriptor or stream in argument `index` of `call`. */
struct descriptor_origin descriptor_origin_find(struct descriptor_origins *origins,
                                                const struct call_site *call, int index);

#endif
