/* Coroutines on ucontext: two flows on one thread that give way to each other. */
#include <ucontext.h>

static ucontext_t scheduler, producer_context;
static char stack[65536];
static int item;

static void producer(void)
{
    for (int i = 0; i < 1000000; i++) {
        item = i;
        swapcontext(&producer_context, &scheduler);
    }
}

int main(void)
{
    long sum = 0;
    getcontext(&producer_context);
    producer_context.uc_stack.ss_sp = stack;
    producer_context.uc_stack.ss_size = sizeof stack;
    producer_context.uc_link = &scheduler;
    makecontext(&producer_context, producer, 0);
    for (int i = 0; i < 1000000; i++) {
        swapcontext(&scheduler, &producer_context);
        sum += item;
    }
    return sum == 0;
}
