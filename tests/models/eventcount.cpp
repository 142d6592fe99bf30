// concurrent/eventcount.{h,c} and the functions of concurrent/worker.{h,c} that
// park and wake (extracted from it by tests/models.sh) under Relacy: no
// wake-up is lost. A lost one would leave a task undone with everybody
// asleep, which Relacy reports as a deadlock. The first task ends only when
// the second one has run, so one worker is not enough: whoever takes the first
// must not be the only one awake.
#include "model.h"

#define FIRST_CAPACITY 4
#include "concurrent/deque.c"
#include "concurrent/eventcount.c"

enum { WORKERS = 3 };
#define LEAN_TASKS 0 // from the second one on

struct Pool;
struct GroupNode;
struct Worker {
    Deque deque;
    Pool *pool;
    uint32_t index;
    bool searching;
    _Atomic(bool) is_lean;
    _Atomic(uint32_t) tasks;
    int parks;
};
struct Pool {
    EventCount events;
    _Atomic(uint32_t) started;
    _Atomic(uint32_t) limit;
    _Atomic(bool) stop;
    _Atomic(bool) has_fences;
    uint32_t worker_count;
    Worker workers[WORKERS]; // 0 brings the work
};
struct TaskGroup {};

static bool any_work(Pool *pool)
{
    return !deque_is_empty(&pool->workers[0].deque);
}

static bool is_over(Worker *worker, TaskGroup *group)
{
    return load_seq_cst(&worker->pool->stop);
}

static bool may_start_for(Worker *worker)
{
    return false; // all are started
}

static bool start_thread(Pool *pool)
{
    return false;
}

static void wake_helper(Pool *pool, GroupNode *tag)
{
    RL_ASSERT(false);
}

static void group_sleep(TaskGroup *group) {}
static void group_wake(TaskGroup *group) {}
static void worker_count(int *count) {}

static void worker_notify_slow(Worker *worker, GroupNode *tag);
// worker_all_busy, worker_notify; wake_one, worker_notify_slow, begin_search,
// end_search, settle_pushes, park_idle
#include "worker_extract.h"

template <bool has_fences, int TASKS>
struct EventCountTest
    : rl::test_suite<EventCountTest<has_fences, TASKS>, WORKERS> {
    Pool pool;
    rl::var<int> payload[TASKS];
    int done[TASKS];
    _Atomic(uint32_t) left;
    _Atomic(uint32_t) second_done;

    void before()
    {
        model_begin<int64_t>(2);
        model_begin<DequeBuffer *>(1);
        model_begin<void *>(2 * FIRST_CAPACITY);
        model_begin<bool>(2 + WORKERS);
        model_begin_fences();
        model_begin<uint32_t>(1 + WORKERS + 5);
        model_begin<uint64_t>(EVENT_SET_COUNT * EVENT_WORDS);
        memset((void *)&pool, 0, sizeof pool);
        memset((void *)&left, 0, sizeof left);
        memset((void *)&second_done, 0, sizeof second_done);
        eventcount_init(&pool.events, WORKERS);
        deque_init(&pool.workers[0].deque, false);
        atomic_init(&pool.stop, false);
        atomic_init(&pool.has_fences, has_fences);
        atomic_init(&pool.started, WORKERS);
        atomic_init(&pool.limit, WORKERS);
        pool.worker_count = WORKERS;
        atomic_init(&left, TASKS);
        for (uint32_t i = 0; i < WORKERS; i++) {
            pool.workers[i].pool = &pool;
            pool.workers[i].index = i;
        }
        memset(done, 0, sizeof done);
    }

    void run(DequeItem item)
    {
        long task = (long)item.item - 1;
        RL_ASSERT(payload[task]($) == task + 7);
        done[task]++;
        if (task == 0) {
            while (load_acquire(&second_done) == 0) {
                futex_wait(&second_done, 0);
            }
        } else if (task == 1) {
            store_release(&second_done, 1);
            futex_wake(&second_done, 1);
        }
        if (fetch_sub_acq_rel(&left, 1) == 1) {
            // As pool_free() does.
            store_seq_cst(&pool.stop, true);
            for (uint32_t i = 1; i < WORKERS; i++) {
                eventcount_signal(&pool.events, i, EVENT_DONE);
            }
        }
    }

    bool steal(DequeItem *out_item)
    {
        int64_t at;
        return deque_peek(&pool.workers[0].deque, &at, out_item) &&
               deque_take(&pool.workers[0].deque, at);
    }

    void bring()
    {
        for (long task = 0; task < TASKS; task++) {
            payload[task]($) = (int)task + 7;
            deque_push(&pool.workers[0].deque,
                       (DequeItem){(void *)(task + 1), NULL});
            worker_notify(&pool.workers[0], NULL);
        }
    }

    void thread(unsigned index)
    {
        if (index == 0) {
            bring();
            return;
        }
        // As await_any() and the loop of a worker do.
        Worker *worker = &pool.workers[index];
        while (!load_seq_cst(&pool.stop)) {
            begin_search(worker);
            DequeItem item;
            if (steal(&item)) {
                end_search(worker);
                run(item);
            } else {
                park_idle(worker, NULL);
            }
        }
    }

    void after()
    {
        for (int i = 0; i < TASKS; i++) {
            RL_ASSERT(done[i] == 1);
        }
        deque_release(&pool.workers[0].deque);
        model_end<int64_t>();
        model_end<DequeBuffer *>();
        model_end<void *>();
        model_end<bool>();
        model_end_fences();
        model_end<uint32_t>();
        model_end<uint64_t>();
        model_free_all();
    }
};

int main()
{
    // A third task mends what went wrong with the second, so there are runs
    // without one.
    return model_run<EventCountTest<true, 2>>(100000, false) |
           model_run<EventCountTest<true, 3>>(100000, false) |
           model_run<EventCountTest<false, 3>>(100000, false);
}
