// Mutex, condition variable, small reader-writer lock, thread.
//
// Lock order: every lock has a level. A thread takes locks in rising level
// only; debug builds assert it and know which thread holds a Mutex.
//
// Ownership: all are embedded by the caller, who initialises and releases.
// Threads:   any, except init and release.
#ifndef LIGATURE_CONCURRENT_THREAD_H
#define LIGATURE_CONCURRENT_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "concurrent/atomics.h"
#include "concurrent/thread_safety.h"
#include "support/attributes.h"

// In the order in which they may be nested. Levels that are not listed as
// nested in ARCHITECTURE.md are held alone.
typedef enum LockLevel {
    LOCK_CLIENT = 1, // locks of other folders
    LOCK_CHANNEL = 2,
    LOCK_CACHE_RETIRED = 3,
    LOCK_INTERN = 4,
    LOCK_INTERN_GROWTH = 5,
    LOCK_LEVEL_COUNT = 6
} LockLevel;

// One word: 0 is free, 1 is taken, 2 is taken and somebody may sleep on it.
typedef struct CAPABILITY("mutex") Mutex {
    _Atomic(uint32_t) word;
    LockLevel level; // immutable after init
#ifndef NDEBUG
    _Atomic(const void *) holder; // identifies the holding thread
#endif
} Mutex;

void mutex_init(Mutex *mutex, LockLevel level);
void mutex_release(Mutex *mutex);
void mutex_lock(Mutex *mutex) ACQUIRE(*mutex);
void mutex_unlock(Mutex *mutex) RELEASE(*mutex);
#ifndef NDEBUG
// True when the calling thread holds it. For assertions, hence debug only.
bool mutex_held(Mutex *mutex);
#endif

// Counts its signals: who waits sleeps until the count is another one. Timed
// waits use the monotonic clock. May return early.
typedef struct Cond {
    _Atomic(uint32_t) signals;
} Cond;

void cond_init(Cond *cond);
void cond_wait(Cond *cond, Mutex *mutex) REQUIRES(*mutex);
// False when `deadline_ns` (INT64_MAX: never) came first.
bool cond_wait_until(Cond *cond, Mutex *mutex, int64_t deadline_ns)
    REQUIRES(*mutex);
void cond_signal(Cond *cond);
void cond_broadcast(Cond *cond);

// One word: many readers or one writer, for sections of nanoseconds. A
// waiting writer holds new readers back. Readers must not nest.
typedef struct CAPABILITY("rwlock") RwLock {
    _Atomic(uint32_t) word; // zero is unlocked
} RwLock;

void rwlock_lock_shared(RwLock *lock) ACQUIRE_SHARED(*lock);
void rwlock_unlock_shared(RwLock *lock) RELEASE_SHARED(*lock);
void rwlock_lock(RwLock *lock) ACQUIRE(*lock);
void rwlock_unlock(RwLock *lock) RELEASE(*lock);

// Sleeps while *word is `expected`; may return early.
void futex_wait(_Atomic(uint32_t) *word, uint32_t expected);
// The same, until the monotonic time `deadline_ns` at most.
void futex_wait_until(_Atomic(uint32_t) *word, uint32_t expected,
                      int64_t deadline_ns);
void futex_wake(_Atomic(uint32_t) *word, int count);

typedef struct Thread {
    pthread_t handle;
} Thread;

typedef void *ThreadFunction(void *argument);
// False when the system has no thread to give. Signals are blocked in the
// new thread, so that the main thread alone handles them.
MUST_USE bool thread_start(Thread *thread, ThreadFunction *run, void *argument,
                           size_t stack_bytes);
void thread_join(Thread *thread);

#endif
