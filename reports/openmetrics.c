/* SPDX-License-Identifier: Apache-2.0 */
/* The newest run as OpenMetrics 1.0 text, which Prometheus and its relatives read. A metric of docs/model.md
 * is a family per kind of subject, so that a sum over a family counts nothing twice: `blocked_seconds.mutex`
 * of a region is `corewise_region_blocked_seconds_total{cause="mutex",region="…"}`. */
#include <math.h>
#include <string.h>

#include "model/metric.h"
#include "reports/escape.h"
#include "reports/formats.h"
#include "reports/report_index.h"

/* --- families: all samples of one name stand together -----------------------------------------------------
 */

struct family {
    char *name; /* without `_total` */
    const char *type, *unit;
    char *help;
    GString *samples;
};

struct exposition {
    GHashTable *by_name; /* family name → struct family */
    GPtrArray *families; /* in order of appearance */
};

static void family_free(gpointer data)
{
    struct family *family = data;
    g_free(family->name);
    g_free(family->help);
    g_string_free(family->samples, TRUE);
    g_free(family);
}

static struct family *family_of(struct exposition *exposition, const char *name, const char *type,
                                const char *unit, const char *help)
{
    struct family *family = g_hash_table_lookup(exposition->by_name, name);
    if (family)
        return family;
    family = g_new0(struct family, 1);
    family->name = g_strdup(name);
    family->type = type;
    family->unit = unit;
    family->help = g_strdup(help);
    family->samples = g_string_new(NULL);
    g_ptr_array_add(exposition->families, family);
    g_hash_table_insert(exposition->by_name, family->name, family);
    return family;
}

/* Backslash, quote and newline are escaped; escape_text has made everything else visible. */
static void append_quoted(GString *out, const char *text)
{
    g_autofree char *visible = escape_text(text);
    for (const char *at = visible; *at; at++) {
        if (*at == '\\' || *at == '"')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *at);
    }
}

static void append_label(GString *labels, const char *name, const char *value)
{
    if (!value)
        return;
    g_string_append_printf(labels, "%s%s=\"", labels->len ? "," : "", name);
    append_quoted(labels, value);
    g_string_append_c(labels, '"');
}

static void add_sample(struct family *family, const GString *labels, double value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    if (!isfinite(value))
        return;
    gboolean counts = strcmp(family->type, "counter") == 0;
    g_string_append_printf(family->samples, "%s%s", family->name, counts ? "_total" : "");
    if (labels->len)
        g_string_append_printf(family->samples, "{%s}", labels->str);
    g_string_append_printf(family->samples, " %s\n",
                           g_ascii_formatd(buffer, sizeof buffer, "%.12g", counts ? MAX(value, 0) : value));
}

static void write_family(const struct family *family, GString *out)
{
    g_string_append_printf(out, "# TYPE %s %s\n", family->name, family->type);
    if (family->unit)
        g_string_append_printf(out, "# UNIT %s %s\n", family->name, family->unit);
    g_string_append_printf(out, "# HELP %s ", family->name);
    append_quoted(out, family->help);
    g_string_append_printf(out, "\n%s", family->samples->str);
}

/* --- measurements -----------------------------------------------------------------------------------------
 */

/* What stands behind the dot of a metric's name is a label. */
static const struct dimension {
    const char *prefix, *label, *help;
} dimensions[] = {
    {"blocked_seconds.", "cause", "blocked, idle waits included"},
    {"switches.", "kind", "context switches"},
    {"syscalls.", "syscall", "system calls"},
    {"syscall_seconds.", "syscall", "time inside system calls, waits included"},
    {"syscall_longest_seconds.", "syscall", "the longest system call"},
    {"lost_events.", "kind", "events that were lost"},
    {"stacks.", "outcome", "waits and samples by how far their stack was followed"},
    {"tracer_program_seconds.", "program", "time in the kernel-side programs of corewise, estimated"},
};

static const struct dimension *find_dimension(const char *metric)
{
    for (guint i = 0; i < G_N_ELEMENTS(dimensions); i++) {
        if (g_str_has_prefix(metric, dimensions[i].prefix))
            return &dimensions[i];
    }
    return NULL;
}

/* Sums grow while a run goes on; shares, means, quantiles and extremes do not. */
static gboolean is_sum(const struct metric *metric)
{
    static const char *const others[] = {"longest", "_p50", "_p99", "wakeup", "_peak", "stack_seconds"};
    for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
        if (strstr(metric->name, others[i]))
            return FALSE;
    }
    return strcmp(metric->unit, "s") == 0 || strcmp(metric->unit, "count") == 0;
}

static void label_subject(const struct report_index *index, const struct measurement *measurement,
                          GString *labels)
{
    const struct region *region = NULL;
    const struct thread *thread = NULL;
    if (measurement->subject_kind == SUBJECT_PROGRAM)
        return;
    append_label(labels, subject_kind_name(measurement->subject_kind), measurement->subject);
    if (measurement->subject_kind == SUBJECT_REGION)
        region = g_hash_table_lookup(index->regions, measurement->subject);
    if (measurement->subject_kind == SUBJECT_THREAD)
        thread = g_hash_table_lookup(index->threads, measurement->subject);
    append_label(labels, "class", region ? work_class_name(region->class) : NULL);
    append_label(labels, "body", thread ? report_index_thread_group(index, thread->id) : NULL);
}

/* OpenMetrics wants the unit last in the name: `life_seconds_p50` is `life_p50_seconds`. */
static char *family_name(const struct measurement *measurement, const struct metric *metric)
{
    g_autofree char *stem = g_strndup(metric->name, strcspn(metric->name, "."));
    const char *kind = subject_kind_name(measurement->subject_kind);
    const char *unit = strcmp(metric->unit, "s") == 0 ? strstr(stem, "_seconds") : NULL;
    const char *rest =
        measurement->subject_kind == SUBJECT_LOCK && g_str_has_prefix(stem, "lock_") ? stem + 5 : stem;
    if (!unit)
        return g_strdup_printf("corewise_%s_%s", kind, rest);
    return g_strdup_printf("corewise_%s_%.*s%s_seconds", kind, (int)(unit - rest), rest,
                           unit + strlen("_seconds"));
}

static void add_measurement(const struct report_index *index, const struct measurement *measurement,
                            struct exposition *exposition)
{
    const struct metric *metric = metric_find(measurement->metric);
    const struct dimension *dimension = find_dimension(measurement->metric);
    if (!metric)
        return;
    g_autofree char *name = family_name(measurement, metric);
    struct family *family = family_of(exposition, name, is_sum(metric) ? "counter" : "gauge",
                                      strcmp(metric->unit, "s") == 0 ? "seconds" : NULL,
                                      dimension ? dimension->help : metric->summary);
    g_autoptr(GString) labels = g_string_new(NULL);
    label_subject(index, measurement, labels);
    if (dimension)
        append_label(labels, dimension->label, measurement->metric + strlen(dimension->prefix));
    add_sample(family, labels, measurement->value);
}

/* --- waits, verdicts, the run ------------------------------------------------------------------------------
 */

struct wait_sum {
    double seconds;
    guint64 count;
};

/* Summed over the threads of one body: each label set stands once. */
static void add_waits(const struct report_index *index, struct exposition *exposition)
{
    struct family *seconds = family_of(exposition, "corewise_wait_seconds", "counter", "seconds",
                                       "time that threads of a body waited, for whom, on what");
    struct family *count = family_of(exposition, "corewise_waits", "counter", NULL, "number of such waits");
    g_autoptr(GHashTable) sums = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GPtrArray) order = g_ptr_array_new();
    for (guint i = 0; i < index->session->waits->len; i++) {
        const struct wait_edge *wait = g_ptr_array_index(index->session->waits, i);
        if (!report_index_is_shown(index, wait->run))
            continue;
        GString *labels = g_string_new(NULL);
        append_label(labels, "waiter", report_index_thread_group(index, wait->waiter));
        append_label(labels, "holder", report_index_thread_group(index, wait->holder));
        append_label(labels, "lock", report_index_lock_name(index, wait->lock));
        append_label(labels, "cause", wait_cause_name(wait->cause));
        append_label(labels, "idle", wait->idle ? "true" : "false");
        char *key = g_string_free(labels, FALSE);
        struct wait_sum *sum = g_hash_table_lookup(sums, key);
        if (!sum) {
            sum = g_new0(struct wait_sum, 1);
            g_hash_table_insert(sums, key, sum);
            g_ptr_array_add(order, key);
        } else {
            g_free(key);
        }
        sum->seconds += wait->seconds;
        sum->count += wait->count;
    }
    for (guint i = 0; i < order->len; i++) {
        const char *key = g_ptr_array_index(order, i);
        const struct wait_sum *sum = g_hash_table_lookup(sums, key);
        g_autoptr(GString) labels = g_string_new(key);
        add_sample(seconds, labels, sum->seconds);
        add_sample(count, labels, (double)sum->count);
    }
}

static void add_verdicts(const struct report_index *index, struct exposition *exposition)
{
    guint counts[VERDICT_KIND_COUNT] = {0};
    for (guint i = 0; i < index->session->predictions->len; i++) {
        const struct prediction *prediction = g_ptr_array_index(index->session->predictions, i);
        const struct verdict *verdict = g_hash_table_lookup(index->verdicts, prediction->id);
        if (verdict)
            counts[verdict->kind]++;
    }
    struct family *family = family_of(exposition, "corewise_predictions", "gauge", NULL,
                                      "predictions of the analysis by their verdict");
    for (int kind = 0; kind < VERDICT_KIND_COUNT; kind++) {
        g_autoptr(GString) labels = g_string_new(NULL);
        append_label(labels, "verdict", verdict_kind_name(kind));
        add_sample(family, labels, counts[kind]);
    }
}

static void add_run(const struct report_index *index, struct exposition *exposition)
{
    const struct run *run = index->run;
    g_autoptr(GString) labels = g_string_new(NULL);
    g_autoptr(GString) none = g_string_new(NULL);
    append_label(labels, "run", run->id);
    append_label(labels, "command", run->command);
    append_label(labels, "host", run->host);
    append_label(labels, "version", COREWISE_VERSION);
    add_sample(family_of(exposition, "corewise_run_info", "gauge", NULL, "what was watched"), labels, 1);
    add_sample(
        family_of(exposition, "corewise_run_started_seconds", "gauge", "seconds", "when, as Unix time"), none,
        (double)(run->started_us / G_USEC_PER_SEC));
    add_sample(family_of(exposition, "corewise_run_seconds", "gauge", "seconds", "how long it was watched"),
               none, run->seconds);
    add_sample(family_of(exposition, "corewise_lost_events", "counter", NULL, "events that the watch lost"),
               none, (double)run->lost_events);
}

static gboolean openmetrics_render(const struct session *session, const struct report_options *options,
                                   GString *out, GError **error)
{
    (void)options;
    (void)error;
    g_autoptr(ReportIndex) index = report_index_new(session);
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) families = g_ptr_array_new_with_free_func(family_free);
    struct exposition exposition = {by_name, families};
    if (index->run) {
        add_run(index, &exposition);
        for (guint i = 0; i < session->measurements->len; i++) {
            const struct measurement *measurement = g_ptr_array_index(session->measurements, i);
            if (report_index_is_shown(index, measurement->run))
                add_measurement(index, measurement, &exposition);
        }
        add_waits(index, &exposition);
        add_verdicts(index, &exposition);
    }
    for (guint i = 0; i < families->len; i++)
        write_family(g_ptr_array_index(families, i), out);
    g_string_append(out, "# EOF\n");
    return TRUE;
}

const struct format format_openmetrics = {
    "openmetrics", "the newest run for Prometheus: OpenMetrics 1.0 text", openmetrics_render, FALSE};
