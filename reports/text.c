/* SPDX-License-Identifier: Apache-2.0 */
/* What a person reads at the end of `corewise check`: the verdict first, then what was wrong, then where time
 * went. */
#include "reports/formats.h"
#include "reports/text_sections.h"

static void (*const sections[])(const struct report_index *, struct text_page *) = {
    text_program_section,  text_action_section, text_refuted_section, text_region_section,
    text_marker_section,   text_thread_section, text_wait_section,    text_lock_section,
    text_lock_use_section, text_call_section,   text_advice_section,  text_finding_section,
    text_unknown_section,  text_gap_section,    text_host_section,    text_notes_section,
};

static gboolean text_render(const struct session *session, const struct report_options *options, GString *out,
                            GError **error)
{
    (void)error;
    struct text_page page = text_page_of(options, out);
    g_autoptr(ReportIndex) index = report_index_new(session);
    for (guint i = 0; i < G_N_ELEMENTS(sections); i++)
        sections[i](index, &page);
    return TRUE;
}

const struct format format_text = {
    "text", "what a person reads: verdict, regions, threads, waits, locks, advice", text_render};
