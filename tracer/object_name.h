/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of target_object_name. */
#ifndef TRACER_OBJECT_NAME_H
#define TRACER_OBJECT_NAME_H

#include "tracer/target.h"

/* The name of an object on the heap through the global pointers of `image`, followed once or twice; see
 * target_object_name. NULL when none of them leads there. */
char *name_through_pointers(struct target *target, const struct image *image, guint64 address, char **file,
                            int *line);

#endif
