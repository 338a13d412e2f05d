/* SPDX-License-Identifier: Apache-2.0 */
/* Lesson: a thread for every connection is a stack and a context switch for every client that says nothing.
 * A scoreboard server starts a thread per connection; its clients send a line now and then and are silent in
 * between. The clients live in a child process that is forked once, before the first thread, and plays the
 * outside world. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS        32
#define LINES          40
#define PAUSE_NS       50000000 /* between two lines of one client */
#define LINE_MAX_BYTES 64

__attribute__((noreturn)) static void fail(const char *what)
{
    fprintf(stderr, "thread_per_connection: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* --- the server
 * --------------------------------------------------------------------------------------------- */

static pthread_mutex_t score_lock = PTHREAD_MUTEX_INITIALIZER;
static long total_score;

/* Adds the points of one request; returns the new total. */
static long add_score(long points)
{
    pthread_mutex_lock(&score_lock);
    long total = total_score += points;
    pthread_mutex_unlock(&score_lock);
    return total;
}

/* The lesson: this thread exists to sit in recv(). It works for some microseconds out of 50 milliseconds. */
static void *serve_connection(void *argument)
{
    int connection = (int)(intptr_t)argument;
    char line[LINE_MAX_BYTES];
    ssize_t length;
    while ((length = recv(connection, line, sizeof line - 1, 0)) > 0) {
        line[length] = '\0';
        long total = add_score(strtol(line, NULL, 10));
        int reply_length = snprintf(line, sizeof line, "total %ld\n", total);
        if (send(connection, line, (size_t)reply_length, MSG_NOSIGNAL) != reply_length)
            break;
    }
    close(connection);
    return NULL;
}

/* Accepts until all expected clients have come. A server without an end would accept without an end, and
 * without a bound on its threads. */
static void accept_clients(int listener)
{
    pthread_t threads[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        int connection = accept(listener, NULL, NULL);
        if (connection < 0)
            fail("accept");
        int error = pthread_create(&threads[i], NULL, serve_connection, (void *)(intptr_t)connection);
        if (error) {
            errno = error;
            fail("pthread_create");
        }
    }
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(threads[i], NULL);
}

/* A listening socket on a loopback port that the system chooses; *address says which. */
static int listen_on_loopback(struct sockaddr_in *address)
{
    socklen_t size = sizeof *address;
    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)address, size) != 0 ||
        listen(listener, CLIENTS) != 0 || getsockname(listener, (struct sockaddr *)address, &size) != 0)
        fail("cannot listen on the loopback interface");
    return listener;
}

/* --- the outside world
 * -------------------------------------------------------------------------------------- */

/* All clients in one process: each sends a line, reads the reply, and is silent for PAUSE_NS. */
__attribute__((noreturn)) static void run_clients(const struct sockaddr_in *server)
{
    int connections[CLIENTS];
    char reply[LINE_MAX_BYTES];
    for (int i = 0; i < CLIENTS; i++) {
        connections[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connections[i] < 0 ||
            connect(connections[i], (const struct sockaddr *)server, sizeof *server) != 0)
            fail("connect");
    }
    for (int line = 0; line < LINES; line++) {
        struct timespec pause = {.tv_nsec = PAUSE_NS};
        nanosleep(&pause, NULL);
        for (int i = 0; i < CLIENTS; i++) {
            if (send(connections[i], "3\n", 2, MSG_NOSIGNAL) != 2 ||
                recv(connections[i], reply, sizeof reply, 0) <= 0)
                fail("the server hung up");
        }
    }
    _exit(0);
}

int main(void)
{
    struct sockaddr_in address;
    int listener = listen_on_loopback(&address);
    pid_t clients = fork();
    if (clients < 0)
        fail("fork");
    if (clients == 0)
        run_clients(&address);
    accept_clients(listener);

    int status;
    if (waitpid(clients, &status, 0) != clients || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return 1;
    printf("%d connections, %d threads, total score %ld\n", CLIENTS, CLIENTS, total_score);
    return total_score == 3L * CLIENTS * LINES ? 0 : 1;
}
