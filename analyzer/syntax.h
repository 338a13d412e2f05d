/* SPDX-License-Identifier: Apache-2.0 */
/* The syntax tree of one function body or initialiser as a flat array in source order: libclang is asked
 * once, with no recursion however deep an expression is, and everything after walks this array. */
#ifndef ANALYZER_SYNTAX_H
#define ANALYZER_SYNTAX_H

#include <clang-c/Index.h>
#include <glib.h>

struct syntax_node {
    CXCursor cursor;
    CXCursor referenced; /* of names: the declaration; else null */
    enum CXCursorKind kind;
    int operator_kind;       /* of operators: enum CXBinaryOperatorKind or enum CXUnaryOperatorKind */
    int parent, first, next; /* indexes; -1 = none */
    int end;                 /* index after the last node below this one */
};

struct syntax {
    struct syntax_node *nodes; /* 0 is the cursor that was given */
    int count;
};

/* Children of declarations inside, types and unevaluated operands (sizeof) are left out. The nodes stand in
 * `memory` (struct syntax_node), which is emptied first: one tree at a time. */
struct syntax syntax_new(CXCursor root, GArray *memory);

/* The n-th child, -1 when there are fewer. */
int syntax_child(const struct syntax *tree, int node, int n);
int syntax_last_child(const struct syntax *tree, int node);
int syntax_child_count(const struct syntax *tree, int node);

/* Through parentheses, casts, implicit conversions, `__extension__` and __builtin_expect() to what is meant.
 */
int syntax_strip(const struct syntax *tree, int node);

enum CXBinaryOperatorKind syntax_binary(const struct syntax *tree, int node);
enum CXUnaryOperatorKind syntax_unary(const struct syntax *tree, int node);

/* TRUE for a variable or parameter reference after stripping; *declaration is it. */
gboolean syntax_variable(const struct syntax *tree, int node, CXCursor *declaration);

/* The value of an integer constant expression: literals, enumerators, sizeof and arithmetic on them. */
gboolean syntax_constant(const struct syntax *tree, int node, gint64 *value);

/* Identifies a declaration inside one translation unit. */
gconstpointer declaration_identity(CXCursor declaration);

gboolean type_is_pointer(CXType type);
gboolean type_is_array(CXType type);
/* libclang tells a parameter `p[4]` as an array; it is a pointer. */
gboolean variable_is_array(CXCursor variable);
gboolean type_is_function(CXType type);
gboolean type_is_function_pointer(CXType type);

/* The identifier that stands at `location`, inside macros where it is spelled; NULL when there is no text. */
char *source_word(CXTranslationUnit unit, CXSourceLocation location);

/* A copy of libclang's string, which is disposed of; "" instead of NULL. */
char *clang_string_take(CXString string);

#endif
