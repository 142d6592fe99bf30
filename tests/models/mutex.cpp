// The Mutex and the Cond of concurrent/thread.c (extracted from it by
// tests/models.sh) under Relacy: one thread at a time is inside, sees what those
// before it did, and nobody sleeps for ever, which Relacy reports as a deadlock.
#include "model.h"

#define NDEBUG
#define LockLevel            int
#define Mutex                WordMutex
#define order_acquire(level) ((void)0)
#define order_release(level) ((void)0)
#define mutex_note_held(m)   ((void)0)
#define mutex_note_free(m)   ((void)0)

typedef struct WordMutex {
    _Atomic(uint32_t) word;
    LockLevel level;
} WordMutex;

typedef struct Cond {
    _Atomic(uint32_t) signals;
} Cond;

static int64_t clock_monotonic_ns(void)
{
    return 0;
}

static void futex_wait_until(ModelAtomic<uint32_t> *word, uint32_t expected,
                             int64_t)
{
    futex_wait(word, expected);
}

#include "concurrent/atomics.h"
bool cond_wait_until(Cond *cond, Mutex *mutex, int64_t deadline_ns);
#include "mutex_extract.h"

enum { THREADS = 3 };

struct Shared {
    Mutex mutex;
    Cond opened;
    rl::var<int> count;
    rl::var<int> open;

    void begin()
    {
        model_begin<uint32_t>(2);
        mutex_init(&mutex, 0);
        cond_init(&opened);
        count($) = 0;
        open($) = 0;
    }

    void end()
    {
        RL_ASSERT(count($) == THREADS);
        model_end<uint32_t>();
    }
};

struct MutexTest : rl::test_suite<MutexTest, THREADS>, Shared {
    void before()
    {
        begin();
    }

    void thread(unsigned)
    {
        mutex_lock(&mutex);
        count($) = count($) + 1;
        mutex_unlock(&mutex);
    }

    void after()
    {
        end();
    }
};

// The last one opens for the others: for all at once, or one after the other.
template <bool at_once>
struct CondTest : rl::test_suite<CondTest<at_once>, THREADS>, Shared {
    void before()
    {
        begin();
    }

    void thread(unsigned index)
    {
        mutex_lock(&mutex);
        if (index == THREADS - 1) {
            open($) = 1;
            if (at_once) {
                cond_broadcast(&opened);
            }
        }
        while (open($) == 0) {
            cond_wait(&opened, &mutex);
        }
        count($) = count($) + 1;
        mutex_unlock(&mutex);
        if (index == THREADS - 1 && !at_once) {
            cond_signal(&opened);
            cond_signal(&opened);
        }
    }

    void after()
    {
        end();
    }
};

int main()
{
    return model_run<MutexTest>(100000, false) |
           model_run<CondTest<true>>(100000, false) |
           model_run<CondTest<false>>(100000, false);
}
