// Random recursions that are accepted as total are run: each must end.
//
// Two functions of two integers and a list call each other, once per branch
// and in tail position, so that running them is a loop.
#include "tests/unit/typecheck/program.h"
#include "typecheck/check.h"
#include "typecheck/totality.h"

#define PROGRAMS  3000
#define MAX_STEPS 100000
#define MAX_NODES 64
#define MAX_LIST  6

typedef enum Form {
    FORM_STOP,
    FORM_CALL,  // function, two integers, list
    FORM_IF,    // condition, then, else
    FORM_MATCH, // on the list: empty, not empty
    FORM_FORMS
} Form;

typedef struct Node {
    Form form;
    int what;     // FORM_IF: the condition; FORM_CALL: the function
    int other;    // FORM_IF: how a second condition is joined: 0 none
    int args[3];  // FORM_CALL
    int parts[2]; // indices of nodes
} Node;

typedef struct Text {
    Node nodes[MAX_NODES];
    int count;
    int bodies[2];
    uint32_t state;
} Text;

static const char *const conditions[] = {
    "i <= 0", "i > 0",  "i == 0",  "i != 0",  "i < n",         "i >= n",
    "i == n", "n <= 0", "i < 10",  "i == 10", "!(n > 0)",      "0 < i <= n",
    "n == 5", "n > i",  "i <= -3", "n != i",  "i > length xs", "i == length xs",
};
#define CONDITIONS ((int)(sizeof conditions / sizeof *conditions))

static bool holds(int condition, int64_t i, int64_t n, int length)
{
    bool results[] = {
        i <= 0,
        i > 0,
        i == 0,
        i != 0,
        i<n, i >= n, i == n, n <= 0,
          i<10, i == 10, !(n > 0), 0 < i && i <= n, n == 5, n> i, i <= -3,
          n != i, i>
            length,
        i == length,
    };
    return results[condition];
}

static const char *const integers[] = {
    "i",
    "n",
    "(i - 1)",
    "(i + 1)",
    "(n - 1)",
    "(n + 1)",
    "(i / 2)",
    "(i % n)",
    "0",
    "10",
    "(i - 3)",
    "(n / 3)",
    "(n % i)",
    "(n + 2)",
    "(-1)",
    "(length xs)",
    "(let k = i - 1 in k)",
    "(i - i / 2)",
    "(n - n / 3)",
    "((i + n) / 2)",
    "(i + (n - i) / 2)",
    "(n - i)",
    "(length xs / 2)",
    "(halve n)",
    "(i - length xs)",
};
#define INTEGERS ((int)(sizeof integers / sizeof *integers))

// False when the evaluation stops with an error.
static bool integer(int which, int64_t i, int64_t n, int length, int64_t *out)
{
    if ((which == 7 && n == 0) || (which == 12 && i == 0)) {
        return false;
    }
    int64_t results[] = {
        i,          n,           i - 1,
        i + 1,      n - 1,       n + 1,
        i / 2,      0,           0,
        10,         i - 3,       n / 3,
        0,          n + 2,       -1,
        length,     i - 1,       i - i / 2,
        n - n / 3,  (i + n) / 2, i + (n - i) / 2,
        n - i,      length / 2,  n / 2,
        i - length,
    };
    *out = which == 7 ? i % n : which == 12 ? n % i : results[which];
    return *out > INT32_MIN && *out < INT32_MAX;
}

// Behind `[h, ..t]` the tail may be named; the last two may grow.
static const char *const lists[] = {
    "xs",
    "[]",
    "(reverse xs)",
    "(filter (\\x -> x > 0) xs)",
    "([i] ++ xs)",
    "(evens xs)",
    "(first (split xs))",
    "(second (split xs))",
    "(cut i xs)",
    "(cut (length xs / 2) xs)",
    "(dup xs)",
    "t",
    "([i] ++ t)",
    "(evens ([i] ++ t))",
};
#define TAILED 11 // the first that needs the tail
#define LISTS  ((int)(sizeof lists / sizeof *lists))

static const char helpers[] =
    "let halve n = n / 2;"
    "let rec evens xs = match xs { [] => [], [x, ..r] => [x] ++ odds r }"
    " and odds xs = match xs { [] => [], [_, ..r] => evens r };"
    "let rec split xs = match xs { [] => ([], []), [x] => ([x], []), "
    "[x, y, ..r] => match split r { (a, b) => ([x] ++ a, [y] ++ b) } };"
    "let first p = match p { (a, _) => a };"
    "let second p = match p { (_, b) => b };"
    "let rec cut n xs = if n <= 0 then xs else match xs { [] => [], "
    "[_, ..r] => cut (n - 1) r };"
    "let rec dup xs = match xs { [] => [], [x, ..r] => [x, x] ++ dup r };";

static int next(Text *text, int below)
{
    text->state = text->state * 1664525 + 1013904223;
    return (int)((text->state >> 16) % (uint32_t)below);
}

static int make_node(Text *text, int depth, bool has_tail)
{
    int at = text->count++;
    Node *node = &text->nodes[at];
    int form = next(text, 10);
    node->form = depth == 0 || form < 1 ? (form < 2 ? FORM_STOP : FORM_CALL)
                 : form < 4             ? FORM_CALL
                 : form < 8             ? FORM_IF
                                        : FORM_MATCH;
    if (node->form == FORM_CALL) {
        node->what = next(text, 3) == 0;
        node->args[0] = next(text, 3) == 0 ? 2 : next(text, INTEGERS);
        node->args[1] = next(text, 2) == 0 ? 1 : next(text, INTEGERS);
        node->args[2] = has_tail
                            ? (next(text, 2) == 0 ? TAILED : next(text, LISTS))
                            : (next(text, 2) == 0 ? 0 : next(text, TAILED));
    } else if (node->form != FORM_STOP) {
        node->what = next(text, CONDITIONS);
        node->other = next(text, 4);
        bool matches = node->form == FORM_MATCH;
        int first = make_node(text, depth - 1, has_tail && !matches);
        int second = make_node(text, depth - 1, has_tail || matches);
        node->parts[0] = first;
        node->parts[1] = second;
    }
    return at;
}

// The second condition follows from the first by a fixed step.
static int second_condition(const Node *node)
{
    return (node->what + 5) % CONDITIONS;
}

static void print_node(const Text *text, int at, StrBuf *out)
{
    const Node *node = &text->nodes[at];
    switch (node->form) {
    case FORM_CALL:
        strbuf_appendf(out, "%s %s %s %s", node->what == 0 ? "f" : "g",
                       integers[node->args[0]], integers[node->args[1]],
                       lists[node->args[2]]);
        return;
    case FORM_IF:
        strbuf_appendf(out, "if %s", conditions[node->what]);
        if (node->other < 2) {
            strbuf_appendf(out, " %s %s", node->other == 0 ? "&&" : "||",
                           conditions[second_condition(node)]);
        }
        strbuf_append(out, STR(" then "));
        print_node(text, node->parts[0], out);
        strbuf_append(out, STR(" else "));
        print_node(text, node->parts[1], out);
        return;
    case FORM_MATCH:
        strbuf_append(out, STR("match xs { [] => "));
        print_node(text, node->parts[0], out);
        strbuf_append(out, STR(", [_, ..t] => "));
        print_node(text, node->parts[1], out);
        strbuf_append(out, STR(" }"));
        return;
    case FORM_STOP:
    case FORM_FORMS:
        strbuf_append(out, STR("0"));
        return;
    }
}

typedef struct State {
    int function;
    int64_t i, n;
    int length; // lists: only their length matters to the calls, and whether
                // `filter` drops something, which it does to every other
} State;

static int list_length(int which, int length, int64_t i)
{
    int cut = i <= 0 ? 0 : i < length ? (int)i : length;
    int lengths[] = {
        length,           0,
        length,           length / 2,
        length + 1,       (length + 1) / 2,
        (length + 1) / 2, length / 2,
        length - cut,     length - length / 2,
        length * 2,       length - 1,
        length,           (length + 1) / 2,
    };
    return lengths[which];
}

// One call; false when it returns or stops with an error.
static bool step(const Text *text, State *state)
{
    const Node *node = &text->nodes[text->bodies[state->function]];
    while (node->form == FORM_IF || node->form == FORM_MATCH) {
        bool first = state->length == 0;
        if (node->form == FORM_IF) {
            first = holds(node->what, state->i, state->n, state->length);
            bool second = holds(second_condition(node), state->i, state->n,
                                state->length);
            first = node->other == 0   ? first && second
                    : node->other == 1 ? first || second
                                       : first;
        }
        node = &text->nodes[node->parts[first ? 0 : 1]];
    }
    State after = {.function = node->what};
    if (node->form != FORM_CALL ||
        !integer(node->args[0], state->i, state->n, state->length, &after.i) ||
        !integer(node->args[1], state->i, state->n, state->length, &after.n)) {
        return false;
    }
    after.length = list_length(node->args[2], state->length, state->i);
    *state = after;
    return after.length < 1000000;
}

static bool ends(const Text *text, State state)
{
    for (int steps = 0; steps < MAX_STEPS; steps++) {
        if (!step(text, &state)) {
            return true;
        }
    }
    return false;
}

static void make_text(Text *text, uint32_t seed)
{
    *text = (Text){.state = seed};
    text->bodies[0] = make_node(text, 3, false);
    text->bodies[1] = make_node(text, 2, false);
}

// Whether the program is accepted.
static bool check_program_text(const char *source)
{
    TestProgram test;
    test_program_init(&test, str_from_c(source));
    test.program->options.totality = TOTALITY_UNCHECKED;
    CHECK(check_program(test.program, NULL));
    test.program->options.totality = TOTALITY_STRICT;
    totality_check_module(test.program, test.module, &test.diags);
    check_program_release(test.program);
    bool accepted = test.diags.diags.count == 0;
    test_program_release(&test);
    return accepted;
}

static void run_accepted(const Text *text, const char *source)
{
    static const int64_t starts[] = {-7, -1, 0, 1, 2, 5, 9, 10, 12};
    int count = (int)(sizeof starts / sizeof *starts);
    for (int k = 0; k < count * count * MAX_LIST * 2; k++) {
        State state = {.function = k % 2,
                       .length = k / 2 % MAX_LIST,
                       .i = starts[k / 2 / MAX_LIST % count],
                       .n = starts[k / 2 / MAX_LIST / count]};
        if (!ends(text, state)) {
            harness_fail(__FILE__, __LINE__, "an accepted recursion runs on");
            printf("#   %s from i = %d, n = %d, length %d\n", source,
                   (int)state.i, (int)state.n, state.length);
            return;
        }
    }
}

TEST(accepted_recursions_end)
{
    int accepted = 0;
    int recursive = 0;
    for (uint32_t seed = 1; seed <= PROGRAMS; seed++) {
        Text text;
        make_text(&text, seed * 2654435761u);
        StrBuf source = {0};
        strbuf_append(&source, str_from_c(helpers));
        uint32_t start = (uint32_t)source.len;
        strbuf_append(&source, STR("let rec f i n xs = "));
        print_node(&text, text.bodies[0], &source);
        strbuf_append(&source, STR(" and g i n xs = "));
        print_node(&text, text.bodies[1], &source);
        strbuf_append(&source, STR(";"));
        strbuf_append_char(&source, '\0');
        bool calls = strstr(source.data + start + 19, "f ") != NULL;
        recursive += calls;
        if (check_program_text(source.data)) {
            accepted += calls;
            run_accepted(&text, source.data);
        }
        strbuf_release(&source);
    }
    printf("# %d of %d recursions accepted\n", accepted, recursive);
    CHECK(accepted > 20);
}

TEST_MAIN(RUN(accepted_recursions_end))
