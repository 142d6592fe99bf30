#include "concurrent/parallel_hash.h"

#include <stdlib.h>

#include "support/die.h"

#define BLOCK_BYTES ((size_t)1 << 20)

typedef struct Blocks {
    Str text;
    Hash128 *hashes; // by block
} Blocks;

static void hash_blocks(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    (void)worker;
    Blocks *blocks = ctx;
    for (uint64_t i = begin; i < end; i++) {
        size_t from = i * BLOCK_BYTES;
        size_t rest = blocks->text.len - from;
        blocks->hashes[i] = hash128(str_make(
            blocks->text.data + from, rest < BLOCK_BYTES ? rest : BLOCK_BYTES));
    }
}

Hash128 parallel_hash128(Worker *worker, Str text)
{
    size_t count = text.len / BLOCK_BYTES + 1;
    Hash128 few[4];
    Blocks blocks = {text, few};
    if (count > sizeof few / sizeof *few) {
        blocks.hashes = mem_alloc(count * sizeof *blocks.hashes);
    }
    if (worker != NULL) {
        parallel_for(worker, NULL, count, 1, hash_blocks, &blocks);
    } else {
        hash_blocks(&blocks, 0, count, NULL);
    }
    Hash128 hash = hash128(
        str_make((const char *)blocks.hashes, count * sizeof *blocks.hashes));
    if (blocks.hashes != few) {
        free(blocks.hashes);
    }
    return hash;
}
