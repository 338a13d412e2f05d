/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/escape.h"
#include "reports/text_sections.h"

#define FINDINGS_SHOWN 5

static const enum text_style sighting_styles[SIGHTING_COUNT] = {[SIGHTING_SEEN] = TEXT_BAD,
                                                                [SIGHTING_NOT_SEEN] = TEXT_GOOD,
                                                                [SIGHTING_NOT_EXERCISED] = TEXT_DIM,
                                                                [SIGHTING_NOT_OBSERVABLE] = TEXT_DOUBT};

static void write_finding(const struct report_index *index, const struct finding *finding,
                          struct text_page *page)
{
    const struct finding_verdict *verdict = report_index_finding_verdict(index, finding->fingerprint);
    g_autofree char *raw = g_strdup_printf("%s:%d: %s: %s [%s]", finding->file, finding->line,
                                           severity_name(finding->severity), finding->message, finding->rule);
    g_autofree char *text = escape_text(raw);
    text_page_paragraph(page, 2, TEXT_PLAIN, text);
    if (!verdict)
        return;
    g_autofree char *words = g_strdelimit(g_strdup(sighting_name(verdict->kind)), "_", ' ');
    g_autofree char *line = g_strdup_printf("%s: %s", words, verdict->why);
    g_autofree char *escaped = escape_text(line);
    text_page_paragraph(page, 6, sighting_styles[verdict->kind], escaped);
}

/* What was seen first, then what was not, then what no run can tell. */
void text_finding_section(const struct report_index *index, struct text_page *page)
{
    const GPtrArray *findings = index->session->findings;
    guint total = 0, shown = 0;
    for (int kind = 0; index->run && kind < SIGHTING_COUNT; kind++) {
        for (guint i = 0; i < findings->len; i++) {
            const struct finding *finding = g_ptr_array_index(findings, i);
            const struct finding_verdict *verdict = report_index_finding_verdict(index, finding->fingerprint);
            if (finding->suppressed || !verdict || (int)verdict->kind != kind)
                continue;
            if (total++ == 0)
                text_page_heading(page, "Findings", "hazards in the source, and whether the run met them");
            if (page->all || shown < FINDINGS_SHOWN) {
                write_finding(index, finding, page);
                shown++;
            }
        }
    }
    text_left_out(page, total, shown);
}
