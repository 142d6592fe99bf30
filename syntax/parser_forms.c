// Bindings, and the expressions that extend as far to the right as they can:
// functions, let, if and match.
#include "syntax/parser_internal.h"

// "\" param { param } "->" expr
static void lambda(Parser *parser, Expr *out)
{
    uint32_t start = parser->token->span.start;
    uint32_t height = 0;
    size_t mark = parser->stack.used;
    parser_advance(parser);
    parser_push_params(parser, true, &height);
    Function *function = ARENA_NEW(parser->arena, Function);
    function->params = parser_take(parser, mark, Param, &function->param_count);
    if (function->param_count == 0 || !parser_at(parser, TOKEN_ARROW)) {
        Diag *diag = parser_unexpected(parser, function->param_count == 0
                                                   ? "a parameter"
                                                   : "'->' or a parameter");
        if (parser->token->kind >= TOKEN_LET) {
            parser_help_keyword(parser, diag);
        } else {
            parser_help(
                parser, diag,
                "a function is written \\x -> ..., patterns in parentheses");
        }
    }
    parser_accept(parser, TOKEN_ARROW);
    parser_expr(parser, &function->body);
    parser_note_height(parser, &height);
    parser_node(parser, out, EXPR_LAMBDA, 0, start, height + 1,
                expr_of_parts(function, 0));
}

// Skips names, '_' and balanced brackets behind the name. Without errors every
// text is looked at once: what was looked at is parsed next.
bool parser_at_bind(Parser *parser)
{
    if (!parser_at(parser, TOKEN_NAME) ||
        lexer_is_interpolating(parser->lexer)) {
        return false;
    }
    parser_unread(parser);
    LexerMark mark = lexer_look_ahead(parser->lexer);
    Token token;
    uint32_t depth = 0;
    bool has_upper = false;
    do {
        parser_guess_next(parser, &token);
        has_upper |= token.kind == TOKEN_UPPER_NAME && depth == 0;
        if (token.kind == TOKEN_LEFT_PAREN || token.kind == TOKEN_LEFT_BRACE ||
            (depth > 0 && token.kind == TOKEN_LEFT_BRACKET)) {
            depth++;
        } else if (depth > 0 && token_closes(token.kind)) {
            depth--;
            token.kind = TOKEN_NAME;
        }
    } while (token.kind != TOKEN_END &&
             (depth > 0 || token.kind == TOKEN_NAME ||
              token.kind == TOKEN_UPPER_NAME ||
              token.kind == TOKEN_UNDERSCORE));
    lexer_look_back(parser->lexer, mark);
    if (has_upper &&
        parser_at_foreign_word(parser, parser->token->span.start)) {
        return false; // record Name = ..., a type in another language
    }
    return token.kind == TOKEN_EQUALS || token.kind == TOKEN_COLON;
}

Expr *parser_bind_body(Bind *bind)
{
    bool is_function = bind->value.kind == EXPR_LAMBDA &&
                       bind->value.as.lambda->name == bind->name;
    return is_function ? &bind->value.as.lambda->body : &bind->value;
}

static const char *const bind_help =
    "a binding is 'name = value'; values are taken apart with 'match'";

// Of a token that is no name.
static const char *name_help(Parser *parser)
{
    bool is_upper = parser_at(parser, TOKEN_UPPER_NAME);
    TokenKind next = is_upper ? parser_peek(parser) : TOKEN_END;
    return next == TOKEN_EQUALS || next == TOKEN_COLON
               ? "the name of a value starts with a lower-case letter or '_'"
               : bind_help;
}

// [":" type] "=" where no '=' follows at once; false where none does.
static bool bind_type(Parser *parser, bool typed, Bind *out, uint32_t *height)
{
    if (typed && parser_at(parser, TOKEN_COLON)) {
        uint32_t start = parser->token->span.end;
        uint32_t diag_count = parser->sink->diags.count;
        parser_advance(parser);
        out->type = parser_type(parser);
        parser_note_height(parser, height);
        if (UNLIKELY(!parser_at(parser, TOKEN_EQUALS) || parser->failed) &&
            parser_lost_equals(parser, start, diag_count)) {
            out->type = NULL;
            return true;
        }
    }
    if (parser_accept(parser, TOKEN_EQUALS) || parser_foreign_equals(parser)) {
        return true;
    }
    Diag *diag = parser_unexpected(parser, "'='");
    if (parser_at(parser, TOKEN_UPPER_NAME)) {
        parser_help(parser, diag,
                    "a constructor and what it has stand in parentheses: let f "
                    "(Some x) = value;");
    } else if (parser_at(parser, TOKEN_COLON) && out->type != NULL) {
        parser_help(parser, diag,
                    "a parameter with a type stands in parentheses: let f (x: "
                    "Integer): Integer = value;");
    } else if (parser_at(parser, TOKEN_ARROW)) {
        parser_help(parser, diag, "a function is written let f x = value;");
    } else if (parser_at(parser, TOKEN_MINUS)) {
        parser_help(parser, diag,
                    "a name has no '-': '_' or a capital parts its words");
    } else if (parser_at(parser, TOKEN_SEMICOLON) && out->type != NULL) {
        parser_help(parser, diag,
                    "a type stands in the binding that it is of: "
                    "let name: Type = value;");
    } else if (parser_at(parser, TOKEN_TYPE) || parser_at(parser, TOKEN_FROM) ||
               parser_at(parser, TOKEN_WITH)) {
        parser_help_keyword(parser, diag);
    } else if (parser_at(parser, TOKEN_COMMA)) {
        bool is_context =
            out->type != NULL && parser_peek(parser) == TOKEN_UPPER_NAME;
        parser_help(parser, diag, "%s",
                    is_context ? "several constraints stand in parentheses: "
                                 "(Eq a, Show a) => ..."
                               : bind_help);
    } else if (parser_at(parser, TOKEN_BAR) && out->type != NULL) {
        parser_help(parser, diag, CHOICE_HELP);
    } else if (out->type != NULL && (parser_at(parser, TOKEN_GREATER) ||
                                     parser_at(parser, TOKEN_GREATER_EQUAL) ||
                                     parser_at(parser, TOKEN_LESS_EQUAL))) {
        parser_help(parser, diag,
                    "a condition stands behind the type: Integer where > 0");
    } else if (parser_at(parser, TOKEN_BAR)) {
        parser_help(parser, diag,
                    "guards stand in the arms of a match: match x { name when "
                    "condition => value, _ => value }");
    } else if (parser_at(parser, TOKEN_LEFT_BRACKET) && out->type != NULL) {
        parser_help(parser, diag,
                    "what a type is made of stands behind it: List Integer");
    }
    out->type = NULL;
    return false;
}

void parser_bind(Parser *parser, Span doc, bool typed, Bind *out)
{
    *out = (Bind){.doc = doc};
    uint32_t height = 0;
    if (!parser_at(parser, TOKEN_NAME)) {
        Diag *diag = parser_unexpected(parser, "the name of a binding");
        if (parser->token->kind >= TOKEN_LET) {
            parser_help_keyword(parser, diag);
        } else {
            parser_help(parser, diag, "%s", name_help(parser));
        }
        parser->height = 1;
        return;
    }
    out->name = parser_take_symbol(parser, &out->name_span);
    uint32_t start = parser->token->span.start;
    Param *params = NULL;
    uint32_t param_count = 0;
    if (!parser_at(parser, TOKEN_EQUALS)) {
        size_t mark = parser->stack.used;
        parser_push_params(parser, false, &height);
        params = parser_take(parser, mark, Param, &param_count);
    }
    if (!parser_accept(parser, TOKEN_EQUALS) &&
        !parser_foreign_equals(parser) &&
        !bind_type(parser, typed, out, &height)) {
        param_count = 0; // what it is applied to is unknown
    }
    parser_expr(parser, &out->value);
    parser_note_height(parser, &height);
    if (UNLIKELY(parser->failed)) {
        parser_drop_expr(parser, &out->value);
    }
    if (param_count > 0) {
        Function *function = arena_alloc(parser->arena, sizeof *function);
        function->name = out->name;
        function->params = params;
        function->param_count = param_count;
        function->result = out->type;
        expr_copy(&function->body, &out->value);
        out->type = NULL;
        parser_node(parser, &out->value, EXPR_LAMBDA, 0, start, height + 1,
                    expr_of_parts(function, 0));
    }
    parser->height = height + 1;
}

void parser_let_body(Parser *parser, uint32_t start, Let let, uint32_t height,
                     Expr *out)
{
    Let *kept = parser_keep(parser, &let);
    parser->local_rec_count += let.rec;
    if (!parser_accept(parser, TOKEN_IN)) {
        Diag *diag = parser_unexpected(parser, "'in' and an expression");
        parser_help(parser, diag, "a local binding is let x = value in ...");
    }
    parser_expr(parser, &kept->body);
    parser_note_height(parser, &height);
    parser_node(parser, out, EXPR_LET, 0, start, height + 1,
                expr_of_parts(kept, 0));
}

// Behind a ';' or `and`. Inside an interpolation one cannot look ahead; there
// nothing but a bind begins with a name.
static bool bind_follows(Parser *parser)
{
    return lexer_is_interpolating(parser->lexer) ? parser_at(parser, TOKEN_NAME)
                                                 : parser_at_bind(parser);
}

// "let" [ "rec" ] bind { (";" | "and") bind } [ ";" ] "in" expr
static void let_expr(Parser *parser, Expr *out)
{
    uint32_t start = parser->token->span.start;
    uint32_t height = 0;
    size_t mark = parser->stack.used;
    parser_advance(parser);
    bool rec = parser_accept(parser, TOKEN_REC);
    bool lost = false; // a ';'
    do {
        if (mark != parser->stack.used && !bind_follows(parser)) {
            break; // behind the last ';'
        }
        Bind bind;
        parser_bind(parser, parser->token->doc, true, &bind);
        parser_note_height(parser, &height);
        lost = UNLIKELY(!parser_at(parser, TOKEN_IN)) && !parser->failed &&
               parser_lost_semicolon(parser, parser_bind_body(&bind), true);
        parser_push(parser, &bind);
    } while (!parser->failed &&
             (lost || parser_accept(parser, TOKEN_SEMICOLON) ||
              parser_accept(parser, TOKEN_AND)));
    Let let = {.rec = rec};
    let.binds = parser_take(parser, mark, Bind, &let.count);
    parser_let_body(parser, start, let, height, out);
}

// "if" expr "then" expr "else" expr; `else if` goes on in the same node.
static void if_expr(Parser *parser, Expr *out)
{
    uint32_t start = parser->token->span.start;
    uint32_t height = 0;
    size_t mark = parser->stack.used;
    Expr part;
    while (!parser->failed && parser_at(parser, TOKEN_IF)) {
        uint32_t at = parser->token->span.start;
        uint32_t diag_count = parser->sink->diags.count;
        parser_advance(parser);
        parser_expr(parser, &part);
        parser_note_height(parser, &height);
        parser_push_expr(parser, &part);
        if (!parser_accept(parser, TOKEN_THEN) &&
            !parser_foreign_if(parser, at, diag_count)) {
            Diag *diag = parser_unexpected(parser, "'then'");
            if (parser_at(parser, TOKEN_ELSE) ||
                parser_at(parser, TOKEN_COLON)) {
                parser_help(parser, diag, "%s", parser_if_help);
            } else {
                parser_help_foreign(parser, diag);
            }
        }
        parser_expr(parser, &part);
        parser_note_height(parser, &height);
        parser_push_expr(parser, &part);
        if (!parser_accept(parser, TOKEN_ELSE)) {
            Diag *diag = parser_unexpected(parser, "'else'");
            if (parser_at(parser, TOKEN_THEN)) {
                parser_help(parser, diag,
                            "another condition is written 'else if'");
            } else {
                parser_help(parser, diag,
                            "every 'if' has an 'else': both give a value");
            }
        }
    }
    parser_expr(parser, &part);
    parser_note_height(parser, &height);
    parser_push_expr(parser, &part);
    uint32_t count;
    Expr *parts = parser_take(parser, mark, Expr, &count);
    parser_node(parser, out, EXPR_IF, 0, start, height + 1,
                expr_of_parts(parts, count));
}

// The patterns of an arm behind the first where ',' or '||' stands between
// them. Returns whether '=>' follows.
static bool foreign_alternatives(Parser *parser, Arm *arm)
{
    bool is_comma = parser_at(parser, TOKEN_COMMA);
    if (parser->failed || !(is_comma || parser_at(parser, TOKEN_BAR_BAR))) {
        return false;
    }
    Diag *diag = parser_report(parser, DIAG_E0106, parser->token->span,
                               "expected '=>', found %s",
                               token_kind_text(parser->token->kind));
    parser_help(parser, diag,
                is_comma ? "a tuple stands in parentheses: (a, b) => value; "
                           "alternatives are separated by '|'"
                         : "alternatives are separated by '|': A | B => value");
    for (uint32_t i = 0; i < arm->pattern_count; i++) {
        arm->patterns[i].kind = PATTERN_ERROR; // so its names are any
    }
    while (parser_accept(parser, TOKEN_COMMA) ||
           parser_accept(parser, TOKEN_BAR_BAR) ||
           parser_accept(parser, TOKEN_BAR)) {
        parser->failed |= parser_at(parser, TOKEN_RIGHT_BRACE);
        (void)parser_pattern(parser);
    }
    return !parser->failed && parser_accept(parser, TOKEN_FAT_ARROW);
}

// A '|' before an arm, as ML has it.
static void foreign_arm_bar(Parser *parser)
{
    if (parser->failed || !parser_at(parser, TOKEN_BAR)) {
        return;
    }
    if (parser_note_habit(parser, HABIT_ARM_BAR)) {
        Diag *diag = parser_unexpected(parser, "a pattern");
        parser_help(parser, diag,
                    "arms are separated by ',': match x { A => 1, B => 2 }");
    }
    parser->failed = true;
}

// arm -> pattern { "|" pattern } [ "when" expr ] "=>" expr
static void push_arm(Parser *parser, uint32_t *height)
{
    Arm arm = {0};
    size_t mark = parser->stack.used;
    foreign_arm_bar(parser);
    do {
        Pattern pattern = parser_pattern(parser);
        parser_note_height(parser, height);
        parser_push(parser, &pattern);
    } while (!parser->failed && parser_accept(parser, TOKEN_BAR));
    arm.patterns = parser_take(parser, mark, Pattern, &arm.pattern_count);
    if (parser_accept(parser, TOKEN_WHEN)) {
        arm.guard = parser_new_expr(parser);
        parser_note_height(parser, height);
    }
    if (!parser_accept(parser, TOKEN_FAT_ARROW) &&
        !parser_foreign_arrow(parser) && !foreign_alternatives(parser, &arm)) {
        Diag *diag = parser_unexpected(parser, "'=>'");
        if (parser_at(parser, TOKEN_COLON)) {
            parser_help_foreign(parser, diag);
        } else if (parser_at(parser, TOKEN_MINUS) &&
                   arm.patterns[arm.pattern_count - 1].kind == PATTERN_CTOR) {
            parser_help(parser, diag,
                        "a negative number behind a constructor stands in "
                        "parentheses: Some (-1)");
        } else {
            parser_help(parser, diag,
                        parser_at(parser, TOKEN_IF)
                            ? "a guard is written pattern when condition => "
                              "value"
                            : "an arm is written pattern => value");
        }
    }
    parser_expr(parser, &arm.body);
    parser_note_height(parser, height);
    parser_push(parser, &arm);
}

static inline bool another_arm(Parser *parser, const Bracket *bracket)
{
    if (UNLIKELY(!parser_at(parser, TOKEN_COMMA) &&
                 !parser_at(parser, TOKEN_RIGHT_BRACE)) &&
        !parser->failed) {
        char *arm = parser->stack.data + parser->stack.used - sizeof(Arm);
        void *body = arm + offsetof(Arm, body);
        if (parser_lost_arm_comma(parser, body)) {
            return true;
        }
    }
    return parser_separator(parser, bracket);
}

// "match" expr "{" arm { "," arm } "}"
static void match_expr(Parser *parser, Expr *out)
{
    uint32_t start = parser->token->span.start;
    uint32_t height = 0;
    Match *match = ARENA_NEW(parser->arena, Match);
    parser_advance(parser);
    unsigned context = parser->context;
    parser->context |= NO_BRACE;
    parser_expr(parser, &match->scrutinee);
    parser->context = context;
    parser_note_height(parser, &height);
    if (parser->failed || !parser_at(parser, TOKEN_LEFT_BRACE)) {
        Diag *diag = parser_unexpected(parser, "'{' and the arms of the match");
        parser_help(parser, diag,
                    "a match is written match value { pattern => value, ... }");
        parser_error_node(parser, out, start, height);
        return;
    }
    Bracket bracket;
    size_t mark = parser->stack.used;
    parser_open(parser, &bracket, TOKEN_RIGHT_BRACE, OF_ARMS);
    if (parser_at(parser, TOKEN_RIGHT_BRACE)) {
        Diag *diag = parser_unexpected(parser, "an arm");
        parser_help(parser, diag,
                    "a match has at least one arm: pattern => value; a record "
                    "as its subject stands in parentheses");
    }
    do {
        push_arm(parser, &height);
    } while (another_arm(parser, &bracket));
    parser_close(parser, &bracket);
    match->arms = parser_take(parser, mark, Arm, &match->arm_count);
    parser_node(parser, out, EXPR_MATCH, 0, start, height + 1,
                expr_of_parts(match, 0));
}

bool parser_at_open_expr(const Parser *parser)
{
    TokenKind kind = parser->token->kind;
    return kind == TOKEN_BACKSLASH || kind == TOKEN_LET || kind == TOKEN_IF ||
           kind == TOKEN_MATCH;
}

void parser_open_expr(Parser *parser, Expr *out)
{
    unsigned context = parser->context;
    parser->context &= ~(unsigned)IN_PREDICATE;
    TokenKind kind = parser->token->kind;
    if (kind == TOKEN_BACKSLASH) {
        lambda(parser, out);
    } else if (kind == TOKEN_LET) {
        let_expr(parser, out);
    } else if (kind == TOKEN_IF) {
        if_expr(parser, out);
    } else {
        match_expr(parser, out);
    }
    parser->context = context;
}
