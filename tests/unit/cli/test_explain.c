// The pages of `ligature explain`.
#include "cli/explain.h"

#include "tests/harness.h"

TEST(every_code_has_a_page)
{
    for (int code = 0; code < DIAG_CODE_COUNT; code++) {
        const ExplainPage *page = explain_page((DiagCode)code);
        const char *name = diag_code_name((DiagCode)code);
        bool whole = page->text != NULL && page->text[0] != '\0' &&
                     page->cure != NULL && page->cure[0] != '\0' &&
                     page->options != NULL;
        CHECK_EQ_STR(str_from_c(whole ? name : "a page that is not whole"),
                     str_from_c(name));
        // Options without a program would say nothing.
        CHECK(!whole || page->example != NULL || page->options[0] == '\0');
    }
}

TEST(a_page)
{
    StrBuf out = {0};
    explain_write(&out, DIAG_E0602);
    CHECK_EQ_STR(
        strbuf_str(&out),
        STR("E0602: too many evaluation steps\n"
            "\n"
            "One top-level binding took more evaluation steps than "
            "--max-steps allows. A\n"
            "step is a call, a turn of a loop, or an element that a function "
            "of the library\n"
            "handles; a regular expression takes steps for all that it "
            "tries. Each binding\n"
            "has its own count, so the number of workers does not matter. "
            "Comparing values\n"
            "and checking refinements inside of them has a count of its own, "
            "up to four\n"
            "times as many: how much there is to look at depends on what is "
            "shared.\n"
            "\n"
            "Example, with `ligature eval --max-steps 1000 example.lig`:\n"
            "\n"
            "    sum (range 0 100000)\n"
            "\n"
            "Cure: look for a recursion that does not end (W0601 names those "
            "that are\n"
            "suspect) and for a regular expression that looks through a long "
            "text from each\n"
            "of its places (anchor it), or raise --max-steps.\n"));
    strbuf_release(&out);
}

TEST(pages_are_printable_and_narrow)
{
    for (int code = 0; code < DIAG_CODE_COUNT; code++) {
        StrBuf out = {0};
        explain_write(&out, (DiagCode)code);
        Str page = strbuf_str(&out);
        for (size_t at = 0; at < page.len;) {
            size_t end = str_find_byte(page, '\n', at);
            CHECK(end - at <= 78);
            for (size_t i = at; i < end; i++) {
                CHECK(page.data[i] >= 32 && page.data[i] < 127);
            }
            at = end + 1;
        }
        strbuf_release(&out);
    }
}

TEST(index_lists_every_code)
{
    StrBuf out = {0};
    explain_write_index(&out);
    CHECK(str_starts_with(
        strbuf_str(&out),
        STR("E0001  the command line or the environment is wrong\n")));
    int lines = 0;
    for (size_t i = 0; i < out.len; i++) {
        lines += out.data[i] == '\n';
    }
    CHECK_EQ_INT(lines, DIAG_CODE_COUNT);
    strbuf_release(&out);
}

TEST_MAIN(RUN(every_code_has_a_page), RUN(a_page),
          RUN(pages_are_printable_and_narrow), RUN(index_lists_every_code))
