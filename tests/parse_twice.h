// A text parsed by one parser alone and in pieces: what must be the same.
#ifndef LIGATURE_TESTS_PARSE_TWICE_H
#define LIGATURE_TESTS_PARSE_TWICE_H

#include "syntax/ast_json.h"
#include "syntax/parser.h"

static inline void parse_twice_put_flags(Expr *expr, void *ctx)
{
    strbuf_appendf(ctx, "%u ", (unsigned)expr->flags);
    ast_visit_children(expr, parse_twice_put_flags, ctx);
}

static inline void parse_twice_put_diag(StrBuf *out, const Diag *diag)
{
    strbuf_appendf(out, "\n%s %u-%u %.*s", diag_code_name(diag->code),
                   (unsigned)diag->span.start, (unsigned)diag->span.end,
                   STR_ARG(diag->message));
    for (uint32_t i = 0; i < diag->more->labels.count; i++) {
        const DiagLabel *label = &diag->more->labels.items[i];
        strbuf_appendf(out, "\n  %u-%u %.*s", (unsigned)label->span.start,
                       (unsigned)label->span.end, STR_ARG(label->message));
    }
    for (uint32_t i = 0; i < diag->more->helps.count; i++) {
        strbuf_appendf(out, "\n  %.*s", STR_ARG(diag->more->helps.items[i]));
    }
}

// All that a parser leaves behind, as text.
static inline void parse_twice_put(StrBuf *out, Module *module,
                                   const Interner *interner)
{
    ModuleAst *ast = &module->ast;
    if (!module->broken) {
        ast_json_write(module, interner, out);
    }
    for (uint32_t i = 0; i < ast->decl_count; i++) {
        Decl *decl = &ast->decls[i];
        strbuf_appendf(out, "\n%u:%u ", (unsigned)decl->kind,
                       (unsigned)decl->span.start);
        for (uint32_t k = 0; decl->kind == DECL_LET && k < decl->as.let.count;
             k++) {
            parse_twice_put_flags(&decl->as.let.binds[k].value, out);
        }
    }
    if (ast->result != NULL) {
        parse_twice_put_flags(ast->result, out);
    }
    strbuf_appendf(out, "\n%d %d %llu", module->broken, ast->has_local_rec,
                   (unsigned long long)ast->node_count);
    for (uint32_t i = 0; i < module->diags.diags.count; i++) {
        parse_twice_put_diag(out, diag_at(&module->diags, i));
    }
}

// Whether the two agree; adds the nodes that were parsed ahead to *taken.
static inline bool parse_twice(Str text, Worker *worker, uint32_t max_nesting,
                               uint32_t piece_bytes, uint64_t *taken)
{
    Interner *interner = symbols_new();
    StrBuf out[2] = {{0}, {0}};
    for (int i = 0; i < 2; i++) {
        Module *module = module_new();
        module->source = (Source){.path = STR("twice.lig"), .text = text};
        if (i == 0) {
            parser_parse_module(module, interner, max_nesting);
        } else {
            Parser *parser = parser_new(interner);
            *taken += parser_parse_split(parser, module, max_nesting, worker,
                                         piece_bytes);
            parser_free(parser);
        }
        parse_twice_put(&out[i], module, interner);
        module_free(module);
    }
    bool same = str_equal(strbuf_str(&out[0]), strbuf_str(&out[1]));
    strbuf_release(&out[0]);
    strbuf_release(&out[1]);
    interner_free(interner);
    return same;
}

#endif
