/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/reported_jobs.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <math.h>

static double member_number(JsonObject *object, const char *name)
{
    JsonNode *node = object ? json_object_get_member(object, name) : NULL;
    return node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_double(node) : (double)NAN;
}

static JsonObject *member_object(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);
    return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static void add_job(struct reported_jobs *report, JsonObject *job, double *most_tasks)
{
    double tasks = member_number(job, "tasks"), failed = member_number(job, "failed");
    JsonObject *latency = member_object(job, "latency_seconds");
    report->jobs++;
    report->tasks += tasks;
    report->failed += isnan(failed) ? 0 : failed;
    report->seconds += member_number(job, "seconds");
    if (tasks <= *most_tasks)
        return;
    *most_tasks = tasks;
    report->latency_p50 = member_number(latency, "p50");
    report->latency_p90 = member_number(latency, "p90");
    report->latency_p99 = member_number(latency, "p99");
    report->latency_max = member_number(latency, "max");
}

static gboolean read_line(const char *file, const char *line, struct reported_jobs *report,
                          double *most_tasks, GError **error)
{
    g_autoptr(GError) wrong = NULL;
    g_autoptr(JsonNode) node = json_from_string(line, &wrong);
    JsonObject *job = node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
    if (!job || !(member_number(job, "tasks") >= 0) || !(member_number(job, "seconds") >= 0)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "cannot read what the program reports of its job in %s: %s: %.60s", file,
                    wrong ? wrong->message : "no object with tasks and seconds", line);
        return FALSE;
    }
    add_job(report, job, most_tasks);
    return TRUE;
}

gboolean reported_jobs_read(const char *file, struct reported_jobs *report, GError **error)
{
    *report = (struct reported_jobs){
        .latency_p50 = NAN, .latency_p90 = NAN, .latency_p99 = NAN, .latency_max = NAN};
    if (!g_file_test(file, G_FILE_TEST_EXISTS))
        return TRUE;
    g_autofree char *text = NULL;
    if (!g_file_get_contents(file, &text, NULL, error))
        return FALSE;
    double most_tasks = -1;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        if (**line && !read_line(file, *line, report, &most_tasks, error))
            return FALSE;
    }
    return TRUE;
}
