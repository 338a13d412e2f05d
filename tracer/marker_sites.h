/* SPDX-License-Identifier: Apache-2.0 */
/* Where in an object file the markers of runtime/corewise_markers.h are: the USDT notes of the provider
 * `corewise` (section .note.stapsdt, which stripping keeps). */
#ifndef TRACER_MARKER_SITES_H
#define TRACER_MARKER_SITES_H

#include <glib.h>

enum marker_site_kind { MARKER_BEGIN, MARKER_END, MARKER_LEAVE };

struct marker_site {
    enum marker_site_kind kind;
    gboolean of_block; /* its first argument is the address of the block's variable */
    char *name;        /* of the region; NULL of MARKER_LEAVE */
    guint64 address;   /* in the file's own address space */
    guint64 offset;    /* in the file */
};

/* struct marker_site, in the order of the notes; empty when there are none, or `file` (a descriptor, which
 * stays open) is no ELF file. Never NULL. */
GArray *marker_sites_read(int file);

#endif
