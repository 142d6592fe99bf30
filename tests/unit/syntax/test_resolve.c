#include "tests/unit/syntax/program.h"

TEST(plain_programs_are_silent)
{
    CHECK_SAID("1 + 1", "");
    CHECK_SAID("let a = b; let b = 1; a", "");
    CHECK_SAID("let f x = x + 1; f 2", "");
    CHECK_SAID("type Color = Red | Green; let c: Color = Red; "
               "match c { Red => 1, Green => 2 }",
               "");
    CHECK_SAID("import std.prelude as P; P.map (\\x -> x) [1]", "");
}

TEST(unknown_names)
{
    CHECK_SAID("let value = 1; valeu",
               "E0201 1:16 name 'valeu' is not in scope\n"
               "  help: did you mean 'value'?\n");
    CHECK_SAID("\\port -> prot", "E0201 1:10 name 'prot' is not in scope\n"
                                 "  help: did you mean 'port'?\n");
    CHECK_SAID("Sme 1", "E0201 1:1 constructor 'Sme' is not in scope\n"
                        "  help: did you mean 'Some'?\n");
    CHECK_SAID("let a: Strin = 1; a", "E0201 1:8 type 'Strin' is not in scope\n"
                                      "  help: did you mean 'String'?\n");
    CHECK_SAID("let f: Shw a => a -> a = \\x -> x; f 1",
               "E0201 1:8 class 'Shw' is not in scope\n"
               "  help: did you mean 'Show'?\n");
    CHECK_SAID("let f = let go x = go x in go; f",
               "E0201 1:20 name 'go' is not in scope\n"
               "  help: write 'let rec' for a function that calls itself\n");
    CHECK_SAID("let a = let b = b + 1 in b; a",
               "E0201 1:17 name 'b' is not in scope\n"
               "  help: a value cannot be made out of itself, also not with "
               "'let rec'\n");
}

TEST(duplicates)
{
    CHECK_SAID("let a = 1; let a = 2;",
               "E0202 1:16 name 'a' is declared twice\n");
    CHECK_SAID("let f x x = x;", "E0202 1:9 variable 'x' is declared twice\n");
    CHECK_SAID("let f (a, a) = a;",
               "E0202 1:11 variable 'a' is declared twice\n");
    CHECK_SAID("type A = X | X; type A = | Y;",
               "E0202 1:14 constructor 'X' is declared twice\n"
               "E0202 1:22 type 'A' is declared twice\n");
    CHECK_SAID("type P a b a = { x: a, y: b };",
               "E0202 1:12 type variable 'a' is declared twice\n");
    CHECK_SAID("import std.prelude; let prelude = 1;",
               "E0202 1:25 name 'prelude' is declared twice\n");
}

TEST(alternatives_bind_the_same_names)
{
    CHECK_SAID("match [1] { [a] | [a, _] => a, [x] | [_, y] => 1, _ => 2 }",
               "E0303 1:42 this alternative binds 'y', the ones before it do "
               "not\n"
               "  help: all alternatives of an arm must bind the same names\n");
    CHECK_SAID("match [1] { [a, b] | [a] => a, _ => 2 }",
               "E0303 1:22 this alternative does not bind 'b'\n"
               "  help: all alternatives of an arm must bind the same names\n");
    TestProgram test = test_program_text("match 1 { (a, b) | (b, a) => a }");
    const Arm *arm = &main_module(&test)->ast.result->as.match->arms[0];
    const Pattern *first = arm->patterns[0].as.tuple.items;
    const Pattern *second = arm->patterns[1].as.tuple.items;
    CHECK_EQ_INT(first[0].as.name.local, second[1].as.name.local);
    CHECK_EQ_INT(first[1].as.name.local, second[0].as.name.local);
    CHECK_EQ_INT(binding_named(&test, "")->local_count, 2);
    test_program_release(&test);
}

TEST(shadowing_and_unused_locals)
{
    CHECK_SAID("let f x = let x = 1 in x; f 2",
               "W0203 1:15 'x' hides another local variable\n");
    CHECK_SAID("let map = 1; let f length = length; f map", "");
    CHECK_SAID("let y = 1; _z = 2 in 3",
               "W0201 1:5 'y' is never used\n"
               "  help: remove it, or call it '_y'\n");
    CHECK_SAID("export let a = 1; let b = 2; let _c = 3;",
               "W0201 1:23 'b' is never used\n"
               "  help: remove it, or call it '_b'\n");
    CHECK_SAID("let a = 1; let b = 2;", "");
}

TEST(cycles_are_printed_as_paths)
{
    CHECK_SAID("let a = b; let b = c; let c = a;",
               "E0204 1:5 'a' depends on itself: a -> b -> c -> a\n");
    CHECK_SAID("let a = a + 1;",
               "E0204 1:5 'a' depends on itself: a -> a\n"
               "  help: a value cannot be made out of itself, also not with "
               "'let rec': use another name for the new one\n");
    CHECK_SAID("let f n = f n;",
               "E0204 1:5 'f' depends on itself: f -> f\n"
               "  help: write 'let rec' for a function that calls itself\n");
    CHECK_SAID("let f x = g x; let g x = f x;",
               "E0204 1:5 'f' depends on itself: f -> g -> f\n"
               "  help: write 'let rec ... and ...' for functions that call "
               "each other\n");
    CHECK_SAID("let rec f x = g x and g x = f x; f 1", "");
    CHECK_SAID("let rec f x = h x; let h x = f x; f 1",
               "E0204 1:9 'f' depends on itself: f -> h -> f\n"
               "  help: write 'let rec ... and ...' for functions that call "
               "each other\n");
    CHECK_SAID("let rec a = 1; a",
               "E0217 1:9 recursive binding 'a' is not a function\n"
               "  help: give it a parameter, or write 'let' without 'rec'\n");
}

TEST(long_cycles_are_shortened)
{
    StrBuf text = {0};
    for (int i = 0; i < 50000; i++) {
        strbuf_appendf(&text, "let v%d = v%d;\n", i, (i + 1) % 50000);
    }
    strbuf_append_char(&text, '\0');
    TestProgram test = test_program_text(text.data);
    CHECK_EQ_STR(strbuf_str(&test.summary),
                 STR("E0204 1:5 'v0' depends on itself: v0 -> v1 -> v2 -> v3 "
                     "-> v4 -> v5 -> v6 -> v7 -> ... (49988 more) -> v49996 "
                     "-> v49997 -> v49998 -> v49999 -> v0\n"));
    test_program_release(&test);
    strbuf_release(&text);
}

static const BindingRef *ref_to(const TestProgram *test, const char *from,
                                const char *to)
{
    const Binding *binding = binding_named(test, from);
    const Module *module = main_module(test);
    for (uint32_t i = 0; i < binding->ref_count; i++) {
        if (binding->refs[i].module == module->id &&
            &module->bindings[binding->refs[i].index] ==
                binding_named(test, to)) {
            return &binding->refs[i];
        }
    }
    return NULL;
}

// Whether `b` is unconditional in `let a = <expr>`.
static bool is_unconditional(const char *expr)
{
    StrBuf text = {0};
    strbuf_appendf(&text, "let a = %s; let b = true; let c = 1;%c", expr, 0);
    TestProgram test = test_program_text(text.data);
    CHECK_EQ_INT(test.diags.error_count, 0);
    const BindingRef *ref = ref_to(&test, "a", "b");
    bool result = ref != NULL && ref->unconditional;
    CHECK(ref != NULL);
    test_program_release(&test);
    strbuf_release(&text);
    return result;
}

TEST(unconditional_references)
{
    CHECK(is_unconditional("b"));
    CHECK(is_unconditional("[b, b]"));
    CHECK(is_unconditional("if b then 1 else 2"));
    CHECK(!is_unconditional("if true then b else b"));
    CHECK(!is_unconditional("if true then 1 else if b then 1 else 2"));
    CHECK(!is_unconditional("\\x -> b"));
    CHECK(is_unconditional("match b { _ => 1 }"));
    CHECK(!is_unconditional("match 1 { _ => b }"));
    CHECK(!is_unconditional("match 1 { _ when b => 1, _ => 2 }"));
    CHECK(is_unconditional("b && true"));
    CHECK(!is_unconditional("true && b"));
    CHECK(!is_unconditional("true || b"));
    CHECK(!is_unconditional("None ?? b"));
    CHECK(is_unconditional("1 < b"));
    CHECK(!is_unconditional("1 < 2 < b"));
    CHECK(is_unconditional("let x = b in 1"));
    CHECK(is_unconditional("[1 for x in b]"));
    CHECK(!is_unconditional("[b for x in [1]]"));
    CHECK(!is_unconditional("[1 for x in [1] if b]"));
    CHECK(!is_unconditional("[1 for x in [1] for y in b]"));
    CHECK(is_unconditional("(true && b) == b"));
    CHECK(is_unconditional("b |> not"));
}

TEST(groups_in_dependency_order)
{
    TestProgram test = test_program_text(
        "let a = b + c; let rec f x = g x and g x = f x; let b = c; "
        "let c = f 1;");
    const Module *module = main_module(&test);
    CHECK_EQ_INT(module->group_count, 4);
    CHECK(binding_named(&test, "c")->group < binding_named(&test, "b")->group);
    CHECK(binding_named(&test, "b")->group < binding_named(&test, "a")->group);
    CHECK_EQ_INT(binding_named(&test, "f")->group,
                 binding_named(&test, "g")->group);
    test_program_release(&test);
}

TEST(groups_in_the_order_of_the_source)
{
    TestProgram test = test_program_text(
        "let a = 1; let rec f x = if x < a then a else f (x - 1); let b = f a; "
        "let rec g x = h x and h x = g x; { c = b, d = g b }");
    const Module *module = main_module(&test);
    CHECK_EQ_INT(test.diags.error_count, 0);
    CHECK_EQ_INT(module->group_count, 5);
    const char *names[] = {"a", "f", "b", "g"};
    for (uint32_t i = 0; i < 4; i++) {
        CHECK_EQ_INT(binding_named(&test, names[i])->group, i);
        CHECK(module->groups[i].needed && !module->groups[i].failed);
    }
    CHECK_EQ_INT(module->groups[3].member_count, 2);
    test_program_release(&test);
}

// In one `let rec`, and not: with declarations of all kinds around them.
TEST(cycles_know_their_declaration)
{
    TestProgram test =
        test_program_text("type T = A | B; let k = 1; export let rec p x = q x "
                          "and q x = r x and r x = p k; "
                          "let rec s x = t x; let rec t x = s x;");
    const Module *module = main_module(&test);
    CHECK_EQ_INT(test.diags.error_count, 1);
    CHECK(!module->groups[binding_named(&test, "p")->group].failed);
    CHECK(module->groups[binding_named(&test, "s")->group].failed);
    test_program_release(&test);
}

// Few references are found in the list, many by the table.
TEST(references_stand_once)
{
    enum { COUNT = 30 };
    StrBuf text = {0};
    for (int i = 0; i < COUNT; i++) {
        strbuf_appendf(&text, "let b%d = true; ", i);
    }
    strbuf_append(&text, STR("let all = ["));
    for (int i = 0; i < COUNT; i++) {
        strbuf_appendf(&text, "false && b%d, false && b%d, ", i, i);
    }
    for (int i = 0; i < COUNT; i += 2) {
        strbuf_appendf(&text, "b%d, ", i);
    }
    strbuf_appendf(&text, "];%c", 0);
    TestProgram test = test_program_text(text.data);
    CHECK_EQ_INT(test.diags.error_count, 0);
    const Binding *all = binding_named(&test, "all");
    CHECK_EQ_INT(all->ref_count, COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        CHECK_EQ_INT(all->refs[i].index, i);
        CHECK(all->refs[i].unconditional == (i % 2 == 0));
    }
    test_program_release(&test);
    strbuf_release(&text);
}

TEST(predicates_and_defaults_are_hoisted)
{
    TestProgram test = test_program_text(
        "type Port = Integer where x > low && x < high;\n"
        "type Server = { host: String, port: Port = 80, also?: Integer,\n"
        "  name: String = host ++ (toString also), n: Integer = low };\n"
        "let low = 0; let high = 65536;");
    CHECK_EQ_STR(strbuf_str(&test.summary), STR(""));
    const Module *module = main_module(&test);
    CHECK_EQ_INT(module->binding_count - module->visible_count, 4);
    const Binding *hidden = &module->bindings[module->visible_count];
    CHECK(hidden[0].is_function && hidden[0].ref_count == 2);
    CHECK_EQ_INT(hidden[0].local_count, 1);
    CHECK(!hidden[1].is_function && hidden[1].type != NULL);
    CHECK(hidden[2].is_function);
    const Function *name = hidden[2].value->as.lambda;
    CHECK_EQ_INT(name->param_count, 2);
    CHECK_EQ_STR(symbol_text(test.program->interner,
                             name->params[0].pattern.as.name.symbol),
                 STR("host"));
    CHECK_EQ_INT(name->params[1].type->kind, TYPE_EXPR_NAME);
    CHECK(!hidden[3].is_function && hidden[3].ref_count == 1);
    CHECK(!hidden[3].refs[0].unconditional);
    test_program_release(&test);
}

TEST(one_constructor_unions)
{
    CHECK_SAID("type W = Wrap Integer; type A = Option Integer; "
               "type Self = Self String; let a = (Wrap 1, Self \"x\");",
               "");
    CHECK_SAID("type T = Nothing;",
               "E0201 1:10 type 'Nothing' is not in scope\n"
               "  help: a union of this constructor alone begins with '|'\n");
}

TEST(ambiguous_constructors_wait_for_the_type)
{
    TestProgram test = test_program_text(
        "type A = On | Off; type B = On Integer; let a = On; let b = Off;");
    CHECK_EQ_STR(strbuf_str(&test.summary), STR(""));
    CHECK_EQ_INT(binding_named(&test, "a")->value->as.ctor.ref, REF_UNRESOLVED);
    CHECK_EQ_INT(binding_named(&test, "b")->value->as.ctor.ref, REF_CTOR);
    NameRef found[4];
    Symbol on = intern_find(test.program->interner, STR("On"));
    CHECK_EQ_INT(
        scope_find_ctors(test.program, main_module(&test), 0, on, found, 4), 2);
    CHECK_EQ_INT(found[1].index, 2);
    test_program_release(&test);
}

static void check_ctors(int count)
{
    StrBuf text = {0};
    strbuf_append(&text,
                  STR("type First = Other Integer | C2;\ntype Many = | C0"));
    for (int i = 1; i < count; i++) {
        strbuf_appendf(&text, " | C%d%s", i,
                       i % 3 == 0 ? " Integer String" : "");
    }
    strbuf_append(&text, STR(";\n[Other 1]\n"));
    strbuf_append_char(&text, '\0');
    TestProgram test = test_program_text(text.data);
    const Module *module = main_module(&test);
    const TypeEntry *type = &module->types[1];
    for (int i = 0; i < count; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "C%d", i);
        const CtorEntry *ctor = module_find_ctor(
            module, type,
            intern_find(test.program->interner, str_from_c(name)));
        CHECK(ctor == &module->ctors[type->first_ctor + (uint32_t)i]);
        CHECK_EQ_INT(ctor->first_arg, i == 0 ? 0 : (i - 1) / 3 * 2);
    }
    Symbol other = intern_find(test.program->interner, STR("Other"));
    CHECK(other != 0 && module_find_ctor(module, type, other) == NULL);
    CHECK(module_find_ctor(module, type, 0) == NULL);
    test_program_release(&test);
    strbuf_release(&text);
}

TEST(constructors_by_name)
{
    static const int counts[] = {1, 2, 8, 9, 16, 17, 1000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        check_ctors(counts[i]);
    }
}

TEST(exports)
{
    CHECK_SAID("export a, T; let a = 1; type T = | X; let b = 1;",
               "W0201 1:43 'b' is never used\n"
               "  help: remove it, or call it '_b'\n");
    CHECK_SAID("export { a as c, d }; let a = 1;",
               "E0201 1:18 'd' is exported but not declared\n");
    TestProgram test =
        test_program_text("export { a as c }; let a = 1; let _b = a;");
    CHECK_EQ_STR(symbol_text(test.program->interner,
                             binding_named(&test, "a")->export_name),
                 STR("c"));
    CHECK(binding_named(&test, "a")->exported);
    CHECK(!binding_named(&test, "_b")->exported);
    test_program_release(&test);
}

TEST(fields_of_values_are_no_modules)
{
    CHECK_SAID("let r = { Foo = 1, x = { y = 2 } }; { a = r.Foo, b = r.x.y }",
               "");
    CHECK_SAID("(\\m -> m.Foo) { Foo = 1 }", "");
    CHECK_SAID("nowhere.x", "E0201 1:1 name 'nowhere' is not in scope\n");
    CHECK_SAID("Nowhere.x", "E0201 1:1 name 'Nowhere' is not in scope\n");
}

TEST(instances_and_classes)
{
    CHECK_SAID("typeclass Area a where area : a -> Float;\n"
               "type Square = Square Float;\n"
               "instance Area Square where area s = match s "
               "{ Square w => w * w };\n"
               "area (Square 2.0)",
               "");
    CHECK_SAID("typeclass C a where m : a -> a; let m = 1;",
               "E0202 1:37 name 'm' is declared twice\n");
}

TEST(only_needed_groups_of_the_prelude)
{
    TestProgram test = test_program_text("sum [1]");
    const Module *prelude = test.program->modules[MODULE_PRELUDE];
    const char *names[] = {"sum", "fold", "zip"};
    bool expected[] = {true, true, false};
    for (int i = 0; i < 3; i++) {
        Symbol name = intern_find(test.program->interner, str_from_c(names[i]));
        NameRef ref = scope_find_value(test.program, prelude, name);
        CHECK_EQ_INT(ref.ref, REF_GLOBAL);
        uint32_t group = prelude->bindings[ref.index].group;
        CHECK_EQ_INT(prelude->groups[group].needed, expected[i]);
    }
    test_program_release(&test);
}

TEST(many_references_are_linear)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("let shared = 1;\n"));
    for (int i = 0; i < 20000; i++) {
        strbuf_appendf(&text, "let b%d = shared + unknown%d;\n", i, i);
    }
    strbuf_append_char(&text, '\0');
    TestProgram test = test_program_text(text.data);
    CHECK_EQ_INT(test.diags.error_count, 20000);
    test_program_release(&test);
    strbuf_release(&text);
}

TEST_MAIN(RUN(plain_programs_are_silent), RUN(unknown_names), RUN(duplicates),
          RUN(alternatives_bind_the_same_names),
          RUN(shadowing_and_unused_locals), RUN(cycles_are_printed_as_paths),
          RUN(long_cycles_are_shortened), RUN(unconditional_references),
          RUN(groups_in_dependency_order),
          RUN(groups_in_the_order_of_the_source),
          RUN(cycles_know_their_declaration), RUN(references_stand_once),
          RUN(predicates_and_defaults_are_hoisted), RUN(one_constructor_unions),
          RUN(ambiguous_constructors_wait_for_the_type),
          RUN(constructors_by_name), RUN(exports),
          RUN(fields_of_values_are_no_modules), RUN(instances_and_classes),
          RUN(only_needed_groups_of_the_prelude),
          RUN(many_references_are_linear))
