#include "concurrent/thread.h"

#include <time.h>

#include "concurrent/deadline.h"

#include "tests/harness.h"

#define STACK_BYTES ((size_t)1 << 20)
#define MILLISECOND INT64_C(1000000)

enum { THREADS = 4, ROUNDS = 200, LONG_EVERY = 50 };

typedef struct Shared {
    Mutex lock;
    Cond changed;
    int count; // guarded by lock
    bool open; // guarded by lock
    int inside;
} Shared;

static void shared_init(Shared *shared)
{
    *shared = (Shared){0};
    mutex_init(&shared->lock, LOCK_CLIENT);
    cond_init(&shared->changed);
}

static void pause_briefly(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 2 * MILLISECOND}, NULL);
}

// Now and then it is held for so long that the others go to sleep.
static void *count_main(void *argument)
{
    Shared *shared = argument;
    for (int i = 0; i < ROUNDS; i++) {
        mutex_lock(&shared->lock);
        CHECK_EQ_INT(shared->inside++, 0);
        if (i % LONG_EVERY == 0) {
            pause_briefly();
        }
        shared->count++;
        shared->inside--;
        mutex_unlock(&shared->lock);
    }
    return NULL;
}

static void *wait_main(void *argument)
{
    Shared *shared = argument;
    mutex_lock(&shared->lock);
    while (!shared->open) {
        cond_wait(&shared->changed, &shared->lock);
    }
    shared->count++;
    mutex_unlock(&shared->lock);
    return NULL;
}

static void run_all(Shared *shared, ThreadFunction *run, void (*open)(Shared *))
{
    Thread threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        CHECK(thread_start(&threads[i], run, shared, STACK_BYTES));
    }
    if (open != NULL) {
        pause_briefly();
        open(shared);
    }
    for (int i = 0; i < THREADS; i++) {
        thread_join(&threads[i]);
    }
}

static void open_for_all(Shared *shared)
{
    mutex_lock(&shared->lock);
    shared->open = true;
    cond_broadcast(&shared->changed);
    mutex_unlock(&shared->lock);
}

static void open_for_each(Shared *shared)
{
    mutex_lock(&shared->lock);
    shared->open = true;
    mutex_unlock(&shared->lock);
    for (int i = 0; i < THREADS; i++) {
        cond_signal(&shared->changed);
    }
}

TEST(a_mutex_lets_one_in_and_wakes_the_next)
{
    Shared shared;
    shared_init(&shared);
    run_all(&shared, count_main, NULL);
    CHECK_EQ_INT(shared.count, THREADS * ROUNDS);
    mutex_release(&shared.lock);
}

TEST(signals_wake_who_waits)
{
    void (*ways[])(Shared *) = {open_for_all, open_for_each};
    for (int i = 0; i < 2; i++) {
        Shared shared;
        shared_init(&shared);
        run_all(&shared, wait_main, ways[i]);
        CHECK_EQ_INT(shared.count, THREADS);
        mutex_release(&shared.lock);
    }
}

TEST(a_wait_ends_at_the_deadline)
{
    Shared shared;
    shared_init(&shared);
    mutex_lock(&shared.lock);
    int64_t deadline = clock_monotonic_ns() + 2 * MILLISECOND;
    while (cond_wait_until(&shared.changed, &shared.lock, deadline)) {
    }
    CHECK(clock_monotonic_ns() >= deadline);
    CHECK(!cond_wait_until(&shared.changed, &shared.lock, -5));
    mutex_unlock(&shared.lock);
    mutex_release(&shared.lock);
}

TEST_MAIN(RUN(a_mutex_lets_one_in_and_wakes_the_next),
          RUN(signals_wake_who_waits), RUN(a_wait_ends_at_the_deadline))
