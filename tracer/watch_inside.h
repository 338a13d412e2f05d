/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of struct watch, for the files that make it. */
#ifndef TRACER_WATCH_INSIDE_H
#define TRACER_WATCH_INSIDE_H

#include <bpf/libbpf.h>

#include "tracer/parallel_slices.h"
#include "tracer/plain_watch.h"
#include "tracer/watch.h"
#include "watch.skel.h"

#define WATCH_PROGRAMS_MAX 32

struct program_cost;
struct marker_watch;

/* Sums that a look at them copies, so that all that is made of it is of one moment. */
enum watch_sums { WATCH_WAITS, WATCH_SAMPLES, WATCH_CALLBACKS, WATCH_SUMS };

/* Over the entries of a map: with no more than that, or of such sums, as watch_cursor gives it. */
struct watch_cursor {
    int map;                /* -1: there are none */
    const GByteArray *copy; /* NULL: the map itself */
    gsize at;
    guint8 key[64]; /* the last one */
    gboolean begun;
};

struct watch {
    struct watch_bpf *skeleton; /* NULL when the watch is a plain one */
    struct plain_watch *plain;
    struct ring_buffer *lifecycle;
    struct ring_buffer *snapshots;
    struct ring_buffer *intervals;  /* NULL without a timeline */
    struct sampler *sampler;        /* NULL after watch_finish */
    GArray *open_waits;             /* struct wait_slot, after watch_peek */
    GByteArray *copies[WATCH_SUMS]; /* keys and values in turn, after watch_peek */
    GArray *open_calls;             /* struct call_slot with its thread in `unused`, after watch_peek */
    struct watch_options options;
    guint32 snapshot_bytes;   /* of the buffer */
    guint snapshots_seen;     /* at the last poll */
    GHashTable *deep_pieces;  /* image → most pieces that a whole stack of it took */
    gboolean stacks_answered; /* at this poll something was told about stacks */
    GPtrArray *call_links;    /* struct bpf_link, while system calls are watched */
    guint64 calls_since_ns;   /* 0: not now */
    guint64 calls_ns;         /* before that */
    guint call_slices;
    struct marker_watch *markers; /* NULL of a plain watch */
    GHashTable *lock_links;       /* process → inode → GPtrArray of struct bpf_link */
    struct program_cost *costs;   /* of the programs in their order in the object; NULL until asked for */
    int cost_descriptor;          /* valid while cost_since_ns is set */
    gboolean cost_refused;
    guint64 cost_since_ns, cost_due_ns, cost_ns;
    struct watch_handlers handlers;
    struct parallel_slices *slices;
};

/* An errno of libbpf, negative, as TRACER_ERROR_PRIVILEGE or TRACER_ERROR_KERNEL. */
void watch_set_error(int result, GError **error);
/* Before loading: leaves out what counts system calls unless that is wanted. */
void watch_configure_calls(struct watch *watch);
/* The same for locks. */
void watch_configure_locks(struct watch *watch);
/* The same for markers; they are always watched. */
void watch_configure_markers(struct watch *watch);
void watch_markers_detach(struct watch *watch);
void watch_markers_free(struct marker_watch *markers);
/* Each place that is attached to needs a descriptor. Not before a launched command was forked: the limit
 * would be its own, too. */
void watch_raise_descriptor_limit(void);
/* Before loading: makes tables and buffers as large as this host's cores, threads and memory suggest. */
void watch_size_buffers(struct watch *watch);
void watch_link_free(gpointer link);
/* How many of the kernel side's `cores` are in use. */
int watch_core_count(void);
/* What the last watch_peek added to the sums, and its copies of them. */
void watch_forget_open(struct watch *watch);
struct watch_cursor watch_cursor(const struct watch *watch, enum watch_sums sums);
/* FALSE after the last entry. */
gboolean watch_cursor_next(struct watch_cursor *cursor, void *key, gsize key_size, void *value,
                           gsize value_size);
/* Runs an iterator program over all tasks of the machine; what it writes goes to `output`, which may be NULL.
 */
gboolean watch_iterate(struct bpf_program *program, GByteArray *output, GError **error);

#endif
