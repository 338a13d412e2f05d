/* SPDX-License-Identifier: Apache-2.0 */
/* One job, run in several ways (variants) in rounds: which way is best, by how much, how sure that is, and
 * whether the advisor had said so. A pure function of the runs of a session that name a variant;
 * docs/compare.md has the rules. */
#ifndef MODEL_CONTEST_H
#define MODEL_CONTEST_H

#include "model/paired_interval.h"
#include "model/session.h"

#define CONTEST_TIE 0.05 /* two variants that differ by less are as good as each other */
#define CONTEST_BEATEN                                                                                       \
    1.5 /* slower by this factor in its best round than the leader in its worst: out of the race */
#define CONTEST_HOPELESS   5 /* the same factor after a single round */
#define CONTEST_MIN_ROUNDS 3 /* before a variant may be taken out of the race */
#define CONTEST_RATIO      1.5 /* a predicted ratio to the best agrees with the measured one up to this factor */

/* Median and quartiles over the runs of a variant; NaN and 0 runs where nothing was measured. */
struct spread {
    double median, low, high;
    guint count;
};

/* What is compared beside the throughput. */
enum contest_column {
    COLUMN_LATENCY_P50,
    COLUMN_LATENCY_P90,
    COLUMN_LATENCY_P99,
    COLUMN_LATENCY_MAX,
    COLUMN_CPU_SECONDS,
    COLUMN_MEMORY_BYTES,
    COLUMN_SWITCHES,
    COLUMN_LOCK_WAIT_SECONDS,
    COLUMN_PARALLELISM,
    COLUMN_FAILED_TASKS,
    CONTEST_COLUMN_COUNT
};
extern const char *const contest_column_names[CONTEST_COLUMN_COUNT]; /* as in JSON */

struct compared_variant {
    const char *name;             /* of the session */
    const char *model;            /* one of the six; NULL: the variant does not say */
    int workers;                  /* 0: not told */
    const struct run *failed_run; /* one that did not succeed; it takes the variant out of the ranking */
    GHashTable *rounds;           /* number of the round → double *, tasks per second of the untraced run */
    struct spread throughput;     /* of untraced runs */
    struct spread traced_throughput; /* of traced runs */
    struct spread columns[CONTEST_COLUMN_COUNT];
    struct paired_interval ratio; /* throughput by that of the best, of the rounds that have both */
    gboolean tied;                /* surely within CONTEST_TIE of the best */
    gboolean settled;             /* surely slower than the best, surely tied with it, or beaten */
    gboolean beaten;              /* by CONTEST_BEATEN or CONTEST_HOPELESS in every round so far */
};

/* What the advisor had said of a model, beside what was measured: times by that of the best of all, 1 is the
 * best. */
struct compared_model {
    enum execution_model model;
    const struct compared_variant
        *variant;          /* the best one of this model; NULL: not run, or all of them failed */
    const char *ruled_out; /* by the advisor; NULL: not */
    double measured_ratio, predicted_ratio; /* NaN where unknown */
    gboolean order_agrees; /* no other model is told to be faster that was slower, or the reverse, both by
                              CONTEST_TIE */
    gboolean ratio_agrees; /* both are the same within a factor of CONTEST_RATIO */
};

/* Borrows the session, which must outlive it and stay as it is. */
struct contest {
    const struct session *session;
    GPtrArray *variants;                 /* struct compared_variant, best first, failed ones last */
    const struct compared_variant *best; /* NULL: all failed */
    guint rounds;
    gboolean stable;             /* every other variant is settled */
    double tracing_cost;         /* median time of traced by untraced runs, minus 1; NaN unknown */
    const struct advice *advice; /* that was put to the test; NULL: none */
    GArray *models;              /* struct compared_model, one per model; empty without an advice */
    gboolean advice_hits;        /* in pairs the suggested model is the best, or within CONTEST_TIE of it */
    double
        advice_loss; /* time of the suggested model's best variant by the best time, minus 1; NaN: not run */
};

/* `advice` (optional): id of the advice to test; NULL takes that for the whole program. */
struct contest *contest_new(const struct session *session, const char *advice);
void contest_free(struct contest *contest);
typedef struct contest Contest;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Contest, contest_free)

/* A run of it failed, or none was measured: it is not ranked. */
gboolean compared_variant_failed(const struct compared_variant *variant);

/* NULL when the session has no such variant. */
const struct compared_variant *contest_find(const struct contest *contest, const char *name);

#endif
