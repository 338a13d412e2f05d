/* Descriptors on their way from the call that makes them to the call that waits: through what a function
 * returns, a field, parameters of several calls, an array, a stream; and those that never wait. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

struct peer {
    int descriptor;
};

struct command {
    const char *name;
    void (*call)(void);
};

static struct command commands[] = {{"read", (void (*)(void))read}, {"write", (void (*)(void))write}};
static int pair[2];

static int open_peer(void)
{
    int made = socket(AF_INET, SOCK_STREAM, 0);
    if (made < 0)
        return -1;
    return made;
}

static void set_nonblocking(int descriptor)
{
    int flags = fcntl(descriptor, F_GETFL);
    fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
}

static long innermost(int from)
{
    char buffer[64];
    return read(from, buffer, sizeof buffer);
}

static long middle(int handed)
{
    return innermost(handed);
}

static long read_peer(struct peer *peer)
{
    char buffer[64];
    return read(peer->descriptor, buffer, sizeof buffer);
}

static long read_pair(void)
{
    char buffer[64];
    return read(pair[0], buffer, sizeof buffer);
}

static long read_stream(FILE *stream)
{
    char line[64];
    return fgets(line, sizeof line, stream) ? 1 : 0;
}

static long read_ready(int quick)
{
    char buffer[64];
    return recv(quick, buffer, sizeof buffer, 0);
}

static long read_either(int descriptor)
{
    char buffer[64];
    return read(descriptor, buffer, sizeof buffer);
}

static long read_by_table(int descriptor)
{
    char buffer[64];
    return ((ssize_t(*)(int, void *, size_t))commands[0].call)(descriptor, buffer, sizeof buffer);
}

int main(int count, char **names)
{
    struct peer peer;
    int fresh = open_peer();
    peer.descriptor = fresh;
    int file = open(names[0], O_RDONLY), quick = open_peer();
    set_nonblocking(quick);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    int ends[2];
    if (pipe(ends) < 0)
        return 1;
    FILE *stream = fdopen(ends[0], "r");
    long sum = 0;
    for (int i = 0; i < count; i++)
        sum += middle(file) + read_peer(&peer) + read_pair() + read_stream(stream) + read_ready(quick) +
               read_either(i % 2 ? file : fresh) + read_by_table(file);
    return sum > 0;
}
