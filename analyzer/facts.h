/* SPDX-License-Identifier: Apache-2.0 */
/* What one translation unit says, before anything is concluded: the compact record that a worker process
 * makes from libclang's tree and hands to the linker of the whole program. The record travels and is cached
 * as one GVariant (facts_to_variant), versioned by FACTS_VERSION. Source files are absolute here; linking
 * makes them relative.
 *
 * A unit owns everything that hangs on it: records, lists and texts stand in its memory, or its texts in the
 * value that it was read from, and fact_unit_free() frees them all at once. Nothing of a record is freed
 * alone.
 *
 * Function key: the name of an external function (`deflate`), `name@/abs/file.c` for a static one.
 * Access path: a place in memory as the source names it, canonical by type so that all code agrees on it:
 *   `cache_lock` a global; `counter@/abs/file.c` a static one; `struct conn.lock` a field reached through any
 * pointer or value of that type; `table[]` an array's element or what a pointer points to; `function:name` a
 * local that escapes or has a lock type, or a parameter; `function:name@/abs/file.c` when the local or its
 * function is static; `f#return` what a call of f returns. A call through a function pointer that is a
 * parameter has via `f#0`. Only function pointers know the elements of an array apart, by constant indexes:
 * `table[3]`, `table[3].run`, `table[3].run@/abs/file.c`.
 * Place: one object from the variable by which this code reaches it: `%f:c*.lock` is `c->lock` in f (`%` a
 * local or parameter), `*` is what a pointer points to, `[3]` a constant and `[]` any other element. Locals
 * that are assigned once stand for what they were assigned; `~` after a name marks a variable that is
 * assigned more than once. */
#ifndef ANALYZER_FACTS_H
#define ANALYZER_FACTS_H

#include <glib.h>

#include "analyzer/arena.h"
#include "model/names.h"

#define FACTS_VERSION 10

/* Pointers or numbers in a unit's memory. The fields are called like those of GPtrArray and GArray, so that
 * g_ptr_array_index() and g_array_index() read them; only fact_list_add() and fact_numbers_add() change them.
 */
struct fact_list {
    gpointer *pdata;
    guint len, capacity;
};

struct fact_numbers {
    int *data;
    guint len, capacity;
};

enum argument_kind { ARGUMENT_OTHER, ARGUMENT_INTEGER, ARGUMENT_STRING, ARGUMENT_FUNCTION, ARGUMENT_PATH };

struct fact_argument {
    enum argument_kind kind;
    gint64 integer;   /* ARGUMENT_INTEGER: also enum constants and macro values such as O_NONBLOCK, evaluated;
                         ARGUMENT_OTHER: the bits that are surely set, as in `flags | O_NONBLOCK` */
    const char *text; /* string literal, function key, or access path (of the object itself or of what is
                   pointed to) */
    const char
        *type; /* canonical type spelling of the argument: `struct conn *`, `pthread_mutex_t *`, `int` */
    const char *place; /* place of the object that the argument points to; NULL: unknown or no pointer */
    const char *index; /* of a lock in an array: which element, `~i`, `((id+1)%5)`; of an integer variable:
                          its value, in the same words. `~` marks variables that are assigned more than once,
                          `#` what is not understood. NULL: neither */
};

/* EVENT_ASSIGN: a local that is compared somewhere, or `#return`, gets a value that is no call's result. */
enum event_kind { EVENT_CALL, EVENT_READ, EVENT_WRITE, EVENT_ATOMIC, EVENT_ASSIGN };

enum relation {
    RELATION_NONE,
    RELATION_EQUAL,
    RELATION_DIFFERENT,
    RELATION_BELOW,
    RELATION_AT_MOST,
    RELATION_ABOVE,
    RELATION_AT_LEAST
};

/* What a condition compares: with RELATION_NONE the plain value of the subject. */
struct fact_test {
    const char *subject; /* name of a local, place of another object, place and mask (`s.flags&4`), or `#12`:
                      the result of event 12; NULL when it is none of these */
    enum relation relation;
    gint64 constant;
};

/* Something that happens at run time, in evaluation order inside its block. */
struct fact_event {
    enum event_kind kind;
    int file; /* index into fact_unit.files: code may come from an included file or a macro's use */
    int line, end_line, column;
    int block; /* index into fact_function.blocks */
    int loop;  /* index into fact_function.loops of the innermost loop, -1 outside */
    /* EVENT_CALL */
    const char *callee; /* function key; NULL when called through a pointer */
    const char *via; /* access path of that pointer: `struct aeFileEvent.rfileProc`; NULL for direct calls */
    const char *signature;       /* canonical function type, for indirect calls */
    struct fact_list *arguments; /* struct fact_argument */
    const char *result; /* access path or local name that receives the result; NULL when it is dropped */
    gboolean checked;   /* the result is tested */
    /* EVENT_READ, EVENT_WRITE, EVENT_ATOMIC: of globals, statics, fields and escaping locals only. An atomic
     * operation through a builtin carries the builtin's name in `callee`; a plain read of an _Atomic object
     * `load`, a plain write or update nothing. EVENT_ASSIGN: the local. */
    const char *path;
    const char *place; /* the object that is accessed, when its variable is known */
    /* EVENT_ASSIGN: a known constant (test.relation RELATION_NONE, no subject), the value of a subject plus
     * test.constant, or whether a comparison holds */
    gboolean has_value;
    struct fact_test test;
};

enum iteration_dependence {
    ITERATIONS_UNKNOWN,
    ITERATIONS_INDEPENDENT,
    ITERATIONS_REDUCTION, /* only sums, products, minima … are carried */
    ITERATIONS_DEPENDENT, /* an iteration needs the result of the last: recurrences, pointer chasing */
};

struct fact_loop {
    int line, end_line;
    int file;
    int parent;        /* index of the enclosing loop, -1 */
    gint64 trip_count; /* constant number of iterations; -1 unknown or bounded by data; G_MAXINT64 for(;;) */
    gboolean has_exit; /* an endless loop with break, return or goto out */
    enum iteration_dependence dependence;
    const char *carried; /* what is carried from one iteration to the next, for messages; NULL */
    int operations; /* arithmetic and memory operations of one iteration, inner loops and callees excluded */
};

/* A case label: the block it leads to when the tested value is `value`. */
struct fact_case {
    int block;
    gint64 value;
};

struct fact_block {
    struct fact_numbers *successors; /* indexes of blocks; empty for the exit */
    int loop;                        /* innermost loop, -1 */
    struct fact_test test;           /* of the condition that ends it; then the ways on: */
    int when_true, when_false;       /* -1 without a condition */
    struct fact_list *cases; /* struct fact_case: ends in a switch over test.subject; NULL otherwise */
    int unlikely;            /* the successor that the condition at its end seldom takes (`x < 0`, `!pointer`,
                                __builtin_expect), -1 */
    gboolean rare;           /* that successor is taken once in a buffer's length (`count == 4096`) */
    gboolean stops;          /* ends in a call that is declared never to return */
    gboolean fails;          /* ends in `goto error;` or in the return of a negative constant */
};

struct fact_function {
    const char *key, *name, *file;
    int line, end_line;
    gboolean is_static;
    gboolean variadic;
    const char *signature;        /* canonical type spelling */
    struct fact_list *parameters; /* char *: names */
    struct fact_list *blocks;     /* struct fact_block; 0 is the entry; empty for bodies too large to lower */
    struct fact_list *loops;      /* struct fact_loop, outer before inner */
    struct fact_list *events;     /* struct fact_event, in source order */
    struct fact_list *comparisons; /* char *: comparisons by size that are no loop's condition, in the words
                                      of fact_argument.index: `(a<b)` */
    int operations;                /* outside all loops */
};

/* A function whose address is stored: `{"struct command.run", "cmd_get"}`. */
struct fact_function_value {
    const char
        *path; /* field, variable, parameter `callee#0` (argument 0 of a call), or return value `f#return` */
    const char *function;  /* function key */
    const char *signature; /* canonical type spelling */
    int file, line;
};

/* A function pointer that is copied: whatever `source` may hold, `path` may hold too. Both are paths as in
 * fact_function_value; `f#0` is what callers pass to f as argument 0. */
struct fact_function_flow {
    const char *path, *source;
    int file, line;
    gboolean otherwise; /* only when nothing else is stored at `path` */
};

/* Descriptors (int or FILE *) that are copied from place to place use the same record without a place, in
 * unit->descriptors. Places: as in access paths, `f#return` is what f hands to its caller. */

/* A global, static or field that matters to concurrency: every global, and every field of a lock type or that
 * is volatile. */
struct fact_variable {
    const char *path;
    const char *type;
    int element_bytes; /* of one element of an array, else of the object; 0 when that is not known */
    int file, line;
    gboolean is_lock;
    enum lock_kind lock;
    gboolean is_const, is_thread_local, is_atomic, is_volatile;
};

/* A constant that is stored in a field: by an initializer beside functions (how many tasks a job has), or
 * anywhere when it is one of an enumeration (how they are run). */
struct fact_number {
    const char *path; /* `struct job.task_count` */
    gint64 value;
    const char *place; /* of the field: `%f:job.task_count`; NULL: not known */
    int file, line;
};

struct fact_unit {
    const char *file;            /* main file, absolute */
    struct fact_list *files;     /* char *, absolute: every file that fact indexes mean */
    struct fact_list *functions; /* struct fact_function with a body, in project files */
    struct fact_list *variables; /* struct fact_variable */
    struct fact_list *values;    /* struct fact_function_value */
    struct fact_list *flows;     /* struct fact_function_flow */
    struct fact_list
        *descriptors;          /* struct fact_function_flow: numbers and streams that may be descriptors */
    struct fact_list *numbers; /* struct fact_number */
    struct fact_list *dependencies; /* char *: absolute files whose change changes this record */
    const char *error;              /* NULL, or why the unit could not be understood */
    struct arena *memory;
    GVariant *source; /* NULL, or the value in which its texts stand */
};

struct fact_unit *fact_unit_new(const char *file);
void fact_unit_free(struct fact_unit *unit);

/* Each in the memory of the unit that it will belong to; the caller adds it to a list. */
struct fact_function *fact_function_new(struct fact_unit *unit);
struct fact_event *fact_event_new(struct fact_unit *unit, enum event_kind kind);
struct fact_loop *fact_loop_new(struct fact_unit *unit);
struct fact_block *fact_block_new(struct fact_unit *unit);
struct fact_case *fact_case_new(struct fact_unit *unit);
struct fact_variable *fact_variable_new(struct fact_unit *unit);
struct fact_function_value *fact_function_value_new(struct fact_unit *unit);
struct fact_function_flow *fact_function_flow_new(struct fact_unit *unit);
struct fact_argument *fact_argument_new(struct fact_unit *unit);
struct fact_number *fact_number_new(struct fact_unit *unit);

struct fact_list *fact_list_new(struct fact_unit *unit);
void fact_list_add(struct fact_unit *unit, struct fact_list *list, gconstpointer item);
/* At `index`; what stands there and after moves up. */
void fact_list_insert(struct fact_unit *unit, struct fact_list *list, guint index, gconstpointer item);
void fact_numbers_add(struct fact_unit *unit, struct fact_numbers *numbers, int number);

/* A copy in the unit's memory; NULL of NULL. The second frees `text`. */
const char *fact_text(struct fact_unit *unit, const char *text);
const char *fact_text_take(struct fact_unit *unit, char *text);

/* The record as one value (a floating reference) and back; NULL when the value has another version or shape.
 * What is read keeps a reference of the value. */
GVariant *facts_to_variant(const struct fact_unit *unit);
struct fact_unit *facts_from_variant(GVariant *variant);

/* --- front: database, command lines, workers, libclang
 * ------------------------------------------------------ */
struct analyze_options;

/* Parses every unit in worker processes and returns the facts (struct fact_unit, failed ones with their
 * error), one per distinct (file, command). NULL with `error` when there is no unit to analyse. Commands and
 * hashes of the units are appended to session->units. */
struct session;
GPtrArray *facts_collect(const struct analyze_options *options, struct session *session, GError **error);

#endif
