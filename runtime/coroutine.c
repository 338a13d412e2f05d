/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/coroutine.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t guard_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

struct corewise_coroutine *corewise_coroutine_new(size_t stack_bytes)
{
    size_t page = guard_bytes(), bytes = (stack_bytes + page - 1) / page * page;
    struct corewise_coroutine *coroutine = calloc(1, sizeof(*coroutine));
    if (!coroutine)
        return NULL;
    char *mapping =
        mmap(NULL, page + bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (mapping == MAP_FAILED) {
        free(coroutine);
        return NULL;
    }
    coroutine->stack.bottom = mapping + page;
    coroutine->stack.bytes = bytes;
    if (mprotect(mapping, page, PROT_NONE) != 0) {
        corewise_coroutine_free(coroutine);
        return NULL;
    }
    sanitizer_add_stack(&coroutine->stack);
    return coroutine;
}

void corewise_coroutine_free(struct corewise_coroutine *coroutine)
{
    if (!coroutine)
        return;
    sanitizer_drop_stack(&coroutine->stack);
    munmap(coroutine->stack.bottom - guard_bytes(), coroutine->stack.bytes + guard_bytes());
    free(coroutine);
}

/* Never returns, so that ThreadSanitizer must not count its call: stacks are used again. */
__attribute__((no_sanitize_thread)) static void enter(struct context_transfer transfer)
{
    struct corewise_coroutine *coroutine = transfer.data;
    coroutine->resumer = transfer.context;
    sanitizer_after_yield(&coroutine->stack, true);
    coroutine->body(coroutine, coroutine->data);
    coroutine->body = NULL;
    sanitizer_before_yield(&coroutine->stack, true);
    jump_fcontext(coroutine->resumer, NULL);
}

void corewise_coroutine_start(struct corewise_coroutine *coroutine, corewise_coroutine_body *body, void *data)
{
    sanitizer_forget_frames(&coroutine->stack);
    coroutine->body = body;
    coroutine->data = data;
    coroutine->context =
        make_fcontext(coroutine->stack.bottom + coroutine->stack.bytes, coroutine->stack.bytes, enter);
}
