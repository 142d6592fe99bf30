#include "tests/unit/syntax/program.h"

typedef struct Files {
    char base[64];
} Files;

static void files_init(Files *files)
{
    strcpy(files->base, "/tmp/ligature_loader_XXXXXX");
    if (mkdtemp(files->base) == NULL || chdir(files->base) != 0) {
        abort();
    }
}

static void files_add(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0) {
        abort();
    }
}

static void files_release(Files *files)
{
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf %s", files->base);
    if (chdir("/") != 0 || system(command) != 0) {
        abort();
    }
}

// What is said about main.lig, at 1 and at 4 workers.
static void check_main(int line, const char *expected)
{
    const char *entry = "main.lig";
    for (uint32_t workers = 1; workers <= 4; workers += 3) {
        TestProgram test = test_program_files(&entry, 1, workers, NULL);
        harness_check_str(__FILE__, line, "main.lig", strbuf_str(&test.summary),
                          str_from_c(expected));
        test_program_release(&test);
    }
}
#define CHECK_MAIN(expected) check_main(__LINE__, (expected))

TEST(every_form_of_import)
{
    Files files;
    files_init(&files);
    files_add("lib.lig", "let one = 1; let two = 2; type T = | A | B;");
    files_add("base.lig", "let hidden = 1; { port = hidden }");
    files_add("note.txt", "hello");
    CHECK_EQ_INT(mkdir("dir", 0700), 0);
    files_add("dir/mod.lig", "import \"../lib\" { one as first };\n"
                             "import \"./other\" as o;\n"
                             "let sum = first + o.x;");
    files_add("dir/other.lig", "let x = 1;");
    files_add("main.lig", "import \"./lib\" as lib;\n"
                          "import { two, T } from \"lib.lig\";\n"
                          "import \"./base\";\n"
                          "import \"./base\" as b { port };\n"
                          "import \"./note.txt\";\n"
                          "import \"dir\";\n"
                          "let c: lib.T = lib.A;\n"
                          "{ a = lib.one, two, port = base.port, q = port,\n"
                          "  r = b, note, s = dir.sum, c, d = B,\n"
                          "  e = match c { lib.A => 1, B => 2 } }");
    CHECK_MAIN("");
    files_release(&files);
}

TEST(canonical_order)
{
    Files files;
    files_init(&files);
    files_add("main.lig", "import \"./z\"; import \"./a\"; [z.v, a.v]");
    files_add("z.lig", "import \"./d\"; let v = d.v;");
    files_add("a.lig", "import \"./d\"; let v = d.v;");
    files_add("d.lig", "let v = 1;");
    const char *expected[] = {"std/prelude.lig", "d.lig", "z.lig", "a.lig",
                              "./main.lig"};
    const char *entry = "./main.lig";
    for (uint32_t workers = 1; workers <= 4; workers++) {
        TestProgram test = test_program_files(&entry, 1, workers, NULL);
        CHECK_EQ_STR(strbuf_str(&test.summary), STR(""));
        CHECK_EQ_INT(test.program->module_count, 5);
        for (uint32_t i = 0; i < test.program->module_count; i++) {
            Module *module = test.program->modules[i];
            CHECK_EQ_STR(module->source.path, str_from_c(expected[i]));
            CHECK_EQ_INT(module->id, i);
        }
        Module *last = test.program->modules[4];
        CHECK_EQ_INT(last->import_count, 2);
        CHECK_EQ_INT(last->imports[0], 2);
        CHECK(last->is_entry);
        test_program_release(&test);
    }
    files_release(&files);
}

TEST(one_file_under_many_names)
{
    Files files;
    files_init(&files);
    CHECK_EQ_INT(mkdir("d", 0700), 0);
    files_add("d/x.lig", "let v = 1;");
    CHECK_EQ_INT(symlink("d/x.lig", "y.lig"), 0);
    CHECK_EQ_INT(symlink("d", "e"), 0);
    files_add("main.lig", "import \"./d/x\"; import \"d/../d/x.lig\" as w;\n"
                          "import \"./y\"; import \".//e/x\" as z;\n"
                          "import \"e/../main2\" as m;\n"
                          "[x.v, w.v, y.v, z.v, m.v]");
    files_add("main2.lig", "import \"./y.lig\"; import \"e/x\" as e;\n"
                           "import \"d/x\" as d;\n"
                           "let v = y.v + e.v + d.v;");
    const char *entry = "main.lig";
    for (uint32_t workers = 1; workers <= 4; workers++) {
        TestProgram test = test_program_files(&entry, 1, workers, NULL);
        CHECK_EQ_STR(strbuf_str(&test.summary), STR(""));
        CHECK_EQ_INT(test.program->module_count, 4);
        CHECK_EQ_STR(test.program->modules[1]->source.path, STR("d/x.lig"));
        test_program_release(&test);
    }
    files_release(&files);
}

// What they import is looked for beside each of them.
TEST(hard_links_are_files_of_their_own)
{
    Files files;
    files_init(&files);
    CHECK_EQ_INT(mkdir("a", 0700) + mkdir("b", 0700), 0);
    files_add("a/m.lig", "import \"./v\"; let r = v.v;");
    CHECK_EQ_INT(link("a/m.lig", "b/m.lig"), 0);
    files_add("a/v.lig", "let v = 1;");
    files_add("b/v.lig", "let v = 2;");
    files_add("main.lig", "import \"./b/m\" as b; import \"./a/m\" as a;\n"
                          "[a.r, b.r]");
    const char *expected[] = {"std/prelude.lig", "b/v.lig", "b/m.lig",
                              "a/v.lig",         "a/m.lig", "main.lig"};
    const char *entry = "main.lig";
    for (uint32_t workers = 1; workers <= 4; workers++) {
        TestProgram test = test_program_files(&entry, 1, workers, NULL);
        CHECK_EQ_STR(strbuf_str(&test.summary), STR(""));
        CHECK_EQ_INT(test.program->module_count, 6);
        for (uint32_t i = 0; i < test.program->module_count; i++) {
            CHECK_EQ_STR(test.program->modules[i]->source.path,
                         str_from_c(expected[i]));
        }
        test_program_release(&test);
    }
    files_release(&files);
}

TEST(refused_imports)
{
    Files files;
    files_init(&files);
    CHECK_EQ_INT(mkdir("p", 0700), 0);
    files_add("outside.lig", "1");
    CHECK_EQ_INT(chdir("p"), 0);
    CHECK_EQ_INT(mkdir("sub.lig", 0700), 0);
    CHECK_EQ_INT(mkfifo("fifo.lig", 0600), 0);
    CHECK_EQ_INT(symlink("../outside.lig", "link.lig"), 0);
    files_add("main.lig", "import \"./none\" as _a;\n"
                          "import \"../outside\" as _b;\n"
                          "import \"./link\" as _c;\n"
                          "import \"./sub.lig\" as _d;\n"
                          "import \"./fifo.lig\" as _e;\n"
                          "import \"/etc/passwd\" as _f;\n"
                          "import \"https://x.org/a\" as _g;\n"
                          "import \"a\\0b\" as _h;\n"
                          "import \"\" as _i;\n"
                          "import \"./a.yaml\" as _j;\n"
                          "import std.prelud as _k;\n"
                          "import acme.lib as _l;\n"
                          "import \"./main\" as _m;\n"
                          "[_a, _b.x, _c]");
    const char *allow =
        "  help: move the file into the project, or allow its folder with "
        "--allow-root DIR\n";
    StrBuf expected = {0};
    strbuf_appendf(
        &expected,
        "E0501 1:8 import './none' is not there\n"
        "E0502 2:8 import '../outside' is refused: it leads out of the "
        "project\n%s"
        "E0502 3:8 import './link' is refused: it leads out of the project\n%s"
        "E0502 4:8 import './sub.lig' is refused: it is a folder\n"
        "  help: name one of its files\n"
        "E0502 5:8 import './fifo.lig' is refused: it is not a regular file\n"
        "E0502 6:8 import '/etc/passwd' is refused: the path is absolute\n"
        "  help: write it as seen from this file, or allow its folder with "
        "--allow-root DIR\n"
        "E0502 7:8 import 'https://x.org/a' is refused: only files can be "
        "imported, no URLs\n"
        "E0502 8:8 import 'a\\u{0}b' is refused: control characters in a "
        "path\n"
        "E0502 9:8 import '' names no file\n"
        "E0501 10:8 import './a.yaml' is not there\n"
        "E0501 11:8 import 'std.prelud' is no module of the standard library\n"
        "  help: did you mean 'std.prelude'?\n"
        "E0501 12:8 import 'acme.lib' is not known: [imports] of "
        "ligature.toml has no such entry\n"
        "  help: write the path of a file in quotes, or 'std.NAME' for the "
        "standard library\n"
        "E0503 13:8 a module imports itself: main.lig -> main.lig\n"
        "  help: move what both need into a module of its own\n%c",
        allow, allow, 0);
    CHECK_MAIN(expected.data);
    strbuf_release(&expected);
    files_release(&files);
}

TEST(cycles)
{
    Files files;
    files_init(&files);
    files_add("main.lig", "import \"./a\"; a.x");
    files_add("a.lig", "import \"./b\"; let x = b.x;");
    files_add("b.lig", "import \"./c\"; let x = c.x;");
    files_add("c.lig", "import \"./a\"; let x = a.x;");
    CHECK_MAIN("E0503 1:8 modules import each other in a cycle: a.lig -> b.lig "
               "-> c.lig -> a.lig\n"
               "  help: move what both need into a module of its own\n");
    files_release(&files);
}

TEST(what_a_module_hides)
{
    Files files;
    files_init(&files);
    files_add("lib.lig", "export open, Shape; let open = 1; let _closed = 2;\n"
                         "type Shape = | Dot; type Inner = | Core;");
    files_add("main.lig", "import \"./lib\";\n"
                          "import { _closed, opne, Core } from \"./lib\";\n"
                          "[lib.opn, lib._closed, lib.Dot, lib.Core]");
    CHECK_MAIN("E0216 2:10 module 'lib' has '_closed' but does not export it\n"
               "  help: there, add 'export { _closed };'\n"
               "E0216 2:19 module 'lib' has no 'opne'\n"
               "  help: did you mean 'open'?\n"
               "E0216 2:25 module 'lib' has 'Core' but does not export it\n"
               "  help: there, add 'export { Inner };'\n"
               "E0216 3:2 module 'lib' has no 'opn'\n"
               "  help: did you mean 'open'?\n"
               "E0216 3:11 module 'lib' has '_closed' but does not export it\n"
               "  help: there, add 'export { _closed };'\n"
               "E0216 3:33 module 'lib' has 'Core' but does not export it\n"
               "  help: there, add 'export { Inner };'\n");
    files_release(&files);
}

TEST(exported_again)
{
    Files files;
    files_init(&files);
    files_add("deep.lig", "let v = 1; type Color = Red | Green;\n"
                          "typeclass Area a where area : a -> Float;");
    files_add("index.lig", "import { v, Color as Paint, Area } from "
                           "\"./deep\";\n"
                           "import \"./deep\";\n"
                           "export { v as w, Paint, deep, Area };");
    files_add("main.lig", "import \"./index\" as i;\n"
                          "import { w, Paint, Area } from \"./index\";\n"
                          "type Dot = | Dot;\n"
                          "instance Area Dot where area d = 1.0;\n"
                          "let c: i.Paint = i.Red;\n"
                          "let d: Paint = Green;\n"
                          "[w, i.w, c, d, i.deep.v, area Dot]");
    CHECK_MAIN("");
    files_release(&files);
}

TEST(upper_case_aliases_and_typed_data)
{
    Files files;
    files_init(&files);
    files_add("lib.lig", "let v = 1; type T = | On Integer;\n"
                         "typeclass Area a where area : a -> Float;");
    files_add("data.json", "{ \"port\": 80 }");
    files_add("main.lig",
              "import \"./lib\" as Lib;\n"
              "import \"./data.json\" as db: { port: Integer };\n"
              "import \"./data.json\" { port };\n"
              "let t: Lib.T = Lib.On 1;\n"
              "let f: Lib.Area a => a -> Float = \\x -> Lib.area x;\n"
              "{ v = Lib.v, t, a = db.port, port, all = Lib,\n"
              "  n = match t { Lib.On n => n }, f }");
    CHECK_MAIN("");
    files_add("odd-name.lig", "let v = 1;");
    files_add("other.lig", "import \"./odd-name\"; import \"./lib\" as l; 1");
    const char *other = "other.lig";
    TestProgram unused = test_program_files(&other, 1, 2, NULL);
    CHECK_EQ_STR(strbuf_str(&unused.summary),
                 STR("W0202 1:8 this import is never used\n"
                     "  help: the file's name is no identifier: give it one "
                     "with 'as'\n"
                     "W0202 1:29 this import is never used\n"));
    test_program_release(&unused);
    const char *entry = "main.lig";
    TestProgram test = test_program_files(&entry, 1, 2, NULL);
    const Module *module = main_module(&test);
    CHECK_EQ_INT(module->binding_count - module->visible_count, 3);
    CHECK_EQ_INT(module->module_value_count, 1);
    CHECK(module->bindings[module->visible_count].type != NULL ||
          module->bindings[module->visible_count + 1].type != NULL);
    test_program_release(&test);
    files_release(&files);
}

// Each module that is named as a value is one binding, which alone refers to
// what that module offers, from whichever part of the source it is named.
TEST(modules_are_values_once)
{
    enum { USES = 200 };
    Files files;
    files_init(&files);
    files_add("one.lig", "let a = 1; let b = 2;");
    files_add("two.lig", "let _c = 3; let d = 4; export { d };");
    StrBuf text = {0};
    strbuf_append(&text, STR("import \"./two\" as two;\n"
                             "import \"./one\" as one;\n"
                             "let sure = [one, one];\n"
                             "let late = \\x -> (two, one, x);\n"));
    for (int i = 0; i < USES; i++) {
        strbuf_appendf(&text, "let u%d = (two, one, two);\n", i);
    }
    strbuf_append_char(&text, '\0');
    files_add("main.lig", text.data);
    ProgramOptions options = {.limits = limits_default(), .grain = 64};
    const char *entry = "main.lig";
    for (uint32_t workers = 1; workers <= 4; workers += 3) {
        TestProgram test = test_program_files(&entry, 1, workers, &options);
        CHECK_EQ_STR(strbuf_str(&test.summary), STR(""));
        const Module *module = main_module(&test);
        CHECK_EQ_INT(module->visible_count, USES + 2);
        CHECK_EQ_INT(module->binding_count, USES + 4);
        const Binding *sure = &module->bindings[0];
        const Binding *late = &module->bindings[1];
        uint32_t two = late->refs[0].index;
        uint32_t one = late->refs[1].index;
        CHECK(sure->ref_count == 1 && sure->refs[0].unconditional &&
              sure->refs[0].index == one);
        CHECK(late->ref_count == 2 && !late->refs[0].unconditional);
        CHECK_EQ_INT(module->bindings[USES + 1].refs[0].index, two);
        CHECK_EQ_INT(module->bindings[two].ref_count, 1);
        CHECK_EQ_INT(module->bindings[one].ref_count, 2);
        CHECK(module->bindings[one].refs[1].unconditional);
        uint32_t target = module->bindings[two].refs[0].module;
        CHECK_EQ_INT(module_value_binding(module, target), two);
        test_program_release(&test);
    }
    strbuf_release(&text);
    files_release(&files);
}

TEST(import_directories)
{
    Files files;
    files_init(&files);
    CHECK_EQ_INT(mkdir("p", 0700), 0);
    CHECK_EQ_INT(mkdir("shared", 0700), 0);
    files_add("shared/util.lig", "import \"./more\"; let v = more.v;");
    files_add("shared/more.lig", "let v = 1;");
    CHECK_EQ_INT(chdir("p"), 0);
    files_add("main.lig", "import \"util\"; util.v");
    Str dir = STR("../shared");
    ProgramOptions options = {.limits = limits_default(),
                              .include_dirs = &dir,
                              .include_dir_count = 1};
    const char *entry = "main.lig";
    TestProgram test = test_program_files(&entry, 1, 2, &options);
    CHECK_EQ_STR(strbuf_str(&test.summary), STR(""));
    CHECK_EQ_STR(test.program->modules[1]->source.path,
                 STR("../shared/more.lig"));
    test_program_release(&test);
    test = test_program_files(&entry, 1, 2, NULL);
    CHECK_EQ_STR(strbuf_str(&test.summary),
                 STR("E0501 1:8 import 'util' is not there\n"));
    const Diag *diag = diag_at(&test.diags, 0);
    CHECK_EQ_INT(diag->more->notes.count, 2);
    CHECK_EQ_STR(diag->more->notes.items[1], STR("tried 'util/mod.lig'"));
    test_program_release(&test);
    files_release(&files);
}

TEST(a_broken_module_is_reported_once)
{
    Files files;
    files_init(&files);
    StrBuf text = {0};
    files_add("bad.lig", "let x = ;");
    for (int i = 0; i < 30; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "m%d.lig", i);
        files_add(name, "import \"./bad\"; let y = bad.x + bad.z;");
        strbuf_appendf(&text, "import \"./m%d\"; let v%d = m%d.y;\n", i, i, i);
    }
    strbuf_append_char(&text, '\0');
    files_add("main.lig", text.data);
    const char *entry = "main.lig";
    TestProgram test = test_program_files(&entry, 1, 4, NULL);
    CHECK_EQ_INT(test.diags.diags.count, 1);
    test_program_release(&test);
    strbuf_release(&text);
    files_release(&files);
}

TEST(entries_that_cannot_be_read)
{
    Files files;
    files_init(&files);
    CHECK_EQ_INT(mkfifo("fifo.lig", 0600), 0);
    const char *entries[] = {"none.lig", ".", "fifo.lig"};
    TestProgram test = test_program_files(entries, 3, 2, NULL);
    CHECK(!test.ok);
    CHECK_EQ_STR(strbuf_str(&test.summary),
                 STR("E0002 0:0 '.' cannot be read: it is a folder\n"
                     "  help: name one of its files\n"
                     "E0002 0:0 'fifo.lig' cannot be read: it is not a "
                     "regular file\n"
                     "  help: a pipe is read where it is standard input: '-'\n"
                     "E0002 0:0 'none.lig' cannot be read: there is no such "
                     "file\n"));
    test_program_release(&test);
    files_release(&files);
}

TEST(limits)
{
    Files files;
    files_init(&files);
    files_add("a.lig", "1");
    files_add("b.lig", "2");
    files_add("main.lig", "import \"./a\"; import \"./b\"; nowhere");
    ProgramOptions options = {.limits = limits_default()};
    options.limits.max_modules = 2;
    const char *entry = "main.lig";
    TestProgram test = test_program_files(&entry, 1, 2, &options);
    CHECK(!test.ok);
    CHECK_EQ_STR(strbuf_str(&test.summary),
                 STR("E0606 1:1 the program has more than 2 modules\n"
                     "  help: raise --max-modules\n"));
    test_program_release(&test);
    options.limits = limits_default();
    options.limits.max_source_bytes = 50;
    files_add("a.lig", "\"0123456789012345678901234567890123456789012345678\"");
    test = test_program_files(&entry, 1, 2, &options);
    CHECK_EQ_STR(str_slice(strbuf_str(&test.summary), 0, 10),
                 STR("E0606 1:8 "));
    test_program_release(&test);
    files_release(&files);
}

TEST(an_expression_sees_the_file)
{
    Files files;
    files_init(&files);
    files_add("lib.lig", "let v = 1;");
    files_add("main.lig", "import \"./lib\"; let a = lib.v; type T = | On;");
    TestProgram test;
    test_program_init(&test, 2, NULL);
    Str path = STR("main.lig");
    test.program->opens_entry = true;
    test.ok = loader_load(test.program, &path, 1) &&
              loader_load_expr(test.program, STR("[a, lib.v, sum [1], On]"));
    test_program_resolve(&test);
    CHECK_EQ_STR(strbuf_str(&test.summary), STR(""));
    CHECK_EQ_STR(main_module(&test)->source.path, STR("<expr>"));
    test_program_release(&test);
    files_release(&files);
}

TEST_MAIN(RUN(every_form_of_import), RUN(canonical_order),
          RUN(one_file_under_many_names),
          RUN(hard_links_are_files_of_their_own), RUN(refused_imports),
          RUN(cycles), RUN(what_a_module_hides), RUN(exported_again),
          RUN(upper_case_aliases_and_typed_data), RUN(modules_are_values_once),
          RUN(import_directories), RUN(a_broken_module_is_reported_once),
          RUN(entries_that_cannot_be_read), RUN(limits),
          RUN(an_expression_sees_the_file))
