/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/extraction.h"

#include <string.h>

#include "analyzer/body.h"

static void source_file_free(gpointer data)
{
    struct source_file *file = data;
    g_free(file->path);
    g_free(file);
}

static gboolean is_below(const char *path, const char *folder)
{
    gsize length = strlen(folder);
    while (length > 0 && folder[length - 1] == '/')
        length--;
    return strncmp(path, folder, length) == 0 && path[length] == '/';
}

static char *absolute_name(const struct extraction *extraction, CXFile file)
{
    g_autofree char *name = clang_string_take(clang_getFileName(file));
    return g_canonicalize_filename(name, extraction->directory);
}

static struct source_file *source_file_of(struct extraction *extraction, CXFile handle,
                                          CXSourceLocation location)
{
    if (!handle)
        return NULL;
    struct source_file *file = g_hash_table_lookup(extraction->files, handle);
    if (file)
        return file;
    file = g_new0(struct source_file, 1);
    file->path = absolute_name(extraction, handle);
    file->index = -1;
    file->is_project = strcmp(file->path, extraction->unit->file) == 0 ||
                       (!clang_Location_isInSystemHeader(location) && is_below(file->path, extraction->root));
    g_hash_table_insert(extraction->files, handle, file);
    return file;
}

struct source_file *extraction_file(struct extraction *extraction, CXSourceLocation location)
{
    CXFile handle = NULL;
    clang_getExpansionLocation(location, &handle, NULL, NULL, NULL);
    return source_file_of(extraction, handle, location);
}

int extraction_place(struct extraction *extraction, CXSourceLocation location, int *line, int *column)
{
    CXFile handle = NULL;
    unsigned expansion_line = 0, expansion_column = 0;
    clang_getExpansionLocation(location, &handle, &expansion_line, column ? &expansion_column : NULL, NULL);
    *line = (int)expansion_line;
    if (column)
        *column = (int)expansion_column;
    struct source_file *file = source_file_of(extraction, handle, location);
    if (!file)
        return 0;
    if (file->index < 0) {
        file->index = (int)extraction->unit->files->len;
        fact_list_add(extraction->unit, extraction->unit->files, fact_text(extraction->unit, file->path));
    }
    return file->index;
}

/* Globals may be declared several times: the definition says where they are. */
static void variable_add_as(struct extraction *extraction, CXCursor cursor, const char *path)
{
    struct fact_variable *variable = g_hash_table_lookup(extraction->variables, path);
    if (variable && clang_Cursor_getStorageClass(cursor) == CX_SC_Extern)
        return;
    if (!variable) {
        variable = fact_variable_new(extraction->unit);
        variable->path = fact_text(extraction->unit, path);
        fact_list_add(extraction->unit, extraction->unit->variables, variable);
        g_hash_table_insert(extraction->variables, (gpointer)variable->path, variable);
    }
    CXType type = clang_getCursorType(cursor), element = clang_getCanonicalType(type);
    while (type_is_array(element))
        element = clang_getCanonicalType(clang_getArrayElementType(element));
    long long element_bytes = clang_Type_getSizeOf(element);
    variable->type = fact_text(extraction->unit, type_name(extraction, type));
    variable->element_bytes = element_bytes > 0 && element_bytes < G_MAXINT ? (int)element_bytes : 0;
    variable->is_lock = type_is_lock(type, &variable->lock);
    variable->is_const = clang_isConstQualifiedType(element) || clang_isConstQualifiedType(type);
    variable->is_thread_local = clang_getCursorTLSKind(cursor) != CXTLS_None;
    variable->is_atomic = element.kind == CXType_Atomic;
    variable->is_volatile = clang_isVolatileQualifiedType(element) || clang_isVolatileQualifiedType(type);
    variable->file = extraction_place(extraction, clang_getCursorLocation(cursor), &variable->line, NULL);
}

struct unnamed_record {
    struct extraction *extraction;
    const char *path; /* of the object */
};

static void add_unnamed_locks(struct extraction *extraction, CXType type, const char *path);

static enum CXVisitorResult add_unnamed_field(CXCursor field, CXClientData data)
{
    struct unnamed_record *record = data;
    enum lock_kind lock;
    CXType type = clang_getCursorType(field);
    g_autofree char *name = clang_string_take(clang_getCursorSpelling(field));
    g_autofree char *suffix = g_strconcat(".", name, NULL);
    gboolean is_transparent = clang_Cursor_isAnonymousRecordDecl(clang_getTypeDeclaration(type)) != 0;
    g_autofree char *path = is_transparent ? g_strdup(record->path) : path_with_suffix(record->path, suffix);
    if (type_is_lock(type, &lock))
        variable_add_as(record->extraction, field, path);
    else
        add_unnamed_locks(record->extraction, type, path);
    return CXVisit_Continue;
}

/* Locks in objects whose type has no name belong to the object: `server.lock`. */
static void add_unnamed_locks(struct extraction *extraction, CXType type, const char *path)
{
    g_autofree char *element = g_strdup(path);
    while (type_is_array(type)) {
        char *deeper = path_with_suffix(element, "[]");
        g_free(element);
        element = deeper;
        type = clang_getArrayElementType(clang_getCanonicalType(type));
    }
    type = clang_getCanonicalType(type);
    if (type.kind != CXType_Record || !clang_Cursor_isAnonymous(clang_getTypeDeclaration(type)))
        return;
    struct unnamed_record record = {extraction, element};
    clang_Type_visitFields(type, add_unnamed_field, &record);
}

static void variable_add(struct extraction *extraction, CXCursor cursor)
{
    const struct declaration *declaration = declaration_find(extraction, cursor);
    if (!declaration->path)
        return;
    variable_add_as(extraction, cursor, declaration->path);
    if (declaration->kind == DECLARATION_GLOBAL)
        add_unnamed_locks(extraction, clang_getCursorType(cursor), declaration->path);
}

static void extract_initializer(struct extraction *extraction, CXCursor cursor)
{
    CXCursor initializer = clang_Cursor_getVarDeclInitializer(cursor);
    const struct declaration *declaration = declaration_find(extraction, cursor);
    if (clang_Cursor_isNull(initializer) || !declaration->path)
        return;
    struct syntax tree = syntax_new(initializer, extraction->syntax_nodes);
    struct body body = {.extraction = extraction, .tree = &tree, .loop = -1};
    function_values_of_initializer(&body, 0, clang_getCursorType(cursor), declaration->path,
                                   declaration->path, declaration->path);
}

/* Locks and volatile fields inside structs, however deep the struct stands in another one. */
static enum CXChildVisitResult visit_record(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    enum CXCursorKind kind = clang_getCursorKind(cursor);
    enum lock_kind lock;
    CXType type = clang_getCursorType(cursor);
    if (kind == CXCursor_FieldDecl && (type_is_lock(type, &lock) || clang_isVolatileQualifiedType(type)))
        variable_add(data, cursor);
    return kind == CXCursor_StructDecl || kind == CXCursor_UnionDecl ? CXChildVisit_Recurse
                                                                     : CXChildVisit_Continue;
}

/* Statics and locks among the variables of a body are known like globals. */
static void extract_local_variables(struct extraction *extraction, const struct syntax *tree)
{
    for (int node = 0; node < tree->count; node++) {
        enum lock_kind lock;
        CXCursor cursor = tree->nodes[node].cursor;
        if (tree->nodes[node].kind == CXCursor_VarDecl &&
            (clang_Cursor_getStorageClass(cursor) == CX_SC_Static ||
             (type_is_lock(clang_getCursorType(cursor), &lock) &&
              !type_is_pointer(clang_getCursorType(cursor)))))
            variable_add(extraction, cursor);
    }
}

static enum CXChildVisitResult find_body(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    if (clang_getCursorKind(cursor) != CXCursor_CompoundStmt)
        return CXChildVisit_Continue;
    *(CXCursor *)data = cursor;
    return CXChildVisit_Break;
}

static void add_parameters(struct fact_unit *unit, struct fact_function *function, CXCursor cursor)
{
    int count = clang_Cursor_getNumArguments(cursor);
    for (int i = 0; i < count; i++) {
        CXCursor parameter = clang_Cursor_getArgument(cursor, (unsigned)i);
        char *name = clang_string_take(clang_getCursorSpelling(parameter));
        fact_list_add(unit, function->parameters, fact_text_take(unit, name));
    }
}

static void extract_function(struct extraction *extraction, CXCursor cursor)
{
    CXCursor statement = clang_getNullCursor();
    clang_visitChildren(cursor, find_body, &statement);
    if (clang_Cursor_isNull(statement))
        return;
    const struct declaration *declaration = declaration_find(extraction, cursor);
    CXSourceRange extent = clang_getCursorExtent(cursor);
    struct fact_unit *unit = extraction->unit;
    struct fact_function *function = fact_function_new(unit);
    int file = extraction_place(extraction, clang_getCursorLocation(cursor), &function->line, NULL);
    extraction_place(extraction, clang_getRangeEnd(extent), &function->end_line, NULL);
    function->end_line = MAX(function->line, function->end_line);
    function->key = fact_text(unit, declaration->path);
    function->name = fact_text(unit, declaration->name);
    function->file = unit->files->pdata[file];
    function->is_static = declaration->is_static;
    function->variadic = clang_Cursor_isVariadic(cursor) != 0;
    function->signature = fact_text(unit, type_name(extraction, clang_getCursorType(cursor)));
    add_parameters(unit, function, cursor);
    fact_list_add(unit, unit->functions, function);

    struct syntax tree = syntax_new(statement, extraction->syntax_nodes);
    struct body body = {
        .extraction = extraction,
        .function = function,
        .tree = &tree,
        .locals = g_hash_table_new_full(NULL, NULL, NULL, g_free),
    };
    extract_local_variables(extraction, &tree);
    locals_scan(&body);
    lower_body(&body);
    g_hash_table_unref(body.locals);
}

static enum CXChildVisitResult visit_top(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    struct extraction *extraction = data;
    const struct source_file *file = extraction_file(extraction, clang_getCursorLocation(cursor));
    if (!file || !file->is_project)
        return CXChildVisit_Continue;
    switch (clang_getCursorKind(cursor)) {
    case CXCursor_FunctionDecl:
        if (clang_isCursorDefinition(cursor))
            extract_function(extraction, cursor);
        break;
    case CXCursor_VarDecl:
        variable_add(extraction, cursor);
        extract_initializer(extraction, cursor);
        break;
    case CXCursor_StructDecl:
    case CXCursor_UnionDecl:
        clang_visitChildren(cursor, visit_record, extraction);
        break;
    default:
        break;
    }
    return CXChildVisit_Continue;
}

static void dependency_add(struct extraction *extraction, char *name)
{
    if (g_hash_table_add(extraction->dependencies, name))
        fact_list_add(extraction->unit, extraction->unit->dependencies, fact_text(extraction->unit, name));
}

static void add_inclusion(CXFile file, CXSourceLocation *stack, unsigned depth, CXClientData data)
{
    (void)stack;
    (void)depth;
    dependency_add(data, absolute_name(data, file));
}

void extract(CXTranslationUnit translation_unit, const char *directory, const char *root, gboolean openmp,
             struct fact_unit *unit)
{
    struct extraction extraction = {
        .unit = unit,
        .translation_unit = translation_unit,
        .directory = directory,
        .root = root,
        .openmp = openmp,
        .files = g_hash_table_new_full(NULL, NULL, NULL, source_file_free),
        .declarations = g_hash_table_new_full(NULL, NULL, NULL, declaration_free),
        .types = g_hash_table_new_full(NULL, NULL, NULL, g_free),
        .variables = g_hash_table_new(g_str_hash, g_str_equal),
        .dependencies = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .syntax_nodes = g_array_new(FALSE, FALSE, sizeof(struct syntax_node)),
    };
    fact_list_add(unit, unit->files, unit->file);
    CXFile main_file = clang_getFile(translation_unit, unit->file);
    if (main_file) {
        struct source_file *file = g_new0(struct source_file, 1);
        file->path = g_strdup(unit->file);
        file->is_project = TRUE;
        g_hash_table_insert(extraction.files, main_file, file);
    }
    clang_visitChildren(clang_getTranslationUnitCursor(translation_unit), visit_top, &extraction);
    dependency_add(&extraction, g_strdup(unit->file));
    clang_getInclusions(translation_unit, add_inclusion, &extraction);
    g_hash_table_unref(extraction.files);
    g_hash_table_unref(extraction.declarations);
    g_hash_table_unref(extraction.types);
    g_hash_table_unref(extraction.variables);
    g_hash_table_unref(extraction.dependencies);
    g_array_unref(extraction.syntax_nodes);
}
