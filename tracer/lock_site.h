/* SPDX-License-Identifier: Apache-2.0 */
/* Which locks the code at an address can mean: those in the structs that its parameters and local variables
 * have or point to. */
#ifndef TRACER_LOCK_SITE_H
#define TRACER_LOCK_SITE_H

#include <glib.h>

#include "tracer/lock_member.h"
#include "tracer/module.h"

enum lock_reach {
    LOCK_REACH_HERE,    /* one of the members */
    LOCK_REACH_CALLER,  /* the lock, or the way to it, came from the caller */
    LOCK_REACH_NOWHERE, /* neither: no parameter can have brought it */
};

struct lock_site {
    enum lock_reach reach;
    GArray *members; /* struct lock_member; empty unless LOCK_REACH_HERE */
};

/* For a wait on a lock of `kind` in, or in a call at, a file address (for a return address: minus one). Of
 * inlined functions the innermost one that does not refer to its caller speaks. Remembered; the module's. */
const struct lock_site *module_lock_site(struct module *module, guint64 address, enum lock_kind kind);

void lock_site_free(struct lock_site *site);

#endif
