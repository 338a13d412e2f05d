/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a class depends on what the source does not tell: which function a pointer leads to, whether a
 * setting is on. */
#ifndef ANALYZER_CLASS_CHOICES_H
#define ANALYZER_CLASS_CHOICES_H

#include "analyzer/cost.h"

/* The part of the choices, 0 … 1, with which one execution of the function (or of its loop; -1: all of it)
 * has the class that it has on the average in the middle scenario; of that choice on which it depends most,
 * its own or that of a function that it calls. 1 where nothing depends on any. The agreement of its callees
 * must be known. */
double class_agreement(const struct cost_model *model, const struct graph_function *function, int loop);

#endif
