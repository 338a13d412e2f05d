/* SPDX-License-Identifier: Apache-2.0 */
/* The capabilities of this process. */
#ifndef TRACER_PRIVILEGES_H
#define TRACER_PRIVILEGES_H

#include <glib.h>

/* Gives up, for good, every capability that a running watch and the writing of its results do not need. What
 * was launched before keeps its own. */
void privileges_drop(void);

#endif
