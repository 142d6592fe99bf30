// Interfaces and the type cache.
#include "tests/unit/typecheck/program.h"
#include "typecheck/check.h"
#include "typecheck/interface.h"
#include "typecheck/type_cache.h"

// The hash of the interface of `text`, and the text of it.
static Digest interface_of_text(const char *text, Arena *arena, Str *out_text)
{
    TestProgram test;
    test_program_init(&test, str_from_c(text));
    CheckOptions options = {.type_cache = NULL};
    check_program(test.program, &options);
    Digest imports[4] = {{{0}}};
    Digest hash =
        interface_hash(test.program, test.module, DIGEST_STRONG, imports);
    *out_text = interface_text(test.program, test.module, arena);
    check_program_release(test.program);
    test_program_release(&test);
    return hash;
}

static bool same_interface(const char *a, const char *b)
{
    Arena arena;
    arena_init(&arena);
    Str text;
    Digest first = interface_of_text(a, &arena, &text);
    Digest second = interface_of_text(b, &arena, &text);
    arena_release(&arena);
    return memcmp(&first, &second, sizeof first) == 0;
}

TEST(insides_do_not_show)
{
    CHECK(same_interface("let f x = x + 1;", "let f x = x + 2;"));
    CHECK(same_interface("let f x = x + 1;", "// a comment\nlet f y = 1 + y;"));
    CHECK(same_interface("let a = 1; export let b = 2;",
                         "let a = \"x\"; export let b = 2;"));
}

TEST(outsides_do)
{
    CHECK(!same_interface("let f x = x + 1;", "let g x = x + 1;"));
    CHECK(!same_interface("let f x = x + 1;", "let f x = x + 1.5;"));
    CHECK(!same_interface("let f x = x;", "let f x = show x;"));
    CHECK(!same_interface("type T = A | B;", "type T = B | A;"));
    CHECK(!same_interface("let r = { a = 1, b = 2 };",
                          "let r = { b = 2, a = 1 };"));
    CHECK(!same_interface("type P = Integer where x > 0;",
                          "type P = Integer where x > 1;"));
}

TEST(text)
{
    Arena arena;
    arena_init(&arena);
    Str made;
    interface_of_text("type T = A | B;\nlet id x = x; let n = A;", &arena,
                      &made);
    CHECK_EQ_STR(made, STR("module test.lig\ntype T = A | B;\n"
                           "let id : a -> a\nlet n : T\n"));
    arena_release(&arena);
}

// ---- the cache

static CacheMap *new_map(void)
{
    CacheMapOptions options = {.worker_count = 1,
                               .capacity_bytes = UINT64_MAX,
                               .drop = type_cache_drop};
    return cache_map_new(&options);
}

static bool find_nothing(void *ctx, const Hash256 *key, StoredVerdict *out)
{
    (void)ctx, (void)key, (void)out;
    return false;
}

static void keep_nothing(void *ctx, const Hash256 *key,
                         const StoredVerdict *verdict)
{
    (void)ctx, (void)key, (void)verdict;
}

// A map of several programs, as with a store on disk behind it.
static CheckOptions with_map(CacheMap *map)
{
    static const VerdictStore store = {find_nothing, keep_nothing, NULL};
    return (CheckOptions){
        .type_cache = map, .verdict_store = &store, .verdict_only = true};
}

// Checks `text` with the map; says what was reported.
static Str check_text(CacheMap *map, const char *text, bool *out_skipped,
                      Arena *arena)
{
    TestProgram test;
    test_program_init(&test, str_from_c(text));
    CheckOptions options = with_map(map);
    check_program(test.program, &options);
    *out_skipped = test.module->checked == NULL;
    diag_sink_merge(&test.diags, &test.module->diags);
    Str said = arena_str(arena, test_program_said(&test));
    check_program_release(test.program);
    test_program_release(&test);
    return said;
}

TEST(equal_text_is_not_checked_again)
{
    Arena arena;
    arena_init(&arena);
    CacheMap *map = new_map();
    bool skipped;
    check_text(map, "let f x = x + 1;", &skipped, &arena);
    CHECK(!skipped);
    check_text(map, "let f x = x + 1;", &skipped, &arena);
    CHECK(skipped);
    check_text(map, "let f x = x + 2;", &skipped, &arena);
    CHECK(!skipped);
    cache_map_free(map);
    arena_release(&arena);
}

TEST(diagnostics_are_replayed)
{
    Arena arena;
    arena_init(&arena);
    CacheMap *map = new_map();
    static const char *const text =
        "let a: String = 1; let f x = match x { true => 1 };"
        "let rec g n = g n;";
    bool skipped;
    Str first = check_text(map, text, &skipped, &arena);
    CHECK(!skipped);
    CHECK(first.len > 0);
    Str second = check_text(map, text, &skipped, &arena);
    CHECK(skipped);
    CHECK_EQ_STR(second, first);
    cache_map_free(map);
    arena_release(&arena);
}

TEST(options_are_part_of_the_key)
{
    Arena arena;
    arena_init(&arena);
    CacheMap *map = new_map();
    bool skipped;
    check_text(map, "let rec g n = g n;", &skipped, &arena);
    TestProgram test;
    test_program_init(&test, STR("let rec g n = g n;"));
    test.program->options.totality = TOTALITY_STRICT;
    CheckOptions check = with_map(map);
    CHECK(!check_program(test.program, &check));
    CHECK(test.module->checked != NULL);
    check_program_release(test.program);
    test_program_release(&test);
    cache_map_free(map);
    arena_release(&arena);
}

TEST_MAIN(RUN(insides_do_not_show), RUN(outsides_do), RUN(text),
          RUN(equal_text_is_not_checked_again), RUN(diagnostics_are_replayed),
          RUN(options_are_part_of_the_key))
