// Chunks of parallel loops and the loops that were split into them; see
// machine_parallel.c.
//
// Ownership: a family belongs to the machine that split the loop, and its
//            chunks to the family.
// Threads:   a chunk is its worker's while it runs, and its family's once the
//            group has been waited for.
#ifndef LIGATURE_EVAL_MACHINE_CHUNK_H
#define LIGATURE_EVAL_MACHINE_CHUNK_H

#include "eval/machine_internal.h"

struct Chunk {
    Task task;
    LoopFamily *family;
    Chunk *next; // the items behind these
    // What to run
    Evaluation *evaluation;
    const Code *code;
    const FunctionObject *closure;
    const uint64_t *ip; // the LOOP_SPLIT
    Value *registers;   // copied
    int64_t begin, end;
    int64_t steps;  // that may be taken
    int64_t looks;  // likewise
    uint32_t depth; // that is left
    // How far it came: items [begin, done) gave `count` results.
    int64_t done;
    Value result[3]; // but for a list; see LoopKind
    uint32_t count;  // of a list
    const Value *results;
    bool left; // by LOOP_LEAVE
    int64_t steps_used, looks_used;
    int64_t steps_told, looks_told; // of what it used, in LoopFamily
    int64_t work_ns, spread_ns;
};

// A loop that was split, on the machine that owns it.
struct LoopFamily {
    TaskGroup group;
    uint32_t frame;
    const uint64_t *ip;
    int64_t end;                      // of all items
    Chunk *first;                     // nearest to the owner's own items
    _Atomic(int64_t) steps, looks;    // that chunks have used
    int64_t steps_limit, looks_limit; // what the owner may use
    LoopFamily *outer;
    Heap heap; // of the owner, while others read what it made before
    Heap *outer_heap;
    uint32_t worker_count;
    Heap heaps[]; // of what chunks made, by worker: frozen between them
};

#define OPERAND_B(word) ((uint16_t)((word) >> 32))

static inline Value *loop_state(Machine *m, const uint64_t *ip)
{
    return m->stack + m->frame->base + OPERAND_B(*ip);
}

static inline LoopKind loop_kind(const uint64_t *ip)
{
    return (LoopKind)(uint16_t)(*ip >> 48);
}

// What it builds.
static inline Value *loop_built(Machine *m, const uint64_t *ip)
{
    return m->stack + m->frame->base + (uint32_t)ip[1];
}

// How many registers matter at the head of the loop: those above its state
// belong to what it does for an item.
static inline uint32_t loop_registers(const uint64_t *ip)
{
    return OPERAND_B(*ip) + 3u;
}

// Whether the loop at `ip` is the one that this chunk is part of.
static inline bool is_own_loop(const Machine *m, const uint64_t *ip)
{
    return m->is_chunk && m->frame->kind == FRAME_CHUNK && m->chunk->ip == ip;
}

// The task of a chunk.
void machine_chunk_run(Task *task, Worker *worker);
// Notes that the chunk at work has done the items before `done`.
void machine_checkpoint(Machine *m, const uint64_t *ip, int64_t done);

#endif
