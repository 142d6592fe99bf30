// Thin layer over pthreads and futexes; see thread.h.
#include "concurrent/thread.h"

#include <assert.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "concurrent/deadline.h"
#include "support/die.h"

#define NS_PER_SECOND INT64_C(1000000000)

static void check(int error, const char *what)
{
    if (error != 0) {
        die_bug(__FILE__, __LINE__, what);
    }
}

#ifndef NDEBUG
// Bit per level that this thread holds. The one exception to "no file-scope
// state": only assertions read it, and its address names the thread.
static _Thread_local uint32_t held_levels;

static void order_acquire(LockLevel level)
{
    assert(held_levels < (UINT32_C(1) << level) && "lock order");
    held_levels |= UINT32_C(1) << level;
}

static void order_release(LockLevel level)
{
    held_levels &= ~(UINT32_C(1) << level);
}

bool mutex_held(Mutex *mutex)
{
    // Relaxed: only this thread stores this thread's own name.
    return load_relaxed(&mutex->holder) == &held_levels;
}

static void mutex_note_held(Mutex *mutex)
{
    store_relaxed(&mutex->holder, (const void *)&held_levels);
}

static void mutex_note_free(Mutex *mutex)
{
    assert(mutex_held(mutex));
    store_relaxed(&mutex->holder, (const void *)NULL);
}
#else
static void order_acquire(LockLevel level)
{
    (void)level;
}

static void order_release(LockLevel level)
{
    (void)level;
}

static void mutex_note_held(Mutex *mutex)
{
    (void)mutex;
}

static void mutex_note_free(Mutex *mutex)
{
    (void)mutex;
}
#endif

// Sections are short, and to be woken takes far longer than to wait: so who
// finds it taken looks for a microsecond or two before it sleeps.
#define MUTEX_SPINS 100

enum { MUTEX_FREE, MUTEX_TAKEN, MUTEX_AWAITED };

void mutex_init(Mutex *mutex, LockLevel level)
{
    atomic_init(&mutex->word, MUTEX_FREE);
    mutex->level = level;
#ifndef NDEBUG
    atomic_init(&mutex->holder, NULL);
#endif
}

void mutex_release(Mutex *mutex)
{
    (void)mutex;
    assert(load_relaxed(&mutex->word) == MUTEX_FREE);
}

// The second mutex of Drepper, "Futexes are tricky" (2005), which spins first.
static COLD void mutex_lock_taken(Mutex *mutex)
{
    for (uint32_t spins = 0; spins < MUTEX_SPINS; spins++) {
        uint32_t word = load_relaxed(&mutex->word);
        // Acquire: pairs with the release in mutex_unlock().
        if (word == MUTEX_FREE &&
            cas_acq_rel(&mutex->word, &word, MUTEX_TAKEN)) {
            return;
        }
        cpu_relax();
    }
    // Others may sleep as well: so it is taken as awaited.
    while (exchange_acq_rel(&mutex->word, MUTEX_AWAITED) != MUTEX_FREE) {
        futex_wait(&mutex->word, MUTEX_AWAITED);
    }
}

void mutex_lock(Mutex *mutex) NO_THREAD_SAFETY_CHECK
{
    order_acquire(mutex->level);
    uint32_t word = MUTEX_FREE;
    // Acquire: pairs with the release in mutex_unlock().
    if (UNLIKELY(!cas_acq_rel(&mutex->word, &word, MUTEX_TAKEN))) {
        mutex_lock_taken(mutex);
    }
    mutex_note_held(mutex);
}

void mutex_unlock(Mutex *mutex) NO_THREAD_SAFETY_CHECK
{
    mutex_note_free(mutex);
    // Release: pairs with the acquire in mutex_lock(). Of the lock nothing is
    // touched behind this but its address, and who is woken in vain looks
    // again.
    uint32_t word = exchange_acq_rel(&mutex->word, MUTEX_FREE);
    assert(word != MUTEX_FREE);
    if (UNLIKELY(word == MUTEX_AWAITED)) {
        futex_wake(&mutex->word, 1);
    }
    order_release(mutex->level);
}

void cond_init(Cond *cond)
{
    atomic_init(&cond->signals, 0);
}

void cond_wait(Cond *cond, Mutex *mutex)
{
    (void)cond_wait_until(cond, mutex, INT64_MAX);
}

// Who signals has changed under the lock what is waited for, so a signal
// between the unlock and the sleep is seen: the count is another one.
bool cond_wait_until(Cond *cond, Mutex *mutex,
                     int64_t deadline_ns) NO_THREAD_SAFETY_CHECK
{
    uint32_t signals = load_relaxed(&cond->signals);
    mutex_unlock(mutex);
    futex_wait_until(&cond->signals, signals, deadline_ns);
    mutex_lock(mutex);
    return deadline_ns == INT64_MAX || clock_monotonic_ns() < deadline_ns;
}

void cond_signal(Cond *cond)
{
    // Relaxed: the lock orders what is waited for.
    (void)fetch_add_relaxed(&cond->signals, 1);
    futex_wake(&cond->signals, 1);
}

void cond_broadcast(Cond *cond)
{
    (void)fetch_add_relaxed(&cond->signals, 1);
    futex_wake(&cond->signals, INT_MAX);
}

static struct timespec timespec_from_ns(int64_t ns)
{
    if (ns < 0) {
        ns = 0;
    }
    return (struct timespec){.tv_sec = ns / NS_PER_SECOND,
                             .tv_nsec = ns % NS_PER_SECOND};
}

void futex_wait(_Atomic(uint32_t) *word, uint32_t expected)
{
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, NULL, NULL, 0);
}

void futex_wait_until(_Atomic(uint32_t) *word, uint32_t expected,
                      int64_t deadline_ns)
{
    if (deadline_ns == INT64_MAX) {
        futex_wait(word, expected);
        return;
    }
    // The bit-set form takes an absolute time of the monotonic clock.
    struct timespec until = timespec_from_ns(deadline_ns);
    syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, expected, &until, NULL,
            FUTEX_BITSET_MATCH_ANY);
}

void futex_wake(_Atomic(uint32_t) *word, int count)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

// The word of an RwLock: number of readers, and two flags.
#define RWLOCK_WRITER  (UINT32_C(1) << 31)
#define RWLOCK_WAITERS (UINT32_C(1) << 30) // someone sleeps on the word
#define RWLOCK_READERS (RWLOCK_WAITERS - 1)
#define RWLOCK_SPINS   40

// Called when `word` was seen to be taken. Spins for a moment, then raises
// WAITERS and sleeps until the word changes. Whoever clears WAITERS wakes
// everyone, and only an unlock that leaves the word without reader and
// writer clears it; hence no sleeper is forgotten.
static void rwlock_pause(RwLock *lock, uint32_t word, uint32_t *spins)
{
    if (++*spins < RWLOCK_SPINS) {
        cpu_relax();
        return;
    }
    uint32_t waiting = word | RWLOCK_WAITERS;
    if (word == waiting || cas_acq_rel(&lock->word, &word, waiting)) {
        futex_wait(&lock->word, waiting);
    }
}

void rwlock_lock_shared(RwLock *lock) NO_THREAD_SAFETY_CHECK
{
    uint32_t spins = 0;
    for (;;) {
        uint32_t word = load_relaxed(&lock->word);
        if ((word & (RWLOCK_WRITER | RWLOCK_WAITERS)) != 0) {
            rwlock_pause(lock, word, &spins);
        } else if (cas_acq_rel(&lock->word, &word, word + 1)) {
            // Acquire: pairs with the release in rwlock_unlock().
            return;
        }
    }
}

void rwlock_unlock_shared(RwLock *lock) NO_THREAD_SAFETY_CHECK
{
    // Release: pairs with the acquire in rwlock_lock().
    uint32_t word = fetch_sub_acq_rel(&lock->word, 1) - 1;
    assert((word & RWLOCK_WRITER) == 0);
    if (word == RWLOCK_WAITERS && cas_acq_rel(&lock->word, &word, 0)) {
        futex_wake(&lock->word, INT_MAX);
    }
}

void rwlock_lock(RwLock *lock) NO_THREAD_SAFETY_CHECK
{
    uint32_t spins = 0;
    for (;;) {
        uint32_t word = load_relaxed(&lock->word);
        if ((word & (RWLOCK_WRITER | RWLOCK_READERS)) != 0) {
            rwlock_pause(lock, word, &spins);
        } else if (cas_acq_rel(&lock->word, &word, word | RWLOCK_WRITER)) {
            return;
        }
    }
}

void rwlock_unlock(RwLock *lock) NO_THREAD_SAFETY_CHECK
{
    uint32_t word = exchange_acq_rel(&lock->word, 0);
    assert((word & RWLOCK_WRITER) != 0);
    if ((word & RWLOCK_WAITERS) != 0) {
        futex_wake(&lock->word, INT_MAX);
    }
}

bool thread_start(Thread *thread, ThreadFunction *run, void *argument,
                  size_t stack_bytes)
{
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) {
        return false;
    }
    pthread_attr_setstacksize(&attributes, stack_bytes);
    // The new thread inherits the mask. Faults stay deliverable.
    sigset_t blocked;
    sigset_t old;
    sigfillset(&blocked);
    sigdelset(&blocked, SIGSEGV);
    sigdelset(&blocked, SIGBUS);
    sigdelset(&blocked, SIGFPE);
    sigdelset(&blocked, SIGILL);
    sigdelset(&blocked, SIGPROF);
    pthread_sigmask(SIG_SETMASK, &blocked, &old);
    int error = pthread_create(&thread->handle, &attributes, run, argument);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attributes);
    return error == 0;
}

void thread_join(Thread *thread)
{
    check(pthread_join(thread->handle, NULL), "thread join");
}
