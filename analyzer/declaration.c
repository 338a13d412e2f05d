/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/declaration.h"

#include <string.h>

#include "analyzer/syntax.h"

#define TYPEDEF_DEPTH_MAX 32

static const struct lock_type {
    const char *name;
    enum lock_kind kind;
} lock_types[] = {
    {"pthread_mutex_t", LOCK_MUTEX},
    {"pthread_cond_t", LOCK_CONDITION},
    {"pthread_rwlock_t", LOCK_RWLOCK},
    {"pthread_spinlock_t", LOCK_SPINLOCK},
    {"pthread_barrier_t", LOCK_BARRIER},
    {"sem_t", LOCK_SEMAPHORE},
    {"mtx_t", LOCK_MUTEX},
    {"cnd_t", LOCK_CONDITION},
    {"GMutex", LOCK_MUTEX},
    {"GRecMutex", LOCK_MUTEX},
    {"GCond", LOCK_CONDITION},
    {"GRWLock", LOCK_RWLOCK},
    {"uv_mutex_t", LOCK_MUTEX},
    {"uv_cond_t", LOCK_CONDITION},
    {"uv_rwlock_t", LOCK_RWLOCK},
    {"uv_sem_t", LOCK_SEMAPHORE},
    {"uv_barrier_t", LOCK_BARRIER},
    {"apr_thread_mutex_t", LOCK_MUTEX},
    {"apr_thread_cond_t", LOCK_CONDITION},
    {"apr_thread_rwlock_t", LOCK_RWLOCK},
};

void declaration_free(gpointer data)
{
    struct declaration *declaration = data;
    g_free(declaration->name);
    g_free(declaration->path);
    g_free(declaration);
}

static CXType without_arrays_and_pointer(CXType type)
{
    while (type_is_array(type))
        type = clang_getArrayElementType(type);
    if (type.kind == CXType_Pointer)
        type = clang_getPointeeType(type);
    return type;
}

/* Follows typedefs one by one: pthread_spinlock_t ends as a plain int. */
gboolean type_is_lock(CXType type, enum lock_kind *kind)
{
    type = without_arrays_and_pointer(type);
    for (int depth = 0; depth < TYPEDEF_DEPTH_MAX; depth++) {
        if (type.kind == CXType_Elaborated)
            type = clang_Type_getNamedType(type);
        if (type.kind != CXType_Typedef)
            return FALSE;
        CXString name = clang_getTypedefName(type);
        const char *text = clang_getCString(name);
        for (gsize i = 0; text && i < G_N_ELEMENTS(lock_types); i++) {
            if (strcmp(text, lock_types[i].name) == 0) {
                *kind = lock_types[i].kind;
                clang_disposeString(name);
                return TRUE;
            }
        }
        clang_disposeString(name);
        type = clang_getTypedefDeclUnderlyingType(clang_getTypeDeclaration(type));
    }
    return FALSE;
}

const char *type_name(struct extraction *extraction, CXType type)
{
    const char *known = g_hash_table_lookup(extraction->types, type.data[0]);
    if (known)
        return known;
    char *name = clang_string_take(clang_getTypeSpelling(clang_getCanonicalType(type)));
    g_hash_table_insert(extraction->types, type.data[0], name);
    return name;
}

static char *file_suffixed(struct extraction *extraction, const char *name, CXCursor cursor)
{
    const struct source_file *file = extraction_file(extraction, clang_getCursorLocation(cursor));
    return file ? g_strconcat(name, "@", file->path, NULL) : g_strdup(name);
}

static enum CXChildVisitResult find_noreturn(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    if (!clang_isAttribute(clang_getCursorKind(cursor)))
        return CXChildVisit_Continue;
    CXSourceLocation start = clang_getRangeStart(clang_getCursorExtent(cursor));
    g_autofree char *word = source_word(clang_Cursor_getTranslationUnit(cursor), start);
    gboolean found = word && (strcmp(word, "_Noreturn") == 0 || strcmp(word, "noreturn") == 0);
    if (found)
        *(gboolean *)data = TRUE;
    return found ? CXChildVisit_Break : CXChildVisit_Continue;
}

/* `__attribute__((noreturn))` is part of the type, `_Noreturn` is an attribute without a kind of its own. */
static gboolean never_returns(CXCursor function)
{
    g_autofree char *type = clang_string_take(clang_getTypeSpelling(clang_getCursorType(function)));
    gboolean found = strstr(type, "noreturn") != NULL;
    if (!found && clang_Cursor_hasAttrs(function))
        clang_visitChildren(function, find_noreturn, &found);
    return found;
}

/* System headers are full of static inline functions (`read` of a fortified libc): those are known by name.
 */
static void fill_function(struct extraction *extraction, struct declaration *declaration, CXCursor cursor)
{
    declaration->kind = DECLARATION_FUNCTION;
    CXCursor definition = clang_getCursorDefinition(cursor);
    if (!clang_Cursor_isNull(definition))
        cursor = definition;
    declaration->is_static = clang_getCursorLinkage(cursor) == CXLinkage_Internal;
    gboolean in_system = clang_Location_isInSystemHeader(clang_getCursorLocation(cursor));
    declaration->path = declaration->is_static && !in_system
                            ? file_suffixed(extraction, declaration->name, cursor)
                            : g_strdup(declaration->name);
    declaration->never_returns = never_returns(cursor);
}

static void fill_local(struct extraction *extraction, struct declaration *declaration, CXCursor cursor)
{
    const struct declaration *function = declaration_find(extraction, clang_getCursorSemanticParent(cursor));
    g_autofree char *path = g_strconcat(function->name, ":", declaration->name, NULL);
    gboolean suffixed = declaration->is_static || function->is_static;
    declaration->path = suffixed ? file_suffixed(extraction, path, cursor) : g_steal_pointer(&path);
}

static void fill_variable(struct extraction *extraction, struct declaration *declaration, CXCursor cursor)
{
    enum CXLinkageKind linkage = clang_getCursorLinkage(cursor);
    declaration->kind = DECLARATION_GLOBAL;
    if (linkage == CXLinkage_Internal) {
        declaration->is_static = TRUE;
        declaration->path = file_suffixed(extraction, declaration->name, cursor);
    } else if (linkage == CXLinkage_NoLinkage) {
        declaration->is_static = clang_Cursor_getStorageClass(cursor) == CX_SC_Static;
        declaration->kind = declaration->is_static ? DECLARATION_GLOBAL : DECLARATION_LOCAL;
        fill_local(extraction, declaration, cursor);
    } else {
        declaration->path = g_strdup(declaration->name);
    }
}

static int parameter_position(CXCursor cursor)
{
    CXCursor function = clang_getCursorSemanticParent(cursor);
    int count = clang_Cursor_getNumArguments(function);
    for (int i = 0; i < count; i++)
        if (clang_equalCursors(clang_Cursor_getArgument(function, (unsigned)i), cursor))
            return i;
    return -1;
}

/* The name of a struct or union; NULL when it has neither tag nor typedef. */
static char *record_name(CXCursor record)
{
    g_autofree char *name = clang_string_take(clang_getTypeSpelling(clang_getCursorType(record)));
    return strstr(name, "(unnamed") || strstr(name, "(anonymous") ? NULL : g_steal_pointer(&name);
}

static gboolean is_record(CXCursor cursor)
{
    enum CXCursorKind kind = clang_getCursorKind(cursor);
    return kind == CXCursor_StructDecl || kind == CXCursor_UnionDecl;
}

struct field_search {
    CXCursor record;
    char *name;
};

static enum CXVisitorResult match_field(CXCursor field, CXClientData data)
{
    struct field_search *search = data;
    CXType type = clang_getCursorType(field);
    while (type_is_array(type))
        type = clang_getArrayElementType(type);
    CXCursor declared = clang_getTypeDeclaration(clang_getCanonicalType(type));
    if (!clang_equalCursors(declared, search->record))
        return CXVisit_Continue;
    search->name = clang_string_take(clang_getCursorSpelling(field));
    return CXVisit_Break;
}

/* `struct outer.inner.field` for records without a name of their own; members of transparent ones belong to
 * the record around. NULL when no record around has a name. */
static char *field_path(CXCursor record, const char *field)
{
    g_autofree char *name = record_name(record);
    if (name)
        return g_strconcat(name, ".", field, NULL);
    CXCursor around = clang_getCursorSemanticParent(record);
    if (!is_record(around))
        return NULL;
    struct field_search search = {record, NULL};
    if (!clang_Cursor_isAnonymousRecordDecl(record)) /* its members are the outer record's own */
        clang_Type_visitFields(clang_getCursorType(around), match_field, &search);
    g_autofree char *through = search.name;
    g_autofree char *inner = through && *through ? g_strconcat(through, ".", field, NULL) : g_strdup(field);
    return field_path(around, inner);
}

static struct declaration *declaration_new(struct extraction *extraction, CXCursor cursor)
{
    struct declaration *declaration = g_new0(struct declaration, 1);
    CXType type = clang_getCursorType(cursor);
    CXType canonical = clang_getCanonicalType(type);
    declaration->name = clang_string_take(clang_getCursorSpelling(cursor));
    declaration->is_atomic = canonical.kind == CXType_Atomic;
    declaration->is_array = variable_is_array(cursor);
    declaration->is_record = canonical.kind == CXType_Record;
    declaration->is_constant = clang_isConstQualifiedType(canonical) != 0;
    declaration->parameter = -1;
    switch (clang_getCursorKind(cursor)) {
    case CXCursor_FunctionDecl:
        fill_function(extraction, declaration, cursor);
        break;
    case CXCursor_VarDecl:
        fill_variable(extraction, declaration, cursor);
        break;
    case CXCursor_ParmDecl:
        declaration->kind = DECLARATION_PARAMETER;
        declaration->parameter = parameter_position(cursor);
        fill_local(extraction, declaration, cursor);
        break;
    case CXCursor_FieldDecl:
        declaration->kind = DECLARATION_FIELD;
        declaration->path = field_path(clang_getCursorSemanticParent(cursor), declaration->name);
        break;
    default:
        break;
    }
    return declaration;
}

const struct declaration *declaration_find(struct extraction *extraction, CXCursor cursor)
{
    gconstpointer identity = declaration_identity(cursor);
    struct declaration *declaration = g_hash_table_lookup(extraction->declarations, identity);
    if (!declaration) {
        declaration = declaration_new(extraction, cursor);
        g_hash_table_insert(extraction->declarations, (gpointer)identity, declaration);
    }
    return declaration;
}
