/* SPDX-License-Identifier: Apache-2.0 */
/* What a loop gathers and a wrapper sends: the call of the wrapper is the work, not the loop. */
#include <sys/socket.h>
#include <sys/uio.h>

struct connection;

struct transport {
    int (*send)(struct connection *connection, const struct iovec *pieces, int count);
};

struct connection {
    int descriptor;
    const struct transport *transport;
};

struct reply {
    struct reply *next;
    char *bytes;
    unsigned long length;
};

static int socket_send(struct connection *connection, const struct iovec *pieces, int count)
{
    return (int)writev(connection->descriptor, pieces, count);
}

static int connection_send(struct connection *connection, const struct iovec *pieces, int count)
{
    return connection->transport->send(connection, pieces, count);
}

static struct reply *reply_end(struct reply *reply)
{
    reply->length = 0;
    reply->bytes[0] ^= 1;
    return reply->next;
}

/* io: a piece of the system call costs more than a round of the loops */
static int send_replies(struct connection *connection, struct reply *first)
{
    struct iovec pieces[1024];
    int count = 0;
    for (struct reply *reply = first; reply && count < 1024; reply = reply->next) {
        pieces[count].iov_base = reply->bytes;
        pieces[count].iov_len = reply->length;
        count++;
    }
    int sent = connection_send(connection, pieces, count);
    while (first)
        first = reply_end(first);
    return sent;
}

int main(int argc, char **argv)
{
    static const struct transport plain = {socket_send};
    struct connection connection = {socket(AF_INET, SOCK_STREAM, 0), &plain};
    struct reply replies[2] = {{&replies[1], argv[0], 1}, {0, argv[argc - 1], 1}};
    while (send_replies(&connection, replies) > 0)
        replies[0].next = &replies[1];
    return 0;
}
