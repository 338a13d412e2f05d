/* SPDX-License-Identifier: Apache-2.0 */
/* What a switch to a coroutine and back costs: coroutine_switch corewise|boost|called|swapcontext COUNT
 * prints nanoseconds per pair, two jumps. `boost` is the bare jump, which each side makes in its loop with
 * the context that it was last left with; `called` makes it in functions that return on both sides, and pays
 * for returns that the processor cannot predict. */
#include "runtime/coroutine.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>

enum { STACK_BYTES = 65536 };
static char *stack;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void yield_for_ever(struct corewise_coroutine *coroutine, void *data)
{
    (void)data;
    for (;;)
        corewise_coroutine_yield(coroutine);
}

static void jump_for_ever(struct context_transfer transfer)
{
    for (;;)
        transfer = jump_fcontext(transfer.context, NULL);
}

__attribute__((noinline)) static void jump_and_return(struct context_transfer *transfer)
{
    *transfer = jump_fcontext(transfer->context, NULL);
    __asm__ volatile("" : : "r"(transfer) : "memory"); /* no tail call: it must return */
}

static void call_for_ever(struct context_transfer transfer)
{
    for (;;)
        jump_and_return(&transfer);
}

static ucontext_t here, there;

static void swap_for_ever(void)
{
    for (;;)
        swapcontext(&there, &here);
}

int main(int argument_count, char **arguments)
{
    const char *what = argument_count > 1 ? arguments[1] : "";
    uint64_t count = argument_count > 2 ? strtoull(arguments[2], NULL, 10) : 10000000;
    /* The first calculation sets a flag of the floating-point unit that each switch saves and restores. Set
     * before a coroutine is made, it is alike on both sides; changing it back and forth costs ten times the
     * switch itself. */
    double begun = now(); /* NOLINT(clang-analyzer-deadcode.DeadStores) */
    stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED)
        return 1;
    if (strcmp(what, "corewise") == 0) {
        struct corewise_coroutine *coroutine = corewise_coroutine_new(STACK_BYTES);
        corewise_coroutine_start(coroutine, yield_for_ever, NULL);
        begun = now();
        for (uint64_t i = 0; i < count; i++)
            corewise_coroutine_resume(coroutine);
    } else if (strcmp(what, "boost") == 0) {
        struct context_transfer transfer = {
            .context = make_fcontext(stack + STACK_BYTES, STACK_BYTES, jump_for_ever)};
        begun = now();
        for (uint64_t i = 0; i < count; i++)
            transfer = jump_fcontext(transfer.context, NULL);
    } else if (strcmp(what, "called") == 0) {
        struct context_transfer transfer = {
            .context = make_fcontext(stack + STACK_BYTES, STACK_BYTES, call_for_ever)};
        begun = now();
        for (uint64_t i = 0; i < count; i++)
            jump_and_return(&transfer);
    } else if (strcmp(what, "swapcontext") == 0) {
        getcontext(&there);
        there.uc_stack.ss_sp = stack;
        there.uc_stack.ss_size = STACK_BYTES;
        makecontext(&there, swap_for_ever, 0);
        begun = now();
        for (uint64_t i = 0; i < count; i++)
            swapcontext(&here, &there);
    } else {
        return 2;
    }
    printf("%.2f\n", (now() - begun) * 1e9 / (double)count);
    return 0;
}
