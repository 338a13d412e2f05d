/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/advice.h"

#include <string.h>

#include "analyzer/changes.h"
#include "analyzer/predictions.h"
#include "analyzer/regions.h"

#define BIG_LOCK_SHARE 0.7 /* of the work of every thread: nearly all of it */

G_GNUC_PRINTF(2, 3)
#define UNKNOWN_NAMED 8 /* unknown library functions in a reason */

static void add_reason(GPtrArray *reasons, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(reasons, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

/* "13 µs", "2.1 ms", "1.5 s" */
static char *duration_text(double seconds)
{
    if (seconds < 1e-3)
        return g_strdup_printf("%.3g µs", seconds * 1e6);
    if (seconds < 1)
        return g_strdup_printf("%.3g ms", seconds * 1e3);
    return g_strdup_printf("%.3g s", seconds);
}

static void add_work_reason(const struct site *site, GPtrArray *reasons)
{
    const struct workload *work = &site->workload;
    g_autofree char *computing = duration_text(work->cpu_seconds);
    g_autofree char *waiting = duration_text(work->wait_seconds + work->stop_seconds);
    if (work->wait_seconds + work->stop_seconds > 1e-9)
        add_reason(reasons, "a task is estimated to compute for %s and to wait for %s", computing, waiting);
    else
        add_reason(reasons, "a task is estimated to compute for %s and not to wait", computing);
}

static void loop_reasons(const struct site *site, enum execution_model suggested, GPtrArray *reasons)
{
    const struct fact_loop *loop = g_ptr_array_index(site->function->facts->loops, (guint)site->loop);
    const struct workload *work = &site->workload;
    if (suggested == work->current) {
        const char *obstacle = work->ruled_out[MODEL_THREADS];
        add_reason(reasons, "the loop at %s:%d %s%s", site->function->file, loop->line,
                   obstacle ? "cannot be divided: " : "is too short to pay for workers",
                   obstacle ? obstacle : "");
        return;
    }
    add_reason(reasons, "the iterations of the loop at %s:%d do not need each other%s", site->function->file,
               loop->line, loop->dependence == ITERATIONS_REDUCTION ? " (sums can be made per worker)" : "");
    if (work->wait_seconds + work->stop_seconds > work->cpu_seconds)
        add_reason(reasons, "it waits in %s, one wait after the other; the waits can pass at the same time",
                   site->function->facts->name);
    else
        add_reason(reasons,
                   "it computes on one core; give each of as many workers as cores a part of the items");
}

/* One section around nearly all that every thread computes has the shape of an interpreter lock, and its
 * remedies; a lock that is held for less is only too short of capacity. */
static void lock_reasons(const struct site *site, GPtrArray *reasons)
{
    const struct lock_pressure *pressure = site->pressure;
    const struct critical_section *section = pressure->section;
    gboolean big = pressure->held_share > BIG_LOCK_SHARE;
    g_autofree char *lock = path_display(section->lock);
    add_reason(reasons,
               "%s: %s is held for about %.0f %% of the work of %s (section in %s at %s:%d-%d), so that %s "
               "makes progress at a time",
               big ? "big lock" : "contended lock", lock, pressure->held_share * 100,
               pressure->body->function->facts->name, section->function->facts->name, section->function->file,
               section->line, section->end_line, big ? "about one thread" : "for that part one thread");
    add_reason(
        reasons,
        "shrink the section: compute before taking %s and hold it only to change what is shared; or split "
        "%s into one lock per part of the data",
        lock, lock);
    const char *shared = site->workload.ruled_out[MODEL_PROCESSES];
    if (big)
        add_reason(reasons, "or move to processes, which have no lock to wait for%s%s%s",
                   shared ? "; what is shared must then be passed (" : "", shared ? shared : "",
                   shared ? ")" : "");
}

/* What runs the tasks, and as what. */
static void job_call_reason(const struct site *site, GPtrArray *reasons)
{
    const struct job *job = site->job;
    g_autofree char *chosen =
        job->is_chosen
            ? g_strdup_printf(" (%s at %s:%d)", execution_model_name(job->model), job->choice->file,
                              job->choice->line)
            : g_strdup(job->call->effect->model_field ? ", under a model that is chosen at run time" : "");
    if (site->workload.tasks > 1)
        add_reason(reasons, "%s() at %s:%d runs %s for each of about %.0f tasks%s", call_site_name(job->call),
                   job->call->caller->file, job->call->event->line, job->task->facts->name,
                   site->workload.tasks, chosen);
}

static void job_reasons(const struct site *site, enum execution_model suggested, GPtrArray *reasons)
{
    const struct workload *work = &site->workload;
    double busy = work->cpu_seconds + work->wait_seconds + work->stop_seconds;
    job_call_reason(site, reasons);
    if (site->crash)
        add_reason(reasons,
                   "a task %s, which may crash or hang on its input: that costs a process one task, and a "
                   "thread the whole program",
                   site->crash);
    if (site->isolation)
        add_reason(reasons, "isolation: a task %s, which holds for a process and not for a thread",
                   site->isolation);
    else if (work->serial_seconds > 0.5 * busy)
        add_reason(reasons,
                   "a task holds a lock for %.0f %% of its time: no model lets two of them go on at once",
                   work->serial_seconds / busy * 100);
    else if (work->stop_seconds > work->cpu_seconds)
        add_reason(reasons,
                   "it waits where no event loop can watch: that needs a thread or a process for each wait");
    else if (work->wait_seconds > work->cpu_seconds)
        add_reason(reasons, "it mostly waits, and an event loop can do that for all tasks at once");
    else if (suggested != work->current && !site->crash)
        add_reason(reasons, "it mostly computes: one worker per core");
}

/* What today's workers are worth, where they stay. */
static void job_gain_reason(const struct advice *advice, const struct host_costs *host)
{
    const struct model_estimate *current = g_ptr_array_index(advice->models, advice->current_model);
    const struct model_estimate *alone = g_ptr_array_index(advice->models, MODEL_SEQUENTIAL);
    g_autofree char *now = duration_text(current->predicted_seconds);
    g_autofree char *then = duration_text(alone->predicted_seconds);
    add_reason(advice->reasons, "predicted on %d core%s%s: %s with %s, %s one after the other", host->cores,
               host->cores == 1 ? "" : "s", host->measured ? "" : " with default costs", now,
               execution_model_name(advice->current_model), then);
}

static void threads_reasons(const struct site *site, enum execution_model suggested, GPtrArray *reasons)
{
    const char *body = site->function->facts->name;
    gboolean saturated = site->pressure && site->pressure->held_share * site->pressure->threads > 1;
    if (saturated)
        lock_reasons(site, reasons);
    if (site->root->per_request) {
        add_reason(reasons,
                   "each accepted connection gets a thread that runs %s: their number is up to the clients",
                   body);
        if (suggested == MODEL_ASYNC)
            add_reason(reasons,
                       "%s only waits for its descriptor: an event loop needs a few kB per connection "
                       "instead of a stack, and no locks",
                       body);
        else if (suggested == MODEL_ASYNC_THREADS && site->workload.stop_seconds > 0)
            add_reason(reasons, "%s also blocks where no event loop can wait: hand that part to a pool",
                       body);
        else if (suggested == MODEL_ASYNC_THREADS)
            add_reason(reasons,
                       "%s mostly waits, and computes enough for more than one core: a loop per core", body);
    } else if (!saturated && suggested == MODEL_THREADS) {
        add_reason(reasons, "the threads that run %s share memory for free%s", body,
                   site->classification.class == WORK_CPU ? " and compute on different items" : "");
    }
}

static void processes_reasons(const struct site *site, enum execution_model suggested, GPtrArray *reasons)
{
    if (site->isolation)
        add_reason(reasons, "isolation: the child %s, which holds for a process and not for a thread",
                   site->isolation);
    if (suggested != site->workload.current)
        return;
    if (!site->root)
        return;
    g_autofree char *length =
        duration_text(site->workload.cpu_seconds + site->workload.stop_seconds + site->workload.wait_seconds);
    add_reason(reasons, "a job of %s is estimated to take %s: creating a process costs little beside it",
               site->function->facts->name, length);
}

static void event_loop_reasons(const struct site *site, enum execution_model suggested, GPtrArray *reasons)
{
    const struct workload *work = &site->workload;
    if (!site->root) {
        add_reason(reasons, "an event loop in %s that calls nothing of its own", site->function->facts->name);
    } else if (work->stop_seconds > work->cpu_seconds &&
               (suggested != work->current || suggested == MODEL_ASYNC_THREADS)) {
        add_reason(reasons,
                   "the callback %s blocks where the loop cannot wait: nothing else is served meanwhile",
                   site->function->facts->name);
        add_reason(reasons, "hand the blocking call to a thread and let it wake the loop with an eventfd");
    } else if (suggested != work->current) {
        add_reason(reasons, "the callback %s computes: one loop on one core is not enough",
                   site->function->facts->name);
    } else {
        add_reason(reasons, "of the callbacks of the loop, %s is estimated to take longest%s",
                   site->function->facts->name, work->stop_seconds < 1e-4 ? "; it does not block" : "");
    }
}

static void add_reasons(const struct site *site, const struct advice *advice, const struct host_costs *host)
{
    enum execution_model suggested = advice->suggested_model;
    switch (site->kind) {
    case SITE_LOOP:
        loop_reasons(site, suggested, advice->reasons);
        break;
    case SITE_JOB:
        job_reasons(site, suggested, advice->reasons);
        break;
    case SITE_THREADS:
        threads_reasons(site, suggested, advice->reasons);
        break;
    case SITE_PROCESSES:
        processes_reasons(site, suggested, advice->reasons);
        break;
    case SITE_EVENT_LOOP:
        event_loop_reasons(site, suggested, advice->reasons);
        break;
    default:
        add_reason(advice->reasons, "no threads, processes, event loop, or loop worth dividing was found");
        break;
    }
    if (site->kind != SITE_WHOLE)
        add_work_reason(site, advice->reasons);
    const struct model_estimate *current = g_ptr_array_index(advice->models, advice->current_model);
    const struct model_estimate *better = g_ptr_array_index(advice->models, suggested);
    if (site->kind == SITE_JOB && suggested == advice->current_model && suggested != MODEL_SEQUENTIAL)
        job_gain_reason(advice, host);
    if (suggested != advice->current_model) {
        g_autofree char *from = duration_text(current->predicted_seconds);
        g_autofree char *to = duration_text(better->predicted_seconds);
        g_autofree char *more =
            g_format_size_full((guint64)current->predicted_bytes, G_FORMAT_SIZE_IEC_UNITS);
        g_autofree char *less = g_format_size_full((guint64)better->predicted_bytes, G_FORMAT_SIZE_IEC_UNITS);
        add_reason(advice->reasons, "predicted on %d core%s%s: %s and %s now, %s and %s with %s", host->cores,
                   host->cores == 1 ? "" : "s", host->measured ? "" : " with default costs", from, more, to,
                   less, execution_model_name(suggested));
    }
}

/* A loop that is nearly all of its function is known by the function. */
static char *site_region(struct session *session, const struct cost_model *model, const struct site *site)
{
    if (!site->function)
        return NULL;
    char *function = function_region_id(site->function);
    if (site->loop < 0)
        return function;
    struct cost loop = cost_of_loop(model, site->function, site->loop, SCENARIO_TYPICAL);
    const struct cost *whole = &model->functions[site->function->index].scenarios[SCENARIO_TYPICAL];
    if (cost_active(&loop) >= 0.9 * cost_active(whole))
        return function;
    g_free(function);
    return g_strdup(regions_add_loop(session, model, site->function, site->loop));
}

static struct advice *add_advice(struct session *session, const struct cost_model *model,
                                 const struct program_shape *shape, const struct site *site,
                                 gboolean for_program)
{
    struct advice *advice = advice_new();
    g_autofree char *region = site_region(session, model, site);
    g_ptr_array_unref(advice->models);
    advice->models = model_estimates_new(&site->workload, model->host);
    advice->current_model = site->workload.current;
    advice->shape = site->kind == SITE_JOB ? job_shape(site->job) : shape->kind;
    advice->suggested_model = site_choice(site, advice->models);
    advice->confidence = site->kind == SITE_WHOLE ? 0.5 : site->classification.confidence;
    advice->region = for_program ? NULL : g_strdup(region);
    advice->site = g_strdup(region);
    advice->work = workload_record(&site->workload);
    advice->id = g_strdup_printf("%s/model", for_program ? "program" : region);
    add_reasons(site, advice, model->host);
    changes_add(advice, model, shape, site);
    g_ptr_array_add(session->advice, advice);
    predictions_add_advice(session, model, shape, site, advice, region);
    return advice;
}

static void note_programs(const struct program_graph *graph, GPtrArray *reasons)
{
    g_autoptr(GString) others = g_string_new(NULL);
    guint count = 0;
    for (guint i = 0; i < graph->mains->len; i++) {
        const struct graph_function *other = g_ptr_array_index(graph->mains, i);
        if (other != graph->main_function && count++ < 5)
            g_string_append_printf(others, "%s%s", others->len ? ", " : "", other->file);
    }
    if (count > 0)
        add_reason(reasons,
                   "this is about the program whose main is in %s; %u more in the database (%s%s) can be "
                   "analysed by naming their files",
                   graph->main_function->file, count, others->str, count > 5 ? ", …" : "");
}

/* The most called ones; session->unknown_functions has all. */
static void note_unknown_functions(const struct session *session, GPtrArray *reasons)
{
    g_autoptr(GString) names = g_string_new(NULL);
    guint count = session->unknown_functions->len;
    for (guint i = 0; i < MIN(count, UNKNOWN_NAMED); i++) {
        const struct unknown_function *function = g_ptr_array_index(session->unknown_functions, i);
        g_string_append_printf(names, "%s%s", names->len ? ", " : "", function->name);
    }
    if (count > 0)
        add_reason(
            reasons,
            "%u library function%s without known effect lower%s the confidence (--effects adds them): %s%s",
            count, count == 1 ? "" : "s", count == 1 ? "s" : "", names->str,
            count > UNKNOWN_NAMED ? ", …" : "");
}

void advice_add(struct session *session, const struct cost_model *model, const struct program_shape *shape,
                GPtrArray *sites, const char *program_name)
{
    const struct advice *main_advice = add_advice(session, model, shape, g_ptr_array_index(sites, 0), TRUE);
    for (guint i = 1; i < sites->len; i++) {
        const struct site *site = g_ptr_array_index(sites, i);
        g_autoptr(GPtrArray) estimates = model_estimates_new(&site->workload, model->host);
        /* A model that the source has chosen is to be put to the test also where it stays. */
        gboolean chosen = site->kind == SITE_JOB && site->job->is_chosen;
        if (chosen || site_choice(site, estimates) != site->workload.current)
            add_advice(session, model, shape, site, FALSE);
    }
    struct program *program = program_new();
    program->name = g_strdup(program_name);
    program->current_model = main_advice->current_model;
    program->suggested_model = main_advice->suggested_model;
    program->shape = main_advice->shape;
    program->confidence = main_advice->confidence;
    for (guint i = 0; i < shape->evidence->len; i++) {
        const struct place *place = g_ptr_array_index(shape->evidence, i);
        struct place *copy = place_new(place->file, place->line, place->text);
        copy->end_line = place->end_line;
        g_ptr_array_add(program->evidence, copy);
    }
    for (guint i = 0; i < main_advice->reasons->len; i++)
        g_ptr_array_add(program->reasons, g_strdup(g_ptr_array_index(main_advice->reasons, i)));
    note_programs(model->graph, program->reasons);
    note_unknown_functions(session, program->reasons);
    program_free(session->program);
    session->program = program;
}
