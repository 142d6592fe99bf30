// Parts of a module are resolved and checked beside each other. Whatever the
// sizes of the parts and however many workers there are, all fixtures give the
// same diagnostics and interfaces as in one part.
#include <glob.h>

#include "syntax/loader.h"
#include "syntax/resolve.h"
#include "tests/harness.h"
#include "typecheck/check.h"
#include "typecheck/interface.h"

#define ONE_PART (UINT64_C(1) << 40)

static void append_list(StrBuf *out, const char *label, const Str *texts,
                        uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        strbuf_appendf(out, "  %s %.*s\n", label, STR_ARG(texts[i]));
    }
}

static void append_diag(StrBuf *out, const Diag *diag)
{
    strbuf_appendf(out, "%s %u-%u %.*s\n", diag_code_name(diag->code),
                   diag->span.start, diag->span.end, STR_ARG(diag->message));
    for (uint32_t i = 0; i < diag->more->labels.count; i++) {
        const DiagLabel *label = &diag->more->labels.items[i];
        strbuf_appendf(out, "  %.*s %u-%u %.*s\n", STR_ARG(label->source->path),
                       label->span.start, label->span.end,
                       STR_ARG(label->message));
    }
    append_list(out, "note", diag->more->notes.items, diag->more->notes.count);
    append_list(out, "help", diag->more->helps.items, diag->more->helps.count);
}

// What bindings refer to, in order: what the tasks of the evaluation are.
static void append_refs(StrBuf *out, const Module *module)
{
    for (uint32_t i = 0; i < module->binding_count; i++) {
        const Binding *binding = &module->bindings[i];
        strbuf_appendf(out, "%u locals %u:", i, binding->local_count);
        for (uint32_t k = 0; k < binding->ref_count; k++) {
            const BindingRef *ref = &binding->refs[k];
            strbuf_appendf(out, " %u.%u%s@%u", ref->module, ref->index,
                           ref->unconditional ? "!" : "", ref->span.start);
        }
        strbuf_append(out, STR("\n"));
    }
}

// All that is said about the program in the file.
static Str said(const char *path, uint64_t grain, uint32_t worker_count)
{
    Pool *pool = pool_new(worker_count, 0);
    CancelToken token;
    cancel_token_init(&token, NULL, INT64_MAX);
    ProgramOptions options = {.limits = limits_default(), .grain = grain};
    Program *program = program_new(&options, pool, &token);
    StrBuf out = {0};
    Str name = str_from_c(path);
    if (loader_load(program, &name, 1)) {
        resolve_program(program);
        check_program(program, &(CheckOptions){0});
    }
    Arena arena;
    arena_init(&arena);
    for (uint32_t i = 0; i < program->module_count; i++) {
        Module *module = program->modules[i];
        diag_sink_sort(&module->diags);
        for (uint32_t d = 0; d < module->diags.diags.count; d++) {
            append_diag(&out, diag_at(&module->diags, d));
        }
        if (module->checked != NULL) {
            strbuf_append(&out, interface_text(program, module, &arena));
        }
        append_refs(&out, module);
    }
    arena_release(&arena);
    check_program_release(program);
    program_free(program);
    pool_free(pool);
    return strbuf_str(&out);
}

static void check_file(const char *path, uint64_t grain, uint32_t worker_count)
{
    Str expected = said(path, ONE_PART, 1);
    Str found = said(path, grain, worker_count);
    if (!str_equal(expected, found)) {
        harness_fail(path, (int)grain, "differs from the check in one part");
        size_t at = 0;
        while (at < expected.len && at < found.len &&
               expected.data[at] == found.data[at]) {
            at++;
        }
        at = at > 200 ? at - 200 : 0;
        printf("# expected ...%.400s\n# found ...%.400s\n", expected.data + at,
               found.data + at);
    }
    free((char *)(uintptr_t)expected.data);
    free((char *)(uintptr_t)found.data);
}

static void check_files(const char *pattern, uint64_t grain,
                        uint32_t worker_count)
{
    glob_t found;
    CHECK_EQ_INT(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        check_file(found.gl_pathv[i], grain, worker_count);
    }
    globfree(&found);
}

static void check_all(uint64_t grain, uint32_t worker_count)
{
    check_files("fixtures/*.lig", grain, worker_count);
    check_files("fixtures/project-*/main.lig", grain, worker_count);
    check_files("fixtures/platform/main.lig", grain, worker_count);
}

// The smallest cut all bindings apart; the others make stretches of items of
// that length, as larger ones are checked in order.
static void check_all_grains(uint32_t worker_count)
{
    const size_t step = SANITIZED ? 2 : 1;
    static const uint64_t grains[] = {1, 8, 25, 70, 200, 600};
    for (size_t i = 0; i < sizeof grains / sizeof *grains; i += step) {
        check_all(grains[i], worker_count);
    }
}

TEST(parts_by_one_worker)
{
    check_all_grains(1);
}

TEST(parts_by_four_workers)
{
    check_all_grains(4);
}

TEST_MAIN(RUN(parts_by_one_worker), RUN(parts_by_four_workers))
