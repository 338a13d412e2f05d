/* SPDX-License-Identifier: Apache-2.0 */
/* How many independent observations of equal size a share of time is worth. One wait of a second tells less
 * than a hundred of ten milliseconds, although it is the same share. */
#ifndef MODEL_EFFECTIVE_SAMPLES_H
#define MODEL_EFFECTIVE_SAMPLES_H

/* The effective sample size of the share part / (part + rest) when each of the two is a sum of independent
 * pieces (waits, samples on the core) whose squared lengths add up to `part_squares` and `rest_squares`: the
 * number n for which the binomial variance share (1 - share) / n equals the variance of the ratio (delta
 * method). Source: L. Kish, Survey Sampling, 1965; E. Korn and B. Graubard, Survey Methodology 24, 1998, put
 * it into a binomial interval. Where one of the two is 0, its pieces are taken to be as long as those of the
 * other. 0 when there is no time at all. */
double effective_samples(double part, double part_squares, double rest, double rest_squares);

/* The same for the share sum(parts) / sum(wholes) of `count` slices of a run (batch means: A. Law, Simulation
 * Modeling and Analysis, chapter 9; ratio estimator: W. Cochran, Sampling Techniques, 1977, chapter 6).
 * Neighbours that are alike make it worth less, and so do few slices. very many or INFINITY when all slices
 * agree; 0 without any. */
double effective_samples_of_slices(const double *parts, const double *wholes, unsigned count);

#endif
