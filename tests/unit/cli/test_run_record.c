// When what is known of modules is kept.
#include "cli/run_record.h"

#include "tests/harness.h"

static bool is_costly(uint32_t modules, uint64_t bytes, uint64_t cost_ns)
{
    RunRecord record = {.cost_ns = cost_ns};
    for (uint32_t i = 0; i < modules; i++) {
        vec_push(&record.modules,
                 (RecordedModule){.file = STR("m.lig"), .bytes = bytes});
    }
    bool costly = run_record_is_costly(&record);
    run_record_release(&record);
    return costly;
}

TEST(a_run_must_cost_more_than_keeping_its_modules)
{
    CHECK(!is_costly(0, 0, 0));
    CHECK(!is_costly(1, 100, 1500000)); // the start of a process
    CHECK(!is_costly(5000, 600, 80000000));
    CHECK(is_costly(5000, 600, 400000000));
    CHECK(!is_costly(10, 1 << 20, 100000000)); // little per byte
    CHECK(is_costly(10, 1 << 10, 100000000));
}

TEST(the_cost_is_part_of_the_record)
{
    RunRecord record = {.cost_ns = 123456789, .tasks = 7, .output = STR("x")};
    StrBuf payload = {0};
    run_record_append(&record, &payload);
    RunRecord read = {0};
    CHECK(run_record_parse(strbuf_str(&payload), &read));
    CHECK_EQ_INT(read.cost_ns, 123456789);
    CHECK_EQ_INT(read.tasks, 7);
    run_record_release(&read);
    strbuf_release(&payload);
}

TEST_MAIN(RUN(a_run_must_cost_more_than_keeping_its_modules),
          RUN(the_cost_is_part_of_the_record))
