/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tracer/tracer.h"

static void close_descriptor(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

G_NORETURN static void run_child(int go, int failure, const char *const *command)
{
    char byte;
    ssize_t length;
    do
        length = read(go, &byte, 1);
    while (length < 0 && errno == EINTR);
    if (length != 1)
        _exit(127); /* the tracer gave up or died */
    execvp(command[0], (char *const *)command);
    int reason = errno;
    if (write(failure, &reason, sizeof(reason)) != sizeof(reason))
        _exit(126);
    _exit(127);
}

gboolean launch_prepare(struct launch *launch, const char *const *command, GError **error)
{
    int go[2], failure[2];
    *launch = (struct launch){.pid = -1, .go = -1, .failure = -1};
    if (pipe2(go, O_CLOEXEC)) {
        g_set_error(error, TRACER_ERROR, TRACER_ERROR_FAILED, "cannot make a pipe to start `%s`: %s",
                    command[0], g_strerror(errno));
        return FALSE;
    }
    if (pipe2(failure, O_CLOEXEC)) {
        g_set_error(error, TRACER_ERROR, TRACER_ERROR_FAILED, "cannot make a pipe to start `%s`: %s",
                    command[0], g_strerror(errno));
        close(go[0]);
        close(go[1]);
        return FALSE;
    }
    launch->pid = fork();
    if (launch->pid == 0) {
        close(go[1]); /* else the child would never see the tracer's end */
        close(failure[0]);
        run_child(go[0], failure[1], command);
    }
    int reason = errno;
    close(go[0]);
    close(failure[1]);
    launch->go = go[1];
    launch->failure = failure[0];
    if (launch->pid < 0) {
        g_set_error(error, TRACER_ERROR, TRACER_ERROR_FAILED, "cannot make a process for `%s`: %s",
                    command[0], g_strerror(reason));
        launch_cancel(launch);
        return FALSE;
    }
    return TRUE;
}

gboolean launch_go(struct launch *launch, const char *const *command, GError **error)
{
    int reason = 0;
    gboolean released = write(launch->go, "", 1) == 1;
    ssize_t length;
    close_descriptor(&launch->go);
    do
        length = read(launch->failure, &reason, sizeof(reason));
    while (length < 0 && errno == EINTR);
    close_descriptor(&launch->failure);
    if (released && length == 0)
        return TRUE;
    launch_wait(launch, 1);
    if (length == 0) {
        g_set_error(error, TRACER_ERROR, TRACER_ERROR_TARGET,
                    "cannot run `%s`: its process ended before it could start", command[0]);
        return FALSE;
    }
    const char *hint = reason == ENOENT   ? "; is it installed, or is a `./` missing in front of it?"
                       : reason == EACCES ? "; is it executable?"
                                          : "";
    g_set_error(error, TRACER_ERROR, TRACER_ERROR_TARGET, "cannot run `%s`: %s%s", command[0],
                g_strerror(reason), hint);
    return FALSE;
}

void launch_cancel(struct launch *launch)
{
    gboolean waiting = launch->go >= 0;
    close_descriptor(&launch->go);
    close_descriptor(&launch->failure);
    if (waiting && launch->pid > 0)
        launch_wait(launch, 1);
}

int launch_wait(struct launch *launch, double seconds)
{
    gint64 deadline = g_get_monotonic_time() + (gint64)(seconds * G_USEC_PER_SEC);
    for (;;) {
        int status = 0;
        pid_t pid = waitpid(launch->pid, &status, WNOHANG);
        if (pid == launch->pid)
            return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        if ((pid < 0 && errno != EINTR) || g_get_monotonic_time() >= deadline)
            return -1;
        g_usleep(1000);
    }
}
