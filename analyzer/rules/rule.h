/* SPDX-License-Identifier: Apache-2.0 */
/* A rule looks for one hazard in the whole program: one const struct rule per file, listed in rules.c. What
 * the rules share was found before they run (struct lint). docs/adding-a-rule.md walks through it. */
#ifndef ANALYZER_RULES_RULE_H
#define ANALYZER_RULES_RULE_H

#include "analyzer/blocking_reach.h"
#include "analyzer/cost.h"
#include "analyzer/entry_locks.h"
#include "analyzer/host_costs.h"
#include "analyzer/idle_sites.h"
#include "analyzer/lock_place.h"
#include "model/session.h"

struct lint {
    const struct program_graph *graph;
    const struct endings *endings;
    const struct roots *roots;
    const struct host_costs *host;
    const struct idle_sites *idle;
    const struct held_locks *locks;
    const struct parallel_reach *reach;
    const struct entry_locks *entry;
    const struct blocking_reach *blocking;
    const struct cost_model *model;
    GPtrArray *pressures;     /* struct lock_pressure (lock_pressure.h) */
    GPtrArray *flag_loops;    /* struct flag_loop (rules/flag_loops.h) */
    struct session *session;  /* gets the findings */
    GHashTable *fingerprints; /* of the findings so far → how many */
};

struct rule {
    const char *name;
    const char *summary;              /* one line: what is wrong */
    void (*check)(struct lint *lint); /* NULL: reported by others (gate/suppressions.h) */
};

extern const struct rule *const rules[]; /* NULL-terminated */
const struct rule *rule_find(const char *name);
/* The names of all rules, NULL-terminated; the caller frees the list. */
const char **rule_names(void);

/* Error: wrong whenever the path runs. Warning: wrong as far as the source shows. Note: doubtful, shown only
 * on demand. The finding is at `event`; `identity` tells it from other findings of the rule in the function
 * and holds no line number. `message` is taken. */
struct finding *finding_report(struct lint *lint, const struct rule *rule, enum severity severity,
                               const struct graph_function *function, const struct fact_event *event,
                               const char *identity, char *message);

/* Digits that stand for `identity`, which holds no line number. Equal identities are numbered in the order of
 * the calls: `known` (identity → how many) remembers them. The caller frees it. */
char *finding_fingerprint(GHashTable *known, const char *identity);

/* Appends a place to the finding's path; `text` is taken. */
void finding_step(const struct lint *lint, struct finding *finding, const struct graph_function *function,
                  const struct fact_event *event, char *text);

/* Appends the calls from the start of `flow` down to `function`, shortest first; nothing when there is none.
 */
void finding_add_way(const struct lint *lint, struct finding *finding, const struct thread_flow *flow,
                     const struct graph_function *function);

/* The places of the path from `from` on are what one thread of this kind does. */
void finding_set_thread(struct finding *finding, guint from, const struct thread_flow *flow);

/* `file:line` of the event; the caller frees it. */
char *event_place(const struct lint *lint, const struct graph_function *function,
                  const struct fact_event *event);

/* `a mutex`, `pthread_mutex_lock`: the name of what is called, without its file. The caller frees it. */
char *call_display(const struct call_site *call);

#endif
