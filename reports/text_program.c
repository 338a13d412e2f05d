/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "model/class_coverage.h"
#include "reports/escape.h"
#include "reports/quantity.h"
#include "reports/text_sections.h"

#define REASONS_SHOWN  3
#define EVIDENCE_SHOWN 3
#define REFUTED_SHOWN  8
#define CLASSES_SHOWN  3

/* Of the active time: below it a refuted class that nothing was predicted of is not worth a line. */
#define CLASS_WORTH_TELLING 0.01

/* The right model in the wrong shape: the analysis predicts that the program hardly runs in parallel. */
static gboolean predicts_no_parallelism(const struct session *session)
{
    for (guint i = 0; i < session->predictions->len; i++) {
        const struct prediction *prediction = g_ptr_array_index(session->predictions, i);
        if (!prediction->region && g_strcmp0(prediction->metric, "parallelism") == 0 &&
            prediction->comparison == COMPARE_AT_MOST)
            return TRUE;
    }
    return FALSE;
}

static void write_title(const struct session *session, struct text_page *page)
{
    const struct program *program = session->program;
    g_autofree char *name = escape_text(program->name);
    g_autofree char *confidence = quantity_percent(program->confidence);
    gboolean same = program->current_model == program->suggested_model;
    g_autofree char *verdict =
        g_strdup_printf("%s: %s today, suggested: %s%s", name, execution_model_name(program->current_model),
                        execution_model_name(program->suggested_model),
                        !same ? ""
                        : program->current_model != MODEL_SEQUENTIAL && predicts_no_parallelism(session)
                            ? ", but not as it is"
                            : ", keep it");
    g_autofree char *rest = g_strdup_printf("  (confidence %s)", confidence);
    text_page_begin_line(page, 0);
    text_page_append(page, TEXT_BOLD, verdict);
    text_page_append(page, TEXT_DIM, rest);
    text_page_end_line(page);
}

static const char *const shape_words[EXECUTION_SHAPE_COUNT] = {
    [SHAPE_SEQUENTIAL] = "one thing after the other",
    [SHAPE_PARALLEL_REGION] = "a team of threads for a loop or block",
    [SHAPE_THREAD_POOL] = "several threads that run the same body",
    [SHAPE_THREAD_PER_CONNECTION] = "a thread per connection",
    [SHAPE_SEPARATE_THREADS] = "threads with a job of their own each",
    [SHAPE_PROCESS_POOL] = "several processes that run the same body",
    [SHAPE_FORK_PER_CONNECTION] = "a process per connection",
    [SHAPE_FORK_PER_JOB] = "a process per job",
    [SHAPE_HELPER_PROCESSES] = "processes with unrelated jobs",
    [SHAPE_EXTENSION_MODULE] = "an extension module that an interpreter calls with its lock held",
    [SHAPE_PIPELINE] = "processes that pass their results on through pipes",
    [SHAPE_ONE_LOOP] = "one event loop",
    [SHAPE_COROUTINES] = "coroutines on one thread",
    [SHAPE_LOOP_PER_PROCESS] = "an event loop in each of several processes",
    [SHAPE_LOOP_PER_THREAD] = "an event loop in each of several threads",
    [SHAPE_LOOP_PLUS_POOL] = "an event loop and threads that take work from it",
};

/* "today one event loop: ae.c:113 epoll_wait() …" */
static void write_shape(const struct program *program, struct text_page *page)
{
    g_autoptr(GString) line = g_string_new("today ");
    g_string_append(line, shape_words[program->shape]);
    guint shown = page->all ? program->evidence->len : MIN(program->evidence->len, EVIDENCE_SHOWN);
    for (guint i = 0; i < shown; i++) {
        const struct place *place = g_ptr_array_index(program->evidence, i);
        g_string_append_printf(line, "%s %s:%d %s", i == 0 ? ":" : ";", place->file, place->line,
                               place->text);
    }
    g_autofree char *escaped = escape_text(line->str);
    text_page_paragraph(page, 2, TEXT_PLAIN, escaped);
}

static void write_reasons(const struct program *program, struct text_page *page)
{
    guint shown = page->all ? program->reasons->len : MIN(program->reasons->len, REASONS_SHOWN);
    for (guint i = 0; i < shown; i++) {
        g_autofree char *reason = escape_text(g_ptr_array_index(program->reasons, i));
        text_page_paragraph(page, 2, TEXT_PLAIN, reason);
    }
    text_left_out(page, program->reasons->len, shown);
}

static void append_program_value(const struct report_index *index, GString *line, const char *metric,
                                 const char *before, const char *after)
{
    double value = report_index_value(index, SUBJECT_PROGRAM, NULL, metric);
    if (!isfinite(value))
        return;
    g_autofree char *text = quantity_metric(metric, value);
    g_string_append_printf(line, "; %s %s%s", before, text, after);
}

static void write_run(const struct report_index *index, struct text_page *page)
{
    if (!index->run) {
        text_page_paragraph(
            page, 2, TEXT_PLAIN,
            "Not measured yet: corewise check -- COMMAND watches it run and puts this to the test.");
        return;
    }
    g_autofree char *command = escape_text(index->run->command);
    g_autofree char *seconds = quantity_seconds(index->run->seconds);
    g_autofree char *lost = quantity_count(index->run->lost_events);
    g_autoptr(GString) line = g_string_new(NULL);
    g_string_append_printf(line, "Measured: %s, %s", command, seconds);
    if (index->run->cores > 0)
        g_string_append_printf(line, " on %d core%s", index->run->cores, index->run->cores == 1 ? "" : "s");
    append_program_value(index, line, "parallelism", "parallelism", "");
    append_program_value(index, line, "threads_peak", "at most", " threads alive");
    g_string_append_printf(line, "; %s", index->run->lost_events ? lost : "no");
    g_string_append(line, index->run->lost_events == 1 ? " event lost" : " events lost");
    text_page_paragraph(page, 2, TEXT_PLAIN, line->str);
}

static void count_verdicts(const struct report_index *index, guint *counts)
{
    const GPtrArray *predictions = index->session->predictions;
    for (guint i = 0; i < predictions->len; i++) {
        const struct prediction *prediction = g_ptr_array_index(predictions, i);
        const struct verdict *verdict = g_hash_table_lookup(index->verdicts, prediction->id);
        if (verdict)
            counts[verdict->kind]++;
    }
}

static void write_counts(const struct report_index *index, struct text_page *page)
{
    guint counts[VERDICT_KIND_COUNT] = {0}, judged = 0, total = index->session->predictions->len;
    count_verdicts(index, counts);
    if (total == 0)
        return;
    g_autofree char *number = g_strdup_printf("%u prediction%s", total, total == 1 ? "" : "s");
    text_page_begin_line(page, 2);
    text_page_append(page, TEXT_PLAIN, number);
    const char *separator = ": ";
    for (int kind = 0; kind < VERDICT_KIND_COUNT; kind++) {
        if (counts[kind] == 0)
            continue;
        g_autofree char *text = g_strdup_printf("%u %s", counts[kind], text_verdict_words(kind));
        text_page_append(page, TEXT_PLAIN, separator);
        text_page_append(page, text_verdict_style(kind), text);
        separator = ", ";
        judged += counts[kind];
    }
    text_page_append(page, TEXT_PLAIN, judged == 0 ? ", none judged yet." : ".");
    text_page_end_line(page);
}

/* What was predicted of the whole program has no row in any table. */
static void write_program_verdicts(const struct report_index *index, struct text_page *page)
{
    const GPtrArray *predictions = index->session->predictions;
    for (guint i = 0; i < predictions->len; i++) {
        const struct prediction *prediction = g_ptr_array_index(predictions, i);
        const struct verdict *verdict = g_hash_table_lookup(index->verdicts, prediction->id);
        if (prediction->region || !verdict || verdict->kind == VERDICT_REFUTED)
            continue; /* refuted ones have a section of their own */
        g_autofree char *predicted = text_prediction(prediction);
        g_autofree char *measured = text_measured(prediction, verdict);
        g_autofree char *before = g_strdup_printf("%s: ", predicted);
        g_autofree char *after = g_strdup_printf(", %s", measured);
        text_page_begin_line(page, 2);
        text_page_append(page, TEXT_PLAIN, before);
        text_page_append(page, text_verdict_style(verdict->kind), text_verdict_words(verdict->kind));
        text_page_append(page, TEXT_PLAIN, after);
        text_page_end_line(page);
    }
}

/* The reasons stand with the advice, too. */
static gboolean has_advice_section(const struct session *session)
{
    for (guint i = 0; i < session->advice->len; i++) {
        const struct advice *advice = g_ptr_array_index(session->advice, i);
        if (!advice->region && (advice->current_model != advice->suggested_model || advice->changes->len > 0))
            return TRUE;
    }
    return FALSE;
}

/* The refuted ones behind the coverage, claimed by a prediction or not. */
static void write_refuted_classes(const struct report_index *index, struct text_page *page, double active)
{
    g_autoptr(GPtrArray) judgements = class_judgements(index->session, index->run);
    guint shown = 0;
    for (guint i = 0; i < judgements->len; i++) {
        const struct class_judgement *judgement = g_ptr_array_index(judgements, i);
        if (judgement->verdict->kind != VERDICT_REFUTED ||
            judgement->seconds < CLASS_WORTH_TELLING * active || (shown >= CLASSES_SHOWN && !page->all))
            continue;
        g_autofree char *share = quantity_percent(judgement->seconds / active);
        const char *what = class_is_guess(judgement->region) ? "Guess" : "Class";
        g_autofree char *line =
            g_strdup_printf("%s %s refuted for %s: %s", what, work_class_name(judgement->region->class),
                            share, judgement->verdict->why);
        text_page_paragraph(page, 4, TEXT_DIM, line);
        shown++;
    }
}

/* "93 % confirmed, 2 % refuted, 1 % inconclusive" */
static void append_shares(GString *line, const double *seconds, double active)
{
    const char *separator = "";
    for (int kind = 0; kind < VERDICT_KIND_COUNT; kind++) {
        g_autofree char *share = quantity_percent(seconds[kind] / active);
        if (kind == VERDICT_NOT_EXERCISED)
            continue;
        g_string_append_printf(line, "%s%s %s", separator, share, text_verdict_words(kind));
        separator = ", ";
    }
}

/* "Classes by active time: 93 % confirmed, …", and apart from them those that were guessed. */
static void write_coverage(const struct report_index *index, struct text_page *page)
{
    struct class_coverage coverage = class_coverage_of(index->session, index->run);
    if (!(coverage.active > coverage.unattributed))
        return; /* a session of before, or without regions */
    double claimed[VERDICT_KIND_COUNT], guessed = 0;
    for (int kind = 0; kind < VERDICT_KIND_COUNT; kind++) {
        claimed[kind] = coverage.seconds[kind] - coverage.guessed[kind];
        guessed += kind == VERDICT_NOT_EXERCISED ? 0 : coverage.guessed[kind];
    }
    g_autoptr(GString) line = g_string_new("Classes by active time: ");
    append_shares(line, claimed, coverage.active);
    if (guessed > 0) {
        g_autofree char *share = quantity_percent(guessed / coverage.active);
        g_string_append_printf(line, ", %s guessed", share);
    }
    double unknown = coverage.unattributed + coverage.seconds[VERDICT_NOT_EXERCISED];
    g_autofree char *rest = quantity_percent(unknown / coverage.active);
    g_string_append_printf(line, ", %s without a class", rest);
    text_page_paragraph(page, 2, TEXT_PLAIN, line->str);
    if (guessed > 0) {
        g_autoptr(GString) guesses = g_string_new("Guesses, less than half sure: ");
        append_shares(guesses, coverage.guessed, coverage.active);
        text_page_paragraph(page, 2, TEXT_PLAIN, guesses->str);
    }
    write_refuted_classes(index, page, coverage.active);
}

void text_program_section(const struct report_index *index, struct text_page *page)
{
    if (!index->session->program && !index->run && index->session->host)
        return; /* a calibration: the host is all there is to tell */
    if (index->session->program) {
        write_title(index->session, page);
        write_shape(index->session->program, page);
        if (!index->run || page->all || !has_advice_section(index->session))
            write_reasons(index->session->program, page);
    } else {
        text_page_begin_line(page, 0);
        text_page_append(page, TEXT_BOLD, "No analysis in this session: classes and advice are unknown.");
        text_page_end_line(page);
        if (index->run)
            text_page_paragraph(page, 2, TEXT_PLAIN,
                                "corewise check -p BUILD_DIR -- COMMAND reads the source as well.");
    }
    if (index->run || index->session->program)
        write_run(index, page);
    write_counts(index, page);
    if (index->run) {
        write_coverage(index, page);
        write_program_verdicts(index, page);
    }
}

/* From the number back to the source line that made the analysis say otherwise. */
static void write_evidence(const struct report_index *index, struct text_page *page,
                           const struct prediction *prediction)
{
    const struct region *region =
        prediction->region ? g_hash_table_lookup(index->regions, prediction->region) : NULL;
    if (!region || region->evidence->len == 0)
        return;
    const struct place *last = g_ptr_array_index(region->evidence, region->evidence->len - 1);
    g_autofree char *raw =
        g_strdup_printf("predicted because of %s:%d: %s", last->file, last->line, last->text);
    g_autofree char *line = escape_text(raw);
    text_page_paragraph(page, 6, TEXT_PLAIN, line);
}

static void write_refuted(const struct report_index *index, struct text_page *page,
                          const struct prediction *prediction, const struct verdict *verdict)
{
    g_autofree char *subject = escape_text(prediction->region ? prediction->region : "the program");
    g_autofree char *predicted = text_prediction(prediction);
    g_autofree char *measured = text_measured(prediction, verdict);
    g_autofree char *samples = quantity_count(verdict->samples);
    g_autofree char *promise = g_strdup_printf("  predicted %s, measured ", predicted);
    g_autofree char *basis = g_strdup_printf(", %s sample%s", samples, verdict->samples == 1 ? "" : "s");
    text_page_begin_line(page, 2);
    text_page_append(page, TEXT_BOLD, subject);
    text_page_append(page, TEXT_PLAIN, promise);
    text_page_append(page, TEXT_BAD, measured);
    text_page_append(page, TEXT_PLAIN, basis);
    text_page_end_line(page);
    write_evidence(index, page, prediction);
    if (page->all && verdict->why) {
        g_autofree char *why = escape_text(verdict->why);
        text_page_paragraph(page, 6, TEXT_DIM, why);
    }
}

void text_refuted_section(const struct report_index *index, struct text_page *page)
{
    const GPtrArray *predictions = index->session->predictions;
    guint refuted = 0, shown = 0;
    for (guint i = 0; i < predictions->len; i++) {
        const struct prediction *prediction = g_ptr_array_index(predictions, i);
        const struct verdict *verdict = g_hash_table_lookup(index->verdicts, prediction->id);
        if (!verdict || verdict->kind != VERDICT_REFUTED)
            continue;
        if (refuted++ == 0)
            text_page_heading(page, "Refuted", "what the source promised and the run did not keep");
        if (page->all || shown < REFUTED_SHOWN) {
            write_refuted(index, page, prediction, verdict);
            shown++;
        }
    }
    text_left_out(page, refuted, shown);
}
