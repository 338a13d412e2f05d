/* SPDX-License-Identifier: Apache-2.0 */
/* A command as a child process that stands still until it may execute its program. It inherits stdin, stdout,
 * stderr, the process group and the terminal, so that it behaves as if the caller's shell had started it. */
#ifndef TRACER_LAUNCH_H
#define TRACER_LAUNCH_H

#include <glib.h>

struct launch {
    int pid;
    int go;      /* a byte written here lets the child go; closed without one it exits */
    int failure; /* errno of a failed exec, or the end of file */
};

/* FALSE with TRACER_ERROR_FAILED when no process can be made. */
gboolean launch_prepare(struct launch *launch, const char *const *command, GError **error);
/* Lets the child execute its program. FALSE with TRACER_ERROR_TARGET when it cannot; the child is then gone.
 */
gboolean launch_go(struct launch *launch, const char *const *command, GError **error);
/* Ends a child that was never let go. Harmless afterwards. */
void launch_cancel(struct launch *launch);
/* Waits up to `seconds` for the child's end: exit code, 128 + signal, or -1 when it still runs. */
int launch_wait(struct launch *launch, double seconds);

#endif
