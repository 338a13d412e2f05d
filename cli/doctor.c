/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "analyzer/calibration/host_file.h"
#include "cli/command.h"
#include "cli/options.h"
#include "tracer/tracer.h"

static const char *state_text(enum capability_state state)
{
    switch (state) {
    case CAPABILITY_YES:
        return "yes";
    case CAPABILITY_DEGRADED:
        return "partly";
    default:
        return "no";
    }
}

/* Whether the advice knows this host, and since when. */
static void print_calibration(void)
{
    static const char remedy[] = "corewise calibrate measures what threads, processes and switches cost here";
    g_autofree char *remark = NULL;
    g_autoptr(GError) unusable = NULL;
    g_autoptr(Host) host = host_file_find(&remark, &unusable);
    const char *state = !host ? "no" : remark ? "partly" : "yes";
    g_autofree char *detail = NULL;
    if (unusable)
        detail = g_strdup(unusable->message);
    else if (remark)
        detail = g_strdup(remark);
    else if (host)
        detail = g_strdup_printf("measured %s", host->measured_at ? host->measured_at : "at an unknown time");
    else
        detail = g_strdup("not calibrated: advice uses default costs");
    printf("%-6s  %-28s %s\n", state, "costs of this host", detail);
    if (!host)
        printf("%-6s  %-28s → %s\n", "", "", remedy);
}

static int doctor_run(int argc, char **argv, GError **error)
{
    const GOptionEntry entries[] = {{NULL}};
    g_auto(GStrv) words = NULL;
    g_auto(GStrv) rest = NULL;
    if (!options_parse(&doctor_command, argc, argv, entries, &words, &rest, error))
        return STATUS_USAGE;
    g_autoptr(GPtrArray) capabilities = tracer_probe_capabilities();
    for (guint i = 0; i < capabilities->len; i++) {
        const struct capability *capability = g_ptr_array_index(capabilities, i);
        printf("%-6s  %-28s %s\n", state_text(capability->state), capability->name, capability->detail);
        if (capability->remedy)
            printf("%-6s  %-28s → %s\n", "", "", capability->remedy);
    }
    print_calibration();
    return STATUS_CLEAN;
}

const struct command doctor_command = {
    .name = "doctor",
    .usage = "",
    .summary = "what this host can and cannot measure, and what to install or grant",
    .run = doctor_run,
};
