// Parsing ahead, in pieces far smaller than usual: the tree, the counts and the
// diagnostics are those of one parser, wherever the pieces begin.
#include <glob.h>

#include "tests/harness.h"
#include "tests/parse_twice.h"

#define MAX_NESTING 200

static Str read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    StrBuf text = {0};
    size_t count = 1;
    while (file != NULL && count > 0) {
        count = fread(strbuf_reserve(&text, 65536), 1, 65536, file);
        text.len += count;
    }
    if (file != NULL) {
        fclose(file);
    }
    return strbuf_str(&text);
}

static void check_text(const char *name, Str text, Worker *worker,
                       uint32_t piece_bytes, uint64_t *taken)
{
    harness_check(parse_twice(text, worker, MAX_NESTING, piece_bytes, taken),
                  name, (int)piece_bytes, "differs from the serial parser");
}

static void check_files(const char *pattern, Worker *worker, uint64_t *taken)
{
    static const uint32_t sizes[] = {16, 64, 97, 256, 4096};
    glob_t found;
    CHECK_EQ_INT(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        Str text = read_file(found.gl_pathv[i]);
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            check_text(found.gl_pathv[i], text, worker, sizes[k], taken);
        }
        free((char *)(uintptr_t)text.data);
    }
    globfree(&found);
}

static void check_all_files(uint32_t worker_count)
{
    Pool *pool = pool_new(worker_count, 0);
    Worker *worker = pool_main_worker(pool);
    uint64_t taken = 0;
    check_files("std/*.lig", worker, &taken);
    check_files("fixtures/*.lig", worker, &taken);
    check_files("fixtures/*/*.lig", worker, &taken);
    CHECK(taken > 10000);
    pool_free(pool);
}

TEST(files_by_one_worker)
{
    check_all_files(1);
}

TEST(files_by_three_workers)
{
    check_all_files(3);
}

// Most of a text of one long literal is parsed ahead.
static void check_share(Str text, uint64_t least, uint32_t piece_bytes)
{
    Pool *pool = pool_new(2, 0);
    uint64_t taken = 0;
    check_text("share", text, pool_main_worker(pool), piece_bytes, &taken);
    CHECK(taken >= least);
    if (taken < least) {
        printf("# taken: %llu\n", (unsigned long long)taken);
    }
    pool_free(pool);
}

TEST(long_list_of_records)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("let f x = x;\n{\n  services = [\n"));
    for (int i = 0; i < 1000; i++) {
        strbuf_appendf(&text,
                       "    {\n      name = \"s%d\",\n      tags = [\n"
                       "        \"a,\",\n        \"b\\(f 1)\",\n      ],\n"
                       "      port = f %d,\n    },\n",
                       i, i);
    }
    strbuf_append(&text, STR("  ],\n}\n"));
    check_share(strbuf_str(&text), 9 * 980, 4096);
    strbuf_release(&text);
}

TEST(one_line)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("{s=["));
    for (int i = 0; i < 1000; i++) {
        strbuf_appendf(&text, "{n=\"s%d\",t=[%d,2],p={q=-1}},", i, i);
    }
    strbuf_append(&text, STR("]}"));
    check_share(strbuf_str(&text), 7 * 980, 2048);
    strbuf_release(&text);
}

TEST(declarations_with_docs)
{
    StrBuf text = {0};
    for (int i = 0; i < 1000; i++) {
        strbuf_appendf(&text,
                       "/// The %d-th.\n/// It counts.\n"
                       "let v%d: Integer =\n  let rec g n = n;\n  in g %d;\n",
                       i, i, i);
    }
    check_share(strbuf_str(&text), 4 * 900, 2048);
    strbuf_release(&text);
}

TEST(one_record_of_lists)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("export let all = {\n"));
    for (int i = 0; i < 300; i++) {
        strbuf_appendf(&text, "  // [ { , ;\n  f%d.x = [\n", i);
        for (int k = 0; k < 20; k++) {
            strbuf_appendf(&text, "    %d,\n", k);
        }
        strbuf_append(&text, STR("  ],\n  y,\n  ..z,\n"));
    }
    strbuf_append(&text, STR("};\n"));
    check_share(strbuf_str(&text), 300 * 21, 2048);
    strbuf_release(&text);
}

// What stands in strings and comments looks like items.
TEST(deceptive_text)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("let a = \"\"\"\n"));
    for (int i = 0; i < 300; i++) {
        strbuf_append(&text, STR("  let b = 1;\n  x = [1,\n  \\(c),\n"));
    }
    strbuf_append(&text, STR("  \"\"\";\n/*\n"));
    for (int i = 0; i < 300; i++) {
        strbuf_append(&text, STR("let d = { e = \"f\",\n  g = 1 };\n"));
    }
    strbuf_append(&text, STR("*/\nlet i = \"\"\"\n  \\([\n"));
    for (int i = 0; i < 300; i++) {
        strbuf_append(&text, STR("  f(1),\n  { x = (2) },\n"));
    }
    strbuf_append(&text, STR("  ])\n  \"\"\";\nlet h = 1;\n[1,\n2,\n]\n"));
    for (uint32_t bytes = 16; bytes < 5000; bytes = bytes * 5 / 3) {
        check_share(strbuf_str(&text), 0, bytes);
    }
    strbuf_release(&text);
}

// Few of the items are right, and after many errors all is given up.
TEST(many_errors)
{
    static const char *const items[] = {"  \"\\q\",\n", "  !x,\t\n", "  -1,\n"};
    StrBuf text = {0};
    strbuf_append(&text, STR("let a = [\n"));
    for (int i = 0; i < 4500; i++) {
        strbuf_append(&text, str_from_c(items[i % 3]));
    }
    strbuf_append(&text, STR("];\n"));
    check_share(strbuf_str(&text), 0, 64);
    strbuf_release(&text);
}

// Errors at any place, before and behind what was parsed ahead.
TEST(errors_anywhere)
{
    StrBuf good = {0};
    strbuf_append(&good, STR("let a = [\n"));
    for (int i = 0; i < 12; i++) {
        strbuf_append(&good, STR("  { b = 1, c = [1,\n 2], d = \"e\" },\n"));
    }
    strbuf_append(&good, STR("];\nlet f = {\n  g = 1,\n};\na\n"));
    static const char wrong[] = "}])(,;\"=$";
    Pool *pool = pool_new(1, 0);
    uint64_t taken = 0;
    for (size_t at = 0; at < good.len; at++) {
        StrBuf text = {0};
        strbuf_append(&text, strbuf_str(&good));
        text.data[at] = wrong[at % (sizeof wrong - 1)];
        check_text("errors", strbuf_str(&text), pool_main_worker(pool),
                   32 + (uint32_t)at % 50, &taken);
        strbuf_release(&text);
    }
    CHECK(taken > 0);
    pool_free(pool);
    strbuf_release(&good);
}

// Pieces begin inside of characters; bytes that are none are found in all.
TEST(characters)
{
    StrBuf good = {0};
    strbuf_append(&good, STR("\xEF\xBB\xBF#! ligature, [\nlet a = [\n"));
    for (int i = 0; i < 20; i++) {
        strbuf_append(&good, STR("  \"\xC3\xA4\xF0\x9F\x98\x80\",\n"
                                 "  \"\xE2\x82\xAC\xC3\x9F\",\n"));
    }
    strbuf_append(&good, STR("];\n"));
    Pool *pool = pool_new(1, 0);
    Worker *worker = pool_main_worker(pool);
    for (uint32_t bytes = 40; bytes < 60; bytes++) {
        uint64_t taken = 0;
        check_text("characters", strbuf_str(&good), worker, bytes, &taken);
        CHECK(taken > 20);
    }
    static const char wrong[] = {'\0', '\xFF', '\x80', '\xC3', '\xE2', '\xF0'};
    for (size_t at = 0; at < good.len; at++) {
        for (size_t k = 0; k < sizeof wrong; k++) {
            StrBuf text = {0};
            uint64_t taken = 0;
            strbuf_append(&text, strbuf_str(&good));
            text.data[at] = wrong[k];
            check_text("bytes", strbuf_str(&text), worker, 40, &taken);
            strbuf_release(&text);
        }
    }
    pool_free(pool);
    strbuf_release(&good);
}

// A list in brackets that are `depth` deep altogether.
static void check_depth(Worker *worker, uint32_t depth, uint32_t max_nesting)
{
    StrBuf text = {0};
    uint64_t taken = 0;
    for (uint32_t i = 0; i < depth; i++) {
        strbuf_append(&text, STR("[\n"));
    }
    for (uint32_t i = 0; i < 100; i++) {
        strbuf_append(&text, STR("1,\n[\n[2,\n3,\n]],\na.b.c.d.e,\n"));
    }
    for (uint32_t i = 0; i < depth; i++) {
        strbuf_append(&text, STR("],\n"));
    }
    text.len -= 2;
    for (uint32_t bytes = 20; bytes < 200; bytes += 60) {
        harness_check(
            parse_twice(strbuf_str(&text), worker, max_nesting, bytes, &taken),
            "depth", (int)depth, "differs");
    }
    strbuf_release(&text);
}

TEST(nesting)
{
    Pool *pool = pool_new(1, 0);
    for (uint32_t depth = 1; depth < 40; depth += SANITIZED ? 4 : 1) {
        for (uint32_t max = 1; max < 45; max += 3) {
            check_depth(pool_main_worker(pool), depth, max);
        }
    }
    pool_free(pool);
}

// What is put on top of a finished list counts from its highest item.
TEST(height)
{
    Pool *pool = pool_new(1, 0);
    for (int accesses = 1; accesses < 40; accesses++) {
        StrBuf text = {0};
        uint64_t taken = 0;
        strbuf_append(&text, STR("[\n"));
        for (int i = 0; i < 50; i++) {
            strbuf_append(&text, STR("{ x = [[[[i]]]] },\n"));
        }
        strbuf_append(&text, STR("]"));
        for (int i = 0; i < accesses; i++) {
            strbuf_append(&text, STR(".a"));
        }
        harness_check(parse_twice(strbuf_str(&text), pool_main_worker(pool), 30,
                                  100, &taken),
                      "height", accesses, "differs");
        CHECK(taken > 200);
        strbuf_release(&text);
    }
    pool_free(pool);
}

// Fragments in any order.
TEST(any_tokens)
{
    static const char *const parts[] = {"let ",      "\nlet x = 1;\n",
                                        "x ",        "X ",
                                        "= ",        ";",
                                        "(",         ")",
                                        "[",         "]",
                                        "{",         "}",
                                        ", ",        ",\n",
                                        "-> ",       "if ",
                                        "then ",     "else ",
                                        "match ",    "=> ",
                                        "\ntype T ", "1 ",
                                        "\"\\(",     "\"",
                                        "\n",        "for ",
                                        "..",        ".",
                                        ": ",        "\nexport ",
                                        "\"\"\"\n",  "/*",
                                        "*/",        "//",
                                        "rec ",      "in ",
                                        "a = 1,\n",  "[1,\n2]",
                                        "\\x",       ";\n"};
    uint64_t seed = 7;
    uint64_t taken = 0;
    Pool *pool = pool_new(1, 0);
    for (int i = 0; i < 3000; i++) {
        StrBuf text = {0};
        for (int k = 0; k < 60; k++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
            strbuf_append(&text, str_from_c(parts[(seed >> 33) % 40]));
        }
        check_text("tokens", strbuf_str(&text), pool_main_worker(pool),
                   16 + (uint32_t)(seed >> 40) % 64, &taken);
        strbuf_release(&text);
    }
    CHECK(taken > 0);
    pool_free(pool);
}

TEST_MAIN(RUN(files_by_one_worker), RUN(files_by_three_workers),
          RUN(long_list_of_records), RUN(one_line), RUN(declarations_with_docs),
          RUN(one_record_of_lists), RUN(deceptive_text), RUN(many_errors),
          RUN(errors_anywhere), RUN(characters), RUN(nesting), RUN(height),
          RUN(any_tokens))
