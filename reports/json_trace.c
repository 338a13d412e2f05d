/* SPDX-License-Identifier: Apache-2.0 */
#include "model/class_coverage.h"
#include "reports/first_actions.h"
#include "reports/json_emit.h"

static void emit_started(JsonBuilder *builder, gint64 started_us)
{
    g_autoptr(GDateTime) second = g_date_time_new_from_unix_utc(started_us / G_USEC_PER_SEC);
    g_autoptr(GDateTime) started =
        started_us > 0 && second ? g_date_time_add(second, started_us % G_USEC_PER_SEC) : NULL;
    g_autofree char *text = started ? g_date_time_format_iso8601(started) : NULL;
    json_emit_text(builder, "started", text);
}

static void emit_variant(JsonBuilder *builder, const struct run *run)
{
    json_emit_text(builder, "variant", run->variant);
    json_emit_text(builder, "model", run->model);
    json_emit_integer(builder, "workers", run->workers);
    json_emit_integer(builder, "round", run->round);
    json_emit_text(builder, "failure", run->failure);
    json_emit_boolean(builder, "untraced", run->untraced);
}

static void emit_run(JsonBuilder *builder, gconstpointer record)
{
    const struct run *run = record;
    json_emit_text(builder, "id", run->id);
    json_emit_text(builder, "command", run->command);
    json_emit_text(builder, "host", run->host);
    emit_started(builder, run->started_us);
    json_emit_number(builder, "seconds", run->seconds);
    json_emit_integer(builder, "lost_events", (gint64)run->lost_events);
    json_builder_set_member_name(builder, "exit_status");
    if (run->exit_status >= 0)
        json_builder_add_int_value(builder, run->exit_status);
    else
        json_builder_add_null_value(builder);
    json_emit_integer(builder, "cores", run->cores);
    if (run->variant)
        emit_variant(builder, run);
}

static void emit_thread(JsonBuilder *builder, gconstpointer record)
{
    const struct thread *thread = record;
    json_emit_text(builder, "id", thread->id);
    json_emit_text(builder, "run", thread->run);
    json_emit_integer(builder, "pid", thread->pid);
    json_emit_integer(builder, "tid", thread->tid);
    json_emit_text(builder, "name", thread->name);
    json_emit_text(builder, "region", thread->region);
    json_emit_number(builder, "seconds", thread->seconds);
}

static void emit_measurement(JsonBuilder *builder, gconstpointer record)
{
    const struct measurement *measurement = record;
    json_emit_text(builder, "run", measurement->run);
    if (measurement->subject_kind != SUBJECT_PROGRAM)
        json_emit_text(builder, subject_kind_name(measurement->subject_kind), measurement->subject);
    json_emit_text(builder, "metric", measurement->metric);
    json_emit_number(builder, "value", measurement->value);
    json_emit_text(builder, "unit", measurement->unit);
    json_emit_integer(builder, "samples", (gint64)measurement->samples);
}

static void emit_wait(JsonBuilder *builder, gconstpointer record)
{
    const struct wait_edge *wait = record;
    json_emit_text(builder, "run", wait->run);
    json_emit_text(builder, "waiter", wait->waiter);
    json_emit_text(builder, "holder", wait->holder);
    json_emit_text(builder, "lock", wait->lock);
    json_emit_text(builder, "cause", wait_cause_name(wait->cause));
    json_emit_number(builder, "seconds", wait->seconds);
    json_emit_integer(builder, "count", (gint64)wait->count);
    json_emit_number(builder, "longest_seconds", wait->longest_seconds);
    json_emit_number(builder, "wakeup_seconds", wait->wakeup_seconds);
    json_emit_boolean(builder, "idle", wait->idle);
    json_emit_text(builder, "file", wait->file);
    json_emit_line(builder, "line", wait->line);
    json_emit_text(builder, "function", wait->function);
    json_emit_text(builder, "unknown_holder", wait->unknown_holder);
}

static void emit_interval(JsonBuilder *builder, gconstpointer record)
{
    const struct interval *interval = record;
    json_emit_text(builder, "run", interval->run);
    json_emit_text(builder, "thread", interval->thread);
    json_emit_number(builder, "start_seconds", interval->start_seconds);
    json_emit_number(builder, "seconds", interval->seconds);
    json_emit_text(builder, "activity", activity_name(interval->activity));
    json_emit_text(builder, "cause", interval->cause);
    json_emit_text(builder, "function", interval->function);
}

static void emit_frame(JsonBuilder *builder, gconstpointer record)
{
    const struct call_frame *frame = record;
    json_emit_line(builder, "caller", frame->caller);
    json_emit_text(builder, "function", frame->function);
    json_emit_text(builder, "file", frame->file);
    json_emit_line(builder, "line", frame->line);
    json_emit_text(builder, "module", frame->module);
}

static void emit_stack(JsonBuilder *builder, gconstpointer record)
{
    const struct call_stack *stack = record;
    json_emit_text(builder, "run", stack->run);
    json_emit_text(builder, "thread_group", stack->thread_group);
    json_emit_line(builder, "frame", stack->frame);
    json_emit_text(builder, "activity", activity_name(stack->activity));
    json_emit_text(builder, "cause", stack->cause);
    json_emit_boolean(builder, "idle", stack->idle);
    json_emit_number(builder, "seconds", stack->seconds);
    json_emit_number(builder, "runnable_seconds", stack->runnable_seconds);
    json_emit_integer(builder, "count", (gint64)stack->count);
    json_emit_integer(builder, "merged", stack->merged);
}

static void emit_gap(JsonBuilder *builder, gconstpointer record)
{
    const struct gap *gap = record;
    json_emit_text(builder, "run", gap->run);
    json_emit_text(builder, "what", gap->what);
    json_emit_text(builder, "name", gap->name);
    json_emit_text(builder, "file", gap->file);
    json_emit_line(builder, "line", gap->line);
    json_emit_number(builder, "seconds", gap->seconds);
    json_emit_text(builder, "missing", gap->missing);
}

static void emit_verdict(JsonBuilder *builder, gconstpointer record)
{
    const struct verdict *verdict = record;
    json_emit_text(builder, "run", verdict->run);
    json_emit_text(builder, "prediction", verdict->prediction);
    json_emit_text(builder, "verdict", verdict_kind_name(verdict->kind));
    json_emit_number(builder, "measured", verdict->measured);
    json_emit_number(builder, "low", verdict->low);
    json_emit_number(builder, "high", verdict->high);
    json_emit_integer(builder, "samples", (gint64)verdict->samples);
    json_emit_text(builder, "why", verdict->why);
}

static void emit_advice_verdict(JsonBuilder *builder, gconstpointer record)
{
    const struct advice_verdict *verdict = record;
    json_emit_text(builder, "run", verdict->run);
    json_emit_text(builder, "advice", verdict->advice);
    json_emit_text(builder, "verdict", verdict_kind_name(verdict->kind));
    json_emit_number(builder, "predicted_gain", verdict->predicted_gain);
    json_emit_number(builder, "measured_gain", verdict->measured_gain);
    json_emit_number(builder, "saved_seconds", verdict->saved_seconds);
    json_emit_work(builder, &verdict->work);
    json_emit_records(builder, "models", verdict->models, json_emit_model);
    json_emit_texts(builder, "observations", verdict->observations);
    json_emit_text(builder, "why", verdict->why);
}

static void emit_finding_verdict(JsonBuilder *builder, gconstpointer record)
{
    const struct finding_verdict *verdict = record;
    json_emit_text(builder, "run", verdict->run);
    json_emit_text(builder, "finding", verdict->finding);
    json_emit_text(builder, "verdict", sighting_name(verdict->kind));
    json_emit_number(builder, "seconds", verdict->seconds);
    json_emit_integer(builder, "count", (gint64)verdict->count);
    json_emit_text(builder, "why", verdict->why);
}

static void emit_action(JsonBuilder *builder, gconstpointer record)
{
    const struct action *action = record;
    json_emit_text(builder, "text", action->text);
    json_emit_text(builder, "file", action->file);
    json_emit_line(builder, "line", action->line);
    json_emit_number(builder, "saved_seconds", action->saved_seconds);
    json_emit_number(builder, "gain", action->gain);
    json_emit_number(builder, "memory_gain", action->memory_gain);
    json_emit_text(builder, "basis", action->basis);
}

static void emit_class_judgement(JsonBuilder *builder, gconstpointer record)
{
    const struct class_judgement *judgement = record;
    json_emit_text(builder, "region", judgement->region->id);
    json_emit_text(builder, "class", work_class_name(judgement->region->class));
    json_emit_number(builder, "confidence", judgement->region->confidence);
    json_emit_number(builder, "seconds", judgement->seconds);
    json_emit_text(builder, "verdict", verdict_kind_name(judgement->verdict->kind));
    json_emit_text(builder, "why", judgement->verdict->why);
}

/* What joins analysis and run; only for a session that has both. */
static void emit_joined(JsonBuilder *builder, const struct session *session)
{
    g_autoptr(ReportIndex) index = report_index_new(session);
    if (!index->run || session->regions->len == 0)
        return;
    struct class_coverage coverage = class_coverage_of(session, index->run);
    json_emit_begin(builder, "coverage");
    json_emit_number(builder, "active", coverage.active);
    json_emit_number(builder, "confirmed", coverage.seconds[VERDICT_CONFIRMED]);
    json_emit_number(builder, "refuted", coverage.seconds[VERDICT_REFUTED]);
    json_emit_number(builder, "inconclusive", coverage.seconds[VERDICT_INCONCLUSIVE]);
    json_emit_number(builder, "unattributed",
                     coverage.unattributed + coverage.seconds[VERDICT_NOT_EXERCISED]);
    json_emit_begin(builder, "guesses");
    json_emit_number(builder, "confirmed", coverage.guessed[VERDICT_CONFIRMED]);
    json_emit_number(builder, "refuted", coverage.guessed[VERDICT_REFUTED]);
    json_emit_number(builder, "inconclusive", coverage.guessed[VERDICT_INCONCLUSIVE]);
    json_builder_end_object(builder);
    g_autoptr(GPtrArray) judgements = class_judgements(session, index->run);
    json_emit_records(builder, "classes", judgements, emit_class_judgement);
    json_builder_end_object(builder);
    g_autoptr(GPtrArray) actions = first_actions_find(index);
    json_emit_records(builder, "first_actions", actions, emit_action);
}

void json_emit_trace(JsonBuilder *builder, const struct session *session)
{
    json_emit_records(builder, "runs", session->runs, emit_run);
    json_emit_records(builder, "threads", session->threads, emit_thread);
    json_emit_records(builder, "measurements", session->measurements, emit_measurement);
    json_emit_records(builder, "waits", session->waits, emit_wait);
    if (session->timeline->len) /* long, and only there when it was asked for */
        json_emit_records(builder, "timeline", session->timeline, emit_interval);
    if (session->call_stacks->len) {
        json_emit_records(builder, "call_frames", session->call_frames, emit_frame);
        json_emit_records(builder, "call_stacks", session->call_stacks, emit_stack);
    }
    if (session->gaps->len)
        json_emit_records(builder, "gaps", session->gaps, emit_gap);
    json_emit_records(builder, "verdicts", session->verdicts, emit_verdict);
    json_emit_records(builder, "advice_verdicts", session->advice_verdicts, emit_advice_verdict);
    if (session->finding_verdicts->len)
        json_emit_records(builder, "finding_verdicts", session->finding_verdicts, emit_finding_verdict);
    emit_joined(builder, session);
}
