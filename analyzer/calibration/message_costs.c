/* SPDX-License-Identifier: Apache-2.0 */
/* Data from one process to another and back: both copies, the wake-up and the switch, on one core. */
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyzer/calibration/cost_groups.h"

#define LARGEST_BYTES (1 << 20)
#define ONE_WAY       0.5

/* What lies in shared memory; for pipes and sockets only the parameters are used. */
struct shared_memory {
    sem_t there, back;
    gsize bytes;
    char message[LARGEST_BYTES];
};

struct channel {
    int in, out; /* of the process that looks at it; -1: shared memory alone */
    struct shared_memory *shared;
    char *own; /* LARGEST_BYTES */
};

static gboolean read_all(int descriptor, char *bytes, gsize size)
{
    for (gsize done = 0; done < size;) {
        ssize_t length = read(descriptor, bytes + done, size - done);
        if (length <= 0)
            return FALSE;
        done += (gsize)length;
    }
    return TRUE;
}

static gboolean write_all(int descriptor, const char *bytes, gsize size)
{
    for (gsize done = 0; done < size;) {
        ssize_t length = write(descriptor, bytes + done, size - done);
        if (length <= 0)
            return FALSE;
        done += (gsize)length;
    }
    return TRUE;
}

static gboolean send_message(const struct channel *channel, sem_t *arrived)
{
    if (channel->out >= 0)
        return write_all(channel->out, channel->own, channel->shared->bytes);
    memcpy(channel->shared->message, channel->own, channel->shared->bytes);
    return sem_post(arrived) == 0;
}

static gboolean receive_message(const struct channel *channel, sem_t *arrived)
{
    if (channel->in >= 0)
        return read_all(channel->in, channel->own, channel->shared->bytes);
    if (sem_wait(arrived) != 0)
        return FALSE;
    memcpy(channel->own, channel->shared->message, channel->shared->bytes);
    return TRUE;
}

static void answer_messages(const struct channel *channel)
{
    while (receive_message(channel, &channel->shared->there) && send_message(channel, &channel->shared->back))
        ;
    _exit(0);
}

static guint64 exchange_messages(guint64 count, gpointer data)
{
    const struct channel *channel = data;
    for (guint64 i = 0; i < count; i++) {
        if (!send_message(channel, &channel->shared->there) ||
            !receive_message(channel, &channel->shared->back))
            return 0;
    }
    return count;
}

/* The two ends: [0] is read and [1] written here, [2] and [3] there. */
static gboolean open_ends(enum message_channel kind, int ends[4])
{
    ends[0] = ends[1] = ends[2] = ends[3] = -1;
    if (kind == CHANNEL_SHARED_MEMORY)
        return TRUE;
    int pair[2], other[2];
    if (kind == CHANNEL_PIPE) {
        if (pipe(pair) != 0 || pipe(other) != 0)
            return FALSE;
        ends[0] = pair[0];
        ends[3] = pair[1];
        ends[2] = other[0];
        ends[1] = other[1];
        return TRUE;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return FALSE;
    ends[0] = ends[1] = pair[0];
    ends[2] = ends[3] = pair[1];
    return TRUE;
}

static void close_two(const int ends[2])
{
    if (ends[0] >= 0)
        close(ends[0]);
    if (ends[1] >= 0 && ends[1] != ends[0])
        close(ends[1]);
}

static void measure_message(struct calibration *calibration, struct shared_memory *shared, char *own,
                            enum message_channel kind, enum host_cost_id id)
{
    int ends[4];
    if (!open_ends(kind, ends)) {
        calibration_fail(calibration, id, "no channel", errno);
        return;
    }
    sem_init(&shared->there, 1, 0);
    sem_init(&shared->back, 1, 0);
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close_two(ends);
        answer_messages(&(struct channel){ends[2], ends[3], shared, own});
    }
    struct channel channel = {ends[0], ends[1], shared, own};
    close_two(ends + 2);
    if (child > 0)
        calibration_time(calibration, id, exchange_messages, &channel, ONE_WAY);
    else
        calibration_fail(calibration, id, "no process", errno);
    close_two(ends);
    if (child > 0) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
}

void calibrate_messages(struct calibration *calibration)
{
    struct shared_memory *shared =
        mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        for (int id = HOST_PIPE_64_B; id <= HOST_SHARED_1_MIB; id++)
            calibration_fail(calibration, (enum host_cost_id)id, "no shared memory", errno);
        return;
    }
    g_autofree char *own = g_malloc0(LARGEST_BYTES);
    calibration_pin(calibration);
    calibration->effort.clock = NULL; /* the other process is part of it */
    for (int kind = 0; kind < MESSAGE_CHANNEL_COUNT; kind++) {
        for (int size = 0; size < MESSAGE_SIZE_COUNT; size++) {
            shared->bytes = (gsize)message_size_bytes[size];
            measure_message(calibration, shared, own, (enum message_channel)kind,
                            (enum host_cost_id)(HOST_PIPE_64_B + kind * MESSAGE_SIZE_COUNT + size));
        }
    }
    calibration_unpin(calibration);
    munmap(shared, sizeof(*shared));
}
