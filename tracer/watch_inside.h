/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of struct watch, for the files that make it. */
#ifndef TRACER_WATCH_INSIDE_H
#define TRACER_WATCH_INSIDE_H

#include <bpf/libbpf.h>

#include "tracer/watch.h"
#include "watch.skel.h"

struct watch {
    struct watch_bpf *skeleton;
    struct ring_buffer *lifecycle;
    struct ring_buffer *snapshots;
    GPtrArray *sample_links; /* struct bpf_link */
    GArray *open_waits;      /* struct wait_slot, after watch_peek */
    struct watch_handlers handlers;
};

/* An errno of libbpf, negative, as TRACER_ERROR_PRIVILEGE or TRACER_ERROR_KERNEL. */
void watch_set_error(int result, GError **error);
/* Runs an iterator program over all tasks of the machine; what it writes goes to `output`, which may be NULL.
 */
gboolean watch_iterate(struct bpf_program *program, GByteArray *output, GError **error);

#endif
