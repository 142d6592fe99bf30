// Clang's -Wthread-safety annotations; empty on other compilers. Functions
// carry the macro, struct fields the comment "guarded by lock".
#ifndef LIGATURE_CONCURRENT_THREAD_SAFETY_H
#define LIGATURE_CONCURRENT_THREAD_SAFETY_H

#if defined(__clang__)
#define THREAD_SAFETY(x) __attribute__((x))
#else
#define THREAD_SAFETY(x)
#endif

#define CAPABILITY(name)       THREAD_SAFETY(capability(name))
#define REQUIRES(lock)         THREAD_SAFETY(requires_capability(lock))
#define ACQUIRE(lock)          THREAD_SAFETY(acquire_capability(lock))
#define ACQUIRE_SHARED(lock)   THREAD_SAFETY(acquire_shared_capability(lock))
#define RELEASE(lock)          THREAD_SAFETY(release_capability(lock))
#define RELEASE_SHARED(lock)   THREAD_SAFETY(release_shared_capability(lock))
#define NO_THREAD_SAFETY_CHECK THREAD_SAFETY(no_thread_safety_analysis)

#endif
