/* SPDX-License-Identifier: Apache-2.0 */
/* What the sanitizers must be told of each change of stacks, and by the function itself that changes them: a
 * call in between would begin on one stack and end on the other. Without sanitizers nothing of it is left. */
#ifndef RUNTIME_COROUTINE_SANITIZER_H
#define RUNTIME_COROUTINE_SANITIZER_H

#include <stdbool.h>
#include <stddef.h>

// NOLINTBEGIN(bugprone-reserved-identifier): the names are those of the compilers
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
// NOLINTEND(bugprone-reserved-identifier)

#define PART_OF_SWITCH __attribute__((always_inline)) static inline

struct sanitized_stack {
    char *bottom;
    size_t bytes;
#ifdef __SANITIZE_ADDRESS__
    const void *resumer_stack;
    size_t resumer_stack_bytes;
    void *own_fake_stack, *resumer_fake_stack;
#endif
#ifdef __SANITIZE_THREAD__
    void *own_fiber, *resumer_fiber;
#endif
};

PART_OF_SWITCH void sanitizer_before_resume(struct sanitized_stack *stack)
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_start_switch_fiber(&stack->resumer_fake_stack, stack->bottom, stack->bytes);
#endif
#ifdef __SANITIZE_THREAD__
    stack->resumer_fiber = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(stack->own_fiber, 0);
#endif
    (void)stack;
}

PART_OF_SWITCH void sanitizer_after_resume(struct sanitized_stack *stack)
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(stack->resumer_fake_stack, NULL, NULL);
#endif
    (void)stack;
}

PART_OF_SWITCH void sanitizer_before_yield(struct sanitized_stack *stack, bool ends)
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_start_switch_fiber(ends ? NULL : &stack->own_fake_stack, stack->resumer_stack,
                                   stack->resumer_stack_bytes);
#endif
#ifdef __SANITIZE_THREAD__
    __tsan_switch_to_fiber(stack->resumer_fiber, 0);
#endif
    (void)stack;
    (void)ends;
}

PART_OF_SWITCH void sanitizer_after_yield(struct sanitized_stack *stack, bool starts)
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(starts ? NULL : stack->own_fake_stack, &stack->resumer_stack,
                                    &stack->resumer_stack_bytes);
#endif
    (void)stack;
    (void)starts;
}

/* Frames that were left without return are forgotten, before others use the memory. */
PART_OF_SWITCH void sanitizer_forget_frames(struct sanitized_stack *stack)
{
#ifdef __SANITIZE_ADDRESS__
    __asan_unpoison_memory_region(stack->bottom, stack->bytes);
#endif
    (void)stack;
}

PART_OF_SWITCH void sanitizer_add_stack(struct sanitized_stack *stack)
{
#ifdef __SANITIZE_THREAD__
    stack->own_fiber = __tsan_create_fiber(0);
#endif
    (void)stack;
}

PART_OF_SWITCH void sanitizer_drop_stack(struct sanitized_stack *stack)
{
    sanitizer_forget_frames(stack);
#ifdef __SANITIZE_THREAD__
    if (stack->own_fiber)
        __tsan_destroy_fiber(stack->own_fiber);
#endif
}

#endif
