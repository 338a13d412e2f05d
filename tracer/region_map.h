/* SPDX-License-Identifier: Apache-2.0 */
/* Which regions and idle sites of a session a stack frame belongs to. */
#ifndef TRACER_REGION_MAP_H
#define TRACER_REGION_MAP_H

#include <glib.h>

#include "model/session.h"
#include "tracer/stack.h"

struct region_map;

/* Keeps pointers into `session`, whose regions must outlive it unchanged. */
struct region_map *region_map_new(const struct session *session);
void region_map_free(struct region_map *map);
typedef struct region_map RegionMap;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RegionMap, region_map_free)

/* Appends the indices (guint, into session->regions) of the regions that hold this frame and are not in
 * `regions` yet: functions by name and file, loops, critical sections and process bodies by line range as
 * well. */
void region_map_find(struct region_map *map, const struct symbol *symbol, GArray *regions);

/* The frame stands at a call that waits for the next task. */
gboolean region_map_is_idle_site(struct region_map *map, const struct symbol *symbol);

/* Name of an absolute source file as the session writes it: relative to the root, or the longest trailing
 * part that the session knows (a program built elsewhere); the name itself when it is neither. Belongs to the
 * map. */
const char *region_map_relative(struct region_map *map, const char *file);

/* The name without what the compiler appended: `work.constprop.0` is `work`, `sem_wait@@GLIBC_2.34` is
 * `sem_wait`. */
char *symbol_base_name(const char *function);

#endif
