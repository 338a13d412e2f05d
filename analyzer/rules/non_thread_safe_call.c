/* SPDX-License-Identifier: Apache-2.0 */
/* Two threads are in one function of a library that only one may use at a time: most return what stands in
 * static memory, and the second call overwrites the result of the first. */
#include <string.h>

#include "analyzer/rules/flow_order.h"
#include "analyzer/rules/rules.h"

#define DEPTH_MAX 4 /* calls below a thread's body: longer ways are seldom all possible */
#define USES_MAX  64

/* Functions whose results share memory. What POSIX does not promise and glibc keeps (random, strerror,
 * gettext: its manual's MT-Safe) is doubtful. */
static const struct {
    const char *name, *memory, *instead;
} shared_memory[] = {
    {"localtime", "time", "localtime_r"},
    {"gmtime", "time", "gmtime_r"},
    {"ctime", "time", "ctime_r"},
    {"asctime", "time", "asctime_r"},
    {"strtok", "strtok", "strtok_r"},
    {"gethostbyname", "host", "getaddrinfo"},
    {"gethostbyname2", "host", "getaddrinfo"},
    {"gethostbyaddr", "host", "getnameinfo"},
    {"getpwnam", "password", "getpwnam_r"},
    {"getpwuid", "password", "getpwuid_r"},
    {"getgrnam", "group", "getgrnam_r"},
    {"getgrgid", "group", "getgrgid_r"},
    {"getservbyname", "service", "getservbyname_r"},
    {"getservbyport", "service", "getservbyport_r"},
    {"getprotobyname", "protocol", "getprotobyname_r"},
    {"ttyname", "ttyname", "ttyname_r"},
    {"ptsname", "ptsname", "ptsname_r"},
    {"crypt", "crypt", "crypt_r"},
    {"drand48", "rand48", "drand48_r"},
    {"lrand48", "rand48", "lrand48_r"},
    {"mrand48", "rand48", "mrand48_r"},
    {"tmpnam", "tmpnam", "mkstemp"},
};

struct use {
    const struct call_site *call;
    const struct thread_flow *flow;
    const char *group;
    const char *instead; /* NULL: not known, and doubtful */
};

static struct use use_of(const struct call_site *call, const struct thread_flow *flow)
{
    const char *name = call_site_name(call);
    struct use use = {call, flow, name, NULL};
    for (gsize i = 0; i < G_N_ELEMENTS(shared_memory); i++) {
        if (strcmp(name, shared_memory[i].name) == 0) {
            use.group = shared_memory[i].memory;
            use.instead = shared_memory[i].instead;
        }
    }
    return use;
}

/* `tmpnam(buffer)`: the caller's own memory. */
static gboolean brings_memory(const struct call_site *call)
{
    const struct fact_argument *memory = call_site_argument(call, 0);
    return strcmp(call_site_name(call), "tmpnam") == 0 && memory && memory->kind != ARGUMENT_INTEGER;
}

static GArray *collect(const struct lint *lint, const struct program_flows *program)
{
    GArray *uses = g_array_new(FALSE, FALSE, sizeof(struct use));
    for (guint i = 0; i < program->flows->len; i++) {
        const struct thread_flow *flow = g_ptr_array_index(program->flows, i);
        for (guint j = 0; j < lint->graph->functions->len; j++) {
            const struct graph_function *function = g_ptr_array_index(lint->graph->functions, j);
            for (guint k = 0; flow->reaches[j] && k < function->calls->len; k++) {
                const struct call_site *call = g_ptr_array_index(function->calls, k);
                if (!call->effect || !(call->effect->properties & EFFECT_NOT_THREAD_SAFE) ||
                    call->effect->exclusive_argument != NO_ARGUMENT || !call_site_name(call) ||
                    brings_memory(call))
                    continue;
                struct use use = use_of(call, flow);
                g_array_append_val(uses, use);
            }
        }
    }
    return uses;
}

static gboolean conflict(const struct lint *lint, const struct program_flows *program, const struct use *a,
                         const struct use *b)
{
    if (strcmp(a->group, b->group) != 0 || (a->flow->index == 0 && b->flow->index == 0) ||
        !flows_parallel(program, a->flow, a->call->caller, a->call->event_index, b->flow, b->call->caller,
                        b->call->event_index))
        return FALSE;
    g_autoptr(GArray) some =
        locks_held_at(lint->entry, program, a->flow, a->call->caller, a->call->event_index);
    g_autoptr(GArray) others =
        locks_held_at(lint->entry, program, b->flow, b->call->caller, b->call->event_index);
    return !locks_exclude(some, others);
}

static gboolean is_far(const struct use *use)
{
    return use->flow->depth[use->call->caller->index] > DEPTH_MAX;
}

static void add_side(const struct lint *lint, struct finding *finding, const struct use *use)
{
    guint from = finding->path->len;
    finding_add_way(lint, finding, use->flow, use->call->caller);
    finding_step(lint, finding, use->call->caller, use->call->event,
                 g_strdup_printf("calls %s", call_site_name(use->call)));
    finding_set_thread(finding, from, use->flow);
}

static void report(struct lint *lint, const struct use *a, const struct use *b, gboolean doubtful)
{
    g_autofree char *who = flow_display(a->flow);
    g_autofree char *other = flow_display(b->flow);
    g_autofree char *place = event_place(lint, b->call->caller, b->call->event);
    const char *name = call_site_name(a->call);
    g_autofree char *remedy =
        a->instead ? g_strdup_printf("use %s, or hold one lock", a->instead) : g_strdup("hold one lock");
    char *message =
        g_strdup_printf("%s calls %s while %s%s may be in %s at %s: %s; %s in both", who, name,
                        a->flow == b->flow ? "another " : "", other, call_site_name(b->call), place,
                        a->instead ? "both results stand in the same static memory"
                                   : "it is not made for use by two threads at once",
                        remedy);
    struct finding *finding =
        finding_report(lint, &non_thread_safe_call_rule, doubtful ? SEVERITY_NOTE : SEVERITY_WARNING,
                       a->call->caller, a->call->event, name, message);
    add_side(lint, finding, a);
    add_side(lint, finding, b);
}

/* One finding per call: with the first use beside it that is beyond doubt, else the first one. */
static void check_program(struct lint *lint, const struct program_flows *program, GHashTable *reported)
{
    g_autoptr(GArray) uses = collect(lint, program);
    for (guint i = 0; i < MIN(uses->len, USES_MAX); i++) {
        const struct use *a = &g_array_index(uses, struct use, i), *doubtful = NULL;
        gboolean sure = FALSE;
        if (a->flow->index == 0)
            continue;
        for (guint j = 0; j < MIN(uses->len, USES_MAX) && !sure; j++) {
            const struct use *b = &g_array_index(uses, struct use, j);
            if (!conflict(lint, program, a, b))
                continue;
            gboolean maybe_alone = a->flow == b->flow && flow_is_one_of_several(program, a->flow);
            sure = a->instead && b->instead && !is_far(a) && !is_far(b) && !maybe_alone;
            doubtful = sure || !doubtful ? b : doubtful;
        }
        g_autofree char *place = event_place(lint, a->call->caller, a->call->event);
        if (doubtful && g_hash_table_add(reported, g_strconcat(a->group, " ", place, NULL)))
            report(lint, a, doubtful, !sure);
    }
}

static void check(struct lint *lint)
{
    g_autoptr(GHashTable) reported = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < lint->reach->programs->len; i++) {
        const struct program_flows *program = g_ptr_array_index(lint->reach->programs, i);
        if (program->flows->len > 1)
            check_program(lint, program, reported);
    }
}

const struct rule non_thread_safe_call_rule = {
    .name = "non-thread-safe-call",
    .summary = "two threads are in one function of a library that only one may use at a time",
    .check = check,
};
