// Running a chunk: on a machine that its worker keeps for chunks, up to its end
// or to where only its parent may go on.
#include "eval/machine_chunk.h"

#include "eval/check_walk.h"

// ---- running a chunk

void machine_checkpoint(Machine *m, const uint64_t *ip, int64_t done)
{
    Chunk *chunk = m->chunk;
    const Value *built = loop_built(m, ip);
    switch (loop_kind(ip)) {
    case LOOP_LIST: {
        const ListBuffer *buffer = built->as.pointer;
        chunk->count = buffer != NULL ? buffer->end : 0;
        break;
    }
    case LOOP_SUM:
        memcpy(chunk->result, built, sizeof chunk->result);
        break;
    case LOOP_TEXT:
        if (done < chunk->end) {
            return; // what there is may still move
        }
        chunk->result[0] = *built;
        break;
    case LOOP_VERDICT:
        chunk->result[0] = *built;
        break;
    }
    chunk->done = done;
    chunk->steps_used = chunk->steps - machine_steps_left(m);
    chunk->looks_used = chunk->looks - m->looks_left;
}

// Adds to the sum of a loop's chunks what one has used since it last told.
static int64_t tell(_Atomic(int64_t) *sum, int64_t *told, int64_t used)
{
    int64_t more = used - *told;
    *told = used;
    // Relaxed: a sum that nothing else depends on.
    return fetch_add_relaxed(sum, more) + more;
}

bool machine_chunk_goes_on(Machine *m)
{
    Chunk *chunk = m->chunk;
    LoopFamily *family = chunk->family;
    int64_t steps = tell(&family->steps, &chunk->steps_told,
                         chunk->steps - machine_steps_left(m));
    int64_t looks =
        tell(&family->looks, &chunk->looks_told, chunk->looks - m->looks_left);
    return steps <= family->steps_limit && looks <= family->looks_limit;
}

static Machine *root_machine(Evaluation *evaluation, Worker *worker)
{
    Machine **root = &evaluation->machines[worker_index(worker)];
    if (*root == NULL) {
        *root = machine_new(evaluation, worker);
    }
    return *root;
}

static Machine *take_machine(Machine *root)
{
    Machine *m = root->spare;
    if (m != NULL) {
        root->spare = m->spare;
        return m;
    }
    m = mem_alloc(sizeof *m);
    machine_init(m, root->evaluation, root->worker);
    m->root = root;
    m->arena = root->arena;
    m->is_chunk = true;
    m->base_heap = &m->own_heap;
    return m;
}

// Of a chunk: nothing.
static void begin_built(Machine *m, const uint64_t *ip)
{
    Value *built = loop_built(m, ip);
    switch (loop_kind(ip)) {
    case LOOP_LIST:
        *built = (Value){.tag = BUFFER_LIST};
        return;
    case LOOP_SUM:
        built[0] = built[1] = built[2] = value_int(0);
        return;
    case LOOP_TEXT:
        *built = value_string(m->heap, STR(""));
        return;
    case LOOP_VERDICT: // as it is
        return;
    }
    UNREACHABLE();
}

static bool chunk_begin(Machine *m, Chunk *chunk)
{
    m->chunk = chunk;
    m->status = MACHINE_DONE;
    m->mark = (LoopMark){0};
    m->split_due = false;
    m->helped_ns = m->spread_ns = 0;
    m->builtins.token = &chunk->family->group.token;
    m->frame = m->frames;
    m->depth_end = 1 + chunk->depth;
    m->frame_end = m->frames; // set when room is made
    machine_use_heap(m, m->base_heap);
    check_memo_clear(m->checks); // what it says may be gone
    memset(m->stack, 0, (size_t)(m->stack_end - m->stack) * sizeof(Value));
    m->fuel = chunk->steps < MACHINE_QUANTUM ? chunk->steps : MACHINE_QUANTUM;
    m->steps_left = chunk->steps - m->fuel;
    m->looks_left = chunk->looks;
    m->look_from = -1;
    if (!machine_make_room(m, chunk->code->register_count)) {
        return false;
    }
    m->frame++;
    *m->frame = (Frame){.ip = chunk->ip,
                        .code = chunk->code,
                        .closure = chunk->closure,
                        .kind = FRAME_CHUNK};
    memcpy(m->stack, chunk->registers,
           loop_registers(chunk->ip) * sizeof(Value));
    Value *state = loop_state(m, chunk->ip);
    state[1] = value_int(chunk->begin);
    state[2] = value_int(chunk->end);
    begin_built(m, chunk->ip);
    return true;
}

static void trace_chunk(const Chunk *chunk, const Worker *worker, int64_t start,
                        int64_t end)
{
    const Code *code = chunk->code;
    if (chunk->evaluation->trace != NULL) {
        uint32_t at = (uint32_t)(chunk->ip - code->words);
        trace_add(chunk->evaluation->trace, worker,
                  &(TraceEvent){.kind = "loop",
                                .source = code->source,
                                .span = code_span(code, at),
                                .first = (uint64_t)chunk->begin,
                                .count = (uint64_t)(chunk->done - chunk->begin),
                                .start_ns = start,
                                .end_ns = end});
    }
}

void machine_chunk_run(Task *task, Worker *worker)
{
    Chunk *chunk = (Chunk *)task;
    if (cancel_token_reason(&chunk->family->group.token) != CANCEL_NONE) {
        return;
    }
    Machine *root = root_machine(chunk->evaluation, worker);
    Machine *m = take_machine(root);
    bool timed = chunk->evaluation->timed;
    int64_t start = timed ? clock_monotonic_ns() : 0;
    Heap *heap = &chunk->family->heaps[worker_index(worker)];
    m->own_heap = *heap;
    root->nesting++;
    if (chunk_begin(m, chunk)) {
        if (machine_loop(m) != MACHINE_DONE) {
            machine_loops_cancel(m);
        }
        m->frame = m->frames + 1; // failures leave the frames as they are
        if (loop_kind(chunk->ip) == LOOP_LIST) {
            const ListBuffer *buffer = loop_built(m, chunk->ip)->as.pointer;
            chunk->results = buffer != NULL ? buffer->items : NULL;
        }
    }
    root->nesting--;
    m->frame = m->frames;
    heap_freeze(&m->own_heap);
    *heap = m->own_heap;
    heap_init(&m->own_heap, heap->budget);
    m->spare = root->spare;
    root->spare = m;
    if (timed) {
        int64_t end = clock_monotonic_ns();
        chunk->work_ns = end - start + m->helped_ns;
        chunk->spread_ns = m->spread_ns;
        trace_chunk(chunk, worker, start, end);
    }
}
