/* SPDX-License-Identifier: Apache-2.0 */
/* A program that knows its own truth: `truth CASE FILE` does what the case says and writes how long it took.
 */
#include "tests/kernel/truth.h"

#include <string.h>

FILE *truth_file;
const char *truth_path;

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    {"sleep", truth_sleep},
    {"pipe", truth_pipe},
    {"socket", truth_socket},
    {"poll", truth_poll},
    {"child", truth_child},
    {"disk", truth_disk},
    {"mutex", truth_mutex},
    {"condition", truth_condition},
    {"semaphore", truth_semaphore},
    {"turns", truth_turns},
    {"rwlock", truth_rwlock},
    {"barrier", truth_barrier},
    {"join", truth_join},
    {"cpu", truth_cpu},
    {"switches", truth_switches},
    {"threads", truth_threads},
    {"forks", truth_forks},
    {"names", truth_names},
    {"wait", truth_wait},
    {"crowd", truth_crowd},
    {"many", truth_many},
    {"storm", truth_storm},
    {"chain", truth_chain},
    {"chain_end", truth_chain_end},
    {"ways", truth_ways},
    {"calls", truth_calls},
    {"steady", truth_steady},
    {"plain", truth_plain},
    {"uses", truth_uses},
    {"steady_locks", truth_steady_locks},
    {"queued_holder", truth_queued_holder},
    {"together", truth_together},
};

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    truth_path = argv[2];
    truth_file = fopen(truth_path, "w");
    if (!truth_file)
        return 2;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (strcmp(cases[i].name, argv[1]) == 0) {
            cases[i].run();
            return fclose(truth_file) ? 2 : 0;
        }
    }
    return 2;
}
