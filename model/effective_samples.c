/* SPDX-License-Identifier: Apache-2.0 */
#include "model/effective_samples.h"

#include <math.h>

#define LIKENESS_MOST                                                                                        \
    0.6 /* of neighbours: the variance of their mean is then four times that of strangers                    \
         */

double effective_samples(double part, double part_squares, double rest, double rest_squares)
{
    double all = part + rest;
    if (all <= 0)
        return 0;
    /* The mean length of a piece, weighted by length. */
    double part_piece = part > 0 ? part_squares / part : 0;
    double rest_piece = rest > 0 ? rest_squares / rest : 0;
    if (part <= 0)
        part_piece = rest_piece;
    if (rest <= 0)
        rest_piece = part_piece;
    double spread = rest * part_piece + part * rest_piece;
    return spread > 0 ? all * all / spread : 0;
}

double effective_samples_of_slices(const double *parts, const double *wholes, unsigned count)
{
    double part = 0, whole = 0, squares = 0, neighbours = 0, before = 0;
    for (unsigned i = 0; i < count; i++) {
        part += parts[i];
        whole += wholes[i];
    }
    if (whole <= 0 || count < 2)
        return 0;
    double share = part / whole;
    for (unsigned i = 0; i < count; i++) {
        double residual = parts[i] - share * wholes[i];
        squares += residual * residual;
        neighbours += i > 0 ? residual * before : 0;
        before = residual;
    }
    if (squares <= 0)
        return INFINITY;
    double likeness = fmin(fmax(neighbours / squares, 0), LIKENESS_MOST);
    /* Student's quantile for count - 1 degrees of freedom, by that of the normal distribution, within 3 %. */
    double few = 1 + 1.5 / (count - 1);
    double variance =
        squares * count / (count - 1) / (whole * whole) * (1 + likeness) / (1 - likeness) * few * few;
    return share * (1 - share) / variance;
}
