/* SPDX-License-Identifier: Apache-2.0 */
/* Coroutines: functions with a stack of their own that give way while they wait and are resumed where they
 * stopped. The switch is that of Boost.Context, which saves the registers that the ABI asks for and makes no
 * system call. A coroutine belongs to the thread that resumes it; nothing here is locked. */
#ifndef RUNTIME_COROUTINE_H
#define RUNTIME_COROUTINE_H

#include "runtime/coroutine_sanitizer.h"

struct corewise_coroutine;

typedef void corewise_coroutine_body(struct corewise_coroutine *coroutine, void *data);

/* boost/context/detail/fcontext.hpp in C: its functions have C linkage, its header is C++ only. */
struct context_transfer {
    void *context; /* of who jumped here */
    void *data;
};
struct context_transfer jump_fcontext(void *context, void *data);
void *make_fcontext(void *stack_end, size_t size, void (*enter)(struct context_transfer));

/* To be changed by the functions below only. */
struct corewise_coroutine {
    void *context;                 /* where it goes on */
    void *resumer;                 /* where yield goes on */
    corewise_coroutine_body *body; /* NULL: nothing to run */
    void *data;
    struct sanitized_stack stack;
};

/* A coroutine that has nothing to run yet, with at least `stack_bytes` of stack and a page below it that
 * stops an overflow. NULL with errno set when there is no memory. */
struct corewise_coroutine *corewise_coroutine_new(size_t stack_bytes);
/* Also one that has not come to its end: what its stack holds is dropped, not unwound. Accepts NULL. */
void corewise_coroutine_free(struct corewise_coroutine *coroutine);

/* Gives a new or finished coroutine something to run: stacks are used again that way. The body starts at the
 * first resume. */
void corewise_coroutine_start(struct corewise_coroutine *coroutine, corewise_coroutine_body *body,
                              void *data);

/* Both are part of their callers: the processor foresees where a function returns to by the calls that it
 * saw, and after a jump to another stack those were not the ones that return. */

/* Runs it until it yields or ends; false when it has ended. */
PART_OF_SWITCH bool corewise_coroutine_resume(struct corewise_coroutine *coroutine)
{
    if (!coroutine->body)
        return false;
    sanitizer_before_resume(&coroutine->stack);
    struct context_transfer transfer = jump_fcontext(coroutine->context, coroutine);
    sanitizer_after_resume(&coroutine->stack);
    coroutine->context = transfer.context;
    return coroutine->body != NULL;
}

/* Inside of a body: back to who resumed it. */
PART_OF_SWITCH void corewise_coroutine_yield(struct corewise_coroutine *coroutine)
{
    sanitizer_before_yield(&coroutine->stack, false);
    struct context_transfer transfer = jump_fcontext(coroutine->resumer, NULL);
    sanitizer_after_yield(&coroutine->stack, false);
    coroutine->resumer = transfer.context;
}

#endif
