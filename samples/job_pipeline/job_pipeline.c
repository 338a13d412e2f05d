/* SPDX-License-Identifier: Apache-2.0 */
/* Lesson: jobs that have nothing in common but the messages between them. Each lives its own life; a channel
 * hands the work on and holds the fast ones back. A paper mill: one task cuts blocks of text, one encrypts
 * them, one weighs what comes out. Three tasks, three different lives, two channels. How they run is up to
 * COREWISE_MODEL. */
#include <stdio.h>
#include <string.h>

#include "runtime/corewise.h"

#define BLOCKS         400
#define BLOCK_BYTES    1024
#define CUT_PASSES     60
#define SEAL_PASSES    80
#define WEIGH_PASSES   60
#define CHANNEL_BLOCKS 512 /* all of them: the mill also runs one task after the other */

enum stage { CUT, SEAL, WEIGH, STAGES };

struct mill {
    struct corewise_channel *cut, *sealed;
};

struct block {
    uint32_t number;
    unsigned char content[BLOCK_BYTES];
};

static void stir(unsigned char *content, int passes, uint32_t seed)
{
    for (int pass = 0; pass < passes; pass++) {
        for (int i = 0; i < BLOCK_BYTES; i++) {
            seed = seed * 1103515245u + 12345u;
            content[i] = (unsigned char)(content[i] ^ (seed >> 16));
        }
    }
}

__attribute__((noinline)) static int cut_blocks(struct mill *mill)
{
    for (uint32_t number = 0; number < BLOCKS; number++) {
        struct block block = {.number = number};
        stir(block.content, CUT_PASSES, number);
        if (corewise_channel_send(mill->cut, &block, sizeof block) != 0)
            return 1;
    }
    corewise_channel_close(mill->cut);
    return 0;
}

__attribute__((noinline)) static int seal_blocks(struct mill *mill)
{
    struct block block;
    ssize_t length;
    while ((length = corewise_channel_receive(mill->cut, &block, sizeof block)) > 0) {
        stir(block.content, SEAL_PASSES, ~block.number);
        if (corewise_channel_send(mill->sealed, &block, sizeof block) != 0)
            return 1;
    }
    corewise_channel_close(mill->sealed);
    return length < 0;
}

__attribute__((noinline)) static int weigh_blocks(struct mill *mill, uint32_t *weight)
{
    struct block block;
    ssize_t length;
    while ((length = corewise_channel_receive(mill->sealed, &block, sizeof block)) > 0) {
        stir(block.content, WEIGH_PASSES, 1);
        for (int i = 0; i < BLOCK_BYTES; i++)
            *weight += block.content[i] * (block.number + 1);
    }
    return length < 0;
}

/* The lesson: the index says which life it is. */
__attribute__((noinline)) static int run_stage(const struct corewise_task *task)
{
    struct mill *mill = task->data;
    switch ((enum stage)task->index) {
    case CUT:
        return cut_blocks(mill);
    case SEAL:
        return seal_blocks(mill);
    default:
        return weigh_blocks(mill, task->result);
    }
}

int main(void)
{
    uint32_t weights[STAGES] = {0};
    struct corewise_error error;
    struct mill mill = {
        .cut = corewise_channel_new(CHANNEL_BLOCKS, sizeof(struct block), &error),
        .sealed = corewise_channel_new(CHANNEL_BLOCKS, sizeof(struct block), &error),
    };
    const struct corewise_job job = {
        .name = "pipeline",
        .run = run_stage,
        .data = &mill,
        .task_count = STAGES,
        .result_bytes = sizeof weights[0],
        .results = weights,
        .together = STAGES,
    };
    if (!mill.cut || !mill.sealed || !corewise_job_run(&job, NULL, NULL, &error)) {
        fprintf(stderr, "job_pipeline: %s\n", error.message);
        return 1;
    }
    corewise_channel_free(mill.cut);
    corewise_channel_free(mill.sealed);
    printf("%d blocks weigh %08x\n", BLOCKS, (unsigned)weights[WEIGH]);
    return 0;
}
