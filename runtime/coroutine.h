/* SPDX-License-Identifier: Apache-2.0 */
/* Coroutines: functions with a stack of their own that give way while they wait and are resumed where they
 * stopped. The switch is that of Boost.Context, which saves the registers that the ABI asks for and makes no
 * system call. A coroutine belongs to the thread that resumes it; nothing here is locked. */
#ifndef RUNTIME_COROUTINE_H
#define RUNTIME_COROUTINE_H

#include <stdbool.h>
#include <stddef.h>

struct corewise_coroutine;

typedef void corewise_coroutine_body(struct corewise_coroutine *coroutine, void *data);

/* A coroutine that has nothing to run yet, with at least `stack_bytes` of stack and a page below it that
 * stops an overflow. NULL with errno set when there is no memory. */
struct corewise_coroutine *corewise_coroutine_new(size_t stack_bytes);
/* Also one that has not come to its end: what its stack holds is dropped, not unwound. Accepts NULL. */
void corewise_coroutine_free(struct corewise_coroutine *coroutine);

/* Gives a new or finished coroutine something to run: stacks are used again that way. The body starts at the
 * first resume. */
void corewise_coroutine_start(struct corewise_coroutine *coroutine, corewise_coroutine_body *body,
                              void *data);
/* Runs it until it yields or ends; false when it has ended. */
bool corewise_coroutine_resume(struct corewise_coroutine *coroutine);
/* Inside of a body: back to who resumed it. */
void corewise_coroutine_yield(struct corewise_coroutine *coroutine);

#endif
