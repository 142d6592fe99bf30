// Which folders are asked, and what is made of their answers.
#include "support/cgroup.h"

#include <unistd.h>

#include "tests/harness.h"

#define ROOT "/sys/fs/cgroup"

static char last[2][8192]; // folder asked last, by version
static int asked[2];

static uint64_t note(const char *folder, int version)
{
    CHECK(version == 1 || version == 2);
    CHECK(strncmp(folder, ROOT, strlen(ROOT)) == 0);
    snprintf(last[version - 1], sizeof last[0], "%s", folder);
    return 1000 + (uint64_t)asked[version - 1]++;
}

static uint64_t none(const char *folder, int version)
{
    (void)folder;
    (void)version;
    return UINT64_MAX;
}

TEST(walks_up_to_the_root)
{
    uint64_t smallest = cgroup_smallest("memory", note);
    if (asked[0] + asked[1] == 0) {
        CHECK(smallest == UINT64_MAX);
        printf("# no control groups here\n");
        return;
    }
    CHECK_EQ_INT(smallest, 1000);
    if (asked[1] > 0) {
        CHECK_EQ_STR(str_from_c(last[1]), STR(ROOT));
    }
    if (asked[0] > 0) {
        CHECK(str_starts_with(str_from_c(last[0]), STR(ROOT "/")));
        CHECK(strchr(last[0] + strlen(ROOT) + 1, '/') == NULL);
    }
}

TEST(no_limit)
{
    CHECK(cgroup_smallest("memory", none) == UINT64_MAX);
    CHECK(cgroup_smallest("no such controller", none) == UINT64_MAX);
}

TEST(first_lines)
{
    char folder[] = "/tmp/cgroup-XXXXXX";
    char path[64], line[32];
    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/memory.max", folder);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fputs("12345\nmore\n", file) >= 0);
    CHECK(fclose(file) == 0);
    CHECK(cgroup_read_line(folder, "memory.max", line, sizeof line));
    CHECK_EQ_STR(str_from_c(line), STR("12345"));
    CHECK(cgroup_read_line(folder, "memory.max", line, 4)); // cut
    CHECK_EQ_STR(str_from_c(line), STR("123"));
    CHECK(!cgroup_read_line(folder, "cpu.max", line, sizeof line));
    CHECK(unlink(path) == 0 && rmdir(folder) == 0);
}

TEST_MAIN(RUN(walks_up_to_the_root), RUN(no_limit), RUN(first_lines))
