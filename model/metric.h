/* SPDX-License-Identifier: Apache-2.0 */
/* The table of metrics: every name that a measurement or a prediction may carry. docs/model.md lists the same
 * rows. */
#ifndef MODEL_METRIC_H
#define MODEL_METRIC_H

#include <glib.h>

#include "model/names.h"

struct metric {
    const char *name;
    const char *unit; /* "1" for shares and ratios, "s", "B", "count" or "1/s" */
    gboolean share;   /* a proportion: its confidence interval is binomial */
    const char *summary;
};

/* NULL-name terminated. A name that ends in `<name>` stands for all that begin like it. Shares are of active
 * time (all time minus idle) unless the summary says otherwise. */
extern const struct metric metrics[];

/* NULL when the name is unknown. `blocked_seconds.` metrics exist for every wait cause. */
const struct metric *metric_find(const char *name);

/* Static name of `blocked_seconds.<cause>`. */
const char *metric_blocked_seconds(enum wait_cause cause);

#endif
