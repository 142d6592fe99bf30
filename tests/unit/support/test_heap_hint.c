// That large pages are given up when one is slow to come by.
#include "support/heap_hint.h"

#include <inttypes.h>
#include <stdio.h>

#include "support/die.h"
#include "tests/harness.h"

// The flags of the mapping that the byte lies in, as the kernel writes them: hg
// where it is to have large pages, nh where it is not.
static bool has_flag(const void *byte, const char *flag)
{
    FILE *file = fopen("/proc/self/smaps", "r");
    CHECK(file != NULL);
    uintptr_t at = (uintptr_t)byte;
    bool inside = false, found = false;
    char line[512];
    while (fgets(line, sizeof line, file) != NULL) {
        uintptr_t start, end;
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &start, &end) == 2) {
            inside = at >= start && at < end;
        } else if (inside && strncmp(line, "VmFlags:", 8) == 0) {
            found = strstr(line, flag) != NULL;
        }
    }
    fclose(file);
    return found;
}

static char *fresh_pages(void)
{
    size_t bytes = 2 * LARGE_PAGE;
    char *block = mem_alloc_pages(&bytes);
    CHECK(bytes == 2 * LARGE_PAGE);
    block[0] = block[bytes - 1] = 1; // usable, whatever its pages are
    return block;
}

static void check_given_up(char *grown)
{
    heap_hint_judge(300000); // as usual
    CHECK(has_flag(grown, " hg"));
    char *second = fresh_pages();
    if (has_flag(second, " hg")) { // else it was slow to come by
        heap_hint_judge(5000000);
        CHECK(has_flag(grown, " nh"));
        char *third = fresh_pages();
        CHECK(has_flag(third, " nh"));
        heap_hint_judge(300000); // too late
        // Advised before, and a part of it is used only now.
        heap_hint_fresh(second + LARGE_PAGE, LARGE_PAGE);
        CHECK(has_flag(second + LARGE_PAGE, " nh"));
        CHECK(has_flag(second, " hg"));
        CHECK(second[2 * LARGE_PAGE - 1] == 1);
        mem_free_pages(third, 2 * LARGE_PAGE);
    }
    mem_free_pages(second, 2 * LARGE_PAGE);
}

// One test: what is given up stays so for the process.
TEST(slow_large_pages_are_given_up)
{
    heap_hint_init();
    heap_hint_expect(64 << 20);
    char *grown = mem_alloc(3 << 20); // of the heap, not mapped by itself
    char *first = fresh_pages();
    if (has_flag(first, " hg") && has_flag(grown, " hg")) {
        check_given_up(grown);
    } // else a sanitizer, a kernel without them, or a machine that is slow
    mem_free_pages(first, 2 * LARGE_PAGE);
    free(grown);
}

TEST_MAIN(RUN(slow_large_pages_are_given_up))
