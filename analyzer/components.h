/* SPDX-License-Identifier: Apache-2.0 */
/* Strongly connected components of the call graph (R. Tarjan, SIAM J. Computing 1, 1972), without recursion:
 * call chains of generated code are deeper than a stack. */
#ifndef ANALYZER_COMPONENTS_H
#define ANALYZER_COMPONENTS_H

#include <glib.h>

/* Sets component and recursive of every struct graph_function in `functions` (which must be numbered 0 … by
 * index) and returns them callees before callers; the caller unrefs the array. */
GPtrArray *components_find(GPtrArray *functions);

#endif
