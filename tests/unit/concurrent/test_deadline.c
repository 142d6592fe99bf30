#include "concurrent/deadline.h"

#include "tests/harness.h"

TEST(first_reason_wins)
{
    CancelToken token;
    cancel_token_init(&token, NULL, INT64_MAX);
    CHECK_EQ_INT(cancel_token_reason(&token), CANCEL_NONE);
    cancel_token_cancel(&token, CANCEL_FAILED);
    cancel_token_cancel(&token, CANCEL_INTERRUPTED);
    CHECK_EQ_INT(cancel_token_reason(&token), CANCEL_FAILED);
    CHECK_EQ_INT(cancel_token_poll(&token), CANCEL_FAILED);
}

TEST(children_inherit_and_parents_do_not)
{
    CancelToken root;
    CancelToken middle;
    CancelToken leaf;
    cancel_token_init(&root, NULL, INT64_MAX);
    cancel_token_init(&middle, &root, INT64_MAX);
    cancel_token_init(&leaf, &middle, INT64_MAX);
    cancel_token_cancel(&middle, CANCEL_FAILED);
    CHECK_EQ_INT(cancel_token_reason(&leaf), CANCEL_FAILED);
    CHECK_EQ_INT(cancel_token_reason(&root), CANCEL_NONE);
    cancel_token_cancel(&root, CANCEL_TERMINATED);
    CHECK_EQ_INT(cancel_token_reason(&leaf), CANCEL_FAILED);
}

TEST(deadline_is_the_earlier_one)
{
    CancelToken root;
    CancelToken child;
    cancel_token_init(&root, NULL, 100);
    cancel_token_init(&child, &root, 200);
    CHECK_EQ_INT(child.deadline_ns, 100);
    cancel_token_init(&child, &root, 50);
    CHECK_EQ_INT(child.deadline_ns, 50);
    cancel_token_init(&child, &root, INT64_MAX);
    CHECK_EQ_INT(child.deadline_ns, 100);
}

TEST(polling_finds_the_deadline)
{
    int64_t now = clock_monotonic_ns();
    CancelToken token;
    cancel_token_init(&token, NULL, now + INT64_C(3600000000000));
    CHECK_EQ_INT(cancel_token_poll(&token), CANCEL_NONE);
    CancelToken child;
    cancel_token_init(&child, &token, now - 1);
    CHECK_EQ_INT(cancel_token_reason(&child), CANCEL_NONE);
    CHECK_EQ_INT(cancel_token_poll(&child), CANCEL_TIMEOUT);
    CHECK_EQ_INT(cancel_token_reason(&child), CANCEL_TIMEOUT);
    CHECK_EQ_INT(cancel_token_poll(&token), CANCEL_NONE);
}

TEST(clock_does_not_go_back)
{
    int64_t last = clock_monotonic_ns();
    for (int i = 0; i < 1000; i++) {
        int64_t now = clock_monotonic_ns();
        CHECK(now >= last);
        last = now;
    }
}

TEST_MAIN(RUN(first_reason_wins), RUN(children_inherit_and_parents_do_not),
          RUN(deadline_is_the_earlier_one), RUN(polling_finds_the_deadline),
          RUN(clock_does_not_go_back))
