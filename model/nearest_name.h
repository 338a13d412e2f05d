/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the known names somebody may have meant. */
#ifndef MODEL_NEAREST_NAME_H
#define MODEL_NEAREST_NAME_H

#include <glib.h>

/* The one of `known` (NULL-terminated) with the fewest changed, added or left out characters, the first of
 * several; NULL when there is none. */
const char *nearest_name(const char *name, const char *const *known);

#endif
