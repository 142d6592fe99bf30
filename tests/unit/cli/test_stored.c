// What the disk cache says of values, types and runs, read back: as it was
// written, and with every byte of it wrong in turn, cut off at every length,
// or followed by more. The readers believe nothing: what they take can be shown
// and written again.
#include "typecheck/check.h"

#define EVALUATE_CHECK(program)   check_program((program), &(CheckOptions){0})
#define EVALUATE_RELEASE(program) check_program_release(program)
#include "tests/unit/eval/evaluate.h"

#include "cli/run_record.h"
#include "eval/stored_values.h"
#include "support/pack.h"
#include "typecheck/stored_types.h"

#define PROGRAM                                                                \
    "import std.map as M;\n"                                                   \
    "type Color = Red | Mix Integer (Option Color);\n"                         \
    "type Port = Integer where x > 0;\n"                                       \
    "type Service = { name: String, port: Port, host?: String };\n"            \
    "type Box a = Box a | Pair (a, a);\n"                                      \
    "let id x = x;\n"                                                          \
    "let apply (f: a -> b) (x: a): b = f x;\n"                                 \
    "let plus x y = x + y;\n"                                                  \
    "let name r = r.name;\n"                                                   \
    "let boxes = [Box 1, Pair (2, 3)];\n"                                      \
    "let service: Service = { name = \"s\", port = 80 };\n"                    \
    "let table = M.fromList [(\"a b\", 1.5), (\"c\", -0.25)];\n"               \
    "let unit = ((), true, false);\n"                                          \
    "let steps = range 3 9;\n"                                                 \
    "let colors = [Red, Mix 5 (Some Red), Mix (-6) None];\n"                   \
    "{ boxes, service, table, unit, steps, colors, again = boxes }\n"

// Values for a byte in the place of another.
static const uint8_t wrong_bytes[] = {0, 1, 2, 5, 0x3F, 0x7F, 0x80, 0xC3, 0xFF};

typedef struct Fixture {
    Evaluated e;
    ModulePaths *paths;
    CtorPlaces *ctors;
    uint32_t taken; // wrong bytes that are something else
} Fixture;

static void fixture_init(Fixture *f)
{
    Limits limits = limits_default();
    *f = (Fixture){.e = evaluate(PROGRAM, 1, &limits)};
    CHECK(f->e.ok);
    f->paths = module_paths_new(f->e.test.program);
    f->ctors = ctor_places_new(f->e.evaluation);
}

static void fixture_release(Fixture *f)
{
    ctor_places_free(f->ctors);
    module_paths_free(f->paths);
    evaluated_release(&f->e);
}

// Calls `read` with each damaged version. Each has memory of its own length,
// so that AddressSanitizer sees what is read beyond it.
static void with_damage(Fixture *f, Str bytes, void (*read)(Fixture *f, Str))
{
    for (size_t at = 0; at < bytes.len; at++) {
        char *copy = malloc(bytes.len);
        memcpy(copy, bytes.data, bytes.len);
        for (size_t i = 0; i < sizeof wrong_bytes; i++) {
            copy[at] = (char)wrong_bytes[i];
            read(f, str_make(copy, bytes.len));
        }
        copy[at] = (char)(bytes.data[at] + 1);
        read(f, str_make(copy, bytes.len));
        free(copy);
        char *cut = malloc(at + 1);
        memcpy(cut, bytes.data, at);
        read(f, str_make(cut, at));
        free(cut);
    }
    char *longer = malloc(bytes.len + 1);
    memcpy(longer, bytes.data, bytes.len);
    longer[bytes.len] = 0;
    uint32_t taken = f->taken;
    read(f, str_make(longer, bytes.len + 1));
    CHECK_EQ_INT(f->taken, taken);
    free(longer);
}

// ---- values

static bool read_value(Fixture *f, Str bytes, StrBuf *shown, StrBuf *again)
{
    const Program *program = f->e.test.program;
    if (!stored_value_check(program, f->paths, bytes)) {
        return false;
    }
    Worker *worker = pool_main_worker(program->pool);
    Value value =
        stored_value_read(f->e.evaluation, f->paths,
                          evaluation_heap(f->e.evaluation, worker), bytes);
    CHECK(value_show(shown, value, UINT32_MAX));
    CHECK(stored_value_append(f->ctors, value, again));
    CHECK(stored_value_check(program, f->paths, strbuf_str(again)));
    return true;
}

static void read_damaged_value(Fixture *f, Str bytes)
{
    StrBuf shown = {0};
    StrBuf again = {0};
    f->taken += read_value(f, bytes, &shown, &again);
    strbuf_release(&shown);
    strbuf_release(&again);
}

TEST(values)
{
    Fixture f;
    fixture_init(&f);
    StrBuf bytes = {0};
    StrBuf want = {0};
    StrBuf shown = {0};
    StrBuf again = {0};
    CHECK(stored_value_append(f.ctors, f.e.value, &bytes));
    CHECK(value_show(&want, f.e.value, UINT32_MAX));
    CHECK(read_value(&f, strbuf_str(&bytes), &shown, &again));
    CHECK_EQ_STR(strbuf_str(&shown), strbuf_str(&want));
    CHECK_EQ_STR(strbuf_str(&again), strbuf_str(&bytes));
    with_damage(&f, strbuf_str(&bytes), read_damaged_value);
    CHECK(f.taken > 0);
    strbuf_release(&bytes);
    strbuf_release(&want);
    strbuf_release(&shown);
    strbuf_release(&again);
    fixture_release(&f);
}

// A list of so many times (), by hand: whether it would be read.
static bool takes_units(Fixture *f, uint32_t count)
{
    enum { OBJECT_LIST = 1, REF_OBJECT = 6 };
    StrBuf bytes = {0};
    pack_number(&bytes, 1);
    pack_number(&bytes, OBJECT_LIST);
    pack_number(&bytes, count);
    strbuf_append_repeat(&bytes, '\0', count);
    pack_number(&bytes, REF_OBJECT);
    pack_number(&bytes, 0);
    bool takes =
        stored_value_check(f->e.test.program, f->paths, strbuf_str(&bytes));
    strbuf_release(&bytes);
    return takes;
}

// Parts and bytes of one value are bounded.
TEST(large_values)
{
    Fixture f;
    fixture_init(&f);
    CHECK(takes_units(&f, 1000));
    CHECK(takes_units(&f, 1 << 20));
    CHECK(!takes_units(&f, (1 << 20) + 1));
    StrBuf bytes = {0};
    for (uint32_t len = STORED_VALUE_MAX - 1000; len < 2 * STORED_VALUE_MAX;
         len += STORED_VALUE_MAX / 2) {
        char *text;
        Value value = value_string_new(
            evaluation_heap(f.e.evaluation,
                            pool_main_worker(f.e.test.program->pool)),
            len, &text);
        memset(text, 'x', len);
        strbuf_clear(&bytes);
        bool is_small = len < STORED_VALUE_MAX;
        CHECK_EQ_INT(stored_value_append(f.ctors, value, &bytes), is_small);
        CHECK_EQ_INT(bytes.len > 0, is_small);
        strbuf_clear(&bytes);
        pack_number(&bytes, 1);
        pack_number(&bytes, 0); // a string
        pack_number(&bytes, len);
        strbuf_append_repeat(&bytes, 'x', len);
        pack_number(&bytes, 6); // the first object
        pack_number(&bytes, 0);
        CHECK_EQ_INT(
            stored_value_check(f.e.test.program, f.paths, strbuf_str(&bytes)),
            is_small);
    }
    strbuf_release(&bytes);
    fixture_release(&f);
}

TEST(functions_are_not_stored)
{
    Limits limits = limits_default();
    Evaluated e = evaluate("[\\x -> x + 1]", 1, &limits);
    CtorPlaces *ctors = ctor_places_new(e.evaluation);
    StrBuf bytes = {0};
    CHECK(e.ok);
    CHECK(!stored_value_append(ctors, e.value, &bytes));
    CHECK_EQ_INT(bytes.len, 0);
    strbuf_release(&bytes);
    ctor_places_free(ctors);
    evaluated_release(&e);
}

// ---- types

static bool read_types(Fixture *f, Str bytes)
{
    const Program *program = f->e.test.program;
    TypePlaces *places = type_places_new(program);
    PackReader reader = pack_reader(bytes);
    Arena arena;
    arena_init(&arena);
    StoredTypes *types = stored_types_read(
        program, places, f->paths, main_module(&f->e.test), &arena, &reader);
    bool ok = types != NULL && pack_ended(&reader);
    stored_types_free(types);
    arena_release(&arena);
    type_places_free(places);
    return ok;
}

static void read_damaged_types(Fixture *f, Str bytes)
{
    f->taken += read_types(f, bytes);
}

TEST(types)
{
    Fixture f;
    fixture_init(&f);
    StrBuf bytes = {0};
    TypePlaces *places = type_places_new(f.e.test.program);
    CHECK(stored_types_append(f.e.test.program, places, main_module(&f.e.test),
                              &bytes));
    type_places_free(places);
    CHECK(bytes.len > 0);
    CHECK(read_types(&f, strbuf_str(&bytes)));
    with_damage(&f, strbuf_str(&bytes), read_damaged_types);
    strbuf_release(&bytes);
    fixture_release(&f);
}

// ---- runs

static void read_damaged_record(Fixture *f, Str bytes)
{
    RunRecord record = {0};
    StrBuf again = {0};
    if (run_record_parse(bytes, &record)) {
        f->taken++;
        run_record_append(&record, &again);
        RunRecord twice = {0};
        CHECK(run_record_parse(strbuf_str(&again), &twice));
        CHECK_EQ_STR(twice.output, record.output);
        // Of files with such names there is none, whatever the stamp says.
        (void)run_record_check(&record, 0, false);
        run_record_release(&twice);
    }
    strbuf_release(&again);
    run_record_release(&record);
}

TEST(runs)
{
    Fixture f = {0};
    RunRecord record = {.tasks = 3, .output = STR("{ \"a\": 1 }\n")};
    RecordedFile file = {
        .dir = STR("/no/such/folder"), .name = STR("a.lig"), .at_rest = true};
    vec_push(&record.files, file);
    file.name = STR("b.lig");
    file.missing = true;
    vec_push(&record.files, file);
    RecordedModule module = {STR("/no/such/folder/a.lig"), 7, 2};
    vec_push(&record.modules, module);
    StrBuf bytes = {0};
    run_record_append(&record, &bytes);
    read_damaged_record(&f, strbuf_str(&bytes));
    CHECK_EQ_INT(f.taken, 1);
    with_damage(&f, strbuf_str(&bytes), read_damaged_record);
    strbuf_release(&bytes);
    run_record_release(&record);
}

TEST_MAIN(RUN(values), RUN(large_values), RUN(functions_are_not_stored),
          RUN(types), RUN(runs))
