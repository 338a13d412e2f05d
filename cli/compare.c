/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/variant_run.h"
#include "model/contest.h"
#include "model/session_file.h"
#include "reports/contest_report.h"
#include "runtime/host_limits.h"

#define TIME_LIMIT_SECONDS 300
#define RUN_LIMIT_SECONDS  60
#define TRACED_ROUNDS      3

struct compare_arguments {
    struct analysis_arguments analysis;
    char *variants, *workers, *advice, *session, *earlier, *format, *report, *plot;
    double time_limit, run_limit;
    int rounds, traced_rounds;
};

/* What a comparison under way knows. */
struct race {
    const struct compare_arguments *arguments;
    GPtrArray *variants; /* struct variant */
    struct session *session;
    GTimer *timer;
    gboolean stopped; /* by the user */
};

/* --- the command line */

/* Ended by 0; NULL without the option. */
static int *parse_workers(const char *text, GError **error)
{
    g_auto(GStrv) words = g_strsplit(text, ",", -1);
    g_autofree int *workers = g_new0(int, g_strv_length(words) + 1);
    for (guint i = 0; words[i]; i++) {
        gint64 number = 0;
        if (!g_ascii_string_to_signed(words[i], 10, 1, 10000, &number, NULL)) {
            g_set_error(error, OPTIONS_ERROR, 0, "--workers takes numbers like 1,2,4, not %s", text);
            return NULL;
        }
        workers[i] = (int)number;
    }
    return g_steal_pointer(&workers);
}

static gboolean check_line(const struct compare_arguments *arguments, char **words, char **command,
                           GError **error)
{
    gboolean again = *words && !words[1] && !command && !arguments->variants;
    if (*words && !again && !arguments->analysis.build_dir)
        g_set_error(error, OPTIONS_ERROR, 0, "unexpected word %s; the program to compare stands after --",
                    *words);
    else if (!again && arguments->variants && command)
        g_set_error(error, OPTIONS_ERROR, 0, "--variants names the commands: none may stand after --");
    else if (!again && !arguments->variants && !(command && *command))
        g_set_error(error, OPTIONS_ERROR, 0,
                    "nothing to compare: give a program that is linked with libcorewise-runtime after --, or "
                    "--variants FILE for others (docs/compare.md)");
    else if (arguments->format && !contest_format_find(arguments->format))
        g_set_error(error, OPTIONS_ERROR, 0, "unknown format %s; compare knows text, json and svg",
                    arguments->format);
    else if (arguments->time_limit <= 0 || arguments->run_limit <= 0)
        g_set_error(error, OPTIONS_ERROR, 0,
                    "--time-limit and --run-limit take a positive number of seconds");
    else if (arguments->rounds < 0 || arguments->traced_rounds < 0)
        g_set_error(error, OPTIONS_ERROR, 0, "--rounds and --traced-rounds take a number, not less than 0");
    else if (arguments->analysis.build_dir && arguments->earlier)
        g_set_error(error, OPTIONS_ERROR, 0, "-p and -s exclude each other: both bring an analysis");
    else
        return TRUE;
    return FALSE;
}

/* --- the rounds */

static void show_progress(const struct race *race, int round, const struct variant *variant, gboolean traced)
{
    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\r\033[K[round %d, %.0f of %.0f s] %s%s", round, g_timer_elapsed(race->timer, NULL),
            race->arguments->time_limit, variant->name, traced ? ", watched" : "");
    fflush(stderr);
}

static void clear_progress(void)
{
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

static void shuffle(GPtrArray *array)
{
    for (guint i = array->len; i > 1; i--) {
        guint other = (guint)g_random_int_range(0, (gint32)i);
        gpointer kept = array->pdata[i - 1];
        array->pdata[i - 1] = array->pdata[other];
        array->pdata[other] = kept;
    }
}

static gboolean is_over(const struct race *race)
{
    return g_timer_elapsed(race->timer, NULL) > race->arguments->time_limit;
}

/* FALSE with `error` set only when it makes no sense to go on; a variant that fails is told of and out. */
static gboolean run_one(struct race *race, const struct variant *variant, int round, gboolean traced,
                        GError **error)
{
    const struct variant_run_options options = {
        .traced = traced,
        .round = round,
        .limit_seconds = race->arguments->run_limit,
    };
    g_autoptr(GError) failed = NULL;
    show_progress(race, round, variant, traced);
    gboolean done = variant_run(variant, &options, race->session, &failed);
    clear_progress();
    if (done)
        return TRUE;
    if (g_error_matches(failed, VARIANT_ERROR, VARIANT_ERROR_STOPPED))
        race->stopped = TRUE; /* what is known by now counts */
    else if (!g_error_matches(failed, VARIANT_ERROR, VARIANT_ERROR_FAILED)) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return FALSE;
    }
    message_print(failed->message);
    return TRUE;
}

/* Those that can still be best, or within a tie of it; all of them as long as nothing was measured. */
static GPtrArray *still_racing(const struct race *race)
{
    g_autoptr(Contest) contest = contest_new(race->session, NULL);
    GPtrArray *racing = g_ptr_array_new();
    for (guint i = 0; i < race->variants->len; i++) {
        struct variant *variant = g_ptr_array_index(race->variants, i);
        const struct compared_variant *known = contest_find(contest, variant->name);
        if (!known || (!compared_variant_failed(known) && !known->beaten))
            g_ptr_array_add(racing, variant);
    }
    return racing;
}

static gboolean has_failed(const struct race *race, const struct variant *variant)
{
    g_autoptr(Contest) contest = contest_new(race->session, NULL);
    const struct compared_variant *known = contest_find(contest, variant->name);
    return known && known->failed_run;
}

static gboolean is_decided(const struct race *race)
{
    g_autoptr(Contest) contest = contest_new(race->session, NULL);
    return !contest->best || contest->stable;
}

/* Watched and unwatched runs of a round are mixed, in an order that chance decides: what the machine does
 * meanwhile hits all alike. The first round is always completed. */
static gboolean run_round(struct race *race, int round, GError **error)
{
    g_autoptr(GPtrArray) racing = still_racing(race);
    guint count = racing->len;
    gboolean traced_too = round <= race->arguments->traced_rounds;
    for (guint i = 0; i < count && traced_too; i++) /* the second half of the list stands for watched runs */
        g_ptr_array_add(racing, g_ptr_array_index(racing, i));
    g_autoptr(GPtrArray) order = g_ptr_array_new();
    for (guint i = 0; i < racing->len; i++)
        g_ptr_array_add(order, GUINT_TO_POINTER(i));
    shuffle(order);
    for (guint i = 0; i < order->len; i++) {
        guint place = GPOINTER_TO_UINT(g_ptr_array_index(order, i));
        const struct variant *variant = g_ptr_array_index(racing, place);
        if (has_failed(race, variant))
            continue;
        if (race->stopped || (round > 1 && is_over(race)))
            break;
        if (!run_one(race, variant, round, place >= count, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean run_rounds(struct race *race, GError **error)
{
    int last = race->arguments->rounds;
    for (int round = 1; !last || round <= last; round++) {
        if (!run_round(race, round, error))
            return FALSE;
        if (race->stopped || is_decided(race) || is_over(race))
            break;
    }
    return TRUE;
}

/* --- results */

static gboolean write_report(const struct compare_arguments *arguments, const struct contest *contest,
                             GError **error)
{
    const struct report_options options = output_look(arguments->report);
    g_autoptr(GString) text = g_string_new(NULL);
    contest_format_find(arguments->format ? arguments->format : "text")->render(contest, &options, text);
    if (!output_write(arguments->report, text->str, text->len, error))
        return FALSE;
    if (!arguments->plot)
        return TRUE;
    g_autoptr(GString) plot = g_string_new(NULL);
    contest_svg(contest, &options, plot);
    return output_write(arguments->plot, plot->str, plot->len, error);
}

static int conclude(const struct compare_arguments *arguments, const struct session *session, GError **error)
{
    g_autoptr(Contest) contest = contest_new(session, arguments->advice);
    if (arguments->advice && !contest->advice) {
        g_set_error(error, OPTIONS_ERROR, 0,
                    "no advice %s in the analysis; corewise analyze --format json lists them",
                    arguments->advice);
        return STATUS_USAGE;
    }
    /* Why each failed was told as it happened. */
    if (contest->best)
        return write_report(arguments, contest, error) ? STATUS_CLEAN : STATUS_COULD_NOT_RUN;
    g_set_error(error, VARIANT_ERROR, VARIANT_ERROR_FAILED,
                "no variant could be measured: all of them failed");
    return STATUS_COULD_NOT_RUN;
}

/* The analysis that the results are compared with: given, made now, or none. */
static struct session *start_session(const struct compare_arguments *arguments, char **words, char **command,
                                     GError **error)
{
    if (arguments->earlier)
        return session_file_read(arguments->earlier, error);
    g_autoptr(Session) session = session_new();
    if (!arguments->analysis.build_dir)
        return g_steal_pointer(&session);
    g_autofree char *name = command ? g_path_get_basename(*command) : NULL;
    if (!analysis_run(&arguments->analysis, *words ? (const char *const *)words : NULL, NULL, name, session,
                      error))
        return NULL;
    return g_steal_pointer(&session);
}

static GPtrArray *find_variants(const struct compare_arguments *arguments, char **command, GError **error)
{
    if (arguments->variants)
        return variants_read(arguments->variants, error);
    g_autofree int *workers = arguments->workers ? parse_workers(arguments->workers, error) : NULL;
    if (arguments->workers && !workers)
        return NULL;
    return variants_of_models((const char *const *)command, workers, (int)corewise_usable_workers());
}

static int compare_variants(const struct compare_arguments *arguments, char **words, char **command,
                            GError **error)
{
    if (*words && !command && !arguments->variants) {
        g_autoptr(Session) earlier = session_file_read(*words, error);
        return earlier ? conclude(arguments, earlier, error) : STATUS_COULD_NOT_RUN;
    }
    g_autoptr(GPtrArray) variants = find_variants(arguments, command, error);
    g_autoptr(Session) session = variants ? start_session(arguments, words, command, error) : NULL;
    if (!session)
        return STATUS_COULD_NOT_RUN;
    g_autoptr(GTimer) timer = g_timer_new();
    struct race race = {.arguments = arguments, .variants = variants, .session = session, .timer = timer};
    variant_run_catch_signals();
    if (!run_rounds(&race, error) ||
        (arguments->session && !session_file_write(session, arguments->session, STAGE_ALL, error)))
        return STATUS_COULD_NOT_RUN;
    return conclude(arguments, session, error);
}

static void add_entries(struct compare_arguments *arguments, GArray *entries)
{
    const GOptionEntry own[] = {
        {"variants", 'V', 0, G_OPTION_ARG_FILENAME, &arguments->variants,
         "Compare the commands that this file names (docs/compare.md)", "FILE.yaml"},
        {"workers", 'w', 0, G_OPTION_ARG_STRING, &arguments->workers,
         "Numbers of workers to try with each model that has several", "N,…"},
        {"time-limit", 't', 0, G_OPTION_ARG_DOUBLE, &arguments->time_limit,
         "Stop after this long, even if the ranking is not settled (default: 300)", "SECONDS"},
        {"run-limit", 0, 0, G_OPTION_ARG_DOUBLE, &arguments->run_limit,
         "A run that takes longer has failed (default: 60)", "SECONDS"},
        {"rounds", 0, 0, G_OPTION_ARG_INT, &arguments->rounds,
         "At most so many runs of each variant (default: until the ranking is settled)", "N"},
        {"traced-rounds", 0, 0, G_OPTION_ARG_INT, &arguments->traced_rounds,
         "Rounds in which each variant also runs under the tracer (default: 3)", "N"},
        {"session", 's', 0, G_OPTION_ARG_FILENAME, &arguments->earlier,
         "Put the advice of this earlier analysis to the test", "FILE.cw"},
        {"advice", 0, 0, G_OPTION_ARG_STRING, &arguments->advice,
         "The advice to put to the test (default: that for the whole program)", "ID"},
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &arguments->session, "Keep the runs in this file",
         "FILE.cw"},
        {"format", 'f', 0, G_OPTION_ARG_STRING, &arguments->format, "text, json or svg (default: text)",
         "NAME"},
        {"report", 'r', 0, G_OPTION_ARG_FILENAME, &arguments->report, "File for the report (default: stdout)",
         "FILE"},
        {"plot", 0, 0, G_OPTION_ARG_FILENAME, &arguments->plot, "Also draw the results", "FILE.svg"},
    };
    g_array_append_vals(entries, own, G_N_ELEMENTS(own));
    analysis_arguments_add(&arguments->analysis, entries);
}

static int compare_run(int argc, char **argv, GError **error)
{
    struct compare_arguments arguments = {
        .time_limit = TIME_LIMIT_SECONDS, .run_limit = RUN_LIMIT_SECONDS, .traced_rounds = TRACED_ROUNDS};
    g_autoptr(GArray) entries = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
    add_entries(&arguments, entries);
    g_auto(GStrv) words = NULL;
    g_auto(GStrv) command = NULL;
    int status = STATUS_USAGE;
    if (options_parse(&compare_command, argc, argv, (GOptionEntry *)(gpointer)entries->data, &words, &command,
                      error) &&
        check_line(&arguments, words, command, error))
        status = compare_variants(&arguments, words, command, error);
    char *const texts[] = {arguments.variants, arguments.workers, arguments.advice, arguments.session,
                           arguments.earlier,  arguments.format,  arguments.report, arguments.plot};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    analysis_arguments_clear(&arguments.analysis);
    return status;
}

const struct command compare_command = {
    .name = "compare",
    .usage = "(-- PROGRAM… | --variants FILE.yaml | FILE.cw)",
    .summary = "run one job in several ways and show which is best here, and whether the advice agreed",
    .run = compare_run,
};
