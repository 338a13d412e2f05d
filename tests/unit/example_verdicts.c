/* SPDX-License-Identifier: Apache-2.0 */
#include "example_session.h"

void example_add_hazards(struct session *session)
{
    struct advice_verdict *verdict = advice_verdict_new();
    struct advice *advice = g_ptr_array_index(session->advice, 0);
    advice->site = g_strdup(advice->region);
    advice->work = (struct task_work){.tasks = 256, .in_flight = 256, .cpu_seconds = 0.03};
    verdict->run = g_strdup(EXAMPLE_RUN);
    verdict->advice = g_strdup(advice->id);
    verdict->kind = VERDICT_CONFIRMED;
    verdict->predicted_gain = verdict->measured_gain = 1;
    verdict->saved_seconds = 0;
    verdict->work = (struct task_work){.tasks = 256, .in_flight = 2, .cpu_seconds = 0.031};
    verdict->why = g_strdup("with the measured work no possible model is worth a tenth more than threads");
    g_ptr_array_add(verdict->observations, g_strdup(verdict->why));
    g_ptr_array_add(session->advice_verdicts, verdict);
    struct model_estimate *estimate = model_estimate_new(MODEL_THREADS);
    estimate->predicted_seconds = 4.1;
    estimate->predicted_bytes = 6.3e6;
    g_ptr_array_add(verdict->models, estimate);
    static const struct {
        const char *fingerprint, *message, *why;
        int line;
        enum sighting kind;
        double seconds;
        guint64 count;
    } rows[] = {
        {"a1", "write waits for a descriptor while compress_have is held", "it waited for 0.6 s in 40 waits",
         1830, SIGHTING_SEEN, 0.6, 40},
        {"b2", "dying is written by two threads", "it ran; not traced", 700, SIGHTING_NOT_OBSERVABLE, 0, 0},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct finding *finding = finding_new();
        struct finding_verdict *seen = finding_verdict_new();
        finding->rule = g_strdup(i == 0 ? "lock-held-across-blocking-call" : "data-race");
        finding->severity = SEVERITY_WARNING;
        finding->file = g_strdup("pigz.c");
        finding->line = rows[i].line;
        finding->column = 5;
        finding->message = g_strdup(rows[i].message);
        finding->fingerprint = g_strdup(rows[i].fingerprint);
        g_ptr_array_add(session->findings, finding);
        seen->run = g_strdup(EXAMPLE_RUN);
        seen->finding = g_strdup(rows[i].fingerprint);
        seen->kind = rows[i].kind;
        seen->seconds = rows[i].seconds;
        seen->count = rows[i].count;
        seen->why = g_strdup(rows[i].why);
        g_ptr_array_add(session->finding_verdicts, seen);
    }
}
