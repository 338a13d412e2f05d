/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/measure.h"
#include "tracer/watch_markers.h"

struct marker_pass {
    struct session *session;
    const struct run *run;
    const struct attribution *attribution;
};

/* Where it begins: the innermost function there, also when that was inlined. */
static void set_place(const struct marker_pass *pass, struct region *region,
                      const struct watched_marker *marker)
{
    const GArray *symbols = marker->module ? module_symbolize(marker->module, marker->address, FALSE) : NULL;
    if (!symbols || !symbols->len)
        return;
    const struct symbol *symbol = &g_array_index(symbols, struct symbol, 0);
    region->function = symbol->function ? symbol_base_name(symbol->function) : NULL;
    region->file = symbol->file ? g_strdup(region_map_relative(pass->attribution->map, symbol->file)) : NULL;
    region->line = region->end_line = symbol->line;
}

/* The id of a former run stays. */
static const char *region_id(const struct marker_pass *pass, const struct watched_marker *marker)
{
    g_autofree char *id = g_strdup_printf("marker/%s", marker->name);
    const struct region *known = session_find_region(pass->session, id);
    if (known)
        return known->id;
    struct region *region = region_new();
    region->id = g_steal_pointer(&id);
    region->kind = REGION_MARKER;
    region->class = WORK_MIXED;
    set_place(pass, region, marker);
    g_ptr_array_add(pass->session->regions, region);
    return region->id;
}

/* The time is exact: samples are the calls that ended. */
static void measure_marker(const struct watched_marker *marker, gpointer data)
{
    const struct marker_pass *pass = data;
    const struct marker_total *total = &marker->total;
    const char *id = region_id(pass, marker);
    guint64 accounted_ns = MIN(total->on_cpu_ns + total->blocked_ns, total->wall_ns);
    const struct {
        const char *metric;
        double value;
    } rows[] = {
        {"calls", (double)total->calls},
        {"wall_seconds", (double)total->wall_ns / 1e9},
        {"cpu_seconds", (double)total->on_cpu_ns / 1e9},
        {"runnable_seconds", (double)(total->wall_ns - accounted_ns) / 1e9},
        {"blocked_seconds", (double)total->blocked_ns / 1e9},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        session_add_measurement(pass->session, pass->run->id, SUBJECT_REGION, id, rows[i].metric,
                                rows[i].value, total->calls);
    if (marker->durations)
        measure_quantiles(pass->session, pass->run, SUBJECT_REGION, id, "call_seconds_p50",
                          "call_seconds_p99", marker->durations);
}

void measure_markers(struct session *session, const struct run *run, const struct attribution *attribution,
                     const struct watch *watch)
{
    struct marker_pass pass = {session, run, attribution};
    watch_each_marker(watch, measure_marker, &pass);
}
