// One file: its declarations, one document each, and the check that nothing
// was lost.
#include "syntax/format.h"

#include "syntax/byte_class.h"
#include "syntax/format_internal.h"
#include "syntax/parser.h"

// Comments in odd places may take more than one round to come to rest.
#define MAX_ROUNDS 8

// ---- one round

// The line end that the file uses first; a lone CR becomes LF.
static const char *line_end_of(Str text)
{
    size_t at = 0;
    while (at < text.len && !byte_is(text.data[at], BYTE_LINE)) {
        at++;
    }
    return at + 1 < text.len && text.data[at] == '\r' &&
                   text.data[at + 1] == '\n'
               ? "\r\n"
               : "\n";
}

// Byte order mark and `#!` line.
static void print_head(const Formatter *f, DocPrinter *printer)
{
    Str head = str_slice(f->module->source.text, 0, f->source->start);
    strbuf_append(printer->out, head);
    bool has_line = str_find_byte(head, '#', 0) < head.len;
    printer->started = has_line;
    printer->newlines = has_line;
}

static bool print_declaration(Formatter *f, DocPrinter *printer,
                              const Decl *decl)
{
    uint32_t before = f->at;
    doc_clear(&f->doc);
    if (before == 0 || fmt_token(f)->newline_before) {
        doc_add(&f->doc, DOC_NEWLINE);
    }
    fmt_item_start(f);
    fmt_declaration(f, decl);
    doc_add(&f->doc, DOC_NEWLINE);
    return f->at > before && doc_print(&f->doc, printer);
}

static bool print_module(Formatter *f, DocPrinter *printer)
{
    const ModuleAst *ast = &f->module->ast;
    uint32_t next = 0;
    print_head(f, printer);
    while (!fmt_at(f, TOKEN_END)) {
        const Decl *decl = NULL;
        if (next < ast->decl_count &&
            ast->decls[next].span.start == fmt_token(f)->start) {
            decl = &ast->decls[next++];
        }
        if (!print_declaration(f, printer, decl)) {
            return false;
        }
    }
    doc_clear(&f->doc);
    fmt_comments(f);
    if (!doc_print(&f->doc, printer)) {
        return false;
    }
    if (printer->started) {
        strbuf_append(printer->out, str_from_c(printer->line_end));
    }
    return true;
}

// ---- the check

typedef struct Checker {
    Str from, to;
    const FormatTokens *before, *after;
    const DocPrinter *printer;
    FormatProblem *problem;
} Checker;

static bool fail(Checker *checker, const char *what, uint32_t offset)
{
    *checker->problem = (FormatProblem){what, offset};
    return false;
}

static bool same_text(const Checker *checker, uint32_t start, uint32_t end,
                      uint32_t new_start, uint32_t new_end)
{
    return str_equal(str_slice(checker->from, start, end),
                     str_slice(checker->to, new_start, new_end));
}

static bool check_tokens(Checker *checker)
{
    uint32_t count = checker->before->tokens.count;
    uint32_t new_count = checker->after->tokens.count;
    uint32_t mark = 0;
    uint32_t k = 0;
    for (uint32_t i = 0; i < count; i++) {
        const FormatToken *token = &checker->before->tokens.items[i];
        if (token->dropped) {
            continue;
        }
        // What the printer added is passed over.
        while (k < new_count && mark < checker->printer->marks.count &&
               checker->after->tokens.items[k].start ==
                   checker->printer->marks.items[mark]) {
            k++;
            mark++;
        }
        const FormatToken *other = &checker->after->tokens.items[k];
        if (k == new_count || token->kind != other->kind ||
            !same_text(checker, token->start, token->end, other->start,
                       other->end)) {
            return fail(checker, "a token would change", token->start);
        }
        k++;
    }
    return k == new_count || fail(checker, "a token would be added", 0);
}

static bool check_comments(Checker *checker)
{
    uint32_t count = checker->before->comments.count;
    if (count != checker->after->comments.count) {
        return fail(checker, "a comment would be lost or doubled", 0);
    }
    for (uint32_t i = 0; i < count; i++) {
        const FormatComment *comment = &checker->before->comments.items[i];
        const FormatComment *other = &checker->after->comments.items[i];
        if (!same_text(checker, comment->start, comment->end, other->start,
                       other->end)) {
            return fail(checker, "a comment would change", comment->start);
        }
    }
    return true;
}

static bool check_result(Checker *checker, const Source *source,
                         Interner *interner)
{
    DiagSink sink;
    diag_sink_init(&sink);
    FormatTokens after;
    bool ok = format_tokens_read(&after, source, interner, &sink);
    if (!ok) {
        (void)fail(checker, "the result cannot be read", 0);
    }
    checker->after = &after;
    checker->to = source->text;
    ok = ok && check_tokens(checker) && check_comments(checker);
    format_tokens_release(&after);
    diag_sink_release(&sink);
    return ok;
}

// Formats the module once, without a look at the result but for its tokens.
static bool format_once(const Module *module, Interner *interner, StrBuf *out,
                        FormatProblem *out_problem)
{
    DiagSink sink;
    diag_sink_init(&sink);
    FormatTokens tokens;
    Formatter f = {.source = &tokens, .module = module};
    f.doc.text = module->source.text;
    DocPrinter printer = {.out = out,
                          .line_end = line_end_of(module->source.text)};
    Checker checker = {.from = module->source.text,
                       .before = &tokens,
                       .printer = &printer,
                       .problem = out_problem};
    bool ok = format_tokens_read(&tokens, &module->source, interner, &sink) &&
              print_module(&f, &printer);
    if (!ok) {
        uint32_t at = f.at < tokens.tokens.count ? fmt_token(&f)->start : 0;
        (void)fail(&checker, "the text is not understood", at);
    }
    Source source = {.path = module->source.path, .text = strbuf_str(out)};
    ok = ok && check_result(&checker, &source, interner);
    doc_printer_release(&printer);
    doc_release(&f.doc);
    format_tokens_release(&tokens);
    diag_sink_release(&sink);
    return ok;
}

// ---- rounds until nothing changes

// `text` formatted again; false when it is broken.
static bool format_again(const Module *module, Interner *interner,
                         uint32_t max_nesting, Str text, StrBuf *out,
                         FormatProblem *out_problem)
{
    Module *again = module_new();
    again->source = (Source){.path = module->source.path, .text = text};
    parser_parse_module(again, interner, max_nesting);
    bool ok = !again->broken;
    if (ok) {
        ok = format_once(again, interner, out, out_problem);
    } else {
        *out_problem = (FormatProblem){"the result does not parse", 0};
    }
    module_free(again);
    return ok;
}

bool format_module(const Module *module, Interner *interner,
                   uint32_t max_nesting, StrBuf *out,
                   FormatProblem *out_problem)
{
    StrBuf text = {0};
    StrBuf next = {0};
    bool ok = format_once(module, interner, &text, out_problem);
    Str before = module->source.text;
    for (int round = 0; ok && !str_equal(before, strbuf_str(&text)); round++) {
        if (round == MAX_ROUNDS) {
            *out_problem = (FormatProblem){"the layout comes to no rest", 0};
            ok = false;
            break;
        }
        strbuf_clear(&next);
        ok = format_again(module, interner, max_nesting, strbuf_str(&text),
                          &next, out_problem);
        StrBuf swap = text;
        text = next;
        next = swap;
        before = strbuf_str(&next);
    }
    if (ok) {
        strbuf_append(out, strbuf_str(&text));
    }
    strbuf_release(&text);
    strbuf_release(&next);
    return ok;
}
