/* SPDX-License-Identifier: Apache-2.0 */
/* Names of declarations as facts.h wants them: function keys and canonical access paths. Looked up once per
 * declaration and remembered for the translation unit. */
#ifndef ANALYZER_DECLARATION_H
#define ANALYZER_DECLARATION_H

#include <clang-c/Index.h>

#include "analyzer/extraction.h"
#include "model/names.h"

enum declaration_kind {
    DECLARATION_OTHER,
    DECLARATION_FUNCTION,
    DECLARATION_GLOBAL, /* also statics, of a file or of a function */
    DECLARATION_LOCAL,
    DECLARATION_PARAMETER,
    DECLARATION_FIELD,
};

struct declaration {
    enum declaration_kind kind;
    char *name;
    char *path;         /* function key or access path; NULL when there is none that all code agrees on */
    gboolean is_static; /* of a file or of a function */
    gboolean is_atomic; /* _Atomic */
    gboolean is_array;
    gboolean is_record;   /* a struct or union itself, not a pointer to one */
    gboolean is_constant; /* const objects: reading them is no fact */
    gboolean never_returns;
    int parameter; /* DECLARATION_PARAMETER: its position */
};

/* The facts' view of a referenced declaration; never NULL, owned by `extraction`. */
const struct declaration *declaration_find(struct extraction *extraction, CXCursor cursor);
void declaration_free(gpointer declaration);

/* Canonical spelling of a type, owned by `extraction`. */
const char *type_name(struct extraction *extraction, CXType type);

/* TRUE when the type is one of the known locks, a pointer to one, or an array of either. */
gboolean type_is_lock(CXType type, enum lock_kind *kind);

#endif
