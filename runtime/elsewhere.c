/* SPDX-License-Identifier: Apache-2.0 */
/* What a task has another thread do, so that its loop goes on. */
#include "runtime/blocking_pool.h"

#include <errno.h>

int corewise_run_blocking(int (*function)(void *data), void *data)
{
    const struct execution *execution = corewise_execution();
    if (!execution || execution->board->options.model != COREWISE_ASYNC_THREADS)
        return function(data);
    return corewise_blocking_pool_call(execution->fiber, function, data);
}

struct resolution {
    const char *host, *service;
    const struct addrinfo *hints;
    struct addrinfo **addresses;
    int failure; /* errno, which is per thread */
};

static int resolve_now(void *data)
{
    struct resolution *resolution = data;
    int answer = getaddrinfo(resolution->host, resolution->service, resolution->hints, resolution->addresses);
    resolution->failure = errno;
    return answer;
}

int corewise_resolve(const char *host, const char *service, const struct addrinfo *hints,
                     struct addrinfo **addresses)
{
    const struct execution *execution = corewise_execution();
    struct resolution resolution = {.host = host, .service = service, .hints = hints, .addresses = addresses};
    int answer = execution && execution->loop
                     ? corewise_blocking_pool_call(execution->fiber, resolve_now, &resolution)
                     : resolve_now(&resolution);
    errno = resolution.failure;
    return answer;
}
