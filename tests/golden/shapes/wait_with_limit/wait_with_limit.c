/* SPDX-License-Identifier: Apache-2.0 */
/* A poll of one peer with a time limit is no event loop. */
#include <errno.h>
#include <poll.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int wait_readable(int peer, int cancel)
{
    struct pollfd watched[2] = {{peer, POLLIN, 0}, {cancel, POLLIN, 0}};
    for (;;) {
        int ready = poll(watched, 2, 1000);
        if (ready > 0)
            return watched[0].revents != 0;
        if (ready < 0 && errno != EINTR)
            return 0;
    }
}

int main(void)
{
    char buffer[4096];
    int peer = socket(AF_INET, SOCK_STREAM, 0);
    ssize_t got = 1;
    while (got > 0 && wait_readable(peer, 0)) {
        got = recv(peer, buffer, sizeof(buffer), 0);
        write(1, buffer, got);
    }
    return 0;
}
