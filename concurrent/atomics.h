// C11 atomics with the memory order in the name. Plain assignment to an
// _Atomic is banned: each access says what it needs. No fences but the pair of
// fence.h: ThreadSanitizer does not model them.
#ifndef LIGATURE_CONCURRENT_ATOMICS_H
#define LIGATURE_CONCURRENT_ATOMICS_H

#include <stdatomic.h>
#include <stdint.h>

#define load_relaxed(p) atomic_load_explicit((p), memory_order_relaxed)
#define load_acquire(p) atomic_load_explicit((p), memory_order_acquire)
#define load_seq_cst(p) atomic_load_explicit((p), memory_order_seq_cst)
#define store_relaxed(p, v)                                                    \
    atomic_store_explicit((p), (v), memory_order_relaxed)
#define store_release(p, v)                                                    \
    atomic_store_explicit((p), (v), memory_order_release)
#define store_seq_cst(p, v)                                                    \
    atomic_store_explicit((p), (v), memory_order_seq_cst)
#define fetch_add_relaxed(p, v)                                                \
    atomic_fetch_add_explicit((p), (v), memory_order_relaxed)
#define fetch_add_acq_rel(p, v)                                                \
    atomic_fetch_add_explicit((p), (v), memory_order_acq_rel)
#define fetch_sub_acq_rel(p, v)                                                \
    atomic_fetch_sub_explicit((p), (v), memory_order_acq_rel)
#define fetch_add_seq_cst(p, v)                                                \
    atomic_fetch_add_explicit((p), (v), memory_order_seq_cst)
#define fetch_or_acq_rel(p, v)                                                 \
    atomic_fetch_or_explicit((p), (v), memory_order_acq_rel)
#define fetch_or_seq_cst(p, v)                                                 \
    atomic_fetch_or_explicit((p), (v), memory_order_seq_cst)
#define fetch_and_seq_cst(p, v)                                                \
    atomic_fetch_and_explicit((p), (v), memory_order_seq_cst)
#define exchange_acq_rel(p, v)                                                 \
    atomic_exchange_explicit((p), (v), memory_order_acq_rel)
// True when *p was *expected and is now v; else *expected is what *p holds.
#define cas_acq_rel(p, expected, v)                                            \
    atomic_compare_exchange_strong_explicit(                                   \
        (p), (expected), (v), memory_order_acq_rel, memory_order_acquire)
#define cas_seq_cst(p, expected, v)                                            \
    atomic_compare_exchange_strong_explicit(                                   \
        (p), (expected), (v), memory_order_seq_cst, memory_order_seq_cst)

static inline void cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

#endif
