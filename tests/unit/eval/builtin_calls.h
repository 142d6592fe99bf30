// Calls builtins by name and compares what they give, for tests of the
// standard library.
#ifndef LIGATURE_TESTS_EVAL_BUILTIN_CALLS_H
#define LIGATURE_TESTS_EVAL_BUILTIN_CALLS_H

#include "eval/regex.h"
#include "tests/unit/eval/fixture.h"

typedef struct Calls {
    Fixture f;
    BuiltinContext ctx;
    CancelToken token;
    CtorInfo orderings[3];
    int64_t steps, looks;
} Calls;

static inline void calls_init(Calls *c)
{
    fixture_init(&c->f);
    cancel_token_init(&c->token, NULL, INT64_MAX);
    c->orderings[0] = (CtorInfo){STR("LT"), 0, 0, CTOR_PLAIN, 0, NULL};
    c->orderings[1] = (CtorInfo){STR("EQ"), 1, 0, CTOR_PLAIN, 0, NULL};
    c->orderings[2] = (CtorInfo){STR("GT"), 2, 0, CTOR_PLAIN, 0, NULL};
    c->steps = c->looks = INT64_C(1) << 40;
    c->ctx = (BuiltinContext){.heap = &c->f.heap,
                              .shapes = c->f.shapes,
                              .some = &c->f.some,
                              .none = &c->f.none,
                              .orderings = c->orderings,
                              .token = &c->token,
                              .regexes = regex_cache_new(),
                              .steps = &c->steps,
                              .looks = &c->looks};
}

static inline void calls_release(Calls *c)
{
    regex_cache_free(c->ctx.regexes);
    fixture_release(&c->f);
}

static inline Value call(Calls *c, const char *name, const Value *args)
{
    Builtin builtin;
    Value result = value_unit();
    CHECK(builtin_from_name(str_from_c(name), &builtin));
    CHECK(builtin_function(builtin)(&c->ctx, args, &result));
    return result;
}

// The result as Ligature source, or the code and message of the failure.
static inline void check_builtin(Calls *c, int line, Builtin builtin,
                                 const Value *args, const char *expected)
{
    Value result = value_unit();
    StrBuf out = {0};
    if (builtin_function(builtin)(&c->ctx, args, &result)) {
        CHECK(value_show(&out, result, UINT64_MAX));
    } else {
        strbuf_appendf(&out, "%s: %.*s", diag_code_name(c->ctx.error_code),
                       STR_ARG(c->ctx.error_message));
    }
    harness_check_str(__FILE__, line, builtin_info(builtin)->name,
                      strbuf_str(&out), str_from_c(expected));
    strbuf_release(&out);
}

static inline void check_call(Calls *c, int line, const char *name,
                              const Value *args, const char *expected)
{
    Builtin builtin;
    CHECK(builtin_from_name(str_from_c(name), &builtin));
    check_builtin(c, line, builtin, args, expected);
}

#define CALL(name, expected, ...)                                              \
    check_call(&c, __LINE__, name, (Value[]){__VA_ARGS__}, expected)
#define I(n)    value_int(n)
#define F(x)    value_float(x)
#define S(text) make_string(&c.f, text)
#define LIST(...)                                                              \
    make_list(&c.f, sizeof((Value[]){__VA_ARGS__}) / sizeof(Value),            \
              (Value[]){__VA_ARGS__})

#endif
