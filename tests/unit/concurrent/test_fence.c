#include "concurrent/fence.h"

#include <stdalign.h>

#include "concurrent/thread.h"
#include "support/attributes.h"
#include "tests/harness.h"

#define ROUNDS      500
#define STACK_BYTES ((size_t)1 << 20)

// Both announce themselves and look for the other, in rounds that begin at the
// same time. What is in the middle stands on lines of its own.
typedef struct Meeting {
    alignas(CACHE_LINE) _Atomic(int) often;
    alignas(CACHE_LINE) _Atomic(int) seldom;
    alignas(CACHE_LINE) _Atomic(int) arrived;
    alignas(CACHE_LINE) int often_saw;
} Meeting;

static void meet(Meeting *meeting, int count)
{
    fetch_add_acq_rel(&meeting->arrived, 1);
    while (load_acquire(&meeting->arrived) < count) {
        cpu_relax();
    }
}

static void *often_main(void *argument)
{
    Meeting *meeting = argument;
    for (int round = 1; round <= ROUNDS; round++) {
        meet(meeting, 4 * round - 2);
        store_relaxed(&meeting->often, round);
        fence_light();
        meeting->often_saw = load_relaxed(&meeting->seldom);
        meet(meeting, 4 * round);
    }
    return NULL;
}

TEST(one_of_both_sees_the_other)
{
    if (!fence_prepare()) {
        harness_skip("process-wide barrier"); // nobody relies on it
        return;
    }
    static Meeting meeting;
    Thread thread;
    bool started = thread_start(&thread, often_main, &meeting, STACK_BYTES);
    CHECK(started);
    if (!started) {
        return;
    }
    int missed = 0;
    for (int round = 1; round <= ROUNDS; round++) {
        meet(&meeting, 4 * round - 2);
        store_relaxed(&meeting.seldom, round);
        CHECK(fence_heavy());
        int saw = load_relaxed(&meeting.often);
        meet(&meeting, 4 * round);
        missed += saw != round && meeting.often_saw != round;
    }
    thread_join(&thread);
    CHECK_EQ_INT(missed, 0);
}

TEST_MAIN(RUN(one_of_both_sees_the_other))
