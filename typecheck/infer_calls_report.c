// What is said of arguments that are too many.
#include "typecheck/infer_calls.h"

#include "syntax/byte_class.h"

// Bytes of a call that a message shows.
enum { MAX_SHOWN_CALL = 60 };

Symbol infer_callee_name(const Expr *callee)
{
    if (callee->kind == EXPR_NAME) {
        return callee->as.name.symbol;
    }
    if (callee->kind == EXPR_CTOR) {
        return callee->as.ctor.symbol;
    }
    return callee->kind == EXPR_FIELD ? callee->as.field.field : 0;
}

static bool is_literal(ExprKind kind)
{
    return kind == EXPR_STRING || kind == EXPR_INTERPOLATION ||
           kind == EXPR_INT || kind == EXPR_FLOAT || kind == EXPR_BOOL ||
           kind == EXPR_LIST || kind == EXPR_RECORD;
}

// Whether an argument is a name that is not there, which has been reported.
static bool has_unknown(const Application *app)
{
    for (uint32_t i = 0; i < app->count; i++) {
        const Expr *arg = app->args[i].expr;
        if (arg != NULL &&
            (arg->kind == EXPR_ERROR ||
             (arg->kind == EXPR_NAME && arg->as.name.ref == REF_ERROR))) {
            return true;
        }
    }
    return false;
}

// range -5 6, in which 5 is applied to 6.
static bool is_behind_minus(const Infer *c, const Expr *callee)
{
    Str text = c->source->text;
    uint32_t at = callee->span.start;
    return at >= 3 && text.data[at - 1] == '-' && text.data[at - 2] == ' ' &&
           (byte_is(text.data[at - 3], BYTE_IDENT) || text.data[at - 3] == ')');
}

// What was meant by the application of something that is no function.
static void help_no_function(Infer *c, Diag *diag, const Application *app)
{
    const Expr *arg = app->args[0].expr;
    const Type *type = type_resolve(app->callee_type);
    if (type->kind == TYPE_RECORD && arg != NULL && arg->kind == EXPR_RECORD) {
        diag_help(
            c->sink, diag,
            "fields are changed with a spread: { ..base, field = value }");
    } else if (is_literal(app->callee->kind) &&
               is_behind_minus(c, app->callee)) {
        diag_help(c->sink, diag, NEGATIVE_HELP);
    } else if (is_literal(app->callee->kind)) {
        diag_help(c->sink, diag, "is a ',' or ';' missing between them?");
    } else if (arg == NULL || arg->kind != EXPR_LIST ||
               arg->as.list.count != 1) {
        return;
    } else if (type_is_prim(type, PRIM_LIST)) {
        diag_help(c->sink, diag,
                  "'at' of std.list takes an element: at 0 list");
    } else if (type_is_prim(type, PRIM_MAP)) {
        diag_help(c->sink, diag,
                  "'get' of std.map looks up a key: get key map");
    } else if (type->kind == TYPE_RECORD) {
        diag_help(c->sink, diag, "a field is taken with '.': record.field");
    }
}

static uint32_t arity(const Type *type)
{
    uint32_t count = 0;
    for (type = type_resolve((Type *)(uintptr_t)type);
         type->kind == TYPE_FUNCTION;
         type = type_resolve(type->as.function.result)) {
        count++;
    }
    return count;
}

// How many arguments the name takes; 0: it is no name, or of no function.
static uint32_t arity_of_name(const Infer *c, const Expr *expr)
{
    bool named =
        expr != NULL && (expr->kind == EXPR_NAME || expr->kind == EXPR_CTOR);
    const Scheme *scheme = named ? infer_scheme_of(c, expr) : NULL;
    return scheme != NULL ? arity(scheme->type) : 0;
}

// `not isSome x`, `xs |> map add 1`: an argument that was taken is a function,
// and as many as are too many behind it were meant for that one. It may be any
// where it is the last; else what it gives must be what is taken there.
static void help_nested_call(Infer *c, Diag *diag, const Application *app,
                             uint32_t taken)
{
    uint32_t surplus = app->count - taken;
    uint32_t at = taken - 1;
    bool found = arity_of_name(c, app->args[at].expr) > 0;
    while (!found && at-- > 0) {
        found = arity_of_name(c, app->args[at].expr) ==
                surplus + arity(app->params[at]);
    }
    if (!found) {
        return;
    }
    // What is piped stands before all.
    uint32_t last = at + surplus;
    last -= app->args[last].span.start < app->callee->span.start;
    if (last == at) {
        return;
    }
    Span call = span_join(app->args[at].span, app->args[last].span);
    Str text = str_slice(c->source->text, call.start, call.end);
    if (text.len <= MAX_SHOWN_CALL) {
        diag_help(c->sink, diag,
                  "a call as an argument stands in parentheses: (%.*s)",
                  STR_ARG(text));
    }
}

void infer_help_tuple(Infer *c, Diag *diag, const Expr *callee)
{
    Symbol symbol = infer_callee_name(callee);
    Str name = symbol != 0 ? infer_name_text(c, symbol) : STR("f");
    Str help = arena_printf(&c->sink->arena,
                            "these are several arguments; a tuple stands in "
                            "parentheses of its own: %.*s ((a, b))",
                            STR_ARG(name));
    for (uint32_t i = 0; i < diag->more->helps.count; i++) {
        if (str_equal(diag->more->helps.items[i], help)) {
            return;
        }
    }
    diag_help(c->sink, diag, "%.*s", STR_ARG(help));
}

// So much of a line is looked at for one message: there may be thousands.
enum { LOOK_MAX = 200 };

// Where the line of `at` starts, and how far it is indented. False for a long
// one.
static bool indentation(Str text, uint32_t at, uint32_t *out_start,
                        uint32_t *out_depth)
{
    uint32_t end = at;
    while (at > 0 && !byte_is(text.data[at - 1], BYTE_LINE)) {
        if (end - at == LOOK_MAX) {
            return false;
        }
        at--;
    }
    *out_start = at;
    while (at < end && byte_is(text.data[at], BYTE_BLANK)) {
        at++;
    }
    *out_depth = at - *out_start;
    return true;
}

// An argument that begins its line and stands no deeper than the line of the
// callee is most likely an item of its own. False where there is none.
static bool help_lost_comma(Infer *c, Diag *diag, const Application *app)
{
    Str text = c->source->text;
    uint32_t callee_line, depth, line, own;
    if (!indentation(text, app->callee->span.start, &callee_line, &depth) ||
        !infer_may_suggest(c, app->count)) {
        return false;
    }
    for (uint32_t i = 0; i < app->count; i++) {
        uint32_t start = app->args[i].span.start;
        if (start > app->callee->span.end &&
            indentation(text, start, &line, &own) && line > callee_line &&
            start == line + own && own <= depth) {
            uint32_t end = app->callee->span.end;
            for (uint32_t k = 0; k < i; k++) {
                uint32_t before = app->args[k].span.end;
                end = before > end && before <= start ? before : end;
            }
            diag_label(c->sink, diag, c->source, (Span){end, end},
                       "is a ',' missing here?");
            return true;
        }
    }
    return false;
}

// A constructor that holds a record is given its fields one by one. False where
// it is not that.
static bool help_record_argument(Infer *c, Diag *diag, const Application *app)
{
    enum { SHOWN_MOST = 3 };
    const Type *type = type_resolve(app->callee_type);
    Type *param = type->kind == TYPE_FUNCTION
                      ? type_resolve(type->as.function.param)
                      : NULL;
    if (app->callee->kind != EXPR_CTOR || param == NULL ||
        param->kind != TYPE_RECORD) {
        return false;
    }
    uint32_t count;
    Type *tail;
    RecordField *fields = type_record_fields(param, c->scratch, &count, &tail);
    if (!infer_may_suggest(c, count)) {
        return false;
    }
    StrBuf shown = {0};
    for (uint32_t order = 0; order < count && order < SHOWN_MOST; order++) {
        for (uint32_t i = 0; i < count; i++) {
            if (fields[i].order == order) {
                Str name = infer_name_text(c, fields[i].name);
                strbuf_appendf(&shown, "%s%.*s = ...", order > 0 ? ", " : "",
                               STR_ARG(name));
            }
        }
    }
    Str ctor = infer_name_text(c, infer_callee_name(app->callee));
    diag_help(c->sink, diag, "it takes one record: %.*s { %.*s%s }",
              STR_ARG(ctor), STR_ARG(strbuf_str(&shown)),
              count > SHOWN_MOST ? ", ..." : "");
    strbuf_release(&shown);
    return true;
}

// Whether a binding of this module is called.
static bool is_own(const Infer *c, const Expr *callee)
{
    return callee->kind == EXPR_NAME && callee->as.name.ref == REF_GLOBAL &&
           c->program->modules[callee->as.name.module] == c->module;
}

static bool is_comma_behind(const Infer *c, const Arg *arg)
{
    Str text = c->source->text;
    size_t at = arg->span.end;
    while (at < text.len && byte_is(text.data[at], BYTE_BLANK | BYTE_LINE)) {
        at++;
    }
    return at < text.len && text.data[at] == ',';
}

// Whether arguments stand in parentheses together, as a tuple would: all of
// them where one is taken, or some and others not.
static bool has_tuple(const Infer *c, const Application *app, uint32_t taken)
{
    bool any = false;
    bool all = true;
    for (uint32_t i = 0; i + 1 < app->count; i++) {
        bool comma = is_comma_behind(c, &app->args[i]);
        any |= comma;
        all &= comma;
    }
    return any && (!all || taken == 1);
}

// `x |> f()`, where f takes x alone.
static bool is_piped_to_call(const Application *app, uint32_t taken)
{
    const Expr *last = app->args[taken - 1].expr;
    return last != NULL && last->kind == EXPR_UNIT &&
           app->args[taken].span.start < app->callee->span.start;
}

void infer_report_arguments(Infer *c, const Application *app, uint32_t taken)
{
    Symbol name = infer_callee_name(app->callee);
    Str type = infer_print(c, app->callee_type);
    Span span = app->args[taken].span;
    Diag *diag;
    if (taken == 0 && has_unknown(app)) {
        c->failed = true; // a word that was taken for an argument
        return;
    }
    if (taken == 0 && app->callee->kind == EXPR_CTOR) {
        diag = infer_error(c, DIAG_E0214, span,
                           "constructor '%.*s' takes no arguments",
                           STR_ARG(infer_name_text(c, name)));
        (void)help_lost_comma(c, diag, app);
        return;
    }
    if (taken == 0) {
        diag =
            infer_error(c, DIAG_E0214, app->callee->span,
                        "this is no function: it has type %.*s", STR_ARG(type));
        diag_label(c->sink, diag, &c->module->source, span,
                   "so it cannot be applied to this");
        if (!help_lost_comma(c, diag, app)) {
            help_no_function(c, diag, app);
        }
        return;
    }
    if (name != 0) {
        diag = infer_error(c, DIAG_E0214, span,
                           "'%.*s' takes %u argument%s, this is number %u",
                           STR_ARG(infer_name_text(c, name)), taken,
                           taken == 1 ? "" : "s", taken + 1);
    } else {
        diag = infer_error(c, DIAG_E0214, span,
                           "the function takes %u argument%s, this is "
                           "number %u",
                           taken, taken == 1 ? "" : "s", taken + 1);
    }
    diag_label(c->sink, diag, &c->module->source, app->callee->span,
               "it has type %.*s", STR_ARG(type));
    if (is_piped_to_call(app, taken)) {
        diag_help(c->sink, diag,
                  "behind '|>' stands the function alone, without '()'");
    } else if (help_lost_comma(c, diag, app)) {
        return;
    } else if (help_record_argument(c, diag, app)) {
        return;
    } else if (has_tuple(c, app, taken)) {
        infer_help_tuple(c, diag, app->callee);
        if (is_own(c, app->callee)) {
            diag_help(c->sink, diag,
                      "a function of several has them one by one: let f a b "
                      "= ...");
        }
    } else {
        help_nested_call(c, diag, app, taken);
    }
}
