/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/classify.h"

#include "analyzer/class_choices.h"

#define CONFIDENCE_LIMIT     0.95 /* nothing is certain before it was measured */
#define LIGHT_CONFIDENCE     0.8
#define ONLY_LOCK_CONFIDENCE 0.5
#define SLIGHT_SECONDS       1e-5 /* of one call at its longest */
#define SLIGHT_IO_SECONDS    5e-7 /* of that in I/O: one system call */
#define UNKNOWN_CALL_FACTOR  0.9
#define DESCRIPTOR_FACTOR    0.95 /* operations on descriptors of several or unknown origins */
#define GUESSED_CALL_FACTOR  0.85
#define CHILD_FACTOR         0.5
#define SMALL_FACTOR         0.85 /* matters only when loops run many times */
#define MIXED_LIMIT          0.49
#define FEW_TRIPS_FACTOR     0.75 /* holds only when loops run often */
#define LONG_WAITS_FACTOR    0.8  /* holds only when waits are short */
#define STRAIGHT_FACTOR      0.5  /* holds only because loops over data repeat something */
#define CUT_CALL_FACTOR      0.85 /* a call that closes a circle of calls is not counted */
#define NOTABLE_COUNT        0.1  /* per call: rarer creations and waits are not what a function is about */
#define CREATOR_FACTOR       0.5  /* may leave the work to threads that it creates */

/* Costs per run of the program, by scenario. */
struct totals {
    struct cost scenarios[SCENARIO_COUNT];
    struct cost once[SCENARIO_COUNT]; /* per call */
    gboolean endless;                 /* holds a loop that nothing leaves */
    int straight_class;               /* enum work_class, -1: not known */
    gboolean only_locks;              /* takes a lock for its caller, and does little else */
    guint unknown_calls, guessed_calls;
    guint cut_calls, vague_descriptors;
    double created_flows, flow_waits;
    double agreement; /* 0 … 1: class_agreement() */
};

static enum work_class scenario_class(const struct cost *cost)
{
    return time_split_class(&cost->split, cost_active(cost));
}

static double confidence_of(const struct totals *totals, double agreeing)
{
    double confidence = MIN(agreeing, 1) * CONFIDENCE_LIMIT;
    for (guint i = 0; i < MIN(totals->unknown_calls, 3); i++)
        confidence *= UNKNOWN_CALL_FACTOR;
    if (totals->vague_descriptors > 0)
        confidence *= DESCRIPTOR_FACTOR;
    if (totals->guessed_calls > 0)
        confidence *= GUESSED_CALL_FACTOR;
    confidence *= totals->agreement;
    const struct cost *typical = &totals->scenarios[SCENARIO_TYPICAL];
    if (typical->child > 0.2 * cost_active(typical))
        confidence *= CHILD_FACTOR;
    if (cost_active(typical) < CLASS_SMALL_SECONDS)
        confidence *= SMALL_FACTOR;
    return confidence;
}

/* How often something is called is a guess of many factors. A function that loops over data or does I/O may
 * matter however seldom it seems to run; one that takes the same short way each time does not. */
static gboolean is_slight(const struct totals *totals)
{
    const struct cost *few = &totals->once[TRIPS_FEW * WAIT_LEVEL_COUNT + WAIT_TYPICAL];
    const struct cost *many = &totals->once[TRIPS_MANY * WAIT_LEVEL_COUNT + WAIT_TYPICAL];
    gboolean loops = cost_active(many) > SLIGHT_SECONDS && cost_active(many) > 2 * cost_active(few);
    double io = many->split.io_wait + many->split.io_work;
    gboolean transfers = io > SLIGHT_IO_SECONDS && io > CLASS_IO_SHARE * cost_active(many);
    return !loops && !transfers && !totals->endless;
}

static struct classification classify(const struct cost_model *model, const struct totals *totals)
{
    struct classification result = {WORK_LIGHT, LIGHT_CONFIDENCE, 0, 0, 0};
    double votes[WORK_CLASS_COUNT] = {0};
    double most = 0;
    for (int scenario = 0; scenario < SCENARIO_COUNT; scenario++) {
        most = MAX(most, cost_active(&totals->scenarios[scenario]));
        votes[scenario_class(&totals->once[scenario])] += scenario_weights[scenario];
    }
    double program = cost_active(&model->program[SCENARIO_TYPICAL]);
    result.seconds = cost_active(&totals->scenarios[SCENARIO_TYPICAL]);
    result.share = program > 0 ? MIN(1, result.seconds / program) : 0;
    const int few = TRIPS_FEW * WAIT_LEVEL_COUNT + WAIT_TYPICAL;
    double small_program = cost_active(&model->program[few]);
    double small_share = small_program > 0 ? cost_active(&totals->scenarios[few]) / small_program : 0;
    result.prominence = CLAMP(small_share, result.share, 1);
    if (totals->only_locks && (most < CLASS_LIGHT_SECONDS || votes[WORK_LOCK] < ONLY_LOCK_CONFIDENCE)) {
        result.class = WORK_LOCK;
        result.confidence = ONLY_LOCK_CONFIDENCE;
        return result;
    }
    if (most < CLASS_LIGHT_SECONDS && is_slight(totals))
        return result;
    for (int class = 0; class < WORK_CLASS_COUNT; class ++) {
        if (votes[class] > votes[result.class])
            result.class = (enum work_class) class;
    }
    result.confidence = confidence_of(totals, votes[result.class]);
    if (scenario_class(&totals->once[TRIPS_FEW * WAIT_LEVEL_COUNT + WAIT_TYPICAL]) != result.class)
        result.confidence *= FEW_TRIPS_FACTOR;
    if (scenario_class(&totals->once[TRIPS_SOME * WAIT_LEVEL_COUNT + WAIT_HIGH]) != result.class)
        result.confidence *= LONG_WAITS_FACTOR;
    if (totals->straight_class >= 0 && totals->straight_class != (int)result.class)
        result.confidence *= STRAIGHT_FACTOR;
    if (totals->cut_calls > 0)
        result.confidence *= CUT_CALL_FACTOR;
    if (totals->created_flows >= NOTABLE_COUNT && result.class == WORK_CPU) {
        /* The threads compute, and this waits for room in their queue. */
        result.class = totals->flow_waits >= NOTABLE_COUNT ? WORK_LOCK : WORK_CPU;
        result.confidence *= CREATOR_FACTOR;
    }
    if (result.class == WORK_MIXED)
        result.confidence = MIN(result.confidence, MIXED_LIMIT);
    return result;
}

static gboolean is_endless(const struct graph_function *function)
{
    for (guint i = 0; i < function->facts->loops->len; i++) {
        const struct fact_loop *loop = g_ptr_array_index(function->facts->loops, i);
        if (loop->trip_count == G_MAXINT64 && !loop->has_exit)
            return TRUE;
    }
    return FALSE;
}

/* What waits here at all waits for another thread to give up the lock. */
static gboolean only_takes_locks(const struct cost_model *model, const struct graph_function *function)
{
    guint taken = 0, calls = 0;
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        calls += !cost_only_on_failure(model, call);
        taken += call->effect && call->effect->lock == LOCK_TAKE;
    }
    return taken > 0 && taken == calls && function->facts->loops->len == 0;
}

static struct totals totals_of(const struct function_cost *cost, const struct graph_function *function)
{
    return (struct totals){.endless = is_endless(function),
                           .straight_class = -1,
                           .unknown_calls = cost->unknown_calls,
                           .guessed_calls = cost->guessed_calls,
                           .cut_calls = cost->cut_calls,
                           .vague_descriptors = cost->vague_descriptors,
                           .created_flows = cost->created_flows,
                           .flow_waits = cost->flow_waits,
                           .agreement = 1};
}

static void add_total(struct totals *totals, const struct function_cost *function, int scenario,
                      const struct cost *once)
{
    totals->once[scenario] = *once;
    cost_add(&totals->scenarios[scenario], once, function->invocations[scenario / WAIT_LEVEL_COUNT]);
}

struct classification classify_function(const struct cost_model *model, const struct graph_function *function)
{
    const struct function_cost *cost = &model->functions[function->index];
    struct totals totals = totals_of(cost, function);
    for (int scenario = 0; scenario < SCENARIO_COUNT; scenario++)
        add_total(&totals, cost, scenario, &cost->scenarios[scenario]);
    totals.only_locks = only_takes_locks(model, function);
    totals.agreement = cost->agreement;
    totals.straight_class = (int)cost->straight_class;
    return classify(model, &totals);
}

struct classification classify_loop(const struct cost_model *model, const struct graph_function *function,
                                    int loop)
{
    const struct function_cost *cost = &model->functions[function->index];
    struct totals totals = totals_of(cost, function);
    for (int scenario = 0; scenario < SCENARIO_COUNT; scenario++) {
        struct cost once = cost_of_loop(model, function, loop, scenario);
        add_total(&totals, cost, scenario, &once);
    }
    totals.agreement = class_agreement(model, function, loop);
    return classify(model, &totals);
}

struct classification classify_section(const struct cost_model *model, const struct critical_section *section)
{
    const struct function_cost *cost = &model->functions[section->function->index];
    struct totals totals = totals_of(cost, section->function);
    for (int scenario = 0; scenario < SCENARIO_COUNT; scenario++) {
        struct cost once = cost_of_section(model, section, scenario);
        const double *wait = g_hash_table_lookup(model->lock_waits, section->take);
        once.split.lock_wait += wait ? wait[scenario] : 0;
        struct cost all = {0};
        cost_add(&all, &once, cost_weight(model, section->take, scenario));
        add_total(&totals, cost, scenario, &all);
    }
    return classify(model, &totals);
}
