// What the files of the parser share.
//
// Errors: parser_error() reports and sets `failed`. While it is set nothing
// more is reported, the functions return what they have, and every loop ends;
// who recovers (at a ',', a closing bracket or a declaration) clears it. So
// there is at most one error per stretch of text that is skipped.
//
// Depth: what recurses goes through parser_enter(), which bounds the stack of
// this program. Nodes are also put on top of finished ones (`a.b.c`), so every
// function leaves the height of the node that it returns in `height`, and
// parser_set_height() bounds that: the later passes may recurse over the tree.
#ifndef LIGATURE_SYNTAX_PARSER_INTERNAL_H
#define LIGATURE_SYNTAX_PARSER_INTERNAL_H

#include "syntax/expr_words.h"
#include "syntax/field_set.h"
#include "syntax/lexer.h"
#include "syntax/module.h"
#include "syntax/node_stack.h"
#include "syntax/parser.h"

// Parser.context; an opening bracket clears it.
enum {
    IN_PREDICATE = 1 << 0, // a comparison may lack its left side
    NO_BRACE = 1 << 1      // '{' opens the arms of a match, not a record
};

// What is pushed for each item of a bracket.
typedef enum BracketItems {
    OF_OTHERS,
    OF_PATTERNS, // Pattern
    OF_EXPRS,    // Expr
    OF_FIELDS,   // RecordItem
    OF_ARMS,     // Arm
    OF_TYPES     // TypeField
} BracketItems;

// An open bracket; on the C stack of the function that reads what is inside.
typedef struct Bracket {
    struct Bracket *outer;
    uint32_t start;
    TokenKind closer;
    unsigned context; // outside
    BracketItems items;
} Bracket;

// What can be parsed ahead; see syntax/parser_split.h.
typedef enum RunKind {
    RUN_ITEMS,  // of a list
    RUN_FIELDS, // of a record
    RUN_DECLS
} RunKind;

typedef struct Split Split;
typedef struct RunLoop RunLoop;

struct Parser {
    Token *token;       // the next one
    Token *token_limit; // behind the last one that was read
    uint32_t prev_end;  // end of the token before
    Module *module;
    Arena *arena;
    DiagSink *sink;
    uint64_t node_count;
    uint32_t depth;
    uint32_t height; // of the node that the last function returned
    uint32_t max_nesting;
    uint32_t errors_before; // of the sink
    unsigned context;
    bool failed;
    bool unbalanced;  // brackets do not match: nothing more is reported of the
                      // declaration
    bool result_seen; // the final expression
    bool in_import;   // in the type of one
    bool in_head;     // of an instance
    bool late_decl_reported;
    Bracket *bracket;         // the innermost
    uint32_t open[3];         // how many of each bracket are open
    uint32_t local_rec_count; // `let rec` inside an expression
    unsigned habits;          // of other languages that were reported
    uint64_t guess_left;      // tokens that guesses may still read
    Split *split;             // NULL: nothing is parsed ahead
    uint32_t split_from; // from this token on loops ask it: UINT32_MAX for none
    // Kept from one module to the next:
    Interner *interner;
    Lexer *lexer;
    NodeStack stack;
    FieldSet fields;
    VEC(Decl) decls;
    Token tokens[LEXER_BATCH];
};

// ---- parser.c

void parser_init(Parser *parser, Interner *interner);
void parser_release(Parser *parser);
// Gets ready for a module, but for the lexer.
void parser_begin(Parser *parser, Module *module, uint32_t max_nesting);

// Reads more tokens.
void parser_read(Parser *parser);
// Forgets the tokens behind the next one: the lexer stands there again.
void parser_unread(Parser *parser);
// Between lexer_look_ahead() and lexer_look_back(), for a guess at what a
// broken text may mean: the next token, or TOKEN_END where the guesses about
// the file have read about as much as the file has. Else each of many errors
// could read all of the rest.
void parser_guess_next(Parser *parser, Token *out);
// The same for `count` tokens that a guess has read in another way.
void parser_spend_guess(Parser *parser, uint64_t count);
// Goes on with the token at `offset` or behind, outside of all strings.
void parser_seek(Parser *parser, uint32_t offset);
// The next token is the last.
void parser_stop(Parser *parser);

static inline void parser_advance(Parser *parser)
{
    parser->prev_end = parser->token->span.end;
    if (UNLIKELY(++parser->token == parser->token_limit)) {
        parser_read(parser);
    }
}

static inline bool parser_at(const Parser *parser, TokenKind kind)
{
    return parser->token->kind == kind;
}

static inline bool parser_accept(Parser *parser, TokenKind kind)
{
    if (parser->token->kind != kind) {
        return false;
    }
    parser_advance(parser);
    return true;
}

// Takes a name.
static inline Symbol parser_take_symbol(Parser *parser, Span *out_span)
{
    Symbol symbol = parser->token->as.symbol;
    *out_span = parser->token->span;
    parser_advance(parser);
    return symbol;
}

// From `start` to the end of the last token.
static inline Span parser_span(const Parser *parser, uint32_t start)
{
    return (Span){start, parser->prev_end > start ? parser->prev_end : start};
}

// ---- parser_errors.c

// Reports unless `failed`; NULL when nothing was added.
Diag *parser_report(Parser *parser, DiagCode code, Span span,
                    const char *format, ...) PRINTF_LIKE(4, 5);
// The same, and sets `failed`.
Diag *parser_error(Parser *parser, DiagCode code, Span span, const char *format,
                   ...) PRINTF_LIKE(4, 5);
// Forgets all but the first `diag_count`, and that anything has failed, before
// something is reported in their place.
void parser_take_back(Parser *parser, uint32_t diag_count);
// parser_error() that the next token is not `expected` ("an expression").
Diag *parser_unexpected(Parser *parser, const char *expected);
void parser_help(Parser *parser, Diag *diag, const char *format, ...)
    PRINTF_LIKE(3, 4);
void parser_label(Parser *parser, Diag *diag, Span span, const char *format,
                  ...) PRINTF_LIKE(4, 5);
// Whether the next token is `\`, let, if or match where an argument may stand.
bool parser_at_open_argument(const Parser *parser);
bool parser_is_declaration_keyword(TokenKind kind);
// Whether the next token stands on another line than the last one ended on.
bool parser_at_line(const Parser *parser);
bool parser_is_first_column(const Parser *parser, uint32_t offset);
// Forgets what was left on the way out of a broken production.
void parser_unwind(Parser *parser);
// The same, and what was noted of the declarations so far.
void parser_forget(Parser *parser);
// Whether a declaration's keyword stands in the first column: where recovery
// ends at the latest.
bool parser_at_next_declaration(const Parser *parser);
// Takes a token of `kind`, or fails.
bool parser_expect(Parser *parser, TokenKind kind);
// The text of a name, shortened for messages; lives in the sink.
Str parser_shown(Parser *parser, Symbol symbol);

void parser_too_deep(Parser *parser);
// False when the caller is to return an error node: after reporting that the
// nesting is too deep, and while `failed`. Each call is matched by one of
// parser_leave().
static inline bool parser_enter(Parser *parser)
{
    parser->depth++;
    if (UNLIKELY(parser->failed)) {
        return false;
    }
    if (UNLIKELY(parser->depth > parser->max_nesting)) {
        parser_too_deep(parser);
        return false;
    }
    return true;
}
static inline void parser_leave(Parser *parser)
{
    parser->depth--;
}
static inline void parser_set_height(Parser *parser, uint32_t height)
{
    parser->height = height;
    if (UNLIKELY(height > parser->max_nesting)) {
        parser_too_deep(parser);
    }
}
// Raises *max to the height of the node just returned.
static inline void parser_note_height(const Parser *parser, uint32_t *max)
{
    if (parser->height > *max) {
        *max = parser->height;
    }
}

// Index into Parser.open of the bracket that `kind` closes; -1 for others.
static inline int parser_closer_index(TokenKind kind)
{
    return kind == TOKEN_RIGHT_PAREN     ? 0
           : kind == TOKEN_RIGHT_BRACKET ? 1
           : kind == TOKEN_RIGHT_BRACE   ? 2
                                         : -1;
}
// Takes the opening bracket of `items`.
void parser_open(Parser *parser, Bracket *bracket, TokenKind closer,
                 BracketItems items);
// After an item of a list: takes a ',' and returns whether an item follows.
// Recovers from a failed item, of which no expression is left: what was read of
// it means nothing, and later passes say nothing about it.
bool parser_other_separator(Parser *parser, const Bracket *bracket);
static inline bool parser_separator(Parser *parser, const Bracket *bracket)
{
    if (LIKELY(parser_at(parser, TOKEN_COMMA) && !parser->failed)) {
        parser_advance(parser);
        return !parser_at(parser, bracket->closer);
    }
    return parser_other_separator(parser, bracket);
}
// Behind `item`, where no ',' follows and nothing has failed: when another
// field does, says that the ',' is missing, stands before the field's name, and
// is true.
bool parser_lost_comma(Parser *parser, RecordItem *item);
// The same for the body of an arm of a match.
bool parser_lost_arm_comma(Parser *parser, Expr *body);
// The same for the ';' between two local bindings, or two methods of an
// instance, behind the value of one.
bool parser_lost_semicolon(Parser *parser, Expr *value, bool is_local);
// Behind the value of a binding without `let`: where that has been said,
// whether it also lacks its ';', before another one or the end of the file.
// Says nothing.
bool parser_lost_loose_end(Parser *parser, Expr *value);
// Behind the type of a class's method, which has failed where the next one was
// read as its last part.
bool parser_lost_signature_end(Parser *parser, Span method);
// Behind a type, or what was read as one from `start` on, with more than
// `diag_count` diagnostics or no '=' behind it: where a value was read as its
// last part, says that the '=' is missing, stands before the value and is true.
bool parser_lost_equals(Parser *parser, uint32_t start, uint32_t diag_count);
// Leaves nothing of an expression that has failed.
void parser_drop_expr(Parser *parser, Expr *expr);
// What may have been meant to be an operator: a comment at `behind`, the end of
// a token, which takes a separator or an open brace with it.
bool parser_help_comment(Parser *parser, Diag *diag, uint32_t behind);
// Of names behind each other on one line, from `start` on: where a comment
// behind them takes an open brace with it, that is reported.
bool parser_report_comment(Parser *parser, uint32_t start);
// Takes the closing bracket.
void parser_close(Parser *parser, const Bracket *bracket);
// Goes on at the next declaration; `start` is where the failed one began.
void parser_recover_declaration(Parser *parser, uint32_t start);

// ---- parser_habits.c: what is written as in other languages

// So much of a line is looked at for one message: there may be thousands.
#define LOOK_MAX 200

// Parser.habits: what a text that does it once does often.
enum {
    HABIT_LET = 1 << 0,    // once in a file
    HABIT_BRACES = 1 << 1, // around methods; once in a file, too
    HABIT_COLON = 1 << 2,  // and these, once in a declaration
    HABIT_SEMICOLON = 1 << 3,
    HABIT_ARROW = 1 << 4,
    HABIT_QUOTES = 1 << 5,
    HABIT_EQUALS = 1 << 6,
    HABIT_NO_TYPE = 1 << 7,
    HABIT_ARM_BAR = 1 << 8
};

// Whether the habit is to be reported, which it is once.
bool parser_note_habit(Parser *parser, unsigned habit);
// Whether the word `or` stands between the comparison at the next token and the
// one before it on its line.
bool parser_foreign_or(const Parser *parser, Span *out_word);
// Adds how it is written here, where the next token, which was not expected, is
// a sign of that.
void parser_help_foreign(Parser *parser, Diag *diag);
// Where a keyword stands in the place of a name: a name that may.
void parser_help_keyword(Parser *parser, Diag *diag);
// Where a record is changed with a word or a bar: how it is.
void parser_help_update(Parser *parser, Diag *diag);
// The same behind the name at `start` of an item that has no value.
void parser_help_item(Parser *parser, Diag *diag, uint32_t start);
extern const char *const parser_if_help;
extern const char *const parser_and_help;
extern const char *const parser_update_help;
// What stands for an `if` around fields, and for a statement that checks.
extern const char *const parser_left_out_help;
extern const char *const parser_assert_help;
#define CLASS_HELP                                                             \
    "a class is written typeclass Name a where method : a -> String;"
#define INSTANCE_HELP                                                          \
    "an instance is written instance Name Type where method x = value;"
// Where '==' or ':=' stands for '=', says so and takes it.
bool parser_take_foreign_equals(Parser *parser);
static inline bool parser_foreign_equals(Parser *parser)
{
    const Token *token = parser->token;
    Str text = parser->module->source.text;
    bool is_walrus = token->kind == TOKEN_COLON && token->span.end < text.len &&
                     text.data[token->span.end] == '=';
    if (token->kind != TOKEN_EQUAL_EQUAL && !is_walrus) {
        return false;
    }
    return !parser->failed && parser_take_foreign_equals(parser);
}
// Takes an `and`; where it is meant as an operator, says so and is true.
bool parser_foreign_and(Parser *parser);
// Where an arm has '->' for '=>', says so and takes it.
bool parser_foreign_arrow(Parser *parser);
// Where the name of a field goes on with '-' behind `name`, says so and takes
// all of it.
bool parser_foreign_name(Parser *parser, Span name, Symbol *out_name);
// Where a field's value stands behind a ':', says so.
void parser_foreign_colon(Parser *parser, Span colon);
// Where ';' separates the items of `bracket`, says so and takes it.
bool parser_foreign_separator(Parser *parser, const Bracket *bracket);
// Where a binding starts with another word than `let`, takes it.
bool parser_foreign_let(Parser *parser);
// Where a string stands in other quotes, says so and takes it.
bool parser_foreign_string(Parser *parser);
// Behind errors in the `if` at `start`, before which there were `diag_count`
// diagnostics: where it is written `if (c) { a } else { b }`, says that
// instead.
bool parser_foreign_if(Parser *parser, uint32_t start, uint32_t diag_count);
// The same for an expression that starts with a word like `fn` or `switch`;
// whether it does.
bool parser_foreign_word(Parser *parser, uint32_t start, uint32_t diag_count);
// Whether it does.
bool parser_at_foreign_word(const Parser *parser, uint32_t start);

// ---- parser_habits_types.c: types as other languages write them

#define CHOICE_HELP                                                            \
    "a choice is made of constructors: type Env = Dev | Prod; one of texts "   \
    "is String with pattern \"dev|prod\""
// Where an instance has `for` between its class and its type, says so and takes
// both.
void parser_foreign_for(Parser *parser, TypeExpr *head);
// Behind a type: says what '<' or '?' is written like.
void parser_foreign_type(Parser *parser);
// Where a field's type stands behind '=', says so and takes it.
bool parser_foreign_field(Parser *parser, TypeField *field);
// A `=>` behind what no context is: says that '->' stands there.
bool parser_foreign_function_type(Parser *parser, const TypeExpr *type);
// Where the field `name` of a record type ends without a type, says so.
bool parser_untyped_field(Parser *parser, Span name);
// Says that no type stands there, and what does in place of it.
void parser_no_type(Parser *parser);
// The same for the constructor of a union.
void parser_no_ctor(Parser *parser);
// Says that no ':' stands behind the name of a record type's field.
void parser_no_field_type(Parser *parser, Span name);

// ---- parser.c, what several productions use

// What was pushed since `mark`, now in the arena, and how many there are.
#define parser_take(parser, mark, T, out_count)                                \
    (*(out_count) = (uint32_t)(((parser)->stack.used - (mark)) / sizeof(T)),   \
     (T *)node_stack_take(&(parser)->stack, (mark), (parser)->arena))
#define parser_push(parser, node)                                              \
    node_stack_push(&(parser)->stack, (node), sizeof *(node))
#define parser_push_room(parser, T)                                            \
    ((T *)node_stack_room(&(parser)->stack, sizeof(T)))
// A copy of the node in the arena.
#define parser_keep(parser, node)                                              \
    arena_copy((parser)->arena, (node), sizeof *(node))

// fieldname -> name | Name | keyword | string
bool parser_other_field_name(Parser *parser, Symbol *out_name, Span *out_span);
static inline bool parser_field_name(Parser *parser, Symbol *out_name,
                                     Span *out_span)
{
    if (LIKELY(parser_at(parser, TOKEN_NAME))) {
        *out_name = parser_take_symbol(parser, out_span);
        return true;
    }
    return parser_other_field_name(parser, out_name, out_span);
}
// Whether the next token starts one.
bool parser_at_field_name(const Parser *parser);
// Reports that `name` stands twice in a record.
void parser_duplicate_field(Parser *parser, Symbol name, Span first,
                            Span second);
// The kind of the token after the next one; at the top level only.
TokenKind parser_peek(Parser *parser);

// ---- parser_braces.c

// Whether the brace that is next holds methods rather than a record type.
bool parser_at_method_brace(Parser *parser);

// ---- parser_types.c

TypeExpr *parser_type(Parser *parser);
// Without arrows, refinements and context.
TypeExpr parser_apptype(Parser *parser);
TypeExpr parser_atype(Parser *parser);
TypeExpr parser_full_type(Parser *parser);
TypeExpr *parser_keep_type(Parser *parser, TypeExpr type);
// `type` (or the types in a tuple) as constraints, pushed on the stack.
void parser_push_constraints(Parser *parser, const TypeExpr *type);
bool parser_constraint(Parser *parser, const TypeExpr *type,
                       Constraint *out_constraint);

// ---- parser_patterns.c

Pattern parser_pattern(Parser *parser);
// Parameters up to the next token that starts none, pushed; at least one
// unless `may_lack`. `lambda`: a bare name may have a type.
void parser_push_params(Parser *parser, bool lambda, uint32_t *height);

// ---- parser_exprs.c

void parser_expr(Parser *parser, Expr *out);
// Whether the next token starts an atom, which may be an argument.
bool parser_at_atom(const Parser *parser);
// Whether a token of `kind` starts one outside of all context; not '-', '!'.
bool parser_starts_expression(TokenKind kind);
// An `or`-level expression, where comparisons may lack their left side.
void parser_predicate(Parser *parser, Expr *out);
// A node of the tokens from `start` on.
static inline void parser_node(Parser *parser, Expr *out, ExprKind kind,
                               unsigned flags, uint32_t start, uint32_t height,
                               ExprContents contents)
{
    parser->node_count++;
    parser_set_height(parser, height);
    expr_put(out, kind, flags, parser_span(parser, start), contents);
}
static inline void parser_error_node(Parser *parser, Expr *out, uint32_t start,
                                     uint32_t height)
{
    parser_node(parser, out, EXPR_ERROR, 0, start, height, expr_of_none());
}
static inline Expr *parser_keep_expr(Parser *parser, const Expr *expr)
{
    Expr *kept = arena_alloc(parser->arena, sizeof *expr);
    expr_copy(kept, expr);
    return kept;
}
// Reads an expression that stays.
static inline Expr *parser_new_expr(Parser *parser)
{
    Expr expr;
    parser_expr(parser, &expr);
    return parser_keep_expr(parser, &expr);
}

// A token that is an expression of its own, and all of it.
static inline bool parser_is_plain(TokenKind kind)
{
    return (unsigned)kind - TOKEN_NAME <= TOKEN_STRING - TOKEN_NAME ||
           (unsigned)kind - TOKEN_TRUE <= TOKEN_FALSE - TOKEN_TRUE;
}
extern const uint64_t parser_plain_heads[TOKEN_KIND_COUNT];
// Of what is written in an odd way.
void parser_odd_literal(Parser *parser, const Token *token, Expr *out);
// The expression that is `token`.
static inline void parser_plain(Parser *parser, const Token *token, Expr *out)
{
    ExprContents contents = token->as.contents;
    if (UNLIKELY(token->kind >= TOKEN_TRUE)) {
        contents = expr_of_bool(token->kind == TOKEN_TRUE);
    }
    expr_put_head(out, parser_plain_heads[token->kind], token->span, contents);
    if (UNLIKELY(token->raw || token->overflow)) {
        parser_odd_literal(parser, token, out);
    }
    parser->node_count++;
    parser->height = 1;
}

static inline void parser_push_expr(Parser *parser, const Expr *expr)
{
    expr_copy(parser_push_room(parser, Expr), expr);
}
// Whether the next token is an expression, and then `end` or a comma comes.
static inline bool parser_at_plain_item(const Parser *parser,
                                        const Token *token, TokenKind closer)
{
    return token + 1 < parser->token_limit &&
           (parser_is_plain(token->kind) &
            (token[1].kind == TOKEN_COMMA || token[1].kind == closer)) != 0 &&
           !parser->failed && parser->depth < parser->max_nesting;
}

// ---- parser_forms.c

// Whether `name {param} (= | :)` comes next.
bool parser_at_bind(Parser *parser);
// name {param} [":" type] "=" expr; `typed` allows the type.
void parser_bind(Parser *parser, Span doc, bool typed, Bind *out);
// What stands behind its '='.
Expr *parser_bind_body(Bind *bind);
// "in" expr, after the binds of `let`; `height` is the highest one's.
void parser_let_body(Parser *parser, uint32_t start, Let let, uint32_t height,
                     Expr *out);
// Whether the next token is `\`, let, if or match.
bool parser_at_open_expr(const Parser *parser);
void parser_open_expr(Parser *parser, Expr *out);

// ---- parser_records.c

// record -> "{" [ ritem { "," ritem } ] "}"
void parser_record(Parser *parser, Expr *out);
// ritem, pushed. *closed is cleared unless it is a name with closed data.
void parser_push_record_item(Parser *parser, uint32_t *height,
                             unsigned *closed);

// ---- parser_atoms.c

void parser_atom(Parser *parser, Expr *out);
// The arguments in parentheses, pushed.
void parser_push_arguments(Parser *parser, uint32_t *height);

// ---- parser_split.c: called while parser->split is set

// Before the first item of a loop.
void split_loop_begin(const Parser *parser, RunLoop *loop, RunKind kind);
// Before every item from `split_from` on: pushes those that were parsed ahead.
// False when `closer` follows them.
bool split_loop_next(Parser *parser, RunLoop *loop, TokenKind closer,
                     uint32_t *height, unsigned *closed);
// While parsing ahead: what stands on the stack is good, up to the next token.
void split_loop_note(const Parser *parser, RunLoop *loop, uint32_t height);
// While parsing ahead: keeps as a run what was noted last.
void split_loop_keep(Parser *parser, const RunLoop *loop);

#endif
