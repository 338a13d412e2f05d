/* SPDX-License-Identifier: Apache-2.0 */
/* How sure the median of paired differences is, without an assumption about how they are distributed but
 * symmetry. */
#ifndef MODEL_PAIRED_INTERVAL_H
#define MODEL_PAIRED_INTERVAL_H

#include <glib.h>

#define PAIRED_ERROR 0.05 /* one interval in twenty does not hold the true value */

struct paired_interval {
    double
        estimate; /* Hodges-Lehmann: the median of the means of all pairs of differences; NaN without any */
    double low, high; /* infinite while there are too few differences (fewer than 6) to say anything */
};

/* The interval that Wilcoxon's signed-rank test does not refuse, from the exact distribution of its statistic
 * (M. Hollander, D. Wolfe, Nonparametric Statistical Methods, 1999, chapter 3). */
struct paired_interval paired_interval_of(const double *differences, guint count);

#endif
