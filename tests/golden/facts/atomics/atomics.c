/* libclang shows the builtins as expressions without a name. */
#include <stdatomic.h>

int plain;
atomic_int counter;
struct state {
    _Atomic long hits;
    int ready;
} state;

int count(struct state *shared, int wanted)
{
    __atomic_fetch_add(&plain, 1, __ATOMIC_SEQ_CST);
    __sync_fetch_and_add(&plain, 1);
    __atomic_store_n(&shared->ready, 1, __ATOMIC_RELEASE);
    while (!__atomic_load_n(&state.ready, __ATOMIC_ACQUIRE))
        ;
    atomic_fetch_add(&counter, 1);
    atomic_compare_exchange_strong(&counter, &wanted, 2);
    __sync_lock_test_and_set(&plain, 1);
    __sync_synchronize();
    counter++;
    shared->hits = 4;
    return counter;
}
