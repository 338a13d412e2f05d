/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/variant_run.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/process_tree.h"
#include "cli/reported_jobs.h"
#include "cli/tracing.h"
#include "model/session_file.h"

#define LOOK_MS       20   /* between two looks at the memory */
#define READY_SECONDS 20.0 /* a server may take to answer */
#define END_SECONDS   10.0 /* and to end */
#define CANNOT_TRACE  125  /* exit status of a child that could not watch */

G_DEFINE_QUARK(variant - error - quark, variant_error)

static volatile sig_atomic_t stop_requested;

static void request_stop(int signal_number)
{
    (void)signal_number;
    stop_requested = 1;
}

void variant_run_catch_signals(void)
{
    const struct sigaction action = {.sa_handler = request_stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* The files of one run, in a folder of its own. */
struct run_files {
    char *folder, *session, *jobs, *output, *errors, *load;
};

static gboolean run_files_make(struct run_files *files, GError **error)
{
    files->folder = g_dir_make_tmp("corewise-compare-XXXXXX", error);
    if (!files->folder)
        return FALSE;
    files->session = g_build_filename(files->folder, "run.cw", NULL);
    files->jobs = g_build_filename(files->folder, "jobs", NULL);
    files->output = g_build_filename(files->folder, "output", NULL);
    files->errors = g_build_filename(files->folder, "errors", NULL);
    files->load = g_build_filename(files->folder, "load", NULL);
    return TRUE;
}

static void run_files_remove(struct run_files *files)
{
    char *const names[] = {files->session, files->jobs, files->output, files->errors, files->load};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        if (names[i])
            g_remove(names[i]);
        g_free(names[i]);
    }
    if (files->folder)
        g_rmdir(files->folder);
    g_free(files->folder);
}

/* The last line that the program or its load wrote into `file`, and not the watch; the caller frees it. */
static char *last_words(const char *file)
{
    g_autofree char *text = NULL;
    if (!g_file_get_contents(file, &text, NULL, NULL))
        return g_strdup("");
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (guint i = g_strv_length(lines); i > 0; i--) {
        g_autofree char *line = g_utf8_make_valid(g_strstrip(lines[i - 1]), -1);
        if (*line && !g_str_has_prefix(line, "corewise: "))
            return g_strdup_printf("; its last words: %s", line);
    }
    return g_strdup("");
}

/* --- processes */

static void redirect(const char *file, int flags, int descriptor)
{
    int opened = open(file, flags | O_CLOEXEC, 0600);
    if (opened < 0 || dup2(opened, descriptor) < 0)
        _exit(CANNOT_TRACE);
}

/* In the child: no terminal, and what the variant needs. */
static void prepare_child(const struct variant *variant, const char *jobs, const char *output,
                          const char *errors)
{
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    redirect("/dev/null", O_RDONLY, STDIN_FILENO);
    redirect(output, O_WRONLY | O_CREAT | O_APPEND, STDOUT_FILENO);
    redirect(errors, O_WRONLY | O_CREAT | O_APPEND, STDERR_FILENO);
    g_setenv("COREWISE_JOB_REPORT", jobs, TRUE);
    for (char **setting = variant->environment; setting && *setting; setting++) {
        g_auto(GStrv) parts = g_strsplit(*setting, "=", 2);
        g_setenv(parts[0], parts[1], TRUE);
    }
}

G_NORETURN static void execute(char **command)
{
    execvp(command[0], command);
    dprintf(STDERR_FILENO, "cannot run %s: %s\n", command[0], g_strerror(errno));
    _exit(127);
}

/* The watch gives up privileges and memory: each has its own process. */
G_NORETURN static void watch(char **command, const char *file)
{
    const struct tracing_arguments arguments = {0};
    g_autoptr(Session) session = session_new();
    g_autoptr(GError) error = NULL;
    if (tracing_run(&arguments, (const char *const *)command, session, &error) &&
        session_file_write(session, file, STAGE_TRACE, &error))
        _exit(0);
    dprintf(STDERR_FILENO, "%s\n", error->message);
    _exit(CANNOT_TRACE);
}

/* Like fork, but the child gets a process group of its own, so that all of it can be ended. */
static pid_t fork_group(void)
{
    pid_t pid = fork();
    if (pid >= 0)
        setpgid(pid, pid); /* here and there: whoever is first */
    return pid;
}

static pid_t start_variant(const struct variant *variant, gboolean traced, const struct run_files *files)
{
    pid_t pid = fork_group();
    if (pid != 0)
        return pid;
    prepare_child(variant, files->jobs, files->output, files->errors);
    if (traced)
        watch(variant->command, files->session);
    execute(variant->command);
}

/* A helper command of the load, with nothing of the variant but its environment. */
static pid_t start_helper(const struct variant *variant, char **command, const char *output,
                          const char *errors)
{
    pid_t pid = fork_group();
    if (pid != 0)
        return pid;
    prepare_child(variant, "/dev/null", output, errors);
    execute(command);
}

struct watched {
    pid_t pid; /* of the variant, or of the process that watches it */
    gboolean traced;
    double peak_bytes;
    gint64 started_us, deadline_us;
};

static void end_group(pid_t pid)
{
    kill(-pid, SIGKILL);
}

/* Waits until `pid` ends, looking at the memory of the variant meanwhile. -1 when the time was over or the
 * user wants to stop: it is then still there. Else its exit code, or 128 + signal. */
static int wait_for(pid_t pid, struct watched *watched)
{
    int descriptor = (int)syscall(SYS_pidfd_open, pid, 0);
    int result = -1;
    for (;;) {
        int status = 0;
        if (waitpid(pid, &status, WNOHANG) == pid) {
            result = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
            break;
        }
        if (stop_requested || g_get_monotonic_time() > watched->deadline_us)
            break;
        if (watched->traced) {
            g_autoptr(GArray) pids = process_tree_descendants(watched->pid);
            process_tree_drop_copies(pids);
            watched->peak_bytes = fmax(watched->peak_bytes, process_tree_bytes(pids));
        }
        struct pollfd ended = {.fd = descriptor, .events = POLLIN};
        poll(&ended, 1, descriptor < 0 ? 1 : LOOK_MS);
    }
    if (descriptor >= 0)
        close(descriptor);
    return result;
}

/* Of a server: its own processes are asked to end, so that the watch ends with them. */
static int end_server(struct watched *watched)
{
    if (watched->traced) {
        g_autoptr(GArray) pids = process_tree_descendants(watched->pid);
        for (guint i = 0; i < MIN(pids->len, 1); i++)
            kill(g_array_index(pids, pid_t, i), SIGTERM);
    } else {
        kill(watched->pid, SIGTERM);
    }
    watched->deadline_us = g_get_monotonic_time() + (gint64)(END_SECONDS * G_USEC_PER_SEC);
    return wait_for(watched->pid, watched);
}

/* --- a run */

struct outcome {
    double seconds;                  /* of the variant, or of its load */
    double throughput;               /* NaN: the job or the time tells */
    double latency_p50, latency_p99; /* NaN: not told */
    int exit_status;
};

static gboolean fail(const struct variant *variant, const char *what, const char *log, GError **error)
{
    g_autofree char *words = last_words(log);
    g_set_error(error, VARIANT_ERROR, stop_requested ? VARIANT_ERROR_STOPPED : VARIANT_ERROR_FAILED,
                "variant %s %s%s", variant->name, stop_requested ? "was interrupted" : what, words);
    return FALSE;
}

/* The number in the last place of `text` that the pattern matches. */
static double find_number(const char *pattern, const char *text)
{
    double number = NAN;
    g_autoptr(GRegex) regex = pattern ? g_regex_new(pattern, G_REGEX_MULTILINE, 0, NULL) : NULL;
    g_autoptr(GMatchInfo) match = NULL;
    if (!regex)
        return number;
    for (g_regex_match(regex, text, 0, &match); g_match_info_matches(match); g_match_info_next(match, NULL)) {
        g_autofree char *word = g_match_info_fetch(match, 1);
        number = g_ascii_strtod(word, NULL);
    }
    return number;
}

static gboolean await_ready(const struct variant *variant, struct watched *watched,
                            const struct run_files *files, GError **error)
{
    gint64 give_up = g_get_monotonic_time() + (gint64)(READY_SECONDS * G_USEC_PER_SEC);
    while (variant->load.ready) {
        pid_t pid = start_helper(variant, variant->load.ready, "/dev/null", "/dev/null");
        int status = pid < 0 ? -1 : wait_for(pid, watched);
        if (status == 0)
            return TRUE;
        if (pid > 0 && status < 0)
            end_group(pid);
        int ended = 0;
        if (waitpid(watched->pid, &ended, WNOHANG | WNOWAIT) == watched->pid)
            return fail(variant, "ended before it was ready", files->errors, error);
        if (stop_requested || g_get_monotonic_time() > give_up)
            return fail(variant, "was never ready: the command of `ready` failed all the time", files->errors,
                        error);
        g_usleep(20000);
    }
    return TRUE;
}

static gboolean read_load(const struct variant *variant, const struct run_files *files,
                          struct outcome *outcome, GError **error)
{
    g_autofree char *text = NULL;
    if (!g_file_get_contents(files->load, &text, NULL, error))
        return FALSE;
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    const struct load *load = &variant->load;
    outcome->throughput =
        load->throughput ? find_number(load->throughput, valid) : variant->tasks / outcome->seconds;
    outcome->latency_p50 = find_number(load->latency_p50_ms, valid) / 1e3;
    outcome->latency_p99 = find_number(load->latency_p99_ms, valid) / 1e3;
    if (outcome->throughput > 0)
        return TRUE;
    return fail(variant, "got a load whose output does not match the pattern of `throughput`", files->load,
                error);
}

static gboolean run_load(const struct variant *variant, struct watched *watched,
                         const struct run_files *files, struct outcome *outcome, GError **error)
{
    if (!await_ready(variant, watched, files, error))
        return FALSE;
    gint64 started = g_get_monotonic_time();
    pid_t load = start_helper(variant, variant->load.command, files->load, files->load);
    int status = load < 0 ? -1 : wait_for(load, watched);
    outcome->seconds = (double)(g_get_monotonic_time() - started) / G_USEC_PER_SEC;
    if (status != 0) {
        if (load > 0 && status < 0)
            end_group(load);
        return fail(variant, status < 0 ? "got a load that did not end in time" : "got a load that failed",
                    files->load, error);
    }
    int ended = 0;
    if (waitpid(watched->pid, &ended, WNOHANG | WNOWAIT) == watched->pid)
        return fail(variant, "ended before its load did", files->errors, error);
    if (end_server(watched) < 0)
        return fail(variant, "did not end when asked to (SIGTERM)", files->errors, error);
    return read_load(variant, files, outcome, error);
}

static gboolean run_alone(const struct variant *variant, struct watched *watched,
                          const struct run_files *files, struct outcome *outcome, GError **error)
{
    outcome->exit_status = wait_for(watched->pid, watched);
    outcome->seconds = (double)(g_get_monotonic_time() - watched->started_us) / G_USEC_PER_SEC;
    return outcome->exit_status >= 0 ||
           fail(variant, "did not end in time (--run-limit)", files->errors, error);
}

/* What the tracer saw of the whole program moves to `session`; the rest (threads, waits) would be large. */
static struct run *take_traced(const struct variant *variant, const struct run_files *files,
                               struct session *session, GError **error)
{
    if (!g_file_test(files->session, G_FILE_TEST_EXISTS)) {
        fail(variant, "could not be watched", files->errors, error);
        return NULL;
    }
    g_autoptr(Session) traced = session_file_read(files->session, error);
    if (!traced || traced->runs->len == 0)
        return NULL;
    struct run *run = g_ptr_array_steal_index(traced->runs, 0);
    g_ptr_array_add(session->runs, run);
    for (guint i = 0; i < traced->measurements->len; i++) {
        const struct measurement *measurement = g_ptr_array_index(traced->measurements, i);
        if (measurement->subject_kind == SUBJECT_PROGRAM)
            session_add_measurement(session, run->id, SUBJECT_PROGRAM, NULL, measurement->metric,
                                    measurement->value, measurement->samples);
    }
    return run;
}

static struct run *add_untraced(const struct variant *variant, const struct watched *watched,
                                const struct outcome *outcome, struct session *session)
{
    struct run *run = run_new();
    run->started_us = g_get_real_time() - (g_get_monotonic_time() - watched->started_us);
    run->id =
        g_strdup_printf("r%" G_GINT64_MODIFIER "x-%d", run->started_us / G_USEC_PER_SEC, (int)watched->pid);
    run->command = g_strjoinv(" ", variant->command);
    run->host = g_strdup(g_get_host_name());
    run->seconds = outcome->seconds;
    run->cores = (int)g_get_num_processors();
    run->untraced = TRUE;
    run->exit_status = outcome->exit_status;
    g_ptr_array_add(session->runs, run);
    return run;
}

static void add_measured(struct session *session, const struct run *run, const char *metric, double value,
                         guint64 samples)
{
    if (!isnan(value))
        session_add_measurement(session, run->id, SUBJECT_PROGRAM, NULL, metric, value, samples);
}

static void add_report(struct session *session, const struct run *run, const struct variant *variant,
                       const struct reported_jobs *report, const struct outcome *outcome)
{
    gboolean told = report->jobs > 0 && report->seconds > 0;
    guint64 tasks = told ? (guint64)report->tasks : 1;
    double throughput = !isnan(outcome->throughput) ? outcome->throughput
                        : told                      ? (report->tasks - report->failed) / report->seconds
                               : variant->tasks / run->seconds; /* without the start of the watch */
    add_measured(session, run, "throughput", throughput, tasks);
    add_measured(session, run, "task_latency_seconds_p50", told ? report->latency_p50 : outcome->latency_p50,
                 tasks);
    add_measured(session, run, "task_latency_seconds_p90", report->latency_p90, tasks);
    add_measured(session, run, "task_latency_seconds_p99", told ? report->latency_p99 : outcome->latency_p99,
                 tasks);
    add_measured(session, run, "task_latency_seconds_max", report->latency_max, tasks);
    if (!told)
        return;
    add_measured(session, run, "tasks", report->tasks, tasks);
    add_measured(session, run, "tasks_failed", report->failed, tasks);
}

/* The caller frees them. */
static char *ending_words(int exit_status)
{
    return exit_status > 128 ? g_strdup_printf("was ended by signal %d (%s)", exit_status - 128,
                                               strsignal(exit_status - 128))
                             : g_strdup_printf("ended with status %d", exit_status);
}

static void name_run(struct run *run, const struct variant *variant,
                     const struct variant_run_options *options)
{
    run->variant = g_strdup(variant->name);
    run->model = g_strdup(variant->model);
    run->workers = variant->workers;
    run->round = options->round;
    run->untraced = !options->traced;
}

static gboolean keep_run(const struct variant *variant, const struct variant_run_options *options,
                         const struct run_files *files, const struct watched *watched,
                         const struct outcome *outcome, struct session *session, GError **error)
{
    struct reported_jobs report;
    if (!reported_jobs_read(files->jobs, &report, error))
        return FALSE;
    struct run *run = options->traced ? take_traced(variant, files, session, error)
                                      : add_untraced(variant, watched, outcome, session);
    if (!run)
        return FALSE;
    name_run(run, variant, options);
    if (variant->load.command)
        run->exit_status = 0; /* it was ended by us */
    if (run->exit_status > 0) {
        g_autofree char *what = ending_words(run->exit_status);
        return fail(variant, what, files->errors, error);
    }
    if (variant->job && report.jobs == 0) {
        g_set_error(error, VARIANT_ERROR, VARIANT_ERROR_NO_JOB,
                    "%s reported no job: it is not linked with libcorewise-runtime, or ran none. Link it "
                    "(docs/compare.md), or name the program's own switches in a file: corewise compare "
                    "--variants FILE",
                    variant->command[0]);
        return FALSE;
    }
    add_report(session, run, variant, &report, outcome);
    if (watched->traced && watched->peak_bytes > 0)
        add_measured(session, run, "memory_peak_bytes", watched->peak_bytes, 1);
    return TRUE;
}

/* The session knows that this variant failed, and why. */
static void note_failure(const struct variant *variant, const struct variant_run_options *options,
                         const struct watched *watched, const struct outcome *outcome,
                         struct session *session, const GError *error)
{
    struct run *run = session->runs->len ? g_ptr_array_index(session->runs, session->runs->len - 1) : NULL;
    gboolean there = run && g_strcmp0(run->variant, variant->name) == 0 && run->round == options->round &&
                     run->untraced == !options->traced;
    if (!there) {
        run = add_untraced(variant, watched, outcome, session);
        name_run(run, variant, options);
    }
    run->failure = g_strdup(error->message);
}

gboolean variant_run(const struct variant *variant, const struct variant_run_options *options,
                     struct session *session, GError **error)
{
    struct run_files files = {0};
    g_autoptr(GError) failure = NULL;
    struct watched watched = {.traced = options->traced, .started_us = g_get_monotonic_time()};
    struct outcome outcome = {.throughput = NAN, .latency_p50 = NAN, .latency_p99 = NAN};
    gboolean done = FALSE;
    if (run_files_make(&files, &failure)) {
        watched.deadline_us = watched.started_us + (gint64)(options->limit_seconds * G_USEC_PER_SEC);
        watched.pid = start_variant(variant, options->traced, &files);
        if (watched.pid < 0)
            fail(variant, g_strerror(errno), files.errors, &failure);
        else
            done = (variant->load.command ? run_load(variant, &watched, &files, &outcome, &failure)
                                          : run_alone(variant, &watched, &files, &outcome, &failure)) &&
                   keep_run(variant, options, &files, &watched, &outcome, session, &failure);
        if (watched.pid > 0) {
            end_group(watched.pid); /* also what it left behind */
            waitpid(watched.pid, NULL, 0);
        }
    }
    run_files_remove(&files);
    if (g_error_matches(failure, VARIANT_ERROR, VARIANT_ERROR_FAILED))
        note_failure(variant, options, &watched, &outcome, session, failure);
    if (failure)
        g_propagate_error(error, g_steal_pointer(&failure));
    return done;
}
