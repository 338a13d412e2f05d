/* SPDX-License-Identifier: Apache-2.0 */
/* Lesson: files look like input and output, and are work: what lies in the page cache is there at once. Then
 * the hashing decides, and that wants cores.
 * A few files are written, and then hashed with many keys. How the tasks run is up to COREWISE_MODEL. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/corewise.h"

#define FILES       24
#define KEYS        32 /* each file is hashed with each of them */
#define FILE_BYTES  (1 << 18)
#define BLOCK_BYTES (1 << 14)

static char folder[] = "/tmp/job_files_XXXXXX";

static void file_name(char *name, size_t bytes, uint64_t index)
{
    snprintf(name, bytes, "%s/%" PRIu64, folder, index);
}

/* FNV-1a. Files are made of whole blocks. */
__attribute__((noinline)) static uint64_t hash_block(uint64_t hash, const unsigned char *block)
{
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        hash = (hash ^ block[i]) * 0x100000001b3u;
    return hash;
}

/* The lesson: reading takes a tenth of the time that the hashing takes, and never waits. */
__attribute__((noinline)) static int hash_file(const struct corewise_task *task)
{
    char name[64];
    unsigned char block[BLOCK_BYTES];
    uint64_t hash = 0xcbf29ce484222325u ^ (task->index / FILES);
    ssize_t length;
    file_name(name, sizeof name, task->index % FILES);
    int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 1;
    while ((length = corewise_read(file, block, sizeof block)) == BLOCK_BYTES)
        hash = hash_block(hash, block);
    corewise_close(file);
    memcpy(task->result, &hash, sizeof hash);
    return length != 0;
}

static void write_file(uint64_t index)
{
    static unsigned char content[FILE_BYTES];
    char name[64];
    for (size_t i = 0; i < sizeof content; i++)
        content[i] = (unsigned char)(i * 31 + index * 7 + (i >> 9));
    file_name(name, sizeof name, index);
    FILE *file = fopen(name, "we");
    if (!file || fwrite(content, sizeof content, 1, file) != 1 || fclose(file) != 0) {
        perror(name);
        exit(1);
    }
}

static void remove_files(void)
{
    char name[64];
    for (uint64_t i = 0; i < FILES; i++) {
        file_name(name, sizeof name, i);
        unlink(name);
    }
    rmdir(folder);
}

int main(void)
{
    static uint64_t hashes[FILES * KEYS];
    if (!mkdtemp(folder)) {
        perror("job_files");
        return 1;
    }
    for (uint64_t i = 0; i < FILES; i++)
        write_file(i);
    const struct corewise_job job = {
        .name = "files",
        .run = hash_file,
        .task_count = FILES * KEYS,
        .result_bytes = sizeof hashes[0],
        .results = hashes,
    };
    struct corewise_error error;
    bool done = corewise_job_run(&job, NULL, NULL, &error);
    remove_files();
    if (!done) {
        fprintf(stderr, "job_files: %s\n", error.message);
        return 1;
    }
    uint64_t all = 0;
    for (int i = 0; i < FILES * KEYS; i++)
        all += hashes[i];
    printf("%d files with %d keys, together %016" PRIx64 "\n", FILES, KEYS, all);
    return 0;
}
