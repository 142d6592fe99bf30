// Parallel loops. A comprehension whose remaining items are worth it hands the
// upper half of them to whoever is idle, as a chunk: a copy of the frame's
// registers that runs the same loop on another machine. A chunk may hand on
// the upper half of what it has. The chunks of a loop stand in a list by
// their items; where the loop's own items end, it waits for all of them and
// takes over their results in order.
//
// Chunks are speculative. Where one meets a failure, a limit, or a binding
// that is not evaluated yet, it stops at its last checkpoint and says nothing;
// the parent goes on from there by itself and meets the same thing. So what is
// evaluated, what fails and where, and how many steps it takes are as in a
// sequential run.
#include <stdlib.h>

#include "concurrent/aligned.h"
#include "eval/machine_chunk.h"

// Chunks on top of each other on one worker's C stack.
#define NESTING_MAX 6u

// ---- splitting

// The family of the loop at `ip`, when it was split; else NULL.
static LoopFamily *family_of(Machine *m, const uint64_t *ip)
{
    LoopFamily *family = m->families;
    return family != NULL && family->ip == ip &&
                   family->frame == machine_frame_number(m)
               ? family
               : NULL;
}

static LoopFamily *family_begin(Machine *m, const uint64_t *ip, int64_t end)
{
    uint32_t workers = m->evaluation->worker_count;
    LoopFamily *family =
        aligned_zalloc(1, sizeof *family + workers * sizeof family->heaps[0]);
    *family = (LoopFamily){.frame = machine_frame_number(m),
                           .ip = ip,
                           .end = end,
                           .steps_limit = machine_steps_left(m),
                           .looks_limit = m->looks_left,
                           .outer = m->families,
                           .worker_count = workers};
    for (uint32_t i = 0; i < workers; i++) {
        heap_init(&family->heaps[i], m->heap->budget);
    }
    task_group_init(&family->group, m->evaluation->program->pool,
                    m->builtins.token);
    m->families = family;
    heap_init(&family->heap, m->heap->budget);
    family->outer_heap = m->heap;
    machine_use_heap(m, &family->heap);
    return family;
}

// Hands items [middle, end) of the loop on.
static void split_at(Machine *m, const uint64_t *ip, int64_t middle,
                     int64_t end)
{
    bool own = is_own_loop(m, ip);
    LoopFamily *family = own ? m->chunk->family : family_of(m, ip);
    if (family == NULL) {
        family = family_begin(m, ip, end);
    }
    Chunk *chunk = mem_alloc(sizeof *chunk);
    const Frame *frame = m->frame;
    uint32_t count = loop_registers(ip);
    *chunk = (Chunk){.task.run = machine_chunk_run,
                     .family = family,
                     .evaluation = m->evaluation,
                     .code = frame->code,
                     .closure = frame->closure,
                     .ip = ip,
                     .begin = middle,
                     .end = end,
                     .steps = machine_steps_left(m),
                     .looks = m->looks_left,
                     .depth = m->depth_end - machine_frame_number(m),
                     .done = middle};
    chunk->registers = mem_alloc((size_t)count * sizeof(Value));
    memcpy(chunk->registers, m->stack + frame->base, count * sizeof(Value));
    Chunk **link = own ? &m->chunk->next : &family->first;
    chunk->next = *link;
    *link = chunk;
    if (own) {
        m->chunk->end = middle;
    }
    loop_state(m, ip)[2] = value_int(middle);
    task_group_spawn(&family->group, m->worker, &chunk->task);
}

static bool is_same_loop(const LoopMark *last, const LoopMark *now)
{
    return last->ip == now->ip && last->frame == now->frame &&
           last->index < now->index;
}

// What went by since the last mark could have been a chunk of its own. A
// stretch in which the kernel ran another thread says nothing about how long it
// takes.
static void note_stretch(Machine *m, const LoopMark *last, LoopMark *now)
{
    now->ns = clock_monotonic_ns();
    if (!is_same_loop(last, now)) {
        now->preemptions = thread_preemptions();
        return;
    }
    int64_t ns = now->ns - last->ns;
    now->longest_ns = last->longest_ns;
    now->preemptions = last->preemptions;
    if (ns > last->longest_ns) {
        now->preemptions = thread_preemptions();
        if (now->preemptions == last->preemptions) {
            now->longest_ns = ns;
            ns = last->longest_ns;
        }
    }
    m->spread_ns += ns;
}

// What is left is worth splitting when it takes two quanta of steps or more,
// at the rate at which the last one went.
static bool is_worth_it(const LoopMark *last, const LoopMark *now, int64_t end)
{
    int64_t done =
        is_same_loop(last, now) ? now->index - last->index : now->index;
    return end - now->index >= 2 && (end - now->index) / 2 >= done;
}

static bool is_burnt(const Machine *m)
{
    return m->burnt != NULL && m->activations.count > 0 &&
           vec_last(&m->activations).slot == m->burnt;
}

// Where each item has given as many values so far, the others will, too.
static void expect_items(Machine *m, const uint64_t *ip, int64_t done)
{
    Value *builder = loop_built(m, ip);
    ListBuffer *buffer = (ListBuffer *)builder->as.pointer;
    bool own = is_own_loop(m, ip);
    const LoopFamily *family = own ? NULL : family_of(m, ip);
    int64_t begin = own ? m->chunk->begin : 0;
    int64_t end =
        family != NULL ? family->end : loop_state(m, ip)[2].as.integer;
    uint64_t items = (uint64_t)(done - begin);
    uint64_t expected;
    if (buffer != NULL && items > 0 && buffer->end % items == 0 &&
        !__builtin_mul_overflow(buffer->end / items, (uint64_t)(end - begin),
                                &expected)) {
        list_buffer_expect(m->heap, &buffer, expected);
        builder->as.pointer = buffer;
    }
}

void machine_loop_split(Machine *m, const uint64_t *ip)
{
    const Value *state = loop_state(m, ip);
    LoopMark last = m->mark;
    LoopMark now = {.frame = machine_frame_number(m),
                    .ip = ip,
                    .index = state[1].as.integer};
    int64_t end = state[2].as.integer;
    if (m->evaluation->timed) {
        note_stretch(m, &last, &now);
    }
    m->split_due = false;
    m->mark = now;
    if (is_own_loop(m, ip)) {
        machine_checkpoint(m, ip, now.index);
    }
    if (now.index > 0 && !is_burnt(m) && is_worth_it(&last, &now, end) &&
        m->root->nesting < NESTING_MAX &&
        worker_has_taker(
            m->worker, is_own_loop(m, ip) ? &m->chunk->family->group : NULL)) {
        split_at(m, ip, now.index + (end - now.index + 1) / 2, end);
    }
    if (loop_kind(ip) == LOOP_LIST) {
        expect_items(m, ip, now.index);
    }
}

// ---- joining

// Takes over what the chunks have made.
static void family_end(Machine *m, LoopFamily *family)
{
    m->families = family->outer;
    machine_use_heap(m, family->outer_heap);
    heap_adopt(m->heap, &family->heap);
    for (uint32_t i = 0; i < family->worker_count; i++) {
        heap_thaw(&family->heaps[i]);
        heap_adopt(m->heap, &family->heaps[i]);
    }
    Chunk *chunk = family->first;
    while (chunk != NULL) {
        Chunk *next = chunk->next;
        free(chunk->registers);
        free(chunk);
        chunk = next;
    }
    free(family);
}

static bool push_results(Machine *m, const uint64_t *ip, const Chunk *chunk)
{
    Value *builder = loop_built(m, ip);
    ListBuffer *buffer = (ListBuffer *)builder->as.pointer;
    if (!list_buffer_append(m->heap, &buffer, chunk->results, chunk->count)) {
        return machine_fail_memory(m);
    }
    builder->as.pointer = buffer;
    return true;
}

// False where the sum would have been too large on the way.
static bool add_sum(Value *sum, const Value *more)
{
    int64_t unused;
    return !__builtin_add_overflow(sum->as.integer, more[1].as.integer,
                                   &unused) &&
           !__builtin_add_overflow(sum->as.integer, more[2].as.integer,
                                   &unused) &&
           !__builtin_add_overflow(sum->as.integer, more[0].as.integer,
                                   &sum->as.integer);
}

typedef enum Taken {
    TAKEN,
    TAKEN_NOT, // the owner must do the items by itself
    TAKEN_FAILED
} Taken;

static Taken take_result(Machine *m, const uint64_t *ip, const Chunk *chunk)
{
    Value *built = loop_built(m, ip);
    if (chunk->done == chunk->begin) {
        return TAKEN;
    }
    switch (loop_kind(ip)) {
    case LOOP_LIST:
        return push_results(m, ip, chunk) ? TAKEN : TAKEN_FAILED;
    case LOOP_SUM:
        return add_sum(built, chunk->result) ? TAKEN : TAKEN_NOT;
    case LOOP_TEXT: {
        Value parts[2] = {*built, chunk->result[0]};
        if (!value_string_concat(m->heap, parts, 2, built)) {
            (void)machine_fail_memory(m);
            return TAKEN_FAILED;
        }
        return TAKEN;
    }
    case LOOP_VERDICT:
        *built = chunk->result[0];
        return TAKEN;
    }
    UNREACHABLE();
}

// Takes over what the chunks have done without a gap; *out_done is where the
// first gap begins.
static bool take_results(Machine *m, const uint64_t *ip,
                         const LoopFamily *family, int64_t *out_done)
{
    int64_t done = loop_state(m, ip)[2].as.integer;
    for (const Chunk *chunk = family->first; chunk != NULL;
         chunk = chunk->next) {
        Taken taken = take_result(m, ip, chunk);
        if (taken == TAKEN_FAILED) {
            return false;
        }
        if (taken == TAKEN_NOT) {
            break;
        }
        m->fuel -= chunk->steps_used;
        m->looks_left -= chunk->looks_used;
        if (machine_steps_left(m) < 0 || m->looks_left < 0) {
            return machine_fail_steps(m);
        }
        done = chunk->left ? family->end : chunk->done;
        if (done < chunk->end || chunk->left) {
            break;
        }
    }
    *out_done = done;
    return true;
}

// What chunks did happened beside the loop's own items, but for what the
// longest of them takes beyond the longest stretch of those.
static void add_work(Machine *m, const LoopFamily *family, int64_t waited_ns)
{
    int64_t work_ns = 0;
    int64_t longest_ns = m->mark.ip == family->ip ? m->mark.longest_ns : 0;
    int64_t beyond_ns = 0;
    for (const Chunk *chunk = family->first; chunk != NULL;
         chunk = chunk->next) {
        int64_t span_ns = chunk->work_ns - chunk->spread_ns;
        work_ns += chunk->work_ns;
        if (span_ns - longest_ns > beyond_ns) {
            beyond_ns = span_ns - longest_ns;
        }
    }
    m->helped_ns += work_ns - waited_ns;
    m->spread_ns += work_ns - beyond_ns;
}

static LoopEnd join(Machine *m, const uint64_t *ip, LoopFamily *family)
{
    bool timed = m->evaluation->timed;
    int64_t start = timed ? clock_monotonic_ns() : 0;
    task_group_wait(&family->group, m->worker, true);
    if (timed) {
        add_work(m, family, clock_monotonic_ns() - start);
    }
    int64_t done;
    bool okay = take_results(m, ip, family, &done);
    int64_t end = family->end;
    if ((load_relaxed(&family->steps) > family->steps_limit ||
         load_relaxed(&family->looks) > family->looks_limit) &&
        m->activations.count > 0) {
        m->burnt = machine_activation(m)->slot;
    }
    family_end(m, family);
    if (!okay) {
        return LOOP_STOP;
    }
    Value *state = loop_state(m, ip);
    state[1] = value_int(done);
    state[2] = value_int(end);
    m->mark = (LoopMark){0};
    return done < end ? LOOP_GOES_ON : LOOP_ENDS;
}

LoopEnd machine_loop_end(Machine *m, const uint64_t *ip)
{
    if (is_own_loop(m, ip)) {
        machine_checkpoint(m, ip, m->chunk->end);
        m->status = MACHINE_DONE;
        return LOOP_STOP;
    }
    LoopFamily *family = family_of(m, ip);
    return family != NULL ? join(m, ip, family) : LOOP_ENDS;
}

static void cancel_innermost(Machine *m)
{
    LoopFamily *family = m->families;
    cancel_token_cancel(&family->group.token, CANCEL_FAILED);
    task_group_wait(&family->group, m->worker, true);
    family_end(m, family);
}

void machine_loops_cancel(Machine *m)
{
    while (m->families != NULL) {
        cancel_innermost(m);
    }
}

bool machine_loop_leave(Machine *m, const uint64_t *ip)
{
    uint32_t frame = machine_frame_number(m);
    uint32_t state = OPERAND_B(*ip);
    if (m->is_chunk && m->frame->kind == FRAME_CHUNK &&
        OPERAND_B(*m->chunk->ip) == state &&
        loop_kind(m->chunk->ip) == LOOP_VERDICT) {
        machine_checkpoint(m, m->chunk->ip,
                           m->stack[m->frame->base + state + 1].as.integer);
        m->chunk->left = true;
        m->status = MACHINE_DONE;
        return false;
    }
    const LoopFamily *family = m->families;
    if (family != NULL && family->frame == frame &&
        OPERAND_B(*family->ip) == state) {
        cancel_innermost(m);
    }
    return true;
}

// ---- for the collector

const LoopFamily *machine_outer_family(const LoopFamily *family)
{
    return family->outer;
}

ListBuffer *machine_family_builder(Machine *m, const LoopFamily *family,
                                   uint32_t first_frame)
{
    if (family->frame < first_frame || loop_kind(family->ip) != LOOP_LIST) {
        return NULL;
    }
    const Value *registers = m->stack + m->frames[family->frame].base;
    return (ListBuffer *)registers[(uint32_t)family->ip[1]].as.pointer;
}
