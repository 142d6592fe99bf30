// Declarations.
#include "syntax/parser_decls.h"

#include <string.h>

// ---- let

// Whether a final expression was read. What has failed may have been meant to
// be anything.
static bool has_result(const Parser *parser)
{
    return parser->result_seen &&
           parser->module->ast.result->kind != EXPR_ERROR;
}

// The final expression: the one of the file, but that only one can be.
static void set_result(Parser *parser, const Expr *expr)
{
    ModuleAst *ast = &parser->module->ast;
    if (has_result(parser)) {
        if (expr->kind != EXPR_ERROR) {
            Diag *diag = parser_report(parser, DIAG_E0106, expr->span,
                                       "a second final expression");
            parser_label(parser, diag, ast->result->span, "the first");
            parser_help(parser, diag,
                        "a file ends in one expression; bindings start with "
                        "'let'");
        }
        return;
    }
    parser->result_seen = true;
    ast->result = parser_keep_expr(parser, expr);
}

// a.b = 1, and assert a == 1, "no": as in languages of statements.
static bool help_statement(Parser *parser, Diag *diag)
{
    const Expr *result = parser->module->ast.result;
    Str start = str_slice(parser->module->source.text, result->span.start,
                          result->span.end);
    if (parser_at(parser, TOKEN_EQUALS) && result->kind == EXPR_FIELD) {
        parser_help(parser, diag,
                    "a declaration gives all of a value: let name = "
                    "{ path.field = value };");
        return true;
    }
    if ((parser_at(parser, TOKEN_COMMA) || parser_at(parser, TOKEN_COLON)) &&
        str_starts_with(start, STR("assert "))) {
        parser_help(parser, diag, "%s", parser_assert_help);
        return true;
    }
    return false;
}

// What follows the final expression: [ ";" ] and the end.
static void end_of_result(Parser *parser)
{
    if (!parser->failed && parser_accept(parser, TOKEN_SEMICOLON)) {
        return; // more is reported where it stands
    }
    if (parser_at_next_declaration(parser)) {
        return; // reported there
    }
    if (!parser_at(parser, TOKEN_END)) {
        Diag *diag = parser_unexpected(parser, "';' or the end of the file");
        if (help_statement(parser, diag)) {
            return;
        }
        parser_help_foreign(parser, diag);
        if (parser_at_open_argument(parser)) {
            parser_help(parser, diag,
                        "as an argument it stands in parentheses");
        }
    }
}

// Declarations behind the final expression, once.
static void check_late(Parser *parser, Span span)
{
    if (!has_result(parser) || parser->late_decl_reported) {
        return;
    }
    parser->late_decl_reported = true;
    const Expr *result = parser->module->ast.result;
    Diag *diag = parser_report(parser, DIAG_E0106, span,
                               "a declaration after the final expression");
    parser_label(parser, diag, result->span, "the final expression");
    parser_help(parser, diag,
                "a file's value stands last; a binding starts with 'let'");
}

// What a run of binds showed, for telling `let x = 1;` from `let ... in`.
typedef struct BindRun {
    Bind *binds;
    uint32_t count;
    uint32_t height;
    bool ended;       // by a ';'
    Span first_and;   // without `rec`; empty when none
    Span first_loose; // a bind behind a ';' without `let`; empty when none
} BindRun;

// Behind a bind: takes what separates it from another one, and returns whether
// there is one, and the comment before it.
static bool another_bind(Parser *parser, bool rec, BindRun *run, Span *out_doc)
{
    run->ended = false;
    if (parser->failed) {
        return false;
    }
    if (parser_at(parser, TOKEN_AND)) {
        if (!rec && run->first_and.end == 0) {
            run->first_and = parser->token->span;
        }
        *out_doc = parser->token->doc;
        return !parser_foreign_and(parser);
    }
    run->ended = parser_accept(parser, TOKEN_SEMICOLON);
    if (!run->ended || !parser_at_bind(parser)) {
        return false;
    }
    if (run->first_loose.end == 0) {
        run->first_loose = parser->token->span;
    }
    *out_doc = parser->token->doc;
    return true;
}

// bind { ("and" | ";") bind } [ ";" ]: a ';' ends it unless another bind or
// `in` follows. Mostly it is one, which is read where it stays.
static void bind_run(Parser *parser, bool rec, Span doc, BindRun *run)
{
    *run = (BindRun){.count = 1};
    run->binds = arena_alloc(parser->arena, sizeof *run->binds);
    parser_bind(parser, doc, true, run->binds);
    run->height = parser->height;
    if (LIKELY(!another_bind(parser, rec, run, &doc))) {
        return;
    }
    size_t mark = parser->stack.used;
    parser_push(parser, run->binds);
    do {
        Bind bind;
        parser_bind(parser, doc, true, &bind);
        parser_note_height(parser, &run->height);
        parser_push(parser, &bind);
    } while (another_bind(parser, rec, run, &doc));
    run->binds = parser_take(parser, mark, Bind, &run->count);
}

// "base // {" behind a ';', and on the next line "field = ...": what was read
// as a binding of that name is a changed record. It is dropped, and so is the
// rest of it. True then.
static bool drop_lost_record(Parser *parser, BindRun *run)
{
    uint32_t start = run->first_loose.start;
    if (!parser_report_comment(parser, start)) {
        return false;
    }
    uint32_t kept = 0;
    while (run->binds[kept].name_span.start < start) {
        kept++;
    }
    run->count = kept;
    run->ended = true;
    parser->failed = true;
    return true;
}

// "let" bind ";" | "let" "rec" bind { "and" bind } ";", or the final
// expression when `in` follows.
static bool let_decl(Parser *parser, uint32_t start, bool exported, Span doc,
                     Decl *out_decl)
{
    bool has_let = parser_accept(parser, TOKEN_LET);
    bool rec = parser_accept(parser, TOKEN_REC);
    BindRun run;
    bind_run(parser, rec, doc, &run);
    if (!parser->failed && !exported && parser_at(parser, TOKEN_IN)) {
        Expr result;
        Let let = {.binds = run.binds, .count = run.count, .rec = rec};
        parser_let_body(parser, start, let, run.height, &result);
        set_result(parser, &result);
        end_of_result(parser);
        return false;
    }
    check_late(parser, (Span){start, start + (uint32_t)strlen("let")});
    if (run.first_loose.end != 0 && drop_lost_record(parser, &run)) {
        run.first_loose.end = 0;
    } else if (run.first_loose.end != 0 && (parser->habits & HABIT_LET) == 0) {
        parser->habits |= HABIT_LET;
        Diag *diag = parser_report(
            parser, DIAG_E0106, run.first_loose,
            "expected a declaration, found a binding without 'let'");
        parser_help(parser, diag,
                    "write 'let' before it, or 'in' and an expression behind "
                    "local bindings");
    } else if (run.first_and.end != 0 && !parser->failed) {
        Diag *diag = parser_report(parser, DIAG_E0106, run.first_and,
                                   "'and' joins the bindings of 'let rec'");
        parser_help(parser, diag,
                    "write 'let rec', or end the binding with ';'");
    }
    Bind *last = &run.binds[run.count - 1];
    bool is_loose = (!has_let || run.first_loose.end != 0) &&
                    parser_lost_loose_end(parser, parser_bind_body(last));
    if (!run.ended && !is_loose && !parser_expect(parser, TOKEN_SEMICOLON) &&
        !parser_at_next_declaration(parser)) {
        parser_drop_expr(parser, parser_bind_body(last));
    }
    if (last->name == 0) {
        run.count--; // a bind without a name has been reported
    }
    out_decl->kind = DECL_LET;
    out_decl->span = parser_span(parser, start);
    out_decl->as.let = (LetDecl){
        .binds = run.binds,
        .count = run.count,
        .rec = rec,
        .exported = exported,
    };
    return run.count > 0;
}

// ---- the rest

// "input" name ":" type [ "=" expr ] ";"
static bool input_decl(Parser *parser, uint32_t start, Span doc, Decl *out_decl)
{
    InputDecl decl = {.doc = doc};
    parser_advance(parser);
    if (!parser_at(parser, TOKEN_NAME)) {
        parser_help_keyword(parser,
                            parser_unexpected(parser, "the input's name"));
        return false;
    }
    decl.name = parser_take_symbol(parser, &decl.name_span);
    if (!parser_at(parser, TOKEN_COLON)) {
        Diag *diag = parser_unexpected(parser, "':' and the input's type");
        parser_help(parser, diag,
                    "every input has a type: input port: "
                    "Integer = 80;");
        return false;
    }
    parser_advance(parser);
    decl.type = parser_type(parser);
    if (!parser->failed && parser_accept(parser, TOKEN_EQUALS)) {
        decl.default_value = parser_new_expr(parser);
    }
    parser_expect(parser, TOKEN_SEMICOLON);
    *out_decl = (Decl){.kind = DECL_INPUT,
                       .span = parser_span(parser, start),
                       .as.input = parser_keep(parser, &decl)};
    return true;
}

// "module" ModPath ";"
static void module_header(Parser *parser, bool first)
{
    Span span = parser->token->span;
    parser_advance(parser);
    uint32_t count = 0;
    Symbol *path = parser_dotted_names(parser, &count);
    parser_expect(parser, TOKEN_SEMICOLON);
    if (!first) {
        parser_report(parser, DIAG_E0106, span,
                      "the module header stands first in its file, and once");
        return;
    }
    parser->module->ast.path = path;
    parser->module->ast.path_count = count;
}

// Whether what was read as the final expression from `start` on is the head of
// a binding: names and parameters before '=' or ':'.
static bool is_bind_head(const Parser *parser, const Expr *expr)
{
    const Expr *head = expr->kind == EXPR_CALL ? expr->as.call.parts : expr;
    Str rest = str_slice(parser->module->source.text, parser->token->span.start,
                         parser->module->source.text.len);
    return !parser->failed && head->kind == EXPR_NAME &&
           !str_starts_with(rest, STR("::")) &&
           (expr->flags & EXPR_PARENTHESISED) == 0 &&
           (parser_at(parser, TOKEN_EQUALS) || parser_at(parser, TOKEN_COLON) ||
            parser_at(parser, TOKEN_EQUAL_EQUAL));
}

// name: value, as in YAML and JSON: no type starts so.
static bool at_data(Parser *parser)
{
    if (!parser_at(parser, TOKEN_NAME) || parser_peek(parser) != TOKEN_COLON) {
        return false;
    }
    LexerMark mark = lexer_look_ahead(parser->lexer);
    Token token;
    parser_guess_next(parser, &token); // ':'
    parser_guess_next(parser, &token);
    lexer_look_back(parser->lexer, mark);
    return token.kind == TOKEN_NAME || token.kind == TOKEN_INT ||
           token.kind == TOKEN_STRING || token.kind == TOKEN_MINUS ||
           token.kind == TOKEN_TRUE || token.kind == TOKEN_FALSE;
}

// A binding at the next token that lacks its `let`, or has another word for it.
static bool lost_let(Parser *parser, uint32_t start, bool exported,
                     Decl *out_decl)
{
    Span word = parser->token->span;
    bool is_data = at_data(parser);
    bool is_foreign = parser_foreign_let(parser);
    if ((parser->habits & HABIT_LET) == 0) {
        Str text = parser->module->source.text;
        Diag *diag = parser_report(
            parser, DIAG_E0106, word,
            is_foreign ? "expected a declaration, found '%.*s'"
                       : "expected 'let' before the binding '%.*s'",
            STR_ARG(str_slice(text, word.start, word.end)));
        parser_help(parser, diag,
                    exported  ? "what others see is written export let name = "
                                "value;"
                    : is_data ? "a binding is written let name = value; a "
                                "record { name = value }"
                              : "a binding is written let name = value;");
    }
    parser->habits |= HABIT_LET;
    if (is_data) {
        parser->failed = true; // all that follows is of the same kind
        return false;
    }
    return let_decl(parser, start, exported, (Span){0, 0}, out_decl);
}

// Whether the name behind `export` is that of a binding that lacks its `let`,
// or another word for it.
static bool lacks_let(Parser *parser)
{
    TokenKind next = parser_peek(parser);
    return next == TOKEN_EQUALS || next == TOKEN_COLON || next == TOKEN_NAME;
}

// `export default value;`: says where the value of a file stands.
static bool exports_value(Parser *parser)
{
    Span name = parser->token->span;
    TokenKind next = parser_peek(parser);
    if (!str_equal(str_slice(parser->module->source.text, name.start, name.end),
                   STR("default")) ||
        next == TOKEN_SEMICOLON || next == TOKEN_COMMA || next == TOKEN_AS ||
        next == TOKEN_END) {
        return false;
    }
    parser_advance(parser);
    Diag *diag = parser_unexpected(parser, "';'");
    parser_help(parser, diag,
                "the value of a file is the expression that it ends in, "
                "without 'export'");
    return true;
}

static bool export_decl(Parser *parser, uint32_t start, Span doc,
                        Decl *out_decl)
{
    parser_advance(parser);
    if (parser_at(parser, TOKEN_LET)) {
        return let_decl(parser, start, true, doc, out_decl);
    }
    if (parser_at(parser, TOKEN_TYPE)) {
        bool ok = parser_type_decl(parser, start, true, doc, out_decl);
        if (!parser->failed) {
            parser_accept(parser, TOKEN_SEMICOLON);
        }
        return ok;
    }
    if (parser_at(parser, TOKEN_TYPECLASS)) {
        Diag *diag = parser_report(
            parser, DIAG_E0106, parser->token->span,
            "expected 'let', 'type' or the names to export, found 'typeclass'");
        parser_help(parser, diag, "%s", parser_export_class_help);
        return parser_class_decl(parser, start, doc, out_decl);
    }
    if (parser_at(parser, TOKEN_NAME) && lacks_let(parser)) {
        return lost_let(parser, start, true, out_decl);
    }
    if (parser_at(parser, TOKEN_NAME) && exports_value(parser)) {
        return false;
    }
    return parser_export_items(parser, start, out_decl);
}

// The final expression, or what may have been meant to be a binding.
static bool final_expr(Parser *parser, uint32_t start, Decl *out_decl)
{
    uint32_t diag_count = parser->sink->diags.count;
    Expr result;
    parser_expr(parser, &result);
    if (UNLIKELY(is_bind_head(parser, &result)) &&
        !lexer_is_interpolating(parser->lexer) &&
        !parser_at_foreign_word(parser, start)) {
        parser_seek(parser, start);
        return lost_let(parser, start, false, out_decl);
    }
    set_result(parser, &result);
    end_of_result(parser);
    bool is_word = UNLIKELY(parser->sink->diags.count > diag_count) &&
                   parser_foreign_word(parser, start, diag_count);
    if (UNLIKELY(parser->failed || is_word)) {
        parser_drop_expr(parser, parser->module->ast.result);
    }
    return false;
}

bool parser_declaration(Parser *parser, bool first, Decl *out_decl)
{
    uint32_t start = parser->token->span.start;
    Span doc = parser->token->doc;
    TokenKind kind = parser->token->kind;
    bool is_decl = kind >= TOKEN_LET && kind != TOKEN_IF &&
                   kind != TOKEN_MATCH && kind != TOKEN_TRUE &&
                   kind != TOKEN_FALSE && kind != TOKEN_LET;
    if (is_decl) {
        check_late(parser, parser->token->span);
    }
    switch ((int)kind) {
    case TOKEN_LET:
        return let_decl(parser, start, false, doc, out_decl);
    case TOKEN_TYPE:
        return parser_type_decl(parser, start, false, doc, out_decl);
    case TOKEN_TYPECLASS:
        return parser_class_decl(parser, start, doc, out_decl);
    case TOKEN_INSTANCE:
        return parser_instance_decl(parser, start, out_decl);
    case TOKEN_IMPORT:
        return parser_import(parser, start, out_decl);
    case TOKEN_EXPORT:
        return export_decl(parser, start, doc, out_decl);
    case TOKEN_INPUT:
        return input_decl(parser, start, doc, out_decl);
    case TOKEN_MODULE:
        module_header(parser, first);
        return false;
    case TOKEN_RIGHT_PAREN:
    case TOKEN_RIGHT_BRACKET:
    case TOKEN_RIGHT_BRACE:
        parser_error(parser, DIAG_E0107, parser->token->span,
                     "%s closes nothing", token_kind_text(kind));
        return false;
    default:
        return final_expr(parser, start, out_decl);
    }
}
