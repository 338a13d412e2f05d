/* SPDX-License-Identifier: Apache-2.0 */
/* Which way is the common one, told by the rest of the program: one kind of many, one flag of many, and each
 * of a row of early returns are exceptions; what a failed assertion does before the end counts little; and
 * what computes only because loops over data repeat something is unsure. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum kind { USER, REPLICA, LISTENER };
enum {
    IS_REPLICA = 1,
    LISTENS = 2,
    CLOSING = 4,
    BLOCKED = 8,
    WATCHED = 16,
    DIRTY = 32,
    LATE = 64,
    KEPT = 128
};

struct peer {
    int flags, descriptor;
    char *text;
    struct peer *next;
};

static int kind_of(const struct peer *peer)
{
    if (peer->flags & IS_REPLICA)
        return REPLICA;
    if (peer->flags & LISTENS)
        return LISTENER;
    return USER;
}

static unsigned long trim(const struct peer *peer)
{
    unsigned long sum = 0;
    for (const char *at = peer->text; *at; at++)
        for (int i = 0; i < 32; i++)
            sum = sum * 31 + (unsigned long)(*at ^ i);
    return sum;
}

/* io: most peers are no replicas */
static long send_text(const struct peer *peer, const char *text)
{
    if (kind_of(peer) == REPLICA)
        return (long)trim(peer);
    return write(peer->descriptor, text, 64);
}

static int clean(struct peer *peer)
{
    if (peer->flags & DIRTY)
        peer->flags &= ~(BLOCKED | WATCHED);
    if (peer->flags & BLOCKED)
        return 1;
    return (peer->flags & WATCHED) || (peer->flags & LATE) ? 2 : 0;
}

/* io: few peers are closing */
static long finish(struct peer *peer)
{
    if (peer->flags & CLOSING)
        peer->flags = (int)trim(peer);
    if (peer->flags & KEPT)
        return clean(peer);
    return send(peer->descriptor, peer->text, 64, 0);
}

static void check_failed(const char *what)
{
    FILE *report = fopen("report", "w");
    for (int i = 0; i < 100000000; i++)
        fputs(what, report);
    fclose(report);
}

/* light: a failed assertion is not what it is about */
static unsigned long sum_of(const struct peer *peer)
{
    unsigned long sum = 0;
    if (peer->descriptor < 0)
        check_failed("descriptor"), __builtin_unreachable();
    for (int i = 0; i < 40; i++)
        sum = sum * 31 + (unsigned long)(peer->flags ^ i);
    return sum;
}

static int refuse(const char *why)
{
    int sum = 0;
    for (; *why; why++)
        sum = sum * 31 + *why;
    return sum;
}

/* io: behind a row of questions stands what is there to be done */
static long serve(const struct peer *peer, const char *command)
{
    if (strcmp(command, "quit") == 0)
        return refuse("bye");
    if (strcmp(command, "auth") == 0)
        return refuse("no need");
    if (strcmp(command, "help") == 0)
        return refuse("none");
    if (strcmp(command, "wait") == 0)
        return refuse("never");
    if (strcmp(command, "sync") == 0)
        return refuse("done");
    return send(peer->descriptor, "ok", 2, 0) + send(peer->descriptor, command, 4096, 0);
}

/* unsure: reads once, and how much there is to compute nobody knows */
static unsigned long receive(const struct peer *peer)
{
    char bytes[4096];
    unsigned long sum = 0;
    long length = read(peer->descriptor, bytes, sizeof(bytes));
    for (long i = 0; i < length; i++)
        for (const char *at = peer->text; *at; at++)
            sum = sum * 31 + (unsigned long)(bytes[i] ^ *at);
    return sum;
}

int main(int count, char **words)
{
    struct peer peer = {.flags = count, .text = words[0]};
    peer.descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    unsigned long sum = 0;
    for (int i = 0; i < count; i++)
        sum += (unsigned long)send_text(&peer, words[i]) + (unsigned long)serve(&peer, words[i]) +
               (unsigned long)finish(&peer) + sum_of(&peer) + receive(&peer);
    return (int)sum;
}
