/* Where descriptors come from, and what makes them non-blocking. */
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct server {
    int listener, log;
};

int serve(struct server *server, const char *name)
{
    int pipes[2], on = 1;
    server->log = open(name, O_WRONLY | O_CREAT | O_NONBLOCK, 0644);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (pipe2(pipes, O_CLOEXEC) < 0)
        return -1;
    int wake = eventfd(0, EFD_NONBLOCK), poller = epoll_create1(0);
    fcntl(wake, F_SETFL, fcntl(wake, F_GETFL) | O_NONBLOCK);
    ioctl(pipes[0], FIONBIO, &on);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    epoll_ctl(poller, EPOLL_CTL_ADD, server->listener, &event);
    int client = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK);
    if (read(client, &event, sizeof(event)) > 0 && write(STDOUT_FILENO, &event, 4) == 4)
        return dup(client);
    return epoll_wait(poller, &event, 1, -1);
}
