/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/advice_verdicts.h"

#include <math.h>

#include "analyzer/measured_work.h"
#include "analyzer/model_estimates.h"
#include "model/judge.h"
#include "model/judge_share.h"
#include "model/work_class.h"

#define IDLE_CORE     0.5  /* of a core that is free: less would not feed another worker */
#define WAITING_TASKS 2    /* that wait at once: with fewer there is nothing to overlap */
#define SHORTEST_STOP 1e-3 /* seconds that a callback must keep its loop to be felt */
#define FELT_ROUND                                                                                           \
    1e-2 /* seconds between two polls that a client notices, of one long callback or of many                 \
          */
#define SERIAL_AT_MOST 1.3 /* running threads under one lock that all want */
#define MEMORY_GAIN    4   /* times less memory: worth a change that saves no time */
#define FULL_LOOP      0.9 /* of one core: more does not fit into one event loop */
#define CROWDED        2   /* runnable threads per core */
#define LEAST_TIMES    (1 / (1 - ADVICE_MINIMUM_GAIN))

/* One verdict in the making. The first sentence of the worst kind becomes its reason, or the last one when
 * all hold. */
struct trial {
    const struct measured_site *site;
    const struct host_costs *host;
    struct advice_verdict *verdict;
    double memory_gain; /* bytes today by bytes under the advice */
};

/* What decides most comes first. */
static int gravity(enum verdict_kind kind)
{
    static const int order[VERDICT_KIND_COUNT] = {[VERDICT_CONFIRMED] = 0,
                                                  [VERDICT_NOT_EXERCISED] = 1,
                                                  [VERDICT_INCONCLUSIVE] = 2,
                                                  [VERDICT_REFUTED] = 3};
    return order[kind];
}

/* `sentence` is taken. */
static void observe(struct trial *trial, enum verdict_kind kind, char *sentence)
{
    struct advice_verdict *verdict = trial->verdict;
    if (!verdict->why || gravity(kind) > gravity(verdict->kind) ||
        (kind == VERDICT_CONFIRMED && verdict->kind == VERDICT_CONFIRMED)) {
        g_free(verdict->why);
        verdict->why = g_strdup(sentence);
        verdict->kind = kind;
    }
    g_ptr_array_add(verdict->observations, sentence);
}

static void observe_prediction(struct trial *trial, const struct prediction *prediction)
{
    struct verdict *verdict = judge_prediction(trial->site->session, trial->site->run, prediction);
    observe(trial, verdict->kind, g_steal_pointer(&verdict->why));
    verdict_free(verdict);
}

/* A statement about one metric of the site, judged as any prediction is. */
static void demand(struct trial *trial, const char *metric, enum comparison comparison, double value)
{
    const struct prediction prediction = {.region = trial->site->advice->site,
                                          .metric = (char *)metric,
                                          .comparison = comparison,
                                          .value = value};
    observe_prediction(trial, &prediction);
}

G_GNUC_PRINTF(3, 4)
static void note(struct trial *trial, gboolean holds, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    observe(trial, holds ? VERDICT_CONFIRMED : VERDICT_REFUTED, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

static gboolean changes_model(const struct advice *advice)
{
    return advice->current_model != advice->suggested_model;
}

static const struct model_estimate *estimate_of(const GPtrArray *estimates, enum execution_model model)
{
    return g_ptr_array_index(estimates, model);
}

/* --- gain
 * -------------------------------------------------------------------------------------------------------- */

/* Seconds today and under the advice. A lock that leaves one thread at a time is to be taken out of the way:
 * that is the same model without it. */
static void seconds_of(const struct advice *advice, const struct task_work *work, const GPtrArray *estimates,
                       const struct host_costs *host, double *today, double *then)
{
    *today = estimate_of(estimates, advice->current_model)->predicted_seconds;
    *then = estimate_of(estimates, advice->suggested_model)->predicted_seconds;
    if (changes_model(advice) || !task_work_is_serial(&advice->work))
        return;
    struct task_work free_of_it = *work;
    free_of_it.serial_seconds = 0;
    struct workload workload = workload_of(&free_of_it, advice->current_model, estimates);
    g_autoptr(GPtrArray) without = model_estimates_new(&workload, host);
    *then = estimate_of(without, advice->current_model)->predicted_seconds;
    workload_clear(&workload);
}

static double ratio(double today, double then)
{
    return today > 0 && then > 0 ? today / then : NAN;
}

static void set_gain(struct trial *trial)
{
    const struct advice *advice = trial->site->advice;
    struct advice_verdict *verdict = trial->verdict;
    struct workload workload = workload_of(&verdict->work, advice->current_model, advice->models);
    double today, then;
    g_ptr_array_unref(verdict->models);
    verdict->models = model_estimates_new(&workload, trial->host);
    workload_clear(&workload);
    seconds_of(advice, &advice->work, advice->models, trial->host, &today, &then);
    verdict->predicted_gain = ratio(today, then);
    seconds_of(advice, &verdict->work, verdict->models, trial->host, &today, &then);
    verdict->measured_gain = ratio(today, then);
    /* How much a run gains by being ready for more tasks depends on how many come. */
    if (!measured_site_is_open(trial->site))
        verdict->saved_seconds =
            CLAMP(today - then, 0, MIN(trial->site->active_seconds, trial->site->run->seconds));
    trial->memory_gain = ratio(estimate_of(verdict->models, advice->current_model)->predicted_bytes,
                               estimate_of(verdict->models, advice->suggested_model)->predicted_bytes);
}

static void judge_gain(struct trial *trial)
{
    const struct advice_verdict *verdict = trial->verdict;
    const struct task_work *work = &verdict->work;
    gboolean saves_memory = work->unbounded && trial->memory_gain >= MEMORY_GAIN;
    g_autofree char *memory =
        saves_memory ? g_strdup_printf(", with %.2g times less memory", trial->memory_gain) : g_strdup("");
    note(trial, verdict->measured_gain >= LEAST_TIMES || saves_memory,
         "with the measured %.3g s of computing and %.3g s of waiting, %s %.2f%s; predicted %.2f",
         work->cpu_seconds * work->tasks,
         (trial->site->shape == MEASURED_EVENT_LOOP ? work->stop_seconds
                                                    : work->wait_seconds + work->stop_seconds) *
             work->tasks,
         measured_site_is_open(trial->site) ? "tasks per second can grow by a factor of"
                                            : "it is worth a factor of",
         verdict->measured_gain, memory, verdict->predicted_gain);
}

/* --- criteria
 * ---------------------------------------------------------------------------------------------------- */

static void judge_class(struct trial *trial)
{
    const struct task_work *estimated = &trial->site->advice->work;
    double waits = estimated->wait_seconds + estimated->stop_seconds;
    if (estimated->cpu_seconds > waits)
        demand(trial, "cpu_share", COMPARE_AT_LEAST, CLASS_CPU_SHARE);
    else
        demand(trial, "io_share", COMPARE_AT_LEAST, CLASS_IO_SHARE);
}

/* Cores that the program had at once, on average. Threads in the queue have none: on a busy machine they are
 * many, and say nothing of what the program could use. */
static void judge_cores_used(struct trial *trial, double most)
{
    const struct measured_site *site = trial->site;
    const struct measurement *measured =
        session_find_measurement(site->session, site->run->id, SUBJECT_PROGRAM, NULL, "parallelism");
    if (!measured)
        return;
    double low, high, on_core = measured_program_value(site, "cpu_seconds"),
                      queued = measured_program_value(site, "runnable_seconds");
    double part = on_core > 0 && queued > 0 ? on_core / (on_core + queued) : 1;
    judge_interval(measured, &low, &high);
    enum verdict_kind kind = high * part <= most  ? VERDICT_CONFIRMED
                             : low * part <= most ? VERDICT_INCONCLUSIVE
                                                  : VERDICT_REFUTED;
    observe(
        trial, kind,
        g_strdup_printf("the program was on %.2f cores at once (%.2f to %.2f); %.2f or fewer leave one idle",
                        measured->value * part, low * part, high * part, most));
}

/* Workers that compute need a core. */
static void judge_idle_core(struct trial *trial)
{
    const struct task_work *estimated = &trial->site->advice->work;
    if (estimated->cpu_seconds > estimated->wait_seconds + estimated->stop_seconds)
        judge_cores_used(trial, MAX(1, trial->host->cores - IDLE_CORE));
}

/* Where one task runs at a time, only one can wait; that there are more was never asked of the run. */
static void judge_waiting(struct trial *trial)
{
    if (trial->site->advice->current_model == MODEL_SEQUENTIAL)
        return;
    note(trial, trial->site->waiting >= WAITING_TASKS,
         "%.3g tasks waited at once on the average of the run; %d or more can be overlapped by one thread",
         trial->site->waiting, WAITING_TASKS);
}

/* How long events wait for the callbacks before them; NULL when no loop slept between two rounds. The
 * caller's. */
static char *rounds_words(const struct trial *trial, double *tail, double *longest)
{
    guint64 rounds;
    *tail = measured_loop_value(trial->site, "callback_seconds_p99", &rounds);
    *longest = measured_loop_value(trial->site, "longest_callback_seconds", &rounds);
    if (isnan(*tail) || isnan(*longest))
        return NULL;
    return g_strdup_printf("of %" G_GUINT64_FORMAT
                           " rounds of callbacks 99 %% took %.3g s at most, the longest %.3g s",
                           rounds, *tail, *longest);
}

static void judge_callback(struct trial *trial)
{
    const struct task_work *estimated = &trial->site->advice->work;
    double tail, longest;
    char *rounds = rounds_words(trial, &tail, &longest);
    if (rounds)
        observe(trial, longest >= SHORTEST_STOP ? VERDICT_CONFIRMED : VERDICT_REFUTED, rounds);
    if (estimated->stop_seconds > estimated->cpu_seconds)
        demand(trial, "longest_block_seconds", COMPARE_AT_LEAST, SHORTEST_STOP);
    else
        demand(trial, "cpu_share", COMPARE_AT_LEAST, CLASS_CPU_SHARE);
}

static void judge_lock(struct trial *trial)
{
    const struct measured_site *site = trial->site;
    demand(trial, "lock_share", COMPARE_AT_LEAST, CLASS_LOCK_SHARE);
    judge_cores_used(trial, MAX(SERIAL_AT_MOST, trial->host->cores - IDLE_CORE));
    for (guint i = 0; i < site->session->locks->len; i++) {
        const struct lock *lock = g_ptr_array_index(site->session->locks, i);
        const struct measurement *held = session_find_measurement(site->session, site->run->id, SUBJECT_LOCK,
                                                                  lock->id, "lock_hold_seconds");
        if (held && held->value >= CLASS_LOCK_SHARE * site->run->seconds)
            note(trial, TRUE, "%s was held for %.0f %% of the run", lock->name,
                 100 * held->value / site->run->seconds);
    }
}

/* Threads that compute only queue when there are more of them than cores. */
static void note_crowd(struct trial *trial)
{
    double per_core = trial->site->parallelism / MAX(1, trial->host->cores);
    if (per_core >= CROWDED)
        note(trial, TRUE,
             "%.1f runnable threads per core: more than one per core that computes only waits in the queue",
             per_core);
}

static void judge_change(struct trial *trial)
{
    const struct advice *advice = trial->site->advice;
    if (trial->site->shape == MEASURED_EVENT_LOOP) {
        judge_callback(trial);
    } else if (advice->suggested_model == MODEL_ASYNC || trial->site->shape == MEASURED_PER_TASK) {
        judge_class(trial);
        judge_waiting(trial);
    } else {
        judge_class(trial);
        judge_idle_core(trial);
    }
    judge_gain(trial);
}

/* One loop is enough when its callbacks seldom stop it and its core is not full. */
static void judge_loop_kept(struct trial *trial)
{
    const struct measured_site *site = trial->site;
    double stopped = site->work.stop_seconds * site->work.tasks;
    if (measured_program_value(site, "threads_peak") <= 1) /* then all waits are the loop's */
        stopped =
            measured_program_value(site, "io_wait_share") * measured_program_value(site, "active_seconds");
    double full = measured_program_value(site, "cpu_seconds") / site->run->seconds;
    note(trial, stopped < ADVICE_MINIMUM_GAIN * site->run->seconds,
         "waits that were not idle stopped the loop for %.1f %% of the run",
         100 * stopped / site->run->seconds);
    double tail, longest;
    char *rounds = rounds_words(trial, &tail, &longest);
    if (rounds)
        observe(trial, tail < FELT_ROUND ? VERDICT_CONFIRMED : VERDICT_INCONCLUSIVE, rounds);
    observe(trial, full < FULL_LOOP * MAX(1, site->parallelism) ? VERDICT_CONFIRMED : VERDICT_INCONCLUSIVE,
            g_strdup_printf("the program used %.0f %% of a core%s", 100 * full,
                            full < FULL_LOOP ? "" : ": whether a second one would help is not known"));
}

/* Workers that stay are worth what runs of them at once, where that was predicted. */
static void judge_workers(struct trial *trial)
{
    const struct measured_site *site = trial->site;
    const GPtrArray *estimates = trial->verdict->models;
    const struct prediction *predicted = NULL;
    for (guint i = 0; !predicted && i < site->session->predictions->len; i++) {
        const struct prediction *each = g_ptr_array_index(site->session->predictions, i);
        if (g_strcmp0(each->advice, site->advice->id) == 0 && each->comparison == COMPARE_AT_LEAST &&
            (g_strcmp0(each->metric, "running_threads") == 0 || g_strcmp0(each->metric, "parallelism") == 0))
            predicted = each;
    }
    if (!predicted)
        return;
    note(trial, TRUE, "on the measured %.3g s of computing, %s can gain a factor of %.2f with %d cores",
         trial->verdict->work.cpu_seconds * trial->verdict->work.tasks,
         execution_model_name(site->advice->current_model),
         ratio(estimate_of(estimates, MODEL_SEQUENTIAL)->predicted_seconds,
               estimate_of(estimates, site->advice->current_model)->predicted_seconds),
         trial->host->cores);
    observe_prediction(trial, predicted);
}

/* The choice again, with the measured work. */
static void judge_kept(struct trial *trial)
{
    const struct advice *advice = trial->site->advice;
    const GPtrArray *estimates = trial->verdict->models;
    struct workload workload = workload_of(&trial->verdict->work, advice->current_model, estimates);
    enum execution_model chosen = model_estimates_choose((GPtrArray *)estimates, &workload);
    workload_clear(&workload);
    double gain = ratio(estimate_of(estimates, advice->current_model)->predicted_seconds,
                        estimate_of(estimates, chosen)->predicted_seconds);
    gboolean better = chosen != advice->current_model && gain >= LEAST_TIMES;
    if (better)
        note(trial, FALSE, "with the measured work %s would be worth a factor of %.2f",
             execution_model_name(chosen), gain);
    else
        note(trial, TRUE, "with the measured work no possible model is worth a tenth more than %s",
             execution_model_name(advice->current_model));
    judge_workers(trial);
}

static void judge_enough(struct trial *trial)
{
    const struct measurement *active =
        session_find_measurement(trial->site->session, trial->site->run->id,
                                 trial->site->advice->site ? SUBJECT_REGION : SUBJECT_PROGRAM,
                                 trial->site->advice->site, "active_seconds");
    if (active && active->samples < JUDGE_MINIMUM_SAMPLES)
        observe(trial, VERDICT_INCONCLUSIVE,
                g_strdup_printf("%s was seen in %" G_GUINT64_FORMAT " samples only",
                                trial->site->advice->site ? trial->site->advice->site : "the program",
                                active->samples));
}

static void judge_advice(struct trial *trial)
{
    const struct advice *advice = trial->site->advice;
    trial->verdict->work = trial->site->work;
    set_gain(trial);
    if (trial->site->shape != MEASURED_EVENT_LOOP || changes_model(advice))
        judge_enough(trial);
    note_crowd(trial);
    if (changes_model(advice)) {
        judge_change(trial);
    } else if (task_work_is_serial(&advice->work) && advice->current_model != MODEL_SEQUENTIAL) {
        judge_lock(trial);
        judge_gain(trial);
    } else if (trial->site->shape == MEASURED_EVENT_LOOP) {
        judge_loop_kept(trial);
    } else {
        judge_kept(trial);
    }
}

static struct advice_verdict *verdict_on(const struct session *session, const struct run *run,
                                         const struct advice *advice)
{
    struct measured_site site;
    struct host_costs host;
    struct advice_verdict *verdict = advice_verdict_new();
    verdict->run = g_strdup(run->id);
    verdict->advice = g_strdup(advice->id);
    if (!measured_site_init(&site, session, run, advice) || advice->models->len < EXECUTION_MODEL_COUNT) {
        const struct prediction any = {.region = advice->site, .metric = "active_share"};
        verdict->kind = VERDICT_NOT_EXERCISED;
        verdict->why = advice->work.tasks >= 1
                           ? not_exercised_words(session, run, &any)
                           : g_strdup("the analysis did not keep what the advice rests on");
        return verdict;
    }
    if (session->host)
        host_costs_apply(&host, session->host);
    else
        host_costs_default(&host);
    if (run->cores > 0)
        host.cores = run->cores;
    struct trial trial = {.site = &site, .host = &host, .verdict = verdict};
    judge_advice(&trial);
    return verdict;
}

void advice_verdicts_set(struct session *session)
{
    g_ptr_array_set_size(session->advice_verdicts, 0);
    for (guint i = 0; i < session->advice->len; i++) {
        for (guint r = 0; r < session->runs->len; r++)
            g_ptr_array_add(session->advice_verdicts, verdict_on(session, g_ptr_array_index(session->runs, r),
                                                                 g_ptr_array_index(session->advice, i)));
    }
}
