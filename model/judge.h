/* SPDX-License-Identifier: Apache-2.0 */
/* The judge: predictions and measurements in, verdicts out. Pure functions: no I/O, no clock, no global
 * state. */
#ifndef MODEL_JUDGE_H
#define MODEL_JUDGE_H

#include "model/session.h"

#define JUDGE_MINIMUM_SAMPLES 20   /* fewer observations of a share are inconclusive */
#define JUDGE_CONFIDENCE_Z    1.96 /* 95 %, two-sided */
#define JUDGE_LOSS_LIMIT                                                                                     \
    0.001 /* share of lost events (loss.h) above which the verdicts that rest on them are inconclusive */

/* Wilson score interval of a proportion (E. B. Wilson, JASA 22, 1927): low and high bound in 0 … 1 for the
 * observed share of `samples` observations at JUDGE_CONFIDENCE_Z. With 0 samples the interval is 0 … 1. */
void judge_wilson_interval(double share, guint64 samples, double *low, double *high);

/* The interval of `parallelism`: of the time that threads run, 1 - 1 / parallelism runs beside another
 * thread, which is a share of `samples` observations. */
void judge_parallelism_interval(double parallelism, guint64 samples, double *low, double *high);

/* The interval of any measurement at the same confidence: shares and parallelism as above, counts and times
 * are exact. */
void judge_interval(const struct measurement *measurement, double *low, double *high);
/* The same at the confidence of the normal quantile `z`. */
void judge_interval_at(const struct measurement *measurement, double z, double *low, double *high);

/* How many observations would decide `prediction` when the share stays as measured; 0 when no number would.
 */
guint64 judge_samples_needed(double share, double threshold);

/* Judges one prediction by the measurements of `run`. The verdict is the caller's (verdict_free). */
struct verdict *judge_prediction(const struct session *session, const struct run *run,
                                 const struct prediction *prediction);

/* Replaces session->verdicts: one per prediction and run, or one `not_exercised` without any run. */
void judge_session(struct session *session);

#endif
