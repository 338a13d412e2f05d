/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of units that were parsed before, one file per unit below the user's cache folder
 * (`$XDG_CACHE_HOME/corewise/facts`). A file is found by everything that a command says (file, folder, flags,
 * root, include paths of the environment) and by the versions of corewise, the facts and libclang; it holds
 * when the unit and all files it included are what they were: by size, times and inode, or else by content.
 * As with ccache's direct mode, a header that newly appears in a folder that is searched earlier is not
 * noticed. A cache that cannot be read or written is an empty one, never an error. */
#ifndef ANALYZER_FACTS_CACHE_H
#define ANALYZER_FACTS_CACHE_H

#include "analyzer/database.h"
#include "analyzer/facts.h"
#include "analyzer/file_state.h"

struct facts_cache;

/* `folder` NULL: the user's. `size_bytes_max` bounds what all files take, 0 = 512 MiB. `states` outlives the
 * cache. */
struct facts_cache *facts_cache_new(const char *folder, const char *root, guint64 size_bytes_max,
                                    struct file_states *states);
/* Removes the files that were not used for longest when there are too many. */
void facts_cache_free(struct facts_cache *cache);

/* The caller frees the unit; NULL when it has to be parsed. */
struct fact_unit *facts_cache_find(struct facts_cache *cache, const struct database_entry *entry);

/* Remembers `facts`, the record of `unit`; units with an error, and those whose files changed after the
 * cache was made, are not. */
void facts_cache_store(struct facts_cache *cache, const struct database_entry *entry,
                       const struct fact_unit *unit, GVariant *facts);

#endif
