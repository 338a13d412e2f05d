/* SPDX-License-Identifier: Apache-2.0 */
/* What arrives while a watch runs: threads, and stacks that must be unwound and locks that must be named
 * while their process still lives. Owns all it hands out. */
#ifndef TRACER_COLLECTION_H
#define TRACER_COLLECTION_H

#include <glib.h>

#include "tracer/bpf/watch_shared.h"
#include "tracer/stack.h"
#include "tracer/traced_stack.h"

/* One address space layout: shared by a process and the children it forks, until one of them executes a
 * program. */
struct traced_image {
    guint32 image;
    struct target *target; /* NULL when the process was gone before it could be looked at */
    GHashTable *forks;     /* tgid → struct target of a forked child, whose memory has its own contents */
    guint32 tgid;
};

struct traced_thread {
    guint32 serial, parent, image;
    int tid, tgid, namespace_tid;
    char *name; /* valid UTF-8, otherwise as the thread chose it */
    guint64 started_ns, ended_ns;
    gboolean is_main; /* the first thread of its process */
    gboolean ended;   /* its totals are known */
    struct thread_totals totals;
};

/* A lock as its memory tells: what the source calls the object at an address. */
struct traced_object {
    char *name; /* NULL: nothing in the debug info or symbols leads to it */
    char *file; /* absolute; NULL when unknown */
    int line;
};

struct collection {
    GHashTable *threads;    /* serial → struct traced_thread (owned by thread_list) */
    GPtrArray *thread_list; /* struct traced_thread in the order of their start */
    GHashTable *images;     /* image → struct traced_image */
    GHashTable *stacks;     /* id → struct traced_stack */
    GHashTable *objects;    /* image and address → struct traced_object */
    GArray *intervals;      /* struct interval_event, as they came */
    gboolean launching;   /* before the target's exec: its stacks are the tracer's own */
    guint found_threads;  /* that had begun before the watch */
    guint64 exec_seen_ns; /* when the last exec was seen */
    struct snapshot_pieces *pieces;
    guint64 snapshots; /* that were unwound */
    gint64 unwound_us; /* what that took, names of locks not included */
};

struct collection *collection_new(gboolean launching);
void collection_free(struct collection *collection);
typedef struct collection Collection;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Collection, collection_free)

/* The handlers of a watch; `data` is the collection. */
void collection_on_thread(const struct thread_event *event, gpointer data);
/* `answer` receives what the kernel side should know of the stack. */
void collection_on_snapshot(const struct snapshot_event *event, gpointer data, struct stack_answer *answer);

void collection_on_interval(const struct interval_event *event, gpointer data);

struct traced_thread *collection_find_thread(const struct collection *collection, guint32 serial);
struct traced_stack *collection_find_stack(const struct collection *collection, guint64 id);
/* NULL when no wait on this address was seen with a snapshot. */
const struct traced_object *collection_find_object(const struct collection *collection, guint32 image,
                                                   guint64 address);

#endif
