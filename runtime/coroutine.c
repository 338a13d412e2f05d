/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/coroutine.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__has_feature) /* clang's way to say what GCC says by macros */
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1
#endif
#endif
/* As in sanitizer/ headers, which another compiler's tools do not find. */
#ifdef __SANITIZE_ADDRESS__
void __asan_unpoison_memory_region(const volatile void *address, size_t size);
void __sanitizer_start_switch_fiber(void **fake_stack, const void *bottom, size_t size);
void __sanitizer_finish_switch_fiber(void *fake_stack, const void **bottom, size_t *size);
#endif
#ifdef __SANITIZE_THREAD__
void *__tsan_get_current_fiber(void);
void *__tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void *fiber);
void __tsan_switch_to_fiber(void *fiber, unsigned flags);
#endif

/* boost/context/detail/fcontext.hpp in C: its functions have C linkage, its header is C++ only. */
struct transfer {
    void *context;
    void *data;
};
struct transfer jump_fcontext(void *context, void *data);
void *make_fcontext(void *stack_end, size_t size, void (*enter)(struct transfer));

struct corewise_coroutine {
    void *context; /* where it goes on; NULL: nothing to run */
    void *resumer; /* where yield goes on */
    char *mapping; /* guard page and stack */
    size_t mapping_bytes, guard_bytes;
    corewise_coroutine_body *body;
    void *data;
#ifdef __SANITIZE_ADDRESS__
    const void *resumer_stack;
    size_t resumer_stack_bytes;
    void *own_fake_stack, *resumer_fake_stack;
#endif
#ifdef __SANITIZE_THREAD__
    void *own_fiber, *resumer_fiber;
#endif
};

/* The sanitizers must be told of each change of stacks, and by the function itself that changes them: a call
 * in between would begin on one stack and end on the other. */
#define PART_OF_SWITCH __attribute__((always_inline)) static inline

PART_OF_SWITCH void before_resume(struct corewise_coroutine *coroutine)
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_start_switch_fiber(&coroutine->resumer_fake_stack,
                                   coroutine->mapping + coroutine->guard_bytes,
                                   coroutine->mapping_bytes - coroutine->guard_bytes);
#endif
#ifdef __SANITIZE_THREAD__
    coroutine->resumer_fiber = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(coroutine->own_fiber, 0);
#endif
    (void)coroutine;
}

PART_OF_SWITCH void after_resume(struct corewise_coroutine *coroutine)
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(coroutine->resumer_fake_stack, NULL, NULL);
#endif
    (void)coroutine;
}

PART_OF_SWITCH void before_yield(struct corewise_coroutine *coroutine, bool ends)
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_start_switch_fiber(ends ? NULL : &coroutine->own_fake_stack, coroutine->resumer_stack,
                                   coroutine->resumer_stack_bytes);
#endif
#ifdef __SANITIZE_THREAD__
    __tsan_switch_to_fiber(coroutine->resumer_fiber, 0);
#endif
    (void)coroutine;
    (void)ends;
}

PART_OF_SWITCH void after_yield(struct corewise_coroutine *coroutine, bool starts)
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(starts ? NULL : coroutine->own_fake_stack, &coroutine->resumer_stack,
                                    &coroutine->resumer_stack_bytes);
#endif
    (void)coroutine;
    (void)starts;
}

/* Frames that were left without return are forgotten, before others use the memory. */
static void forget_frames(struct corewise_coroutine *coroutine)
{
#ifdef __SANITIZE_ADDRESS__
    __asan_unpoison_memory_region(coroutine->mapping + coroutine->guard_bytes,
                                  coroutine->mapping_bytes - coroutine->guard_bytes);
#endif
    (void)coroutine;
}

struct corewise_coroutine *corewise_coroutine_new(size_t stack_bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct corewise_coroutine *coroutine = calloc(1, sizeof(*coroutine));
    if (!coroutine)
        return NULL;
    coroutine->guard_bytes = page;
    coroutine->mapping_bytes = (stack_bytes + page - 1) / page * page + page;
    coroutine->mapping = mmap(NULL, coroutine->mapping_bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (coroutine->mapping == MAP_FAILED) {
        free(coroutine);
        return NULL;
    }
    if (mprotect(coroutine->mapping, page, PROT_NONE) != 0) {
        corewise_coroutine_free(coroutine);
        return NULL;
    }
#ifdef __SANITIZE_THREAD__
    coroutine->own_fiber = __tsan_create_fiber(0);
#endif
    return coroutine;
}

void corewise_coroutine_free(struct corewise_coroutine *coroutine)
{
    if (!coroutine)
        return;
#ifdef __SANITIZE_THREAD__
    if (coroutine->own_fiber)
        __tsan_destroy_fiber(coroutine->own_fiber);
#endif
    forget_frames(coroutine);
    munmap(coroutine->mapping, coroutine->mapping_bytes);
    free(coroutine);
}

/* Never returns, so that ThreadSanitizer must not count its call: stacks are used again. */
__attribute__((no_sanitize_thread)) static void enter(struct transfer transfer)
{
    struct corewise_coroutine *coroutine = transfer.data;
    coroutine->resumer = transfer.context;
    after_yield(coroutine, true);
    coroutine->body(coroutine, coroutine->data);
    coroutine->body = NULL;
    before_yield(coroutine, true);
    jump_fcontext(coroutine->resumer, NULL);
}

void corewise_coroutine_start(struct corewise_coroutine *coroutine, corewise_coroutine_body *body, void *data)
{
    forget_frames(coroutine);
    coroutine->body = body;
    coroutine->data = data;
    coroutine->context = make_fcontext(coroutine->mapping + coroutine->mapping_bytes,
                                       coroutine->mapping_bytes - coroutine->guard_bytes, enter);
}

bool corewise_coroutine_resume(struct corewise_coroutine *coroutine)
{
    if (!coroutine->body)
        return false;
    before_resume(coroutine);
    struct transfer transfer = jump_fcontext(coroutine->context, coroutine);
    after_resume(coroutine);
    coroutine->context = transfer.context;
    return coroutine->body != NULL;
}

void corewise_coroutine_yield(struct corewise_coroutine *coroutine)
{
    before_yield(coroutine, false);
    struct transfer transfer = jump_fcontext(coroutine->resumer, NULL);
    after_yield(coroutine, false);
    coroutine->resumer = transfer.context;
}
