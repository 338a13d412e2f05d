/* SPDX-License-Identifier: Apache-2.0 */
/* The state while facts are drawn from one translation unit. */
#ifndef ANALYZER_EXTRACTION_H
#define ANALYZER_EXTRACTION_H

#include <clang-c/Index.h>
#include <glib.h>

#include "analyzer/facts.h"

struct source_file {
    char *path;          /* absolute */
    int index;           /* in unit->files; -1 until a fact needs it */
    gboolean is_project; /* the main file, or below the root and no system header */
};

struct extraction {
    struct fact_unit *unit;
    CXTranslationUnit translation_unit;
    const char *directory;    /* where the command runs */
    const char *root;         /* absolute project root */
    gboolean openmp;          /* OpenMP's pragmas hold */
    GHashTable *files;        /* CXFile → struct source_file */
    GHashTable *declarations; /* identity → struct declaration */
    GHashTable *types;        /* CXType's identity → canonical spelling */
    GHashTable *variables;    /* path → struct fact_variable of the unit */
    GHashTable *dependencies; /* names of files that were included */
    GArray *syntax_nodes;     /* memory of the trees, used again for each body (syntax_new) */
};

/* Fills unit->functions, variables, values, flows, files and dependencies. `openmp`: pragmas of OpenMP hold.
 */
void extract(CXTranslationUnit translation_unit, const char *directory, const char *root, gboolean openmp,
             struct fact_unit *unit);

/* NULL for places that are in no file. */
struct source_file *extraction_file(struct extraction *extraction, CXSourceLocation location);

/* Where macros are used, not where they are defined. Returns the index in unit->files. `column` may be NULL.
 */
int extraction_place(struct extraction *extraction, CXSourceLocation location, int *line, int *column);

#endif
