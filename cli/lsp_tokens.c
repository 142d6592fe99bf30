// Semantic tokens: what each word of a document is. The lexer finds the words,
// so that broken texts have them too; the index says what names stand for.
#include <stdio.h>

#include "cli/lsp_ask.h"
#include "cli/lsp_describe.h"
#include "cli/token_scan.h"
#include "support/ptr_map.h"
#include "syntax/byte_class.h"
#include "syntax/format_tokens.h"

typedef enum Word {
#define WORD(kind, name) kind,
#include "cli/lsp_tokens.def"
} Word;

typedef enum Modifier {
#define MODIFIER(kind, name) kind,
#include "cli/lsp_tokens.def"
} Modifier;

void lsp_tokens_append_legend(StrBuf *out)
{
    static const char *const types[] = {
#define WORD(kind, name) name,
#include "cli/lsp_tokens.def"
    };
    static const char *const modifiers[] = {
#define MODIFIER(kind, name) name,
#include "cli/lsp_tokens.def"
    };
    strbuf_append(out, STR("{\"tokenTypes\":["));
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        strbuf_appendf(out, "%s\"%s\"", i > 0 ? "," : "", types[i]);
    }
    strbuf_append(out, STR("],\"tokenModifiers\":["));
    for (size_t i = 0; i < sizeof modifiers / sizeof *modifiers; i++) {
        strbuf_appendf(out, "%s\"%s\"", i > 0 ? "," : "", modifiers[i]);
    }
    strbuf_append(out, STR("]}"));
}

typedef struct Tokens {
    const LspProgram *run;
    LspEncoding encoding;
    Str text;
    Span asked;
    uint32_t use;     // no use before it holds what comes
    PtrMap params;    // by binding and local: it is a parameter
    PtrMap functions; // by target: one of two marks
    LspLines lines;
    LspPlace last; // where the last token begins
    LspTokens *out;
} Tokens;

// ---- what a name is

// Two places, for values of maps: of what is no function, and of what is one.
static const char marks[2];

static void *mark_of(bool is_function)
{
    return (void *)(uintptr_t)&marks[is_function];
}

static void note_parameters(Tokens *t)
{
    for (uint32_t i = 0; i < t->run->index.uses.count; i++) {
        const NameUse *use = &t->run->index.uses.items[i];
        if (use->is_param) {
            *ptr_map_at(&t->params, (uintptr_t)use->target.index + 1,
                        use->target.local) = mark_of(false);
        }
    }
}

static bool find_is_function(const Tokens *t, const NameTarget *target)
{
    const Module *module = t->run->program->modules[target->module];
    if (target->kind == NAME_VALUE &&
        module->bindings[target->index].is_function) {
        return true;
    }
    StrBuf type = {0};
    bool is_function = lsp_append_type(t->run, target, &type) &&
                       lsp_is_function_type(strbuf_str(&type));
    strbuf_release(&type);
    return is_function;
}

// A type may be long to print: it is looked at once for each name.
static bool is_function(Tokens *t, const NameTarget *target)
{
    uintptr_t kind = target->kind == NAME_LOCAL;
    uintptr_t place = (uintptr_t)target->index << 32 | target->local;
    void **known = ptr_map_at(
        &t->functions, ((uintptr_t)target->module + 1) * 2 + kind, place);
    if (*known == NULL) {
        *known = mark_of(find_is_function(t, target));
    }
    return *known == mark_of(true);
}

static Word word_of_target(Tokens *t, const NameTarget *target)
{
    switch (target->kind) {
    case NAME_LOCAL:
        if (ptr_map_find(&t->params, (uintptr_t)target->index + 1,
                         target->local) != NULL) {
            return WORD_PARAMETER;
        }
        return is_function(t, target) ? WORD_FUNCTION : WORD_VARIABLE;
    case NAME_VALUE:
        return is_function(t, target) ? WORD_FUNCTION : WORD_VARIABLE;
    case NAME_CTOR:
        return WORD_ENUM_MEMBER;
    case NAME_METHOD:
        return WORD_METHOD;
    case NAME_TYPE:
    case NAME_PRIM:
        return WORD_TYPE;
    case NAME_CLASS:
        return WORD_INTERFACE;
    case NAME_MODULE:
        return WORD_NAMESPACE;
    case NAME_TYPE_VAR:
        return WORD_TYPE_PARAMETER;
    case NAME_FIELD:
        return WORD_PROPERTY;
    }
    return WORD_VARIABLE;
}

static uint32_t modifiers_of(const Tokens *t, const NameUse *use)
{
    const NameTarget *target = &use->target;
    bool is_library = target->kind != NAME_FIELD &&
                      t->run->program->modules[target->module]->is_std;
    return (uint32_t)use->declares << MODIFIER_DECLARATION |
           (uint32_t)is_library << MODIFIER_DEFAULT_LIBRARY;
}

// The use that the token is, or is a part of (`std.list`). Tokens come in
// order.
static const NameUse *use_at(Tokens *t, Span token)
{
    const NameIndex *index = &t->run->index;
    while (t->use < index->uses.count &&
           index->uses.items[t->use].span.end <= token.start) {
        t->use++;
    }
    if (t->use == index->uses.count) {
        return NULL;
    }
    const NameUse *use = &index->uses.items[t->use];
    return use->span.start <= token.start && token.end <= use->span.end ? use
                                                                        : NULL;
}

// ---- words

// Tokens that are longer than a line are told of line by line.
static void add_word(Tokens *t, Span span, Word word, uint32_t modifiers)
{
    uint32_t at = span.start;
    while (at < span.end && at < t->asked.end) {
        uint32_t end = at;
        while (end < span.end && !byte_is(t->text.data[end], BYTE_LINE)) {
            end++;
        }
        if (end > at && end > t->asked.start) {
            LspPlace place =
                lsp_lines_place(&t->lines, t->text, at, t->encoding);
            uint32_t length =
                lsp_lines_place(&t->lines, t->text, end, t->encoding)
                    .character -
                place.character;
            bool same_line = place.line == t->last.line;
            uint32_t before = same_line ? t->last.character : 0;
            uint32_t numbers[] = {place.line - t->last.line,
                                  place.character - before, length,
                                  (uint32_t)word, modifiers};
            for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
                vec_push(t->out, numbers[i]);
            }
            t->last = place;
        }
        at = end + 1;
    }
}

// The comments between two tokens. What is no comment there is no token
// either, and ends it.
static void add_comments(Tokens *t, uint32_t at, uint32_t end)
{
    while (at < end) {
        char c = t->text.data[at];
        if (byte_is(c, BYTE_BLANK) || byte_is(c, BYTE_LINE)) {
            at++;
            continue;
        }
        uint32_t behind = format_comment_end(t->text, at, end);
        if (behind == at) {
            return;
        }
        Str comment = str_slice(t->text, at, behind);
        bool is_doc = str_starts_with(comment, STR("///")) &&
                      !str_starts_with(comment, STR("////"));
        add_word(t, (Span){at, behind}, WORD_COMMENT,
                 (uint32_t)is_doc << MODIFIER_DOCUMENTATION);
        at = behind;
    }
}

// What the index does not know is judged by its looks.
static void add_name(Tokens *t, const Token *token, TokenKind before)
{
    const NameUse *use = use_at(t, token->span);
    Word word = token->kind == TOKEN_TYPE_VAR ? WORD_TYPE_PARAMETER
                : token->kind >= TOKEN_LET && before != TOKEN_DOT ? WORD_KEYWORD
                : token->kind == TOKEN_UPPER_NAME                 ? WORD_TYPE
                : before == TOKEN_DOT ? WORD_PROPERTY
                                      : WORD_VARIABLE;
    uint32_t modifiers = 0;
    if (use != NULL) {
        word = word_of_target(t, &use->target);
        modifiers = modifiers_of(t, use);
    }
    add_word(t, token->span, word, modifiers);
}

static void add_string(Tokens *t, const Token *token)
{
    const NameUse *use =
        token->kind == TOKEN_STRING ? use_at(t, token->span) : NULL;
    bool is_field = use != NULL && use->target.kind == NAME_FIELD;
    add_word(t, token->span, is_field ? WORD_PROPERTY : WORD_STRING, 0);
}

static void add_token(Tokens *t, const Token *token, TokenKind before)
{
    TokenKind kind = token->kind;
    if (kind == TOKEN_STRING || kind == TOKEN_STRING_START ||
        kind == TOKEN_STRING_MIDDLE || kind == TOKEN_STRING_END) {
        add_string(t, token);
    } else if (kind == TOKEN_NAME || kind == TOKEN_UPPER_NAME ||
               kind == TOKEN_TYPE_VAR || kind >= TOKEN_LET) {
        add_name(t, token, before);
    } else if (kind == TOKEN_INT || kind == TOKEN_FLOAT) {
        add_word(t, token->span, WORD_NUMBER, 0);
    } else if (kind >= TOKEN_DOT_DOT && kind != TOKEN_UNDERSCORE) {
        add_word(t, token->span, WORD_OPERATOR, 0);
    }
}

static void add_all(Tokens *t)
{
    TokenScan scan;
    token_scan_begin(&scan, t->text);
    uint32_t end = (uint32_t)lexer_text_start(t->text); // of the last token
    TokenKind before = TOKEN_END;
    Token token;
    do {
        lexer_next(scan.lexer, &token);
        // Of a string the parts touch their interpolations.
        if (token.span.end > t->asked.start && token.span.start >= end) {
            add_comments(t, end, token.span.start);
            add_token(t, &token, before);
        }
        end = token.span.end;
        before = token.kind;
    } while (token.kind != TOKEN_END && token.span.start < t->asked.end);
    token_scan_end(&scan);
}

// The numbers of the protocol for what of the document is in the span.
static void find_tokens(const LspAsk *ask, Span asked, LspTokens *out)
{
    if (ask->document->is_data) {
        return;
    }
    const LspProgram *run =
        lsp_program_of(ask->checker, ask->documents, ask->document);
    Tokens tokens = {.run = run,
                     .encoding = ask->checker->encoding,
                     .text = strbuf_str(&ask->document->text),
                     .asked = asked,
                     .out = out};
    note_parameters(&tokens);
    add_all(&tokens);
    lsp_lines_release(&tokens.lines);
    ptr_map_release(&tokens.params);
    ptr_map_release(&tokens.functions);
}

// ---- answers

static void append_numbers(StrBuf *out, const uint32_t *numbers, uint32_t count)
{
    strbuf_append(out, STR("\"data\":["));
    for (uint32_t i = 0; i < count; i++) {
        strbuf_append(out, i > 0 ? STR(",") : STR(""));
        strbuf_append_i64(out, numbers[i]);
    }
    strbuf_append_char(out, ']');
}

void lsp_semantic_tokens_range(LspAsk *ask)
{
    size_t start, end;
    LspTokens tokens = {0};
    if (lsp_ask_range(ask, &start, &end)) {
        find_tokens(ask, (Span){(uint32_t)start, (uint32_t)end}, &tokens);
    }
    strbuf_append_char(ask->out, '{');
    append_numbers(ask->out, tokens.items, tokens.count);
    strbuf_append_char(ask->out, '}');
    vec_release(&tokens);
}

// The tokens of now take the place of those that the client had.
static void keep(LspAsk *ask, LspTokens *tokens)
{
    LspDocument *document =
        lsp_documents_find(ask->documents, strbuf_str(&ask->document->uri));
    vec_release(&document->tokens);
    document->tokens = *tokens;
    document->tokens_id = ++ask->documents->last_tokens_id;
    strbuf_appendf(ask->out, "{\"resultId\":\"%u\",", document->tokens_id);
}

static void find_all(LspAsk *ask, LspTokens *out)
{
    find_tokens(ask, (Span){0, UINT32_MAX}, out);
}

void lsp_semantic_tokens(LspAsk *ask)
{
    LspTokens tokens = {0};
    find_all(ask, &tokens);
    keep(ask, &tokens);
    append_numbers(ask->out, tokens.items, tokens.count);
    strbuf_append_char(ask->out, '}');
}

static bool has_result(const LspAsk *ask)
{
    Str given;
    char known[16];
    (void)snprintf(known, sizeof known, "%u", ask->document->tokens_id);
    return lsp_get_string(
               lsp_member(ask->message, ask->params, STR("previousResultId")),
               &given) &&
           str_equal(given, str_from_c(known));
}

// One edit: what lies between what is the same at both ends.
static void append_edit(StrBuf *out, const LspTokens *old, const LspTokens *new)
{
    uint32_t shorter = old->count < new->count ? old->count : new->count;
    uint32_t start = 0;
    while (start < shorter && old->items[start] == new->items[start]) {
        start++;
    }
    uint32_t tail = 0;
    while (tail < shorter - start && old->items[old->count - 1 - tail] ==
                                         new->items[new->count - 1 - tail]) {
        tail++;
    }
    uint32_t deleted = old->count - start - tail;
    uint32_t added = new->count - start - tail;
    strbuf_append(out, STR("\"edits\":["));
    if (deleted > 0 || added > 0) {
        strbuf_appendf(out, "{\"start\":%u,\"deleteCount\":%u,", start,
                       deleted);
        append_numbers(out, new->items + start, added);
        strbuf_append_char(out, '}');
    }
    strbuf_append_char(out, ']');
}

void lsp_semantic_tokens_delta(LspAsk *ask)
{
    if (!has_result(ask)) {
        lsp_semantic_tokens(ask);
        return;
    }
    LspTokens tokens = {0};
    StrBuf edit = {0};
    find_all(ask, &tokens);
    append_edit(&edit, &ask->document->tokens, &tokens);
    keep(ask, &tokens);
    strbuf_append(ask->out, strbuf_str(&edit));
    strbuf_append_char(ask->out, '}');
    strbuf_release(&edit);
}
