/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/failure.h"
#include "runtime/places.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long a process without a successor, or a kernel without pidfds, waits for the caller's next look. */
#define LOOK_SECONDS 0.01

struct worker_process {
    pid_t pid;    /* 0: none */
    bool overdue; /* killed by us */
};

struct process_pool {
    struct dispatch *dispatch;
    struct board *board;
    worker_function *work;
    struct worker_process *processes;
    struct pollfd *watched; /* the caller's doorbell first, then a pidfd per process */
    uint32_t alive;
    bool lost_some, blind; /* blind: this kernel has no pidfds */
};

static void be_worker(const struct process_pool *pool, uint32_t number, pid_t caller)
{
    /* Gone with the caller, but not at the user's Ctrl-C, which the caller may want to handle. */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != caller)
        _exit(EXIT_FAILURE);
    (void)signal(SIGINT, SIG_IGN);
    pool->work(pool->board, number, NULL);
    (void)fflush(NULL);
    _exit(EXIT_SUCCESS);
}

static bool start(struct process_pool *pool, uint32_t number)
{
    (void)fflush(NULL); /* or the child writes it once more */
    pid_t caller = getpid(), pid = fork();
    if (pid == 0)
        be_worker(pool, number, caller);
    if (pid < 0)
        return false;
    pool->processes[number] = (struct worker_process){.pid = pid};
    pool->watched[number + 1] = (struct pollfd){.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
    pool->blind = pool->blind || pool->watched[number + 1].fd < 0;
    pool->alive++;
    return true;
}

static bool reap(struct process_pool *pool, uint32_t number, int options)
{
    struct worker_process *process = &pool->processes[number];
    int ended = 0;
    if (process->pid == 0 || waitpid(process->pid, &ended, options) != process->pid)
        return false;
    enum corewise_status status = COREWISE_FAILED; /* its task called exit() */
    int code = WIFEXITED(ended) ? WEXITSTATUS(ended) : 0;
    if (WIFSIGNALED(ended)) {
        status = COREWISE_CRASHED;
        code = WTERMSIG(ended);
    }
    if (process->overdue) {
        status = atomic_load(&pool->board->cancelled) ? COREWISE_CANCELLED : COREWISE_TIMED_OUT;
        code = 0;
    }
    (void)corewise_board_bury(pool->board, number, status, code);
    if (pool->watched[number + 1].fd >= 0)
        close(pool->watched[number + 1].fd);
    pool->watched[number + 1].fd = -1;
    process->pid = 0;
    pool->alive--;
    return true;
}

/* Reaps who has died and starts others in their place; false when nobody is left and nobody can be started.
 */
static bool replace_dead(struct process_pool *pool)
{
    for (uint32_t i = 0; i < pool->board->worker_count; i++) {
        if (reap(pool, i, WNOHANG))
            pool->lost_some = true;
        if (pool->processes[i].pid == 0)
            (void)start(pool, i);
    }
    return pool->alive > 0;
}

/* Stopped first: it may be about to end the task in question, and must not die with the next one. */
static void kill_overdue(struct process_pool *pool, uint32_t number, uint64_t deadline_ns)
{
    struct worker_process *process = &pool->processes[number];
    siginfo_t change;
    if (kill(process->pid, SIGSTOP) != 0 ||
        waitid(P_PID, (id_t)process->pid, &change, WSTOPPED | WEXITED | WNOWAIT) != 0)
        return;
    if (atomic_load(&pool->board->workers[number].deadline_ns) == deadline_ns) {
        process->overdue = true;
        kill(process->pid, SIGKILL);
    } else {
        kill(process->pid, SIGCONT);
    }
}

static void look_for_overdue(struct process_pool *pool)
{
    uint64_t now = corewise_now_ns(), grace = (uint64_t)(COREWISE_GRACE_SECONDS * 1e9);
    for (uint32_t i = 0; i < pool->board->worker_count; i++) {
        uint64_t deadline = atomic_load(&pool->board->workers[i].deadline_ns);
        if (pool->processes[i].pid > 0 && !pool->processes[i].overdue && deadline > 0 &&
            now > deadline + grace)
            kill_overdue(pool, i, deadline);
    }
}

/* Nobody has anything to do, and yet tasks are not finished: somebody from outside killed a worker between
 * claiming them and writing that down. */
static void look_for_lost(struct process_pool *pool)
{
    struct board *board = pool->board;
    uint32_t in_flight = 0;
    for (uint32_t i = 0; i < board->worker_count; i++)
        in_flight += atomic_load(&board->workers[i].in_flight);
    if (pool->lost_some && in_flight == 0 && atomic_load(&board->sleepers) == board->worker_count &&
        !corewise_board_has_work(board))
        (void)corewise_board_bury_lost(board, pool->dispatch->base, SIGKILL);
}

static double seconds_to_next_look(const struct process_pool *pool)
{
    double timeout = pool->board->options.task_timeout_seconds;
    if (pool->blind || pool->lost_some || pool->alive < pool->board->worker_count)
        return LOOK_SECONDS;
    if (timeout <= 0)
        return -1;
    return timeout < 10 * LOOK_SECONDS ? LOOK_SECONDS : timeout / 10;
}

/* All workers go home; who does not react to a cancellation is killed. */
static void stop(struct process_pool *pool)
{
    struct board *board = pool->board;
    uint64_t last = corewise_now_ns() + (uint64_t)(COREWISE_GRACE_SECONDS * 1e9);
    corewise_board_end(board);
    while (atomic_load(&board->cancelled) && pool->alive > 0 && corewise_now_ns() < last) {
        for (uint32_t i = 0; i < board->worker_count; i++)
            (void)reap(pool, i, WNOHANG);
        if (pool->alive > 0)
            (void)poll(pool->watched + 1, board->worker_count, (int)(LOOK_SECONDS * 1e3));
    }
    for (uint32_t i = 0; i < board->worker_count; i++) {
        if (pool->processes[i].pid > 0 && atomic_load(&board->cancelled)) {
            pool->processes[i].overdue = true;
            kill(pool->processes[i].pid, SIGKILL);
        }
        while (pool->processes[i].pid > 0 && !reap(pool, i, 0) && errno == EINTR)
            continue;
    }
}

static bool work_through(struct process_pool *pool)
{
    uint32_t number = 0;
    while (number < pool->board->worker_count && start(pool, number))
        number++;
    while (pool->alive > 0 && corewise_dispatch_turn(pool->dispatch)) {
        corewise_dispatch_sleep(pool->dispatch, pool->watched, pool->board->worker_count + 1,
                                seconds_to_next_look(pool));
        if (!replace_dead(pool))
            break;
        look_for_overdue(pool);
        look_for_lost(pool);
    }
    return pool->alive > 0;
}

bool corewise_run_in_processes(struct dispatch *dispatch, worker_function *work, struct corewise_error *error)
{
    struct board *board = dispatch->board;
    struct process_pool pool = {.dispatch = dispatch, .board = board, .work = work};
    pool.processes = calloc(board->worker_count, sizeof(*pool.processes));
    pool.watched = calloc(board->worker_count + 1, sizeof(*pool.watched));
    bool worked = false;
    if (pool.processes && pool.watched) {
        for (uint32_t i = 0; i <= board->worker_count; i++)
            pool.watched[i].fd = -1;
        worked = work_through(&pool);
        int failure = errno;
        stop(&pool);
        errno = failure;
    }
    int failure = errno;
    free(pool.processes);
    free(pool.watched);
    return worked ||
           corewise_fail(error, failure, "cannot start worker processes (%s); raise ulimit -u or use fewer",
                         strerror(failure));
}
