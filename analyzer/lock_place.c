/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/lock_place.h"

#include <string.h>

#define POINTERS_MAX 3 /* on the way to an object that is still told from others */

struct held_lock lock_of_argument(const struct call_site *call, int index)
{
    const struct fact_argument *argument = call_site_argument(call, index);
    struct held_lock lock = {.site = call, .kind = call->effect ? call->effect->lock_kind : LOCK_UNKNOWN};
    lock.shared = call->effect && (call->effect->properties & EFFECT_SHARED);
    if (argument && argument->kind == ARGUMENT_PATH)
        lock.name = g_quark_from_string(argument->text);
    if (argument && argument->place)
        lock.place = g_quark_from_string(argument->place);
    return lock;
}

/* Length of the parameter's name as a root of places in `function`, when `place` begins with it; 0. */
static gsize root_length(const struct graph_function *function, const char *place, const char *parameter)
{
    const struct fact_function *facts = function->facts;
    const char *parts[] = {"%", facts->name, ":", parameter, "@", facts->file};
    gsize length = 0;
    for (guint i = 0; i < (facts->is_static ? 6 : 4); i++) {
        gsize part = strlen(parts[i]);
        if (strncmp(place + length, parts[i], part) != 0)
            return 0;
        length += part;
    }
    return !place[length] || strchr("*.[~", place[length]) ? length : 0;
}

static int parameter_of(const struct graph_function *function, const char *place, gsize *length)
{
    for (guint i = 0; place && *place == '%' && i < function->facts->parameters->len; i++) {
        const char *name = g_ptr_array_index(function->facts->parameters, i);
        if (name && *name && (*length = root_length(function, place, name)))
            return (int)i;
    }
    return NO_ARGUMENT;
}

int place_named_parameter(const struct graph_function *function, const char *name)
{
    for (guint i = 0; i < function->facts->parameters->len; i++) {
        if (g_strcmp0(g_ptr_array_index(function->facts->parameters, i), name) == 0)
            return (int)i;
    }
    return NO_ARGUMENT;
}

int place_parameter(const struct graph_function *function, GQuark place)
{
    gsize length = 0;
    const char *text = g_quark_to_string(place);
    int parameter = parameter_of(function, text, &length);
    return parameter != NO_ARGUMENT && text[length] == '*' ? parameter : NO_ARGUMENT;
}

const char *place_behind_parameter(const struct graph_function *function, GQuark place)
{
    gsize length = 0;
    const char *text = g_quark_to_string(place);
    int parameter = parameter_of(function, text, &length);
    return parameter != NO_ARGUMENT && text[length] == '*' ? text + length + 1 : NULL;
}

static guint pointers_in(const char *text)
{
    guint count = 0;
    for (const char *star = strchr(text, '*'); star; star = strchr(star + 1, '*'))
        count++;
    return count;
}

GQuark place_seen_by_caller(const struct graph_function *callee, GQuark place, const struct call_site *call)
{
    gsize length = 0;
    const char *text = g_quark_to_string(place);
    if (!text || *text != '%')
        return place;
    int parameter = parameter_of(callee, text, &length);
    const struct fact_argument *argument = call_site_argument(call, parameter);
    if (!argument || !argument->place || text[length] != '*' || strlen(argument->place) > 200)
        return 0;
    if (pointers_in(argument->place) + pointers_in(text + length + 1) > POINTERS_MAX)
        return 0;
    g_autofree char *seen = g_strconcat(argument->place, text + length + 1, NULL);
    return g_quark_from_string(seen);
}

/* A lock that is a parameter itself is named by the argument. */
static GQuark name_seen_by_caller(const struct graph_function *callee, GQuark name,
                                  const struct call_site *call)
{
    const char *text = g_quark_to_string(name);
    gsize length = strlen(callee->facts->name);
    if (!text || strncmp(text, callee->facts->name, length) != 0 || text[length] != ':')
        return name;
    int parameter = graph_function_parameter(callee, text);
    const struct fact_argument *argument = call_site_argument(call, parameter);
    if (parameter == NO_ARGUMENT)
        return name;
    return argument && argument->kind == ARGUMENT_PATH ? g_quark_from_string(argument->text) : 0;
}

struct held_lock lock_seen_by_caller(const struct graph_function *callee, const struct held_lock *lock,
                                     const struct call_site *call)
{
    struct held_lock seen = *lock;
    seen.place = place_seen_by_caller(callee, lock->place, call);
    seen.name = name_seen_by_caller(callee, lock->name, call);
    seen.site = call;
    return seen;
}

gboolean place_is_local(GQuark place)
{
    const char *text = g_quark_to_string(place);
    return text && *text == '%';
}

gboolean place_is_exact(GQuark place)
{
    const char *text = g_quark_to_string(place);
    return text && !strstr(text, "[]") && !strchr(text, '~');
}

/* Without `%function:` and `@/abs/file.c`. */
static char *without_root(const char *place)
{
    const char *colon = *place == '%' ? strchr(place, ':') : NULL;
    const char *text = colon ? colon + 1 : place, *at = strchr(text, '@');
    if (!at)
        return g_strdup(text);
    const char *slash = strrchr(at, '/');
    const char *end = slash ? strpbrk(slash, "*[~") : NULL;
    const char *suffix = slash ? strstr(slash, ".c") : NULL;
    if (suffix && (!end || suffix < end))
        end = suffix + 2;
    g_autofree char *head = g_strndup(text, (gsize)(at - text));
    return g_strconcat(head, end ? end : "", NULL);
}

char *place_display(const char *place)
{
    g_autofree char *text = without_root(place);
    GString *shown = g_string_new(NULL);
    for (const char *c = text; *c; c++) {
        if (c[0] == '*' && c[1] == '.') {
            g_string_append(shown, "->");
            c++;
        } else if (c[0] == '*') {
            g_string_prepend_c(shown, '*');
        } else if (c[0] != '~') {
            g_string_append_c(shown, *c);
        }
    }
    return g_string_free(shown, FALSE);
}

char *lock_display(const struct held_lock *lock)
{
    const char *name = g_quark_to_string(lock->name), *place = g_quark_to_string(lock->place);
    if (name && strchr(name, ':') == NULL)
        return path_display(name);
    if (place)
        return place_display(place);
    return name ? path_display(strchr(name, ':') + 1) : g_strdup("a lock");
}
