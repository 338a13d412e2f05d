/* SPDX-License-Identifier: Apache-2.0 */
/* The whole program: the functions of all units linked by their calls. The graph borrows the units and the
 * effects, which must outlive it. Everything later (roots, costs, classes) reads this and nothing of
 * libclang. */
#ifndef ANALYZER_PROGRAM_GRAPH_H
#define ANALYZER_PROGRAM_GRAPH_H

#include <glib.h>

#include "analyzer/effects.h"
#include "analyzer/facts.h"

/* How sure the targets of a call are, best first. */
enum call_resolution {
    CALL_DIRECT,
    CALL_BY_VALUE,     /* functions stored in the same field, variable or parameter */
    CALL_BY_SIGNATURE, /* any function of that type whose address is taken: a guess */
    CALL_LIBRARY,      /* outside the program; call_site.effect says what it does, if known. Also through a
                          pointer that holds functions of libraries only */
    CALL_UNRESOLVED,   /* through a pointer that nothing was seen to be stored in */
};

struct graph_function;
struct descriptor_origins;

struct call_site {
    const struct fact_event *event; /* the caller's; a changed copy when its pointer can only hold one
                                       function of a library, which is then the callee */
    guint event_index;              /* in caller->facts->events */
    struct graph_function *caller;
    GPtrArray *targets;          /* struct graph_function, borrowed; empty for the library */
    const struct effect *effect; /* NULL: inside the program, or unknown */
    enum call_resolution resolution;
    gboolean reports; /* only tells people what went wrong (reporters.h) */
};

struct graph_function {
    guint index; /* in program_graph.functions */
    const struct fact_unit *unit;
    const struct fact_function *facts;
    char *file;         /* relative to the root */
    GPtrArray *calls;   /* struct call_site, in the order of the source */
    GPtrArray *callers; /* struct call_site, borrowed */
    guint component;    /* strongly connected component; equal numbers call each other */
    guint circle;       /* functions in it */
    gboolean recursive;
    guint rank;          /* in program_graph.order */
    gboolean repeats;    /* a recursion begins here (call_order.h) */
    gboolean in_program; /* of graph->main_function, see executables.h */
    gboolean reachable;  /* from a main, or from any function when the program has none */
};

struct program_graph {
    char *root; /* absolute, without a slash at its end */
    const struct effects *effects;
    GPtrArray *units;                     /* struct fact_unit, borrowed */
    GPtrArray *functions;                 /* struct graph_function */
    GPtrArray *order;                     /* the same functions, callees before callers */
    GPtrArray *mains;                     /* struct graph_function: one per executable */
    struct graph_function *main_function; /* the one whose model is told (executables.h), or NULL */
    GHashTable *by_key;                   /* function key → GPtrArray of struct graph_function */
    struct descriptor_origins *origins;   /* descriptor_origins.h */
    GHashTable *values;     /* access path → GPtrArray of function keys or other paths stored there */
    GHashTable *signatures; /* key of a function that is stored somewhere → its type */
    struct arena *memory;   /* of events that it changed */
};

/* `root` NULL: the longest common folder of the units. */
struct program_graph *program_graph_new(GPtrArray *units, const struct effects *effects, const char *root);
void program_graph_free(struct program_graph *graph);
typedef struct program_graph ProgramGraph;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ProgramGraph, program_graph_free)

/* The longest folder that holds every unit, without a slash at its end. */
char *program_graph_common_folder(GPtrArray *units);

/* `file` relative to the root, or absolute as it was when it lies elsewhere. */
char *program_graph_relative(const struct program_graph *graph, const char *file);

/* The relative file of an event of `function`. */
char *program_graph_event_file(const struct program_graph *graph, const struct graph_function *function,
                               const struct fact_event *event);

/* The function with this key as seen from `unit` (whose own statics and definitions win), or NULL. */
struct graph_function *program_graph_find(const struct program_graph *graph, const struct fact_unit *unit,
                                          const char *key);

/* Functions that may be stored at `path` (struct graph_function); the caller unrefs the array. */
GPtrArray *program_graph_stored(const struct program_graph *graph, const struct fact_unit *unit,
                                const char *path);

/* The functions that argument `index` of a call may be: the function itself, or what is stored where it
 * points. The caller unrefs the array; it is empty when nothing is known. */
GPtrArray *program_graph_argument_functions(const struct program_graph *graph, const struct call_site *call,
                                            int index);

/* The position of the parameter that `path` names (`f#0`, `f:name`), or NO_ARGUMENT. */
int graph_function_parameter(const struct graph_function *function, const char *path);

/* How people know an access path: without the file that tells statics of equal name apart. The caller frees
 * it. */
char *path_display(const char *path);

/* The function's name: of the library function also when it is called through a pointer; NULL when neither
 * is known. */
const char *call_site_name(const struct call_site *call);

/* The argument, or NULL when the call has fewer. */
const struct fact_argument *call_site_argument(const struct call_site *call, int index);

/* TRUE when the loop `inner` is `outer` or lies inside it; every place lies in the function itself, outer -1.
 */
gboolean loop_contains(const struct fact_function *function, int outer, int inner);

#endif
