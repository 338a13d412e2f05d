/* SPDX-License-Identifier: Apache-2.0 */
/* Outputs of any size: each task adds its own to a file in memory, from which the caller maps it. */
#include "runtime/execution.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t whole_pages(uint64_t bytes)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    return (bytes + page - 1) / page * page;
}

static bool write_at(int file, const char *bytes, size_t size, uint64_t offset)
{
    while (size > 0) {
        ssize_t written = pwrite(file, bytes, size, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        size -= (size_t)written;
        offset += (uint64_t)written;
    }
    return true;
}

static void give_back(const struct board *board, uint64_t offset, uint64_t bytes)
{
    (void)fallocate(board->output_file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset,
                    (off_t)whole_pages(bytes));
}

int corewise_task_output(const struct corewise_task *task, const void *bytes, size_t size)
{
    const struct execution *execution = corewise_execution();
    if (!execution || !execution->board->outputs) {
        errno = EINVAL;
        return -1;
    }
    struct board *board = execution->board;
    struct board_output *output = &board->outputs[task->index % board->window];
    uint64_t before = atomic_exchange(&output->bytes, 0);
    if (before > 0)
        give_back(board, output->offset, before);
    output->offset = atomic_fetch_add(&board->output_end, whole_pages(size));
    if (!write_at(board->output_file, bytes, size, output->offset))
        return -1;
    atomic_store(&output->bytes, size);
    return 0;
}

bool corewise_board_output_map(const struct board *board, uint64_t index, const void **output, size_t *bytes)
{
    const struct board_output *handed = &board->outputs[index % board->window];
    size_t size = atomic_load(&handed->bytes);
    if (size == 0)
        return true;
    void *mapped = mmap(NULL, size, PROT_READ, MAP_SHARED, board->output_file, (off_t)handed->offset);
    if (mapped == MAP_FAILED)
        return false;
    *output = mapped;
    *bytes = size;
    return true;
}

void corewise_board_output_unmap(const struct board *board, uint64_t index, const void *output)
{
    const struct board_output *handed = &board->outputs[index % board->window];
    if (!output)
        return;
    (void)munmap((void *)output, handed->bytes);
    give_back(board, handed->offset, handed->bytes);
}
