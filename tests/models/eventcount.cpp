// concurrent/eventcount.{h,c} and the functions of concurrent/worker.c that
// park and wake (extracted from it by tests/models.sh) under Relacy: no
// wake-up is lost. A lost one would leave a task undone with everybody
// asleep, which Relacy reports as a deadlock. The first task ends only when
// the second one has run, so one worker is not enough: whoever takes the first
// must not be the only one awake.
#include "model.h"

#define FIRST_CAPACITY 4
#include "concurrent/deque.c"
#include "concurrent/eventcount.c"

enum { WORKERS = 3, TASKS = 3 };

struct Pool;
struct Worker {
    Pool *pool;
    uint32_t index;
    bool searching;
    int parks;
};
struct Pool {
    EventCount events;
    Deque deque; // of worker 0, who brings the work
    _Atomic(bool) stop;
};
struct TaskGroup {};

static bool any_work(Pool *pool)
{
    return !deque_is_empty(&pool->deque);
}

static bool is_over(Worker *worker, TaskGroup *group)
{
    return load_seq_cst(&worker->pool->stop);
}

static bool start_thread(Pool *pool)
{
    return false; // all are started
}

static void group_sleep(TaskGroup *group) {}
static void group_wake(TaskGroup *group) {}
static void worker_count(int *count) {}

// wake_one, begin_search, end_search, park_idle
#include "worker_extract.h"

struct EventCountTest : rl::test_suite<EventCountTest, WORKERS> {
    Pool pool;
    Worker workers[WORKERS];
    rl::var<int> payload[TASKS];
    int done[TASKS];
    _Atomic(uint32_t) left;
    _Atomic(uint32_t) second_done;

    void before()
    {
        model_begin<int64_t>(2);
        model_begin<DequeBuffer *>(1);
        model_begin<void *>(2 * FIRST_CAPACITY);
        model_begin<bool>(1);
        model_begin<uint32_t>(1 + WORKERS + 2);
        model_begin<uint64_t>(EVENT_SET_COUNT * EVENT_WORDS);
        memset((void *)&pool, 0, sizeof pool);
        memset((void *)&left, 0, sizeof left);
        memset((void *)&second_done, 0, sizeof second_done);
        eventcount_init(&pool.events, WORKERS);
        deque_init(&pool.deque, false);
        atomic_init(&pool.stop, false);
        atomic_init(&left, TASKS);
        for (uint32_t i = 0; i < WORKERS; i++) {
            workers[i] = {&pool, i, false, 0};
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
        return deque_peek(&pool.deque, &at, out_item) &&
               deque_take(&pool.deque, at);
    }

    void bring()
    {
        for (long task = 0; task < TASKS; task++) {
            payload[task]($) = (int)task + 7;
            deque_push(&pool.deque, (DequeItem){(void *)(task + 1), NULL});
            // As worker_notify_slow() does.
            if (load_seq_cst(&pool.events.searching) == 0 &&
                eventcount_any(&pool.events, EVENT_SET_IDLE)) {
                wake_one(&pool);
            }
        }
    }

    void thread(unsigned index)
    {
        if (index == 0) {
            bring();
            return;
        }
        // As await_any() and the loop of a worker do.
        Worker *worker = &workers[index];
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
        deque_release(&pool.deque);
        model_end<int64_t>();
        model_end<DequeBuffer *>();
        model_end<void *>();
        model_end<bool>();
        model_end<uint32_t>();
        model_end<uint64_t>();
        model_free_all();
    }
};

int main()
{
    return model_run<EventCountTest>(100000, false);
}
