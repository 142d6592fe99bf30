#include "eval/select.h"

#include "tests/unit/eval/fixture.h"

// The value found, as Ligature source, or the first diagnostic.
static void check_select(Fixture *f, Value value, const char *path,
                         const char *expected)
{
    Arena arena;
    arena_init(&arena);
    DiagSink diags;
    diag_sink_init(&diags);
    SelectPath parsed;
    StrBuf out = {0};
    Value found;
    SelectFrom from = {.value = value};
    if (select_parse(str_from_c(path), " of --select", &arena, &parsed,
                     &diags) &&
        select_apply(&parsed, &from, &f->heap, &diags, &found)) {
        CHECK(value_show(&out, found, UINT64_MAX));
    } else {
        const Diag *diag = diag_at(&diags, 0);
        strbuf_appendf(&out, "%s: %.*s", diag_code_name(diag->code),
                       STR_ARG(diag->message));
        for (uint32_t i = 0; i < diag->more->helps.count; i++) {
            strbuf_appendf(&out, "; %.*s", STR_ARG(diag->more->helps.items[i]));
        }
    }
    CHECK_EQ_STR(strbuf_str(&out), str_from_c(expected));
    strbuf_release(&out);
    diag_sink_release(&diags);
    arena_release(&arena);
}

TEST(paths_lead_to_values)
{
    Fixture f;
    fixture_init(&f);
    Value one = value_int(1);
    Value some = make_union(&f, &f.some, &one);
    MapEntry entry = {make_string(&f, "k.\"x"), some};
    Value inner = make_record(&f, "list map none",
                              (Value[]){value_list_range(&f.heap, 5, 3),
                                        value_map(&f.heap, &entry, 1),
                                        make_union(&f, &f.none, NULL)});
    Value maybe = make_union(&f, &f.some, &inner);
    Value root = make_record(&f, "a cons", (Value[]){maybe, make_chain(&f, 2)});
    check_select(&f, one, "", "1");
    check_select(&f, one, ".", "1");
    check_select(&f, root, "a.list[2]", "7");
    check_select(&f, root, ".a.list[2]", "7");
    check_select(&f, root, "a.map.\"k.\\\"x\"", "Some 1");
    check_select(&f, root, "cons.Cons[1].Cons[0]", "0");
    check_select(&f, root, "cons.Cons", "(1, Cons 0 Nil)");
    check_select(&f, make_list(&f, 1, &root), "[0].a.list", "[5, 6, 7]");
    check_select(
        &f, root, "a.lisp[0]",
        "E0409: no field 'lisp' in .a, which has other fields; did you "
        "mean 'list'?");
    check_select(
        &f, root, "a.none",
        "E0409: field 'none' in .a is None, which is left out of the output; "
        "give it a value, or say what stands for None: x ?? default");
    Value none = make_union(&f, &f.none, NULL);
    check_select(&f, make_list(&f, 1, &none), "[0].x",
                 "E0409: no field 'x' in [0], which is None; give it a value, "
                 "or say what stands for None: x ?? default");
    check_select(&f, root, "a.list[3]",
                 "E0409: no element 3 in .a.list, which is shorter");
    check_select(&f, root, "x",
                 "E0409: no field 'x' in the result, which has other fields");
    check_select(&f, root, "a[0]",
                 "E0409: no element 0 in .a, which is no list");
    check_select(&f, one, "a",
                 "E0409: no field 'a' in the result, which is no record");
    check_select(&f, root, "cons.Nil",
                 "E0409: no field 'Nil' in .cons, which is of another "
                 "constructor; it is 'Cons'");
    fixture_release(&f);
}

TEST(wrong_paths_are_told)
{
    Fixture f;
    fixture_init(&f);
#define WRONG(path, at)                                                        \
    check_select(&f, value_int(1), path,                                       \
                 "E0001: the path '" path "' of --select is wrong at byte " at \
                 "; write it like services[0].ports.\"a b\"")
    WRONG("a..b", "3: expected a field name");
    WRONG("a.", "3: expected a field name");
    WRONG("a[", "3: expected a number from 0");
    WRONG("a[x]", "3: expected a number from 0");
    WRONG("a[-1]", "3: expected a number from 0");
    WRONG("a[1", "4: expected ']'");
    WRONG("a[99999999999999999999]", "3: expected a number from 0");
    WRONG("a b", "2: expected '.' or '['");
    WRONG("\"a", "1: expected a name whose closing '\"' is there");
#undef WRONG
    check_select(&f, value_int(1), "\xFF",
                 "E0001: the path of --select is not valid UTF-8");
    fixture_release(&f);
}

TEST_MAIN(RUN(paths_lead_to_values), RUN(wrong_paths_are_told))
