// Random matches over a small type against brute force: the values that are
// missed, the arms that are reached, and the witnesses.
#include "tests/unit/typecheck/program.h"
#include "typecheck/pattern_matrix.h"

#define MATCHES  400
#define MAX_ARMS 7
// Patterns test at most two elements, so longer lists behave like three.
#define MAX_LENGTH 3

// (Boolean, Option Boolean, List Boolean)
typedef struct Sample {
    bool flag;
    int option; // 0 None, 1 Some false, 2 Some true
    int length;
    bool items[MAX_LENGTH];
} Sample;

static uint32_t next_random(uint32_t *state, uint32_t below)
{
    *state = *state * 1664525 + 1013904223;
    return (*state >> 16) % below;
}

static const char *random_bool(uint32_t *state)
{
    static const char *const texts[] = {"true", "false", "_", "b"};
    uint32_t at = next_random(state, 4);
    return at == 3 ? "_" : texts[at];
}

static void append_arm(uint32_t *state, StrBuf *text)
{
    if (next_random(state, 12) == 0) {
        strbuf_append(text, STR("_"));
        return;
    }
    strbuf_appendf(text, "(%s, ", random_bool(state));
    switch (next_random(state, 4)) {
    case 0:
        strbuf_append(text, STR("None"));
        break;
    case 1:
        strbuf_appendf(text, "Some %s", random_bool(state));
        break;
    default:
        strbuf_append(text, STR("_"));
        break;
    }
    strbuf_append(text, STR(", "));
    uint32_t count = next_random(state, 3);
    if (next_random(state, 3) == 0) {
        strbuf_append(text, STR("_)"));
        return;
    }
    strbuf_append(text, STR("["));
    for (uint32_t i = 0; i < count; i++) {
        strbuf_appendf(text, "%s%s", i > 0 ? ", " : "", random_bool(state));
    }
    bool rest = count > 0 && next_random(state, 2) == 0;
    strbuf_append(text, rest ? STR(", ..])") : STR("])"));
}

static bool matches_bool(const Pattern *pattern, bool value)
{
    return pattern->kind != PATTERN_BOOL || pattern->as.boolean.value == value;
}

static bool matches_list(const Pattern *pattern, const Sample *sample)
{
    if (pattern->kind != PATTERN_LIST) {
        return true;
    }
    const PatternList *list = pattern->as.list;
    int count = (int)list->count;
    if (list->has_rest ? sample->length < count : sample->length != count) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        if (!matches_bool(&list->items[i], sample->items[i])) {
            return false;
        }
    }
    return true;
}

static bool matches(const TestProgram *test, const Pattern *pattern,
                    const Sample *sample)
{
    if (pattern->kind != PATTERN_TUPLE) {
        return true;
    }
    const Pattern *parts = pattern->as.tuple.items;
    bool option = true;
    if (parts[1].kind == PATTERN_CTOR) {
        const PatternCtor *ctor = parts[1].as.ctor;
        const Module *module = test->program->modules[ctor->ref.module];
        bool is_some = module->ctors[ctor->ref.index].decl->arg_count == 1;
        option = is_some ? sample->option > 0 &&
                               matches_bool(&ctor->args[0], sample->option == 2)
                         : sample->option == 0;
    }
    return matches_bool(&parts[0], sample->flag) && option &&
           matches_list(&parts[2], sample);
}

static uint32_t all_samples(Sample *out)
{
    uint32_t count = 0;
    for (int flag = 0; flag < 2; flag++) {
        for (int option = 0; option < 3; option++) {
            for (int length = 0; length <= MAX_LENGTH; length++) {
                for (int bits = 0; bits < 1 << length; bits++) {
                    Sample sample = {flag != 0, option, length, {false}};
                    for (int i = 0; i < length; i++) {
                        sample.items[i] = (bits >> i & 1) != 0;
                    }
                    out[count++] = sample;
                }
            }
        }
    }
    return count;
}

typedef struct Found {
    MatrixRow rows[MAX_ARMS + 1];
    uint32_t count;
    MatrixResult result;
} Found;

static void search(TestProgram *test, Arena *arena, Found *out)
{
    const Binding *binding = &test->module->bindings[0];
    const Match *match = binding->value->as.lambda->body.as.match;
    out->count = match->arm_count;
    for (uint32_t i = 0; i < match->arm_count; i++) {
        out->rows[i] = (MatrixRow){.pattern = match->arms[i].patterns,
                                   .guarded = match->arms[i].guard != NULL};
    }
    CHECK_EQ_INT(matrix_search(test->program, out->rows, out->count, arena,
                               &out->result),
                 MATRIX_DONE);
}

// The witness as a further arm: reached by some value, and by each that it
// matches.
static void check_witness(const char *arms, Str witness, const Sample *samples,
                          uint32_t count)
{
    StrBuf text = {0};
    strbuf_appendf(&text, "let rec f x = match x { %s %.*s => 1 };", arms,
                   STR_ARG(witness));
    TestProgram test;
    test_program_init(&test, strbuf_str(&text));
    Arena arena;
    arena_init(&arena);
    Found found;
    search(&test, &arena, &found);
    uint32_t matched = 0;
    for (uint32_t s = 0; s < count; s++) {
        if (!matches(&test, found.rows[found.count - 1].pattern, &samples[s])) {
            continue;
        }
        matched++;
        for (uint32_t i = 0; i + 1 < found.count; i++) {
            CHECK(found.rows[i].guarded ||
                  !matches(&test, found.rows[i].pattern, &samples[s]));
        }
    }
    CHECK(matched > 0);
    arena_release(&arena);
    test_program_release(&test);
    strbuf_release(&text);
}

static void check_match(uint32_t seed, const Sample *samples, uint32_t count)
{
    uint32_t state = seed;
    StrBuf arms = {0};
    uint32_t arm_count = 1 + next_random(&state, MAX_ARMS - 1);
    for (uint32_t i = 0; i < arm_count; i++) {
        append_arm(&state, &arms);
        strbuf_append(&arms, next_random(&state, 5) == 0
                                 ? STR(" when f x => 1, ")
                                 : STR(" => 1, "));
    }
    strbuf_append_char(&arms, '\0');
    StrBuf text = {0};
    strbuf_appendf(&text, "let rec f x = match x { %s };", arms.data);
    TestProgram test;
    test_program_init(&test, strbuf_str(&text));
    Arena arena;
    arena_init(&arena);
    Found found;
    search(&test, &arena, &found);
    bool reached[MAX_ARMS] = {false};
    bool missed = false;
    for (uint32_t s = 0; s < count; s++) {
        bool covered = false;
        for (uint32_t i = 0; i < found.count && !covered; i++) {
            if (matches(&test, found.rows[i].pattern, &samples[s])) {
                reached[i] = true;
                covered = !found.rows[i].guarded;
            }
        }
        missed = missed || !covered;
    }
    CHECK_EQ_INT(found.result.count > 0, missed);
    for (uint32_t i = 0; i < found.count; i++) {
        CHECK_EQ_INT(found.rows[i].useful, reached[i]);
    }
    for (uint32_t i = 0; i < found.result.count; i++) {
        StrBuf witness = {0};
        witness_print(test.program->interner, found.result.witnesses[i],
                      &witness);
        check_witness(arms.data, strbuf_str(&witness), samples, count);
        strbuf_release(&witness);
    }
    arena_release(&arena);
    test_program_release(&test);
    strbuf_release(&text);
    strbuf_release(&arms);
}

TEST(against_brute_force)
{
    static Sample samples[2 * 3 * 15];
    uint32_t count = all_samples(samples);
    for (uint32_t seed = 1; seed <= MATCHES; seed++) {
        check_match(seed * 2654435761u, samples, count);
    }
}

TEST_MAIN(RUN(against_brute_force))
