/* SPDX-License-Identifier: Apache-2.0 */
/* Threads exist, but one lock is held during nearly all of their work: one at a time makes progress. */
#include "analyzer/lock_pressure.h"
#include "analyzer/rules/rules.h"

#define SURE_SHARE     0.9
#define DOUBTFUL_SHARE 0.6
#define WORK_MIN       20e-6 /* seconds of one section: shorter ones are over before anybody waits long */

static void report(struct lint *lint, const struct lock_pressure *pressure, gboolean sure)
{
    const struct critical_section *section = pressure->section;
    g_autofree char *name = path_display(section->instance ? section->instance : section->lock);
    char *message = g_strdup_printf(
        "threads that run %s hold %s for about %.0f %% of their work (here until line %d): one at a time "
        "makes progress, however many there are; take it only for the shared data, split it, or use "
        "processes",
        pressure->body->function->facts->name, name, pressure->held_share * 100, section->end_line);
    struct finding *finding = finding_report(lint, &big_lock_rule, sure ? SEVERITY_WARNING : SEVERITY_NOTE,
                                             section->function, section->take->event, name, message);
    if (pressure->body->creation)
        finding_step(lint, finding, pressure->body->creation->caller, pressure->body->creation->event,
                     g_strdup_printf("creates threads that run %s", pressure->body->function->facts->name));
    finding_step(lint, finding, section->function, section->take->event, g_strdup_printf("takes %s", name));
}

/* What is held in all scenarios, and computes; what waits meanwhile is another rule's. */
static gboolean computes(const struct lint *lint, const struct critical_section *section, int scenario)
{
    struct cost cost = cost_of_section(lint->model, section, scenario);
    return cost.split.on_cpu + cost.split.io_work >= cost.split.io_wait &&
           cost.split.on_cpu + cost.split.io_work >= WORK_MIN;
}

static void check(struct lint *lint)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < lint->pressures->len; i++) {
        const struct lock_pressure *pressure = g_ptr_array_index(lint->pressures, i);
        if (pressure->threads < 2 || pressure->held_share < DOUBTFUL_SHARE ||
            pressure->section->kind == LOCK_SEMAPHORE ||
            !computes(lint, pressure->section, SCENARIO_TYPICAL) ||
            !g_hash_table_add(seen, (gpointer)pressure->section))
            continue;
        gboolean certain = computes(lint, pressure->section, TRIPS_FEW * WAIT_LEVEL_COUNT + WAIT_TYPICAL);
        report(lint, pressure, certain && pressure->held_share >= SURE_SHARE);
    }
}

const struct rule big_lock_rule = {
    .name = "big-lock",
    .summary = "threads hold one lock during nearly all of their work",
    .check = check,
};
