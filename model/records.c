/* SPDX-License-Identifier: Apache-2.0 */
#include "model/records.h"

#include <math.h>

static GPtrArray *places_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)place_free);
}

struct place *place_new(const char *file, int line, const char *text)
{
    struct place *place = g_new0(struct place, 1);
    place->file = g_strdup(file);
    place->line = line;
    place->end_line = line;
    place->text = g_strdup(text);
    return place;
}

struct host_cost *host_cost_new(void)
{
    struct host_cost *cost = g_new0(struct host_cost, 1);
    cost->low = cost->high = NAN;
    return cost;
}

struct host *host_new(void)
{
    struct host *host = g_new0(struct host, 1);
    host->costs = g_ptr_array_new_with_free_func((GDestroyNotify)host_cost_free);
    return host;
}

struct program *program_new(void)
{
    struct program *program = g_new0(struct program, 1);
    program->reasons = g_ptr_array_new_with_free_func(g_free);
    program->evidence = g_ptr_array_new_with_free_func((GDestroyNotify)place_free);
    return program;
}

struct unit *unit_new(void)
{
    return g_new0(struct unit, 1);
}

struct region *region_new(void)
{
    struct region *region = g_new0(struct region, 1);
    region->evidence = places_new();
    region->seconds = g_ptr_array_new_with_free_func((GDestroyNotify)time_estimate_free);
    region->idle_sites = places_new();
    return region;
}

struct lock *lock_new(void)
{
    return g_new0(struct lock, 1);
}

struct finding *finding_new(void)
{
    struct finding *finding = g_new0(struct finding, 1);
    finding->path = places_new();
    return finding;
}

struct lock_order *lock_order_new(void)
{
    struct lock_order *order = g_new0(struct lock_order, 1);
    order->path = places_new();
    return order;
}

struct advice *advice_new(void)
{
    struct advice *advice = g_new0(struct advice, 1);
    advice->reasons = g_ptr_array_new_with_free_func(g_free);
    advice->models = g_ptr_array_new_with_free_func((GDestroyNotify)model_estimate_free);
    advice->changes = g_ptr_array_new_with_free_func((GDestroyNotify)place_free);
    return advice;
}

struct unknown_function *unknown_function_new(void)
{
    return g_new0(struct unknown_function, 1);
}

struct prediction *prediction_new(void)
{
    return g_new0(struct prediction, 1);
}

struct run *run_new(void)
{
    return g_new0(struct run, 1);
}

struct thread *thread_new(void)
{
    return g_new0(struct thread, 1);
}

struct measurement *measurement_new(void)
{
    return g_new0(struct measurement, 1);
}

struct wait_edge *wait_edge_new(void)
{
    return g_new0(struct wait_edge, 1);
}

struct interval *interval_new(void)
{
    return g_new0(struct interval, 1);
}

struct call_frame *call_frame_new(void)
{
    return g_new0(struct call_frame, 1);
}

void call_frame_free(struct call_frame *frame)
{
    if (!frame)
        return;
    g_free(frame->function);
    g_free(frame->file);
    g_free(frame->module);
    g_free(frame);
}

struct call_stack *call_stack_new(void)
{
    return g_new0(struct call_stack, 1);
}

void call_stack_free(struct call_stack *stack)
{
    if (!stack)
        return;
    g_free(stack->run);
    g_free(stack->thread_group);
    g_free(stack->cause);
    g_free(stack);
}

struct gap *gap_new(void)
{
    return g_new0(struct gap, 1);
}

void gap_free(struct gap *gap)
{
    if (!gap)
        return;
    g_free(gap->run);
    g_free(gap->what);
    g_free(gap->name);
    g_free(gap->file);
    g_free(gap->missing);
    g_free(gap);
}

void interval_free(struct interval *interval)
{
    if (!interval)
        return;
    g_free(interval->run);
    g_free(interval->thread);
    g_free(interval->cause);
    g_free(interval->function);
    g_free(interval);
}

struct verdict *verdict_new(void)
{
    struct verdict *verdict = g_new0(struct verdict, 1);
    verdict->measured = verdict->low = verdict->high = NAN;
    return verdict;
}

struct advice_verdict *advice_verdict_new(void)
{
    struct advice_verdict *verdict = g_new0(struct advice_verdict, 1);
    verdict->predicted_gain = verdict->measured_gain = verdict->saved_seconds = NAN;
    verdict->models = g_ptr_array_new_with_free_func((GDestroyNotify)model_estimate_free);
    verdict->observations = g_ptr_array_new_with_free_func(g_free);
    return verdict;
}

struct finding_verdict *finding_verdict_new(void)
{
    return g_new0(struct finding_verdict, 1);
}

struct time_estimate *time_estimate_new(const char *part)
{
    struct time_estimate *estimate = g_new0(struct time_estimate, 1);
    estimate->part = g_strdup(part);
    return estimate;
}

struct model_estimate *model_estimate_new(enum execution_model model)
{
    struct model_estimate *estimate = g_new0(struct model_estimate, 1);
    estimate->model = model;
    estimate->predicted_seconds = estimate->predicted_bytes = -1;
    return estimate;
}

void place_free(struct place *place)
{
    if (!place)
        return;
    g_free(place->file);
    g_free(place->text);
    g_free(place->thread);
    g_free(place);
}

void host_cost_free(struct host_cost *cost)
{
    if (!cost)
        return;
    g_free(cost->name);
    g_free(cost->unit);
    g_free(cost);
}

void host_free(struct host *host)
{
    if (!host)
        return;
    g_free(host->name);
    g_free(host->kernel);
    g_free(host->processor);
    g_free(host->measured_at);
    g_free(host->corewise);
    g_ptr_array_unref(host->costs);
    g_free(host);
}

void program_free(struct program *program)
{
    if (!program)
        return;
    g_free(program->name);
    g_ptr_array_unref(program->reasons);
    g_ptr_array_unref(program->evidence);
    g_free(program);
}

void unit_free(struct unit *unit)
{
    if (!unit)
        return;
    g_free(unit->file);
    g_free(unit->command);
    g_free(unit->content_hash);
    g_free(unit->error);
    g_free(unit);
}

void region_free(struct region *region)
{
    if (!region)
        return;
    g_free(region->id);
    g_free(region->function);
    g_free(region->file);
    g_free(region->lock);
    g_ptr_array_unref(region->evidence);
    g_ptr_array_unref(region->seconds);
    g_ptr_array_unref(region->idle_sites);
    g_free(region);
}

void lock_free(struct lock *lock)
{
    if (!lock)
        return;
    g_free(lock->id);
    g_free(lock->name);
    g_free(lock->file);
    g_free(lock);
}

void finding_free(struct finding *finding)
{
    if (!finding)
        return;
    g_free(finding->rule);
    g_free(finding->region);
    g_free(finding->function);
    g_free(finding->file);
    g_free(finding->message);
    g_free(finding->fingerprint);
    g_free(finding->justification);
    g_ptr_array_unref(finding->path);
    g_free(finding);
}

void lock_order_free(struct lock_order *order)
{
    if (!order)
        return;
    g_free(order->first);
    g_free(order->second);
    g_free(order->function);
    g_free(order->file);
    g_free(order->thread);
    g_free(order->finding);
    g_ptr_array_unref(order->path);
    g_free(order);
}

void advice_free(struct advice *advice)
{
    if (!advice)
        return;
    g_free(advice->id);
    g_free(advice->region);
    g_free(advice->site);
    g_ptr_array_unref(advice->reasons);
    g_ptr_array_unref(advice->models);
    g_ptr_array_unref(advice->changes);
    g_free(advice);
}

void unknown_function_free(struct unknown_function *function)
{
    if (!function)
        return;
    g_free(function->name);
    g_free(function->file);
    g_free(function);
}

void prediction_free(struct prediction *prediction)
{
    if (!prediction)
        return;
    g_free(prediction->id);
    g_free(prediction->advice);
    g_free(prediction->region);
    g_free(prediction->metric);
    g_free(prediction);
}

void run_free(struct run *run)
{
    if (!run)
        return;
    g_free(run->id);
    g_free(run->command);
    g_free(run->host);
    g_free(run->variant);
    g_free(run->model);
    g_free(run->failure);
    g_free(run);
}

void thread_free(struct thread *thread)
{
    if (!thread)
        return;
    g_free(thread->id);
    g_free(thread->run);
    g_free(thread->name);
    g_free(thread->region);
    g_free(thread);
}

void measurement_free(struct measurement *measurement)
{
    if (!measurement)
        return;
    g_free(measurement->run);
    g_free(measurement->subject);
    g_free(measurement->metric);
    g_free(measurement);
}

void wait_edge_free(struct wait_edge *wait)
{
    if (!wait)
        return;
    g_free(wait->run);
    g_free(wait->waiter);
    g_free(wait->holder);
    g_free(wait->lock);
    g_free(wait->file);
    g_free(wait->function);
    g_free(wait->unknown_holder);
    g_free(wait);
}

void verdict_free(struct verdict *verdict)
{
    if (!verdict)
        return;
    g_free(verdict->run);
    g_free(verdict->prediction);
    g_free(verdict->why);
    g_free(verdict);
}

void advice_verdict_free(struct advice_verdict *verdict)
{
    if (!verdict)
        return;
    g_free(verdict->run);
    g_free(verdict->advice);
    g_free(verdict->why);
    g_ptr_array_unref(verdict->models);
    g_ptr_array_unref(verdict->observations);
    g_free(verdict);
}

void finding_verdict_free(struct finding_verdict *verdict)
{
    if (!verdict)
        return;
    g_free(verdict->run);
    g_free(verdict->finding);
    g_free(verdict->why);
    g_free(verdict);
}

void time_estimate_free(struct time_estimate *estimate)
{
    if (!estimate)
        return;
    g_free(estimate->part);
    g_free(estimate);
}

void model_estimate_free(struct model_estimate *estimate)
{
    if (!estimate)
        return;
    g_free(estimate->ruled_out);
    g_free(estimate);
}
