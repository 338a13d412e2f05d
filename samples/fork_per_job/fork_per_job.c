/* SPDX-License-Identifier: Apache-2.0 */
/* Lesson: one process per job, and when that is right. Stretches passwords into keys; every job runs in a
 * child process with its own CPU limit, as many at once as there are cores, and a job that crashes costs only
 * itself. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOBS        32
#define BROKEN_JOB  13
#define ROUNDS      80000000
#define CPU_SECONDS 10

/* What a child sends to its parent; shorter than PIPE_BUF, so that records never mix. */
struct result {
    int job;
    uint64_t key;
};

__attribute__((noreturn)) static void fail(const char *what)
{
    fprintf(stderr, "fork_per_job: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* Each round needs the result of the last: one job cannot be spread over cores, many jobs can. */
__attribute__((noinline)) static uint64_t stretch_key(const char *password)
{
    uint64_t key = 0xcbf29ce484222325;
    for (const char *character = password; *character; character++)
        key = (key ^ (unsigned char)*character) * 0x100000001b3;
    for (long round = 0; round < ROUNDS; round++) {
        key ^= key >> 29;
        key *= 0xbf58476d1ce4e5b9;
    }
    return key;
}

/* The child's whole life. The limit ends a job that never would; a thread could not be ended from outside. */
__attribute__((noinline, noreturn)) static void run_job(int job, int output)
{
    const struct rlimit cpu_limit = {CPU_SECONDS, CPU_SECONDS}, no_core = {0, 0};
    if (setrlimit(RLIMIT_CPU, &cpu_limit) != 0 || setrlimit(RLIMIT_CORE, &no_core) != 0)
        fail("setrlimit");
    char password[32];
    snprintf(password, sizeof password, "correct horse %d", job);
    struct result result = {job, stretch_key(password)};
    if (job == BROKEN_JOB)
        raise(SIGSEGV); /* stands in for a bad pointer */
    if (write(output, &result, sizeof result) != sizeof result)
        fail("write");
    _exit(0);
}

/* Waits for one child; returns 1 when it crashed. */
static int finish_job(void)
{
    int status;
    pid_t child = wait(&status);
    if (child < 0)
        fail("wait");
    if (!WIFSIGNALED(status))
        return 0;
    printf("process of one job ended by signal %d (%s); the others go on\n", WTERMSIG(status),
           strsignal(WTERMSIG(status)));
    return 1;
}

/* Starts a child per job, never more at once than `cores`. Returns how many crashed. */
static int run_jobs(int cores, int output)
{
    int running = 0, crashed = 0;
    for (int job = 0; job < JOBS; job++) {
        if (running == cores) {
            crashed += finish_job();
            running--;
        }
        pid_t child = fork();
        if (child < 0)
            fail("fork");
        if (child == 0)
            run_job(job, output);
        running++;
    }
    while (running-- > 0)
        crashed += finish_job();
    return crashed;
}

int main(void)
{
    int ends[2];
    if (pipe(ends) != 0)
        fail("pipe");
    cpu_set_t set;
    int cores = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    int crashed = run_jobs(cores, ends[1]);
    close(ends[1]);

    struct result result;
    uint64_t mixed = 0;
    int finished = 0;
    while (read(ends[0], &result, sizeof result) == sizeof result) {
        mixed ^= result.key;
        finished++;
    }
    printf("%d keys made, %d jobs crashed, all keys together %016llx\n", finished, crashed,
           (unsigned long long)mixed);
    return finished + crashed == JOBS && crashed == 1 ? 0 : 1;
}
