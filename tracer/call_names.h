/* SPDX-License-Identifier: Apache-2.0 */
/* The name by which code calls another function: read from the call instruction before a return address,
 * through PLT and GOT to the relocation. It survives what loses the callee's own name: a stripped library in
 * whose exported function a jump led on (`sem_wait`), wrappers and interposed functions. */
#ifndef TRACER_CALL_NAMES_H
#define TRACER_CALL_NAMES_H

#include <gelf.h>
#include <glib.h>

struct call_names;
/* `elf` may be NULL and must outlive the result. */
struct call_names *call_names_new(Elf *elf);
void call_names_free(struct call_names *names);

/* Where the call before `return_address` goes, in the file's addresses: *target for a direct call, or the
 * name of the imported function as the result. FALSE with NULL for calls through registers and for what is no
 * call. */
gboolean call_names_find(struct call_names *names, guint64 return_address, const char **imported,
                         guint64 *target);

#endif
