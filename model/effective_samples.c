/* SPDX-License-Identifier: Apache-2.0 */
#include "model/effective_samples.h"

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
