/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/job_report.h"
#include "runtime/failure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NAME_BYTES = 256, LINE_BYTES = 1024 };

/* The name as the inside of a JSON string; what does not fit is left out. */
static void escape(const char *name, char *escaped)
{
    size_t length = 0;
    for (; *name && length + sizeof("\\u0000") < NAME_BYTES; name++) {
        unsigned char c = (unsigned char)*name;
        if (c < ' ')
            length += (size_t)snprintf(escaped + length, NAME_BYTES - length, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            length += (size_t)snprintf(escaped + length, NAME_BYTES - length, "\\%c", c);
        else
            escaped[length++] = (char)c;
    }
    escaped[length] = '\0';
}

bool corewise_job_report_append(const char *path, const struct corewise_job *job,
                                const struct corewise_outcome *outcome, struct corewise_error *error)
{
    char name[NAME_BYTES], line[LINE_BYTES];
    escape(job->name ? job->name : "job", name);
    uint64_t failed = outcome->failed + outcome->crashed + outcome->timed_out + outcome->cancelled;
    int length =
        snprintf(line, sizeof(line),
                 "{\"job\": \"%s\", \"model\": \"%s\", \"workers\": %u, \"tasks\": %llu, \"failed\": %llu, "
                 "\"seconds\": %.9g, \"latency_seconds\": {\"p50\": %.6g, \"p90\": %.6g, \"p99\": %.6g, "
                 "\"max\": %.6g}}\n",
                 name, corewise_model_name(outcome->model), outcome->workers,
                 (unsigned long long)outcome->tasks, (unsigned long long)failed, outcome->seconds,
                 outcome->p50_seconds, outcome->p90_seconds, outcome->p99_seconds, outcome->max_seconds);
    int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    bool written = file >= 0 && write(file, line, (size_t)length) == length;
    int failure = errno;
    if (file >= 0)
        close(file);
    return written || corewise_fail(error, failure, "cannot append the job's report to %.120s: %s", path,
                                    strerror(failure));
}
