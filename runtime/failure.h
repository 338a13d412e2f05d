/* SPDX-License-Identifier: Apache-2.0 */
/* Filling in a struct corewise_error. */
#ifndef RUNTIME_FAILURE_H
#define RUNTIME_FAILURE_H

#include "runtime/corewise.h"

/* Returns false, for the caller to return. `error` may be NULL. */
__attribute__((format(printf, 3, 4))) bool corewise_fail(struct corewise_error *error, int code,
                                                         const char *format, ...);

#endif
