/* SPDX-License-Identifier: Apache-2.0 */
/* The ways to run one job that compare tries: the six models of a program that is linked with the runtime, or
 * what a file names (docs/compare.md has its schema). */
#ifndef CLI_VARIANTS_H
#define CLI_VARIANTS_H

#include <glib.h>

/* What puts a server to work and says how much it did. */
struct load {
    char **command; /* NULL: the variant's command does its work on its own */
    char **ready;   /* optional: tried until it succeeds, before the load begins */
    char
        *throughput; /* optional: regular expression with one group: tasks per second, in the load's output */
    char *latency_p50_ms, *latency_p99_ms; /* optional: the same for milliseconds of a task */
};

struct variant {
    char *name;
    char *model; /* one of the six; NULL: not told */
    int workers; /* 0: not told */
    char **command;
    char **environment; /* optional: NAME=VALUE each */
    double tasks;       /* done by one run of the command, where neither the job nor a load tells */
    gboolean job;       /* uses the runtime: it must report a job */
    struct load load;
};

void variant_free(struct variant *variant);

/* The six models for a program that is linked with the runtime: sequential and async once, the others with
 * each number of `workers` (ended by 0); NULL takes those that docs/compare.md names for a host with `cores`.
 * The array frees its struct variant. */
GPtrArray *variants_of_models(const char *const *command, const int *workers, int cores);

/* Those of a YAML file. NULL with an error that names file and line. */
GPtrArray *variants_read(const char *file, GError **error);

#endif
