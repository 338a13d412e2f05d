/* SPDX-License-Identifier: Apache-2.0 */
/* Findings that were known before, in a text file of one line each: fingerprint, rule, file, function and
 * message without places, between tabs. No line numbers, so the file only changes when findings do. */
#ifndef ANALYZER_GATE_BASELINE_H
#define ANALYZER_GATE_BASELINE_H

#include "model/session.h"

struct baseline_entry {
    char *fingerprint, *rule, *file, *function, *message; /* function may be "" */
    gboolean found;                                       /* by baseline_apply */
};

struct baseline {
    GPtrArray *entries; /* struct baseline_entry */
};

/* NULL with ANALYZER_ERROR_INPUT when it cannot be read or is none. */
struct baseline *baseline_read(const char *file, GError **error);
void baseline_free(struct baseline *baseline);
typedef struct baseline Baseline;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Baseline, baseline_free)

/* Writes the findings that nothing suppresses. */
gboolean baseline_write(const char *file, const struct session *session, GError **error);

/* Removes the known findings and returns how many: those of an entry's fingerprint, and those that an entry
 * describes whose file or function (not both) has another name now. Suppressed ones stay. */
guint baseline_apply(struct baseline *baseline, struct session *session);

#endif
