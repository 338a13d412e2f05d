/* SPDX-License-Identifier: Apache-2.0 */
/* One table of the session for spreadsheets and data frames: RFC 4180, a header row, one record per line. */
#include <math.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/formats.h"
#include "reports/report_index.h"

/* --- cells ------------------------------------------------------------------------------------------------
 */

static void begin_cell(GString *out)
{
    if (out->len > 0 && out->str[out->len - 1] != '\n')
        g_string_append_c(out, ',');
}

/* Spreadsheets run a text that starts like a formula: a quote before it makes it a text. */
static void add_text(GString *out, const char *text)
{
    g_autofree char *visible = escape_text(text);
    begin_cell(out);
    g_string_append_c(out, '"');
    if (*visible && strchr("=+-@", *visible))
        g_string_append_c(out, '\'');
    for (const char *at = visible; *at; at++) {
        if (*at == '"')
            g_string_append_c(out, '"');
        g_string_append_c(out, *at);
    }
    g_string_append_c(out, '"');
}

static void add_number(GString *out, double value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    begin_cell(out);
    if (isfinite(value))
        g_string_append(out, g_ascii_formatd(buffer, sizeof buffer, "%.9g", value));
}

static void add_integer(GString *out, gint64 value)
{
    begin_cell(out);
    g_string_append_printf(out, "%" G_GINT64_FORMAT, value);
}

/* --- tables: a header and a row per record
 * --------------------------------------------------------------------- */

static const char *const region_metrics[] = {
    "active_seconds", "active_share",     "cpu_share",    "runqueue_share",   "io_share",
    "io_wait_share",  "io_work_share",    "lock_share",   "idle_share",       "wall_seconds",
    "cpu_seconds",    "self_cpu_seconds", "idle_seconds", "runnable_seconds",
};

static void add_region(const struct report_index *index, gconstpointer record, GString *out)
{
    const struct region *region = record;
    add_text(out, region->id);
    add_text(out, region_kind_name(region->kind));
    add_text(out, region->function);
    add_text(out, region->file);
    add_integer(out, region->line);
    add_integer(out, region->end_line);
    add_text(out, work_class_name(region->class));
    add_number(out, region->confidence);
    for (guint i = 0; i < G_N_ELEMENTS(region_metrics); i++)
        add_number(out, report_index_value(index, SUBJECT_REGION, region->id, region_metrics[i]));
}

static void add_measurement(const struct report_index *index, gconstpointer record, GString *out)
{
    const struct measurement *measurement = record;
    (void)index;
    add_text(out, measurement->run);
    add_text(out, subject_kind_name(measurement->subject_kind));
    add_text(out, measurement->subject);
    add_text(out, measurement->metric);
    add_number(out, measurement->value);
    add_text(out, measurement->unit);
    add_integer(out, (gint64)measurement->samples);
}

static void add_wait(const struct report_index *index, gconstpointer record, GString *out)
{
    const struct wait_edge *wait = record;
    const char *const texts[] = {wait->run,
                                 wait->waiter,
                                 report_index_thread_group(index, wait->waiter),
                                 wait->holder,
                                 report_index_thread_group(index, wait->holder),
                                 wait->lock,
                                 wait_cause_name(wait->cause)};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        add_text(out, texts[i]);
    add_number(out, wait->seconds);
    add_integer(out, (gint64)wait->count);
    add_number(out, wait->longest_seconds);
    add_number(out, wait->wakeup_seconds);
    add_integer(out, wait->idle);
    add_text(out, wait->file);
    add_integer(out, wait->line);
    add_text(out, wait->function);
    add_text(out, wait->unknown_holder);
}

static void add_thread(const struct report_index *index, gconstpointer record, GString *out)
{
    const struct thread *thread = record;
    (void)index;
    add_text(out, thread->id);
    add_text(out, thread->run);
    add_integer(out, thread->pid);
    add_integer(out, thread->tid);
    add_text(out, thread->name);
    add_text(out, thread->region);
    add_number(out, thread->seconds);
}

static void add_finding(const struct report_index *index, gconstpointer record, GString *out)
{
    const struct finding *finding = record;
    const struct finding_verdict *verdict = report_index_finding_verdict(index, finding->fingerprint);
    add_text(out, finding->fingerprint);
    add_text(out, finding->rule);
    add_text(out, severity_name(finding->severity));
    add_text(out, finding->file);
    add_integer(out, finding->line);
    add_integer(out, finding->column);
    add_text(out, finding->function);
    add_text(out, finding->message);
    add_integer(out, finding->suppressed);
    add_text(out, verdict ? sighting_name(verdict->kind) : NULL);
    add_text(out, verdict ? verdict->why : NULL);
}

static void add_prediction(const struct report_index *index, gconstpointer record, GString *out)
{
    const struct prediction *prediction = record;
    const struct verdict *verdict = g_hash_table_lookup(index->verdicts, prediction->id);
    add_text(out, prediction->id);
    add_text(out, prediction->region);
    add_text(out, prediction->metric);
    add_text(out, comparison_name(prediction->comparison));
    add_number(out, prediction->value);
    add_text(out, verdict ? verdict_kind_name(verdict->kind) : NULL);
    add_number(out, verdict ? verdict->measured : NAN);
    add_number(out, verdict ? verdict->low : NAN);
    add_number(out, verdict ? verdict->high : NAN);
    add_integer(out, verdict ? (gint64)verdict->samples : 0);
    add_text(out, verdict ? verdict->why : NULL);
}

static void add_interval(const struct report_index *index, gconstpointer record, GString *out)
{
    const struct interval *interval = record;
    (void)index;
    add_text(out, interval->run);
    add_text(out, interval->thread);
    add_number(out, interval->start_seconds);
    add_number(out, interval->seconds);
    add_text(out, activity_name(interval->activity));
    add_text(out, interval->cause);
    add_text(out, interval->function);
}

/* In the order of csv_table_names. */
static const struct table {
    const char *header;
    gsize records; /* offset of the array in the session */
    void (*add)(const struct report_index *index, gconstpointer record, GString *out);
} tables[] = {
    {"region,kind,function,file,line,end_line,class,confidence,active_seconds,active_share,cpu_share,"
     "runqueue_share,"
     "io_share,io_wait_share,io_work_share,lock_share,idle_share,wall_seconds,cpu_seconds,self_cpu_seconds,"
     "idle_seconds,runnable_seconds",
     G_STRUCT_OFFSET(struct session, regions), add_region},
    {"run,subject_kind,subject,metric,value,unit,samples", G_STRUCT_OFFSET(struct session, measurements),
     add_measurement},
    {"run,waiter,waiter_body,holder,holder_body,lock,cause,seconds,count,longest_seconds,wakeup_seconds,idle,"
     "file,"
     "line,function,unknown_holder",
     G_STRUCT_OFFSET(struct session, waits), add_wait},
    {"thread,run,pid,tid,name,region,seconds", G_STRUCT_OFFSET(struct session, threads), add_thread},
    {"prediction,region,metric,comparison,value,verdict,measured,low,high,samples,why",
     G_STRUCT_OFFSET(struct session, predictions), add_prediction},
    {"fingerprint,rule,severity,file,line,column,function,message,suppressed,verdict,verdict_why",
     G_STRUCT_OFFSET(struct session, findings), add_finding},
    {"run,thread,start_seconds,seconds,activity,cause,function", G_STRUCT_OFFSET(struct session, timeline),
     add_interval},
};

const char *const csv_table_names[] = {"regions",     "measurements", "waits",    "threads",
                                       "predictions", "findings",     "timeline", NULL};

static const struct table *find_table(const char *name, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
        if (g_strcmp0(csv_table_names[i], name) == 0)
            return &tables[i];
    }
    g_autofree char *known = g_strjoinv(", ", (char **)csv_table_names);
    g_set_error(error, FORMAT_ERROR, FORMAT_ERROR_TABLE, "csv has no table %s; known: %s", name, known);
    return NULL;
}

static gboolean csv_render(const struct session *session, const struct report_options *options, GString *out,
                           GError **error)
{
    const struct table *table = find_table(options && options->table ? options->table : "regions", error);
    if (!table)
        return FALSE;
    g_autoptr(ReportIndex) index = report_index_new(session);
    const GPtrArray *records = G_STRUCT_MEMBER(GPtrArray *, session, table->records);
    g_string_append_printf(out, "%s\r\n", table->header);
    for (guint i = 0; i < records->len; i++) {
        table->add(index, g_ptr_array_index(records, i), out);
        g_string_append(out, "\r\n");
    }
    return TRUE;
}

const struct format format_csv = {"csv", "one table for spreadsheets (--table, default: regions)", csv_render,
                                  FALSE};
