/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps CONNECTIONS connections to an echo server busy for SECONDS, each with one message of 64 bytes on its
 * way: echo_client PORT CONNECTIONS SECONDS prints messages per second. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE_BYTES = 64, EVENTS = 256 };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int connect_to(const struct sockaddr_in *address)
{
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client >= 0 && connect(client, (const struct sockaddr *)address, sizeof(*address)) == 0)
        return client;
    perror("echo_client: cannot connect");
    exit(1);
}

int main(int count, char **arguments)
{
    char message[MESSAGE_BYTES] = "ping";
    struct epoll_event events[EVENTS];
    if (count != 4)
        return 2;
    struct sockaddr_in server = {.sin_family = AF_INET,
                                 .sin_port = htons((uint16_t)atoi(arguments[1])),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int connections = atoi(arguments[2]), poll = epoll_create1(EPOLL_CLOEXEC);
    double seconds = atof(arguments[3]);
    for (int i = 0; i < connections; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = connect_to(&server)};
        epoll_ctl(poll, EPOLL_CTL_ADD, event.data.fd, &event);
        if (send(event.data.fd, message, sizeof(message), 0) != sizeof(message))
            return 1;
    }
    unsigned long answers = 0;
    double begun = now();
    while (now() - begun < seconds) {
        int ready = epoll_wait(poll, events, EVENTS, 1000);
        for (int i = 0; i < ready; i++) {
            ssize_t got = recv(events[i].data.fd, message, sizeof(message), 0);
            if (got <= 0 || send(events[i].data.fd, message, (size_t)got, 0) != got)
                return 1;
            answers++;
        }
    }
    printf("%.0f\n", (double)answers / (now() - begun));
    return 0;
}
