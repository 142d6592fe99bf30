// Lets Relacy (Vyukov) run the real C code of concurrent/ as C++ under every
// interleaving and every value that the C11 memory model lets a load return,
// as far as its schedulers get. Include it before any header of ours: it
// takes the place of <stdatomic.h>, atomics.h and thread.h.
#ifndef LIGATURE_TESTS_MODEL_H
#define LIGATURE_TESTS_MODEL_H

// Standard headers first: Relacy renames malloc and friends.
#include <assert.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sstream>

#include <relacy/relacy.hpp>
#include <relacy/stdlib/pthread.hpp>
// The macros with which Relacy adds places to calls would change our names.
#undef new
#undef delete
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef assert
#undef futex
#define assert(x) RL_ASSERT(x)

// Relacy's variables belong to one execution. model_begin<T>() makes enough of
// them, all zero, before the threads start: so every thread sees memory that
// the code allocates and zeroes later as zero, never as uninitialised.
// (No containers: Relacy's operator new counts what it gives as the test's.)
enum { MODEL_CELLS = 512, MODEL_BLOCKS = 512 };

template <typename T> struct ModelCells {
    static rl::atomic<T> *cells[MODEL_CELLS];
    static int count, used;
};
template <typename T> rl::atomic<T> *ModelCells<T>::cells[MODEL_CELLS];
template <typename T> int ModelCells<T>::count;
template <typename T> int ModelCells<T>::used;

template <typename T> static void model_begin(int count)
{
    RL_ASSERT(count <= MODEL_CELLS);
    ModelCells<T>::used = 0;
    ModelCells<T>::count = count;
    for (int i = 0; i < count; i++) {
        ModelCells<T>::cells[i] =
            new (malloc(sizeof(rl::atomic<T>))) rl::atomic<T>();
        ModelCells<T>::cells[i]->store(T(), rl::mo_relaxed, $);
    }
}

template <typename T> static void model_end()
{
    while (ModelCells<T>::count > 0) {
        rl::atomic<T> *cell = ModelCells<T>::cells[--ModelCells<T>::count];
        cell->~atomic();
        free(cell);
    }
}

// Asymmetric fences, no stronger than they are: each thread has a variable, and
// a light fence writes its own, a heavy one all of them. Each write reads the
// last one, so that light and heavy fences are in an order, but light fences
// among themselves are in none.
#define LIGATURE_CONCURRENT_FENCE_H
enum { MODEL_THREADS = 4 };
static rl::atomic<int> *model_fences[MODEL_THREADS];

static void model_begin_fences()
{
    for (int i = 0; i < MODEL_THREADS; i++) {
        model_fences[i] =
            new (malloc(sizeof(rl::atomic<int>))) rl::atomic<int>();
        model_fences[i]->store(0, rl::mo_relaxed, $);
    }
}

static void model_end_fences()
{
    for (int i = 0; i < MODEL_THREADS; i++) {
        model_fences[i]->~atomic();
        free(model_fences[i]);
    }
}

static void fence_light()
{
    model_fences[rl::thread_index()]->fetch_add(1, rl::mo_acq_rel, $);
}

static bool fence_heavy()
{
    for (int i = 0; i < MODEL_THREADS; i++) {
        model_fences[i]->fetch_add(1, rl::mo_acq_rel, $);
    }
    return true;
}

static bool fence_prepare()
{
    return true;
}

// A zeroed one is ready, and takes its variable when it is first touched.
template <typename T> struct ModelAtomic {
    rl::atomic<T> *cell;

    rl::atomic<T> &at() const
    {
        if (cell == NULL) {
            RL_ASSERT(ModelCells<T>::used < ModelCells<T>::count);
            const_cast<ModelAtomic *>(this)->cell =
                ModelCells<T>::cells[ModelCells<T>::used++];
        }
        return *cell;
    }
};

static void *model_memory[MODEL_BLOCKS];
static int model_memory_count;

static void *model_alloc(size_t size)
{
    RL_ASSERT(model_memory_count < MODEL_BLOCKS);
    void *memory = aligned_alloc(64, (size + 63) / 64 * 64);
    return model_memory[model_memory_count++] = memset(memory, 0, size);
}

// Memory is freed at the end: a stale pointer is then seen by what it points
// to, not by chance.
static void model_free(void *memory)
{
    (void)memory;
}

static void model_free_all()
{
    while (model_memory_count > 0) {
        free(model_memory[--model_memory_count]);
    }
}

#include "support/attributes.h"

// In the place of support/die.h and concurrent/aligned.h.
#define LIGATURE_SUPPORT_DIE_H
#define LIGATURE_CONCURRENT_ALIGNED_H
#define mem_alloc(size)             model_alloc(size)
#define mem_calloc(count, size)     model_alloc((count) * (size))
#define aligned_zalloc(count, size) model_alloc((count) * (size))
#define free(memory)                model_free(memory)
#define die_out_of_memory()         RL_ASSERT(false)
#define UNREACHABLE()               RL_ASSERT(false)

#define _Atomic(T)            ModelAtomic<T>
#define memory_order_relaxed  rl::mo_relaxed
#define memory_order_acquire  rl::mo_acquire
#define memory_order_release  rl::mo_release
#define memory_order_acq_rel  rl::mo_acq_rel
#define memory_order_seq_cst  rl::mo_seq_cst
#define atomic_init(p, v)     ((p)->at().store((v), rl::mo_relaxed, $))
#define atomic_load_explicit(p, order) ((p)->at().load((order), $))
#define atomic_store_explicit(p, v, order)                                     \
    ((p)->at().store((v), (order), $))
#define MODEL_RMW(p, kind, v, order)                                           \
    ((p)->at().rmw(rl::rmw_type_t<rl::rmw_type_##kind>(), (v), (order), $))
#define atomic_fetch_add_explicit(p, v, order) MODEL_RMW(p, add, v, order)
#define atomic_fetch_sub_explicit(p, v, order) MODEL_RMW(p, sub, v, order)
#define atomic_fetch_or_explicit(p, v, order)  MODEL_RMW(p, or, v, order)
#define atomic_fetch_and_explicit(p, v, order) MODEL_RMW(p, and, v, order)
#define atomic_exchange_explicit(p, v, order)  MODEL_RMW(p, swap, v, order)
#define atomic_compare_exchange_strong_explicit(p, expected, v, yes, no)       \
    ((p)->at().compare_exchange(rl::bool_t<false>(), *(expected), (v), (yes),  \
                                (no), $))
#define _Static_assert static_assert

// In the place of concurrent/thread.h; the reader-writer lock is the real one.
#define LIGATURE_CONCURRENT_THREAD_H
#define REQUIRES(lock)
#define NO_THREAD_SAFETY_CHECK

static void futex_wait(ModelAtomic<uint32_t> *word, uint32_t expected)
{
    rl::rl_int_futex_impl(rl::ctx(), (rl::atomic<int> *)&word->at(),
                          rl::RL_FUTEX_WAIT, (int)expected, NULL, NULL, 0, $);
}

static void futex_wake(ModelAtomic<uint32_t> *word, int count)
{
    rl::rl_int_futex_impl(rl::ctx(), (rl::atomic<int> *)&word->at(),
                          rl::RL_FUTEX_WAKE, count, NULL, NULL, 0, $);
}

typedef struct RwLock {
    _Atomic(uint32_t) word;
} RwLock;

typedef rl::mutex ModelLock;
typedef struct Mutex {
    ModelLock *mutex;
} Mutex;

// Runs the test named by the type at random, then, if `bounded`, under all
// interleavings with two preemptions (no end of them where threads spin). Returns the process's status.
template <typename Test> int model_run(rl::iteration_t random_runs, bool bounded_too)
{
    rl::test_params params;
    params.iteration_count = random_runs;
    std::ostringstream progress;
    params.progress_stream = &progress;
    bool ok = rl::simulate<Test>(params);
    printf("%s - random schedules\n", ok ? "ok" : "not ok");
    if (ok && bounded_too) {
        rl::test_params bounded;
        bounded.search_type = rl::sched_bound;
        bounded.context_bound = 2;
        bounded.progress_stream = &progress;
        ok = rl::simulate<Test>(bounded);
        printf("%s - schedules of two preemptions\n", ok ? "ok" : "not ok");
    }
    return ok ? 0 : 1;
}

#endif
