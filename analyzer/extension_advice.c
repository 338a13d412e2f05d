/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/extension_advice.h"

#include "analyzer/model_estimates.h"
#include "analyzer/predictions.h"
#include "analyzer/regions.h"
#include "analyzer/shared_state.h"

#define CALLS 64 /* of a method by the program that is not there to be asked */
#define LONG_SECONDS                                                                                         \
    50e-6 /* of holding the lock in one call: ten times what giving it up among others costs */
#define RELEASED_SHARE 0.5 /* of the methods' work, for the module to count as one that gives the lock up */
#define NAMES_MAX      5

/* TRUE when the method keeps all others from running for long enough to be felt, and gives the lock up for
 * too little of its work. */
static gboolean holds_long(const struct method *method)
{
    double held = cost_active(&method->held);
    return method->place.function && (method->place.waits || held >= LONG_SECONDS) &&
           held >= ADVICE_MINIMUM_GAIN * cost_active(&method->whole);
}

static const struct fact_event *place_event(const struct held_place *place)
{
    return place->call ? place->call->event : NULL;
}

static int place_line(const struct held_place *place, int *end_line)
{
    if (place->loop >= 0) {
        const struct fact_loop *loop = g_ptr_array_index(place->function->facts->loops, (guint)place->loop);
        *end_line = loop->end_line;
        return loop->line;
    }
    *end_line = MAX(place_event(place)->line, place_event(place)->end_line);
    return place_event(place)->line;
}

static char *place_id(const struct held_place *place)
{
    int end_line = 0, line = place_line(place, &end_line);
    return g_strdup_printf("%s/section@%s:%d", place->function->facts->name, place->function->file, line);
}

static struct classification place_classification(const struct cost_model *model,
                                                  const struct held_place *place)
{
    if (place->loop >= 0)
        return classify_loop(model, place->function, place->loop);
    struct classification whole = classify_function(model, place->function);
    whole.class = time_split_class(&place->cost.split, cost_active(&place->cost));
    return whole;
}

static char *call_name(const struct call_site *call)
{
    g_autofree char *name = call->event->callee ? path_display(call->event->callee) : NULL;
    return name ? g_strconcat(name, "()", NULL) : g_strdup("a function through a pointer");
}

/* The obstacles of one kind in the place as a sentence, or NULL; the caller frees it. */
static char *sentence_within(const struct cost_model *model, const struct held_place *place,
                             enum obstacle_kind kind)
{
    const struct call_site *call = place->call;
    if (place->loop >= 0)
        return obstacle_sentence(model, place->function, place->loop, kind);
    return call && call->targets->len > 0
               ? obstacle_sentence(model, g_ptr_array_index(call->targets, 0), -1, kind)
               : NULL;
}

/* Why the lock cannot be given up in the place, or NULL; the caller frees it. */
static char *obstacle_find(const struct cost_model *model, const struct held_place *place, const char *lock)
{
    if (!place->needs_lock) {
        g_autofree char *unsafe = sentence_within(model, place, OBSTACLE_UNSAFE_CALL);
        return unsafe ? g_strdup_printf("it %s, which is not thread-safe", unsafe) : NULL;
    }
    g_autofree char *name = call_name(place->needs_lock);
    g_autofree char *file =
        program_graph_event_file(model->graph, place->needs_lock->caller, place->needs_lock->event);
    return g_strdup_printf("%s at %s:%d needs the %s", name, file, place->needs_lock->event->line, lock);
}

/* --- regions -----------------------------------------------------------------------------------------------
 */

static void add_lock(struct session *session, const char *name)
{
    for (guint i = 0; i < session->locks->len; i++) {
        if (g_str_equal(((const struct lock *)g_ptr_array_index(session->locks, i))->name, name))
            return;
    }
    struct lock *lock = lock_new();
    lock->id = g_strdup(name);
    lock->name = g_strdup(name);
    lock->kind = LOCK_MUTEX;
    g_ptr_array_add(session->locks, lock);
}

static void add_section(struct session *session, const struct cost_model *model, const char *lock,
                        const struct held_place *place)
{
    g_autofree char *id = place_id(place);
    if (session_find_region(session, id))
        return;
    struct classification classification = place_classification(model, place);
    struct region *region = region_new();
    region->id = g_steal_pointer(&id);
    region->kind = REGION_CRITICAL_SECTION;
    region->function = g_strdup(place->function->facts->name);
    region->file = g_strdup(place->function->file);
    region->line = place_line(place, &region->end_line);
    region->lock = g_strdup(lock);
    region->class = classification.class;
    region->confidence = classification.confidence;
    g_ptr_array_unref(region->evidence);
    region->evidence = evidence_find(model, place->function, place->loop, classification.class);
    g_ptr_array_add(session->regions, region);
}

void extension_regions_add(struct session *session, const struct cost_model *model,
                           const struct interpreter_lock *lock)
{
    add_lock(session, lock->name);
    for (guint i = 0; i < lock->methods->len; i++) {
        const struct method *method = g_ptr_array_index(lock->methods, i);
        if (holds_long(method))
            add_section(session, model, lock->name, &method->place);
    }
}

/* --- reasons -----------------------------------------------------------------------------------------------
 */

G_GNUC_PRINTF(2, 3)
static void add_reason(GPtrArray *reasons, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(reasons, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

static char *duration_text(double seconds)
{
    if (seconds < 1e-3)
        return g_strdup_printf("%.3g µs", seconds * 1e6);
    return seconds < 1 ? g_strdup_printf("%.3g ms", seconds * 1e3) : g_strdup_printf("%.3g s", seconds);
}

static char *lines_text(const struct held_place *place)
{
    int end_line = 0, line = place_line(place, &end_line);
    return line == end_line ? g_strdup_printf("%s:%d", place->function->file, line)
                            : g_strdup_printf("%s:%d-%d", place->function->file, line, end_line);
}

/* "the loop", "sleep()", "the loop around read()" */
static char *place_text(const struct held_place *place)
{
    g_autofree char *call = place->call ? call_name(place->call) : NULL;
    if (place->loop < 0)
        return g_steal_pointer(&call);
    return call ? g_strdup_printf("the loop around %s", call) : g_strdup("the loop");
}

static void add_place_reasons(const struct cost_model *model, const struct interpreter_lock *lock,
                              const struct method *method, GPtrArray *reasons)
{
    const struct held_place *place = &method->place;
    g_autofree char *time = duration_text(cost_active(&method->held));
    g_autofree char *what = place_text(place);
    g_autofree char *lines = lines_text(place);
    add_reason(
        reasons,
        "%s holds the %s for about %s per call, %s in %s at %s: no other thread runs Python code meanwhile",
        method->function->facts->name, lock->name, time, place->waits ? "waiting" : "computing", what, lines);
    g_autofree char *obstacle = obstacle_find(model, place, lock->name);
    if (obstacle) {
        add_reason(
            reasons,
            "%s, so that the lock cannot be given up there: copy what is needed before and give it up for "
            "the rest, or divide the work over processes",
            obstacle);
        return;
    }
    add_reason(
        reasons,
        "nothing at %s needs the %s: put Py_BEGIN_ALLOW_THREADS before and Py_END_ALLOW_THREADS behind "
        "it, and hold on to the Python objects whose memory it uses",
        lines, lock->name);
    g_autofree char *written = sentence_within(model, place, OBSTACLE_GLOBAL_WRITE);
    if (written)
        add_reason(reasons, "it %s: that needs a lock of its own then", written);
}

/* "a, b, c and 4 more" of the methods for which `wanted` holds. */
static char *method_names(const struct interpreter_lock *lock, gboolean (*wanted)(const struct method *),
                          guint *count)
{
    GString *names = g_string_new(NULL);
    *count = 0;
    for (guint i = 0; i < lock->methods->len; i++) {
        const struct method *method = g_ptr_array_index(lock->methods, i);
        if (!wanted(method))
            continue;
        if ((*count)++ < NAMES_MAX)
            g_string_append_printf(names, "%s%s", names->len ? ", " : "", method->function->facts->name);
    }
    if (*count > NAMES_MAX)
        g_string_append_printf(names, " and %u more", *count - NAMES_MAX);
    return g_string_free(names, FALSE);
}

static gboolean gives_up(const struct method *method)
{
    return method->gives_up != NULL;
}

static void add_module_reasons(const struct interpreter_lock *lock, GPtrArray *reasons)
{
    guint releasing = 0, holding = 0;
    g_autofree char *free_names = method_names(lock, gives_up, &releasing);
    g_autofree char *held_names = method_names(lock, holds_long, &holding);
    g_autofree char *entry = lock->entry ? g_strdup_printf(" (%s at %s:%d)", lock->entry->facts->name,
                                                           lock->entry->file, lock->entry->facts->line)
                                         : g_strdup("");
    add_reason(
        reasons,
        "no executable but an extension module of CPython%s: the threads of the interpreter hold the %s when "
        "they call its methods and slots (%u)",
        entry, lock->name, lock->methods->len);
    if (holding == 0)
        add_reason(reasons, "no method was found to compute or to wait for long while it holds the %s",
                   lock->name);
    else
        add_reason(reasons, "%u hold%s it for long: %s", holding, holding == 1 ? "s" : "", held_names);
    if (releasing > 0)
        add_reason(reasons, "%u give%s it up: %s", releasing, releasing == 1 ? "s" : "", free_names);
}

/* --- advice ------------------------------------------------------------------------------------------------
 */

/* What threads would gain once the lock is given up; under a lock that cannot be, they are ruled out. */
static void set_workload(struct workload *work, const struct cost_model *model, const char *lock,
                         const struct method *method)
{
    static const enum execution_model loops[] = {MODEL_ASYNC, MODEL_ASYNC_PROCESSES, MODEL_ASYNC_THREADS};
    const struct cost *cost = &method->held;
    work->tasks = work->in_flight = CALLS;
    work->cpu_seconds = cost->split.on_cpu + cost->split.io_work;
    work->stop_seconds = cost->unpollable;
    work->wait_seconds = MAX(0, cost->split.io_wait - cost->unpollable);
    work->doubt = 1 - place_classification(model, &method->place).confidence;
    work->current = MODEL_SEQUENTIAL;
    for (gsize i = 0; i < G_N_ELEMENTS(loops); i++)
        work->ruled_out[loops[i]] = g_strdup("a method returns when it is done; the loop is the caller's");
    work->ruled_out[MODEL_THREADS] = obstacle_find(model, &method->place, lock);
}

/* Of the module only: what else the interpreter runs, and in how many processes, is not known. */
static void predict_share(struct session *session, const struct advice *advice, const char *region,
                          enum work_class class)
{
    if (class == WORK_CPU)
        session_add_prediction(session, advice->id, region, "cpu_share", COMPARE_AT_LEAST, CLASS_CPU_SHARE);
    else if (class == WORK_IO)
        session_add_prediction(session, advice->id, region, "io_share", COMPARE_AT_LEAST, CLASS_IO_SHARE);
}

/* The lines to enclose, where the lock can be given up. */
static void add_change(struct advice *advice, const struct held_place *place)
{
    int end_line = 0, line = place_line(place, &end_line);
    if (advice->suggested_model != MODEL_THREADS || advice->current_model == MODEL_THREADS)
        return;
    struct place *change =
        place_new(place->function->file, line, "enclose in Py_BEGIN_ALLOW_THREADS and Py_END_ALLOW_THREADS");
    change->end_line = end_line;
    g_ptr_array_add(advice->changes, change);
}

static struct advice *advice_for(struct session *session, const struct cost_model *model,
                                 const struct interpreter_lock *lock, const struct method *method,
                                 gboolean for_program)
{
    struct workload work = {0};
    set_workload(&work, model, lock->name, method);
    struct advice *advice = advice_new();
    g_autofree char *region = function_region_id(method->function);
    g_ptr_array_unref(advice->models);
    advice->models = model_estimates_new(&work, model->host);
    advice->current_model = work.current;
    advice->suggested_model = model_estimates_choose(advice->models, &work);
    advice->confidence = 1 - work.doubt;
    advice->work = workload_record(&work);
    advice->region = for_program ? NULL : g_strdup(region);
    advice->id = g_strdup_printf("%s/model", for_program ? "program" : region);
    workload_clear(&work);
    if (for_program)
        add_module_reasons(lock, advice->reasons);
    add_place_reasons(model, lock, method, advice->reasons);
    advice->shape = SHAPE_EXTENSION_MODULE;
    add_change(advice, &method->place);
    g_ptr_array_add(session->advice, advice);
    g_autofree char *section = place_id(&method->place);
    advice->site = g_strdup(section);
    predict_share(session, advice, section, place_classification(model, &method->place).class);
    return advice;
}

/* Nothing holds the lock for long: what the module is, and that it is right. */
static struct advice *quiet_advice(struct session *session, const struct cost_model *model,
                                   const struct interpreter_lock *lock)
{
    double held = 0, whole = 0, most = -1;
    const struct method *heaviest = NULL;
    for (guint i = 0; i < lock->methods->len; i++) {
        const struct method *method = g_ptr_array_index(lock->methods, i);
        double seconds = cost_active(&method->whole);
        held += cost_active(&method->held);
        whole += seconds;
        heaviest = seconds > most ? method : heaviest;
        most = MAX(most, seconds);
    }
    struct workload work = {.tasks = CALLS, .in_flight = CALLS};
    work.cpu_seconds = whole / MAX(1, lock->methods->len);
    work.current = whole - held > RELEASED_SHARE * whole ? MODEL_THREADS : MODEL_SEQUENTIAL;
    struct advice *advice = advice_new();
    g_ptr_array_unref(advice->models);
    advice->models = model_estimates_new(&work, model->host);
    advice->work = workload_record(&work);
    advice->current_model = advice->suggested_model = work.current;
    advice->shape = SHAPE_EXTENSION_MODULE;
    advice->confidence = 0.5;
    advice->id = g_strdup("program/model");
    add_module_reasons(lock, advice->reasons);
    g_ptr_array_add(session->advice, advice);
    if (heaviest) {
        g_autofree char *region = function_region_id(heaviest->function);
        predict_share(session, advice, region,
                      time_split_class(&heaviest->whole.split, cost_active(&heaviest->whole)));
    }
    return advice;
}

static int compare_held(gconstpointer a, gconstpointer b)
{
    double first = cost_active(&(*(struct method *const *)a)->held);
    double second = cost_active(&(*(struct method *const *)b)->held);
    return first < second ? 1 : first > second ? -1 : 0;
}

/* TRUE when a method before it holds the lock in the same place. */
static gboolean is_told(const GPtrArray *methods, guint index)
{
    g_autofree char *id = place_id(&((const struct method *)g_ptr_array_index(methods, index))->place);
    for (guint i = 0; i < index; i++) {
        g_autofree char *other = place_id(&((const struct method *)g_ptr_array_index(methods, i))->place);
        if (g_str_equal(id, other))
            return TRUE;
    }
    return FALSE;
}

void extension_advice_add(struct session *session, const struct cost_model *model,
                          const struct interpreter_lock *lock, const char *program_name)
{
    g_autoptr(GPtrArray) holding = g_ptr_array_new();
    for (guint i = 0; i < lock->methods->len; i++) {
        if (holds_long(g_ptr_array_index(lock->methods, i)))
            g_ptr_array_add(holding, g_ptr_array_index(lock->methods, i));
    }
    g_ptr_array_sort(holding, compare_held);
    const struct advice *first = holding->len > 0
                                     ? advice_for(session, model, lock, g_ptr_array_index(holding, 0), TRUE)
                                     : quiet_advice(session, model, lock);
    for (guint i = 1; i < holding->len; i++) {
        if (!is_told(holding, i))
            advice_for(session, model, lock, g_ptr_array_index(holding, i), FALSE);
    }
    struct program *program = program_new();
    program->name = g_strdup(program_name);
    program->current_model = first->current_model;
    program->suggested_model = first->suggested_model;
    program->shape = SHAPE_EXTENSION_MODULE;
    program->confidence = first->confidence;
    for (guint i = 0; i < first->reasons->len; i++)
        g_ptr_array_add(program->reasons, g_strdup(g_ptr_array_index(first->reasons, i)));
    if (lock->entry) {
        g_autofree char *text = g_strdup_printf("%s() makes the module", lock->entry->facts->name);
        g_ptr_array_add(program->evidence, place_new(lock->entry->file, lock->entry->facts->line, text));
    }
    program_free(session->program);
    session->program = program;
}
