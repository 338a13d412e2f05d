/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/blocking.h"

#include <string.h>

#define ORIGIN_DEPTH 4 /* callers, or functions that hand a descriptor up */

gboolean cause_is_exclusion(enum wait_cause cause)
{
    return cause == CAUSE_MUTEX || cause == CAUSE_RWLOCK || cause == CAUSE_KERNEL_LOCK;
}

/* The name of a local (`main:fds[]@/x.c` and `fds` are the same inside main); other paths but for their
 * elements. */
static const char *place_name(const char *path, gsize *length)
{
    const char *colon = strchr(path, ':');
    const char *name = colon ? colon + 1 : path;
    *length = strcspn(name, "[@");
    return name;
}

/* Both paths as seen from the same function. */
static gboolean same_place(const char *a, const char *b)
{
    if (!a || !b)
        return FALSE;
    gsize length_a, length_b;
    const char *name_a = place_name(a, &length_a), *name_b = place_name(b, &length_b);
    return length_a == length_b && strncmp(name_a, name_b, length_a) == 0;
}

static gboolean standard_stream(const struct fact_argument *argument, enum wait_cause *cause)
{
    static const char *const streams[] = {"stdin", "stdout", "stderr"};
    gboolean standard =
        argument->kind == ARGUMENT_INTEGER && argument->integer >= 0 && argument->integer <= 2;
    for (gsize i = 0; !standard && argument->text && i < G_N_ELEMENTS(streams); i++)
        standard = strcmp(argument->text, streams[i]) == 0;
    if (standard)
        *cause = CAUSE_TERMINAL;
    return standard;
}

/* The descriptor that the function hands to its caller, as `int listen_on(port)` does: its only kind of open.
 */
static gboolean returned_origin(const struct graph_function *function, int depth, enum wait_cause *cause)
{
    gboolean found = FALSE;
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        enum wait_cause here = CAUSE_OTHER;
        gboolean opens = call->effect && call->effect->opens && call->effect->opens_argument == NO_ARGUMENT;
        if (opens)
            here = call->effect->opens_cause;
        else if (depth > 0 && call->resolution == CALL_DIRECT && call->event->result)
            opens = returned_origin(g_ptr_array_index(call->targets, 0), depth - 1, &here);
        if (!opens)
            continue;
        if (found && here != *cause)
            return FALSE;
        found = TRUE;
        *cause = here;
    }
    return found;
}

/* The descriptor that `call` makes and puts at `path`. */
static gboolean call_opens(const struct call_site *call, const char *path, enum wait_cause *cause)
{
    const struct effect *effect = call->effect;
    if (effect && effect->opens) {
        const struct fact_argument *argument = call_site_argument(call, effect->opens_argument);
        const char *place = argument ? argument->text : call->event->result;
        *cause = effect->opens_cause;
        return same_place(place, path);
    }
    return call->resolution == CALL_DIRECT && same_place(call->event->result, path) &&
           returned_origin(g_ptr_array_index(call->targets, 0), ORIGIN_DEPTH, cause);
}

static gboolean origin_in(const struct graph_function *function, const char *path, enum wait_cause *cause)
{
    for (guint i = 0; i < function->calls->len; i++) {
        if (call_opens(g_ptr_array_index(function->calls, i), path, cause))
            return TRUE;
    }
    return FALSE;
}

/* Remembered, since it looks at every call of the program. */
static gboolean origin_anywhere(const struct program_graph *graph, const char *path, enum wait_cause *cause)
{
    gpointer known;
    if (!g_hash_table_lookup_extended(graph->origins, path, NULL, &known)) {
        gboolean found = FALSE;
        enum wait_cause origin = CAUSE_OTHER;
        for (guint i = 0; !found && i < graph->functions->len; i++)
            found = origin_in(g_ptr_array_index(graph->functions, i), path, &origin);
        known = found ? GUINT_TO_POINTER(1U + (guint)origin) : NULL;
        g_hash_table_insert(graph->origins, (gpointer)path, known);
    }
    if (known)
        *cause = (enum wait_cause)(GPOINTER_TO_UINT(known) - 1);
    return known != NULL;
}

static gboolean origin_of(const struct program_graph *graph, const struct call_site *call, int index,
                          int depth, enum wait_cause *cause)
{
    const struct fact_argument *argument = call_site_argument(call, index);
    if (!argument)
        return FALSE;
    if (standard_stream(argument, cause))
        return TRUE;
    if (!argument->text)
        return FALSE;
    if (origin_in(call->caller, argument->text, cause))
        return TRUE;
    int parameter = graph_function_parameter(call->caller, argument->text);
    for (guint i = 0; parameter != NO_ARGUMENT && depth > 0 && i < call->caller->callers->len; i++) {
        if (origin_of(graph, g_ptr_array_index(call->caller->callers, i), parameter, depth - 1, cause))
            return TRUE;
    }
    if (parameter != NO_ARGUMENT || (!strchr(argument->text, '.') && strchr(argument->text, ':')))
        return FALSE;
    return origin_anywhere(graph, argument->text, cause);
}

gboolean descriptor_origin(const struct program_graph *graph, const struct call_site *call, int index,
                           enum wait_cause *cause)
{
    return origin_of(graph, call, index, ORIGIN_DEPTH, cause);
}

static void set_wait(struct blocking *blocking, const double *wait_ns)
{
    memcpy(blocking->wait_ns, wait_ns, sizeof(blocking->wait_ns));
}

struct blocking blocking_of(const struct program_graph *graph, const struct host_costs *costs,
                            const struct call_site *call)
{
    struct blocking blocking = {.cause = CAUSE_OTHER, .known = TRUE};
    const struct effect *effect = call->effect;
    if (!effect || effect->block == BLOCK_NEVER)
        return blocking;
    blocking.blocks = TRUE;
    if (effect->block == BLOCK_CAUSE)
        blocking.cause = effect->cause;
    else
        blocking.known = descriptor_origin(graph, call, effect->descriptor_argument, &blocking.cause);
    set_wait(&blocking, effect->has_wait_ns ? effect->wait_ns : costs->wait_ns[blocking.cause]);
    const struct fact_argument *duration = call_site_argument(call, effect->duration_argument);
    if (duration && duration->kind == ARGUMENT_INTEGER) {
        for (int level = 0; level < WAIT_LEVEL_COUNT; level++)
            blocking.wait_ns[level] = (double)duration->integer * effect->duration_ns;
    }
    return blocking;
}
