/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/object_origin.h"

#include <string.h>

#include "analyzer/lock_place.h"

#define DEPTH_MAX   8 /* callers */
#define ORIGINS_MAX 6 /* objects that one parameter may be */

struct object_origins {
    const struct program_flows *program;
    GHashTable
        *known; /* flow, function, parameter as text → GArray of struct object_origin: what it may point to */
    int depth;
};

struct object_origins *object_origins_new(const struct program_flows *program)
{
    struct object_origins *origins = g_new0(struct object_origins, 1);
    origins->program = program;
    origins->known =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_array_unref);
    return origins;
}

void object_origins_free(struct object_origins *origins)
{
    if (!origins)
        return;
    g_hash_table_unref(origins->known);
    g_free(origins);
}

static void add_unique(GArray *places, GQuark place, gboolean inherited)
{
    struct object_origin origin = {place, inherited};
    for (guint i = 0; i < places->len; i++) {
        const struct object_origin *known = &g_array_index(places, struct object_origin, i);
        if (known->place == place && known->inherited == inherited)
            return;
    }
    if (place && places->len < ORIGINS_MAX)
        g_array_append_val(places, origin);
}

static void add_all(GArray *places, const GArray *more, gboolean inherited)
{
    for (guint i = 0; i < more->len; i++) {
        const struct object_origin *origin = &g_array_index(more, struct object_origin, i);
        add_unique(places, origin->place, inherited || origin->inherited);
    }
}

/* The argument of the creation that the new thread gets. */
static const struct fact_argument *passed_argument(const struct call_site *creation)
{
    if (creation->effect)
        return call_site_argument(creation, creation->effect->start_argument + 1);
    for (int i = 0; i < (int)creation->event->arguments->len; i++) {
        if (call_site_argument(creation, i)->kind == ARGUMENT_FUNCTION)
            return call_site_argument(creation, i + 1);
    }
    return NULL;
}

static const struct thread_flow *creator_of(const struct program_flows *program,
                                            const struct call_site *creation)
{
    for (guint i = 0; i < program->flows->len; i++) {
        const struct thread_flow *flow = g_ptr_array_index(program->flows, i);
        if (flow->reaches[creation->caller->index])
            return flow;
    }
    return NULL;
}

static void add_created(struct object_origins *origins, const struct thread_flow *flow, GArray *found)
{
    for (guint i = 0; i < flow->creations->len; i++) {
        const struct call_site *creation = g_ptr_array_index(flow->creations, i);
        const struct fact_argument *argument = passed_argument(creation);
        const struct thread_flow *creator = creator_of(origins->program, creation);
        if (!argument || !argument->place || !creator || creator == flow)
            continue;
        g_autoptr(GArray) places =
            object_origins_find(origins, creator, creation->caller, g_quark_from_string(argument->place));
        add_all(found, places, TRUE);
    }
}

static void add_passed(struct object_origins *origins, const struct thread_flow *flow,
                       const struct graph_function *function, int parameter, GArray *found)
{
    for (guint i = 0; i < function->callers->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->callers, i);
        const struct fact_argument *argument = call_site_argument(call, parameter);
        if (!flow->reaches[call->caller->index] || !argument || !argument->place ||
            call->resolution == CALL_BY_SIGNATURE)
            continue;
        g_autoptr(GArray) places =
            object_origins_find(origins, flow, call->caller, g_quark_from_string(argument->place));
        add_all(found, places, FALSE);
    }
}

/* What the parameter points to; empty while it is being looked for (recursion) and below the depth. */
static const GArray *parameter_origins(struct object_origins *origins, const struct thread_flow *flow,
                                       const struct graph_function *function, int parameter)
{
    gint64 key = ((gint64)flow->index << 48) | ((gint64)function->index << 8) | (parameter & 0xff);
    GArray *found = g_hash_table_lookup(origins->known, &key);
    if (found || origins->depth >= DEPTH_MAX)
        return found;
    gint64 *copy = g_new(gint64, 1);
    *copy = key;
    found = g_array_new(FALSE, FALSE, sizeof(struct object_origin));
    g_hash_table_insert(origins->known, copy, found);
    origins->depth++;
    if (function == flow->function)
        add_created(origins, flow, found);
    else
        add_passed(origins, flow, function, parameter, found);
    origins->depth--;
    return found;
}

GArray *object_origins_find(struct object_origins *origins, const struct thread_flow *flow,
                            const struct graph_function *function, GQuark place)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(struct object_origin));
    int parameter = place_is_local(place) ? place_parameter(function, place) : NO_ARGUMENT;
    if (parameter == NO_ARGUMENT) {
        add_unique(found, place, FALSE);
        return found;
    }
    const GArray *pointees = parameter_origins(origins, flow, function, parameter);
    const char *rest = place_behind_parameter(function, place);
    for (guint i = 0; pointees && rest && i < pointees->len; i++) {
        const struct object_origin *pointee = &g_array_index(pointees, struct object_origin, i);
        const char *object = g_quark_to_string(pointee->place);
        if (strlen(object) > 200)
            continue;
        g_autofree char *whole = g_strconcat(object, rest, NULL);
        add_unique(found, g_quark_from_string(whole), pointee->inherited);
    }
    return found;
}

/* The name of the pointer variable at the root of `%f:p*…`, with the function that it belongs to. */
static gboolean is_made_once(const struct call_site *creation, const char *object)
{
    const struct graph_function *function = creation->caller;
    gsize length = strlen(function->facts->name);
    const char *name = object + 1 + length + 1;
    if (strncmp(object + 1, function->facts->name, length) != 0 || object[1 + length] != ':')
        return FALSE;
    gsize name_length = strcspn(name, "@*.[~");
    if (name[strcspn(name, "*")] == '\0')
        return TRUE; /* the variable itself */
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        const char *result = call->event->result;
        if (result && strlen(result) == name_length && strncmp(result, name, name_length) == 0)
            return call->event->loop < 0;
    }
    return FALSE;
}

gboolean object_is_shared(const struct program_flows *program, const struct thread_flow *flow, GQuark object)
{
    const char *text = g_quark_to_string(object);
    if (*text != '%')
        return TRUE;
    const struct thread_flow *first = g_ptr_array_index(program->flows, 0);
    for (guint i = 0; i < flow->creations->len; i++) {
        const struct call_site *creation = g_ptr_array_index(flow->creations, i);
        if (first->function == creation->caller && is_made_once(creation, text))
            return TRUE;
    }
    return FALSE;
}
