/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/finding_verdicts.h"

#include <string.h>

#define CROWDED 2 /* threads per core that are running or in the queue */

struct sight;

/* What to look for, or what a trace cannot tell of code that ran. */
struct observation {
    const char *rule;
    void (*look)(struct sight *sight); /* NULL: nothing to look for */
    const char *words;                 /* what a wait means, or why nothing can be seen */
};

/* One finding, one run, and the regions that the run reached. */
struct sight {
    const struct observation *observation;
    const struct session *session;
    const struct run *run;
    const struct finding *finding;
    GHashTable *reached; /* ids of regions */
    struct finding_verdict *verdict;
};

struct waits {
    double seconds;
    guint64 count;
};

G_GNUC_PRINTF(3, 4)
static void conclude(struct sight *sight, enum sighting kind, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    sight->verdict->kind = kind;
    g_free(sight->verdict->why);
    sight->verdict->why = g_strdup_vprintf(format, arguments);
    va_end(arguments);
}

static void conclude_seen(struct sight *sight, struct waits waits, char *why)
{
    conclude(sight, SIGHTING_SEEN, "%s", why);
    sight->verdict->seconds = waits.seconds;
    sight->verdict->count = waits.count;
    g_free(why);
}

static const char *plural(guint64 count)
{
    return count == 1 ? "" : "s";
}

/* A region whose code the run was seen in; what ran for less than a sample is taken for code that did not. */
static gboolean is_reached(const struct sight *sight, const char *file, int line)
{
    for (guint i = 0; i < sight->session->regions->len; i++) {
        const struct region *region = g_ptr_array_index(sight->session->regions, i);
        if (region->kind != REGION_LOOP && region->kind != REGION_CRITICAL_SECTION && line >= region->line &&
            line <= region->end_line && g_strcmp0(region->file, file) == 0 &&
            g_hash_table_contains(sight->reached, region->id))
            return TRUE;
    }
    return FALSE;
}

static gboolean is_at(const struct wait_edge *wait, const char *file, int line, int end_line)
{
    return wait->line >= line && wait->line <= MAX(line, end_line) && g_strcmp0(wait->file, file) == 0;
}

/* At the place of the finding, or at one on its path. */
static gboolean is_on_path(const struct finding *finding, const struct wait_edge *wait)
{
    if (is_at(wait, finding->file, finding->line, finding->line))
        return TRUE;
    for (guint i = 0; i < finding->path->len; i++) {
        const struct place *place = g_ptr_array_index(finding->path, i);
        if (is_at(wait, place->file, place->line, place->end_line))
            return TRUE;
    }
    return FALSE;
}

static gboolean is_name(char letter)
{
    return g_ascii_isalnum(letter) || letter == '_';
}

/* The finding's words name the lock. */
static gboolean names_lock(const struct finding *finding, const char *name)
{
    gsize length = strlen(name);
    for (const char *at = strstr(finding->message, name); at && length; at = strstr(at + 1, name)) {
        if ((at == finding->message || !is_name(at[-1])) && !is_name(at[length]))
            return TRUE;
    }
    return FALSE;
}

static gboolean is_wait_for_lock(const struct sight *sight, const struct wait_edge *wait)
{
    const struct lock *lock = session_find_lock(sight->session, wait->lock);
    gboolean owned = wait->cause == CAUSE_MUTEX || wait->cause == CAUSE_RWLOCK || wait->cause == CAUSE_FUTEX;
    return lock && owned && names_lock(sight->finding, lock->name);
}

static gboolean is_wait_on_path(const struct sight *sight, const struct wait_edge *wait)
{
    return !wait->idle && !wait->lock && is_on_path(sight->finding, wait);
}

static struct waits sum_waits(const struct sight *sight,
                              gboolean (*counts)(const struct sight *, const struct wait_edge *))
{
    struct waits sum = {0};
    for (guint i = 0; i < sight->session->waits->len; i++) {
        const struct wait_edge *wait = g_ptr_array_index(sight->session->waits, i);
        if (g_strcmp0(wait->run, sight->run->id) != 0 || !counts(sight, wait))
            continue;
        sum.seconds += wait->seconds;
        sum.count += wait->count;
    }
    return sum;
}

static void conclude_unseen(struct sight *sight, const char *why)
{
    if (is_reached(sight, sight->finding->file, sight->finding->line))
        conclude(sight, SIGHTING_NOT_SEEN, "%s", why);
    else
        conclude(sight, SIGHTING_NOT_EXERCISED, "%s:%d was not seen to run", sight->finding->file,
                 sight->finding->line);
}

static void look_for_block(struct sight *sight)
{
    struct waits waits = sum_waits(sight, is_wait_on_path);
    if (waits.count == 0)
        conclude_unseen(sight, "it ran, and was never seen to wait");
    else
        conclude_seen(sight, waits,
                      g_strdup_printf("it waited for %.3g s in %" G_GUINT64_FORMAT " wait%s%s", waits.seconds,
                                      waits.count, plural(waits.count), sight->observation->words));
}

static void look_for_waits_behind(struct sight *sight)
{
    struct waits inside = sum_waits(sight, is_wait_on_path), behind = sum_waits(sight, is_wait_for_lock);
    if (inside.count == 0)
        conclude_unseen(sight, "it ran, and was never seen to wait there");
    else if (behind.count == 0)
        conclude(sight, SIGHTING_NOT_SEEN,
                 "it waited for %.3g s in %" G_GUINT64_FORMAT
                 " wait%s, but nobody was seen to wait for the lock",
                 inside.seconds, inside.count, plural(inside.count));
    else
        conclude_seen(sight, behind,
                      g_strdup_printf("it waited for %.3g s in %" G_GUINT64_FORMAT
                                      " wait%s, and the lock was waited for %.3g s in %" G_GUINT64_FORMAT,
                                      inside.seconds, inside.count, plural(inside.count), behind.seconds,
                                      behind.count));
}

/* Both orders ran: the rest is a matter of timing. */
static void look_for_orders(struct sight *sight)
{
    const struct place *missing = NULL;
    guint reached = 0;
    for (guint i = 0; i < sight->finding->path->len; i++) {
        const struct place *place = g_ptr_array_index(sight->finding->path, i);
        if (is_reached(sight, place->file, place->line))
            reached++;
        else if (!missing)
            missing = place;
    }
    if (!missing && reached > 0)
        conclude(sight, SIGHTING_SEEN, "both orders ran: only the moment decides whether the threads meet");
    else if (reached > 0)
        conclude(sight, SIGHTING_NOT_SEEN, "not all of it ran: %s:%d was not seen", missing->file,
                 missing->line);
    else
        conclude_unseen(sight, "its places were not seen to run");
}

static gboolean is_own_wait(const struct sight *sight, const struct wait_edge *wait)
{
    return wait->lock && wait->holder && g_strcmp0(wait->holder, wait->waiter) == 0 &&
           is_on_path(sight->finding, wait);
}

static void look_for_own_lock(struct sight *sight)
{
    struct waits waits = sum_waits(sight, is_own_wait);
    if (waits.count == 0)
        conclude_unseen(sight, "it ran, and no thread was seen to wait for itself");
    else
        conclude_seen(
            sight, waits,
            g_strdup_printf("a thread waited for a lock that it held itself, for %.3g s", waits.seconds));
}

static gboolean is_condition_wait(const struct sight *sight, const struct wait_edge *wait)
{
    return wait->cause == CAUSE_CONDITION && is_on_path(sight->finding, wait);
}

static void look_for_condition(struct sight *sight)
{
    struct waits waits = sum_waits(sight, is_condition_wait);
    if (waits.count == 0)
        conclude_unseen(sight, "it ran, and was never seen to wait");
    else
        conclude_seen(sight, waits,
                      g_strdup_printf("it waited %" G_GUINT64_FORMAT
                                      " time%s; whether a wake-up was spurious is "
                                      "not told",
                                      waits.count, plural(waits.count)));
}

static double program_value(const struct sight *sight, const char *metric)
{
    const struct measurement *found =
        session_find_measurement(sight->session, sight->run->id, SUBJECT_PROGRAM, NULL, metric);
    return found ? found->value : 0;
}

static void look_for_fork(struct sight *sight)
{
    double processes = program_value(sight, "processes_created"),
           threads = program_value(sight, "threads_created");
    if (processes < 1)
        conclude(sight, SIGHTING_NOT_EXERCISED, "no process was created");
    else if (threads < 1)
        conclude(sight, SIGHTING_NOT_SEEN, "%.0f processes were created, but no thread", processes);
    else
        conclude_seen(sight, (struct waits){0, (guint64)processes},
                      g_strdup_printf("%.0f process%s and %.0f thread%s were created", processes,
                                      processes > 1 ? "es" : "", threads, plural((guint64)threads)));
}

static void look_for_queue(struct sight *sight)
{
    double per_core = program_value(sight, "parallelism") / MAX(1, sight->run->cores);
    if (per_core >= CROWDED)
        conclude(sight, SIGHTING_SEEN, "%.1f threads per core were running or in the queue on average",
                 per_core);
    else
        conclude_unseen(sight, "it ran, and there were never two threads per core for long");
}

static void look_for_crowd(struct sight *sight)
{
    double made = program_value(sight, "threads_created") + program_value(sight, "processes_created");
    if (made < 1)
        conclude(sight, SIGHTING_NOT_EXERCISED, "no thread or process was created");
    else
        conclude_seen(sight, (struct waits){0, (guint64)made},
                      g_strdup_printf("%.0f were created, and at most %.0f were alive at once", made,
                                      program_value(sight, "threads_peak")));
}

static void look_for_lock_waits(struct sight *sight)
{
    struct waits behind = sum_waits(sight, is_wait_for_lock);
    if (behind.count == 0)
        conclude_unseen(sight, "it ran, and nobody was seen to wait for the lock");
    else
        conclude_seen(sight, behind,
                      g_strdup_printf("the lock was waited for %.3g s in %" G_GUINT64_FORMAT " wait%s",
                                      behind.seconds, behind.count, plural(behind.count)));
}

static const char loop_stands[] = ", and all else of the loop with it";
static const char way_unknown[] = "which of its ways was taken is not traced";

static const struct observation observations[] = {
    {"blocking-call-in-event-loop", look_for_block, loop_stands},
    {"nonblocking-missing", look_for_block, loop_stands},
    {"gil-held-across-blocking-call", look_for_block,
     ", and every thread of the interpreter that wants its lock"},
    {"sleep-as-synchronization", look_for_block, ""},
    {"pool-starvation", look_for_block, ", and a thread of the pool with it"},
    {"lock-held-across-blocking-call", look_for_waits_behind, NULL},
    {"big-lock", look_for_lock_waits, NULL},
    {"lock-order-inversion", look_for_orders, NULL},
    {"self-deadlock", look_for_own_lock, NULL},
    {"condition-wait-without-loop", look_for_condition, NULL},
    {"fork-in-threaded-program", look_for_fork, NULL},
    {"oversubscription", look_for_queue, NULL},
    {"unbounded-thread-creation", look_for_crowd, NULL},
    {"data-race", NULL, "whether both threads were there at the same moment is not traced"},
    {"non-thread-safe-call", NULL, "whether both threads were there at the same moment is not traced"},
    {"cpu-heavy-callback", NULL,
     "how long one call of it takes is not traced; --timeline tells that of all callbacks"},
    {"lock-not-released", NULL, way_unknown},
    {"unlock-not-held", NULL, way_unknown},
    {"signal-unsafe-call", NULL, "where a signal interrupted the program is not traced"},
    {NULL, NULL, "waits and time on the core do not show this"}, /* of any other rule */
};

static const struct observation *observation_of(const char *rule)
{
    const struct observation *observation = observations;
    while (observation->rule && g_strcmp0(observation->rule, rule) != 0)
        observation++;
    return observation;
}

static void look(struct sight *sight)
{
    const struct observation *observation = sight->observation;
    if (observation->look)
        observation->look(sight);
    else if (is_reached(sight, sight->finding->file, sight->finding->line))
        conclude(sight, SIGHTING_NOT_OBSERVABLE, "it ran; %s", observation->words);
    else
        conclude_unseen(sight, "it ran");
}

static GHashTable *regions_reached(const struct session *session, const struct run *run)
{
    GHashTable *reached = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < session->measurements->len; i++) {
        const struct measurement *each = g_ptr_array_index(session->measurements, i);
        if (each->subject_kind == SUBJECT_REGION && strcmp(each->metric, "wall_seconds") == 0 &&
            g_strcmp0(each->run, run->id) == 0)
            g_hash_table_add(reached, each->subject);
    }
    return reached;
}

void finding_verdicts_set(struct session *session)
{
    g_ptr_array_set_size(session->finding_verdicts, 0);
    for (guint r = 0; session->findings->len > 0 && r < session->runs->len; r++) {
        const struct run *run = g_ptr_array_index(session->runs, r);
        g_autoptr(GHashTable) reached = regions_reached(session, run);
        for (guint i = 0; i < session->findings->len; i++) {
            const struct finding *finding = g_ptr_array_index(session->findings, i);
            struct sight sight = {observation_of(finding->rule), session, run, finding, reached,
                                  finding_verdict_new()};
            sight.verdict->run = g_strdup(run->id);
            sight.verdict->finding = g_strdup(finding->fingerprint);
            look(&sight);
            g_ptr_array_add(session->finding_verdicts, sight.verdict);
        }
    }
}
