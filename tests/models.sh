#!/bin/sh
# The concurrent core under Relacy (relacy-dev): every model holds for the
# code as it is, and fails for each of the mutations below: a model that no
# mutation breaks proves nothing. Needs relacy-dev and g++ (make models).
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Parts of files of which a model does not want the whole.
extract() { # folder of the code, functions
    code=$1
    shift
    for function in worker_all_busy worker_notify; do
        sed -n "/^static inline .* $function(/,/^}/p" "$code/concurrent/worker.h"
    done >"$scratch/worker_extract.h"
    for function; do
        sed -n "/^static.* $function(/,/^}/p" "$code/concurrent/worker.c"
        sed -n "/^void $function(/,/^}/p" "$code/concurrent/worker.c"
    done >>"$scratch/worker_extract.h"
    # The lock spins less: a model has all the patience that it needs.
    sed -n '/^#define RWLOCK_WRITER/,/^bool thread_start/p' \
        "$code/concurrent/thread.c" | sed '$d' |
        sed 's/RWLOCK_SPINS .*/RWLOCK_SPINS 1/' >"$scratch/rwlock_extract.h"
    sed -n '/^#define MUTEX_SPINS/,/^static struct timespec/p' \
        "$code/concurrent/thread.c" | sed '$d' |
        sed 's/MUTEX_SPINS .*/MUTEX_SPINS 1/' >"$scratch/mutex_extract.h"
}

compile() { # model, folder of the code, optimisation
    extract "$2" wake_one worker_notify_slow begin_search end_search \
        settle_pushes park_idle
    g++ -std=c++17 "$3" -fpermissive -w -I"$2" -I. -Itests/models \
        -I"$scratch" "tests/models/$1.cpp" \
        -o "$scratch/$1.bin" 2>"$scratch/log" || { cat "$scratch/log"; return 1; }
}

holds() { # model
    if compile "$1" . -O1 && "$scratch/$1.bin" >"$scratch/log" 2>&1; then
        echo "ok - $1 holds"
    else
        tail -n 40 "$scratch/log"
        echo "not ok - $1 holds"
    fi
}

breaks() { # model, file, sed expression, what it is
    rm -rf "$scratch/code"
    mkdir -p "$scratch/code/concurrent"
    cp concurrent/*.h concurrent/*.c "$scratch/code/concurrent"
    sed "$3" "concurrent/$2" >"$scratch/code/concurrent/$2"
    if cmp -s "concurrent/$2" "$scratch/code/concurrent/$2"; then
        echo "not ok - $1: the mutation changes nothing: $4"
    elif ! compile "$1" "$scratch/code" -O0; then
        echo "not ok - $1: the mutation does not compile: $4"
    elif "$scratch/$1.bin" >"$scratch/log" 2>&1; then
        echo "not ok - $1 finds: $4"
    else
        echo "ok - $1 finds: $4"
    fi
}

holds deque
breaks deque deque.h '/^static inline bool deque_pop/,/^}/s/store_seq_cst/store_release/' \
    'the owner hides the last item too late'
breaks deque deque.h '/^static inline bool deque_pop/,/^}/s/cas_seq_cst(&deque->top, &top, top + 1)/true/' \
    'the owner takes the last item without asking'
breaks deque deque.h '/^static inline bool deque_take/,/^}/s/return cas.*/return load_relaxed(\&deque->top) == index;/' \
    'a thief takes without a compare-and-swap'
breaks deque deque.h '/^static inline void deque_publish/,/^}/s/store_release/store_relaxed/' \
    'a push is shown before its item'
breaks deque deque.h 's/load_acquire(&deque->buffer)/load_relaxed(\&deque->buffer)/' \
    'a thief reads a buffer that is not filled yet'
breaks deque deque.c 's/= load_acquire(&deque->top)/= load_relaxed(\&deque->top) + 1/' \
    'growing forgets the oldest item'

holds eventcount
breaks eventcount worker.c '/^static void park_idle/,/^}/s/!any_work(worker->pool) && //' \
    'a sleeper does not look again'
breaks eventcount worker.c '/^static void end_search/,/^}/s/any_work(pool)/false/' \
    'the last searcher does not pass the search on'
breaks eventcount eventcount.c '/^void eventcount_signal/,/^}/s/(old & EVENT_ASLEEP) != 0/false/' \
    'a signal wakes nobody'
breaks eventcount eventcount.c '/^uint32_t eventcount_wait/,/^}/s/cas_acq_rel(word, &none, EVENT_ASLEEP)/(store_relaxed(word, EVENT_ASLEEP), true)/' \
    'falling asleep overwrites a signal'
breaks eventcount worker.c '/^static void park_idle/,/^}/s/settle_pushes(worker->pool)/(void)0/' \
    'a sleeper does not fence'
breaks eventcount worker.h '/^static inline void worker_notify/,/^}/s/fence_light()/(void)0/' \
    'who pushes does not fence'
breaks eventcount worker.h '/^static inline void worker_notify/,/^}/s/load_relaxed(&worker->is_lean)/true/' \
    'who pushes relies on fences that there are not'
breaks eventcount worker.c '/^void worker_notify_slow/,/^}/s/store_seq_cst(&worker->is_lean/store_relaxed(\&worker->is_lean/' \
    'a sleeper does not see that a worker is lean'
breaks eventcount deque.h '/^static inline void deque_settle/,/^}/s/store_seq_cst/store_release/' \
    'a push is not in the total order'

holds cache_map
breaks cache_map cache_map.c '/^void cache_map_fail/,/^}/s/futex_wake(wake, 1)/(void)wake/' \
    'a failure wakes nobody'
breaks cache_map cache_map.c '/^static void \*put/,/^}/s/futex_wake(wake, INT_MAX)/futex_wake(wake, 1)/' \
    'a value wakes one waiter only'
breaks cache_map cache_map.c '/^static CacheClaim claim_locked/,/^}/s/entry_set_state(entry, ENTRY_PENDING)/(void)0/' \
    'a failed entry is begun twice'
breaks cache_map cache_map.c 's/(\*link)->epoch + 2 > epoch/(*link)->epoch + 1 > epoch/' \
    'a value is dropped one epoch too early'
breaks cache_map cache_map.c '/^void cache_map_quiesce/,/^}/s/store_release/store_relaxed/' \
    'what a worker did with values is not over'
breaks cache_map cache_map.c '/^static void entry_await/,/^}/s/entry->eviction.pins++/(void)0/' \
    'a waiter does not keep the entry'
breaks cache_map thread.c '/^void rwlock_unlock_shared/,/^}/s/word == RWLOCK_WAITERS/false/' \
    'the last reader wakes nobody'
breaks cache_map thread.c '/^static void rwlock_pause/,/^}/s/word | RWLOCK_WAITERS/word/' \
    'a sleeper at the lock is not announced'
breaks cache_map thread.c '/^void rwlock_lock(/,/^}/s/RWLOCK_WRITER | RWLOCK_READERS/RWLOCK_WRITER/' \
    'a writer enters beside readers'

holds mutex
breaks mutex thread.c '/^static COLD void mutex_lock_taken/,/^}/s/MUTEX_AWAITED/MUTEX_TAKEN/' \
    'a sleeper at the mutex is not announced'
breaks mutex thread.c '/^void mutex_unlock/,/^}/s/word == MUTEX_AWAITED/false/' \
    'who unlocks wakes nobody'
breaks mutex thread.c '/^void mutex_unlock/,/^}/s/exchange_acq_rel(&mutex->word, MUTEX_FREE)/atomic_exchange_explicit(\&mutex->word, MUTEX_FREE, memory_order_relaxed)/' \
    'the next one does not see what was done inside'
breaks mutex thread.c '/^bool cond_wait_until/,/^}/{/uint32_t signals = /d;s/mutex_unlock(mutex);/mutex_unlock(mutex); uint32_t signals = load_relaxed(\&cond->signals);/}' \
    'a signal before the sleep is not seen'
breaks mutex thread.c '/^void cond_broadcast/,/^}/s/INT_MAX/1/' \
    'a broadcast wakes one'
