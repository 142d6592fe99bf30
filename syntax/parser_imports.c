// Imports and lists of exports.
#include "syntax/parser_decls.h"

const char *const parser_export_class_help =
    "a class is exported by its name: export Name;";

static bool at_name(const Parser *parser)
{
    return parser_at(parser, TOKEN_NAME) || parser_at(parser, TOKEN_UPPER_NAME);
}

// name { "." name }, where a keyword may stand behind a '.'
Symbol *parser_dotted_names(Parser *parser, uint32_t *out_count)
{
    size_t mark = parser->stack.used;
    Span span;
    do {
        if (!at_name(parser) &&
            (parser->stack.used == mark || parser->token->kind < TOKEN_LET)) {
            parser_unexpected(parser, "a name");
            break;
        }
        Symbol symbol = parser_take_symbol(parser, &span);
        parser_push(parser, &symbol);
    } while (parser_accept(parser, TOKEN_DOT));
    return parser_take(parser, mark, Symbol, out_count);
}

// item -> name [ "as" name ], pushed
static void push_item(Parser *parser)
{
    ImportItem item = {0};
    if (!at_name(parser)) {
        Diag *diag = parser_unexpected(parser, "a name");
        if (parser_at(parser, TOKEN_STAR)) {
            parser_help(parser, diag,
                        "names are imported one by one, or all with the "
                        "module: import \"./file\" as name;");
        } else {
            parser_help_keyword(parser, diag);
        }
        return;
    }
    item.is_upper = parser_at(parser, TOKEN_UPPER_NAME);
    item.name = parser_take_symbol(parser, &item.span);
    item.alias = item.name;
    item.alias_span = item.span;
    if (parser_accept(parser, TOKEN_AS)) {
        TokenKind kind = item.is_upper ? TOKEN_UPPER_NAME : TOKEN_NAME;
        if (!parser_at(parser, kind)) {
            parser_unexpected(parser, token_kind_text(kind));
            return;
        }
        item.alias = parser_take_symbol(parser, &item.alias_span);
    }
    parser_push(parser, &item);
}

// "{" item { "," item } "}"
static ImportItem *braced_items(Parser *parser, uint32_t *out_count)
{
    size_t mark = parser->stack.used;
    Bracket bracket;
    parser_open(parser, &bracket, TOKEN_RIGHT_BRACE, OF_OTHERS);
    do {
        push_item(parser);
    } while (parser_separator(parser, &bracket));
    parser_close(parser, &bracket);
    return parser_take(parser, mark, ImportItem, out_count);
}

static const char *const import_help =
    "write import \"./file\" as name; or import std.list;";

// source -> string | name { "." name }
static void import_source(Parser *parser, Import *import)
{
    uint32_t start = parser->token->span.start;
    if (parser_at(parser, TOKEN_STRING)) {
        import->path = str_make(parser->token->as.string.data,
                                parser->token->as.string.len);
        parser_advance(parser);
    } else if (at_name(parser)) {
        import->dotted = parser_dotted_names(parser, &import->dotted_count);
    } else {
        Diag *diag = parser_unexpected(parser, "a path or a module's name");
        parser_help(parser, diag, "%s", import_help);
    }
    import->source_span = parser_span(parser, start);
}

// The ';', and whether the import can be looked for: what goes on in its line
// was meant to be something else.
static bool import_end(Parser *parser, const Import *import)
{
    bool ok = !parser->failed;
    if (!ok || parser_at(parser, TOKEN_SEMICOLON) ||
        parser_at(parser, TOKEN_END) || parser_at_line(parser)) {
        parser_expect(parser, TOKEN_SEMICOLON);
        return ok;
    }
    bool is_name = parser_at(parser, TOKEN_FROM) && import->dotted_count == 1;
    bool is_late = parser_at(parser, TOKEN_AS) && import->type != NULL;
    Diag *diag = parser_unexpected(parser, "';'");
    if (is_name) {
        parser_help(parser, diag,
                    "names stand in braces: import { name } from \"./file\"; "
                    "a module as a whole is import \"./file\" as name;");
    } else if (is_late) {
        parser_help(parser, diag,
                    "the type stands last: import \"./file\" as name: Type;");
    } else {
        parser_help(parser, diag, "%s", import_help);
    }
    return false;
}

// "as" name, or what is meant to name single fields.
static void import_alias(Parser *parser, Import *import)
{
    if (at_name(parser)) {
        import->alias = parser_take_symbol(parser, &import->alias_span);
    } else if (parser_at(parser, TOKEN_LEFT_BRACE)) {
        Diag *diag = parser_report(parser, DIAG_E0106, parser->token->span,
                                   "expected a name, found '{'");
        parser_help(parser, diag,
                    "names in braces stand without 'as': import \"./file\" "
                    "{ name };");
    } else {
        parser_unexpected(parser, "a name");
    }
}

bool parser_import(Parser *parser, uint32_t start, Decl *out_decl)
{
    Import import = {.module = UINT32_MAX};
    parser_advance(parser);
    if (parser_at(parser, TOKEN_LEFT_BRACE)) {
        import.items = braced_items(parser, &import.item_count);
        parser_expect(parser, TOKEN_FROM);
        import_source(parser, &import);
    } else {
        import_source(parser, &import);
        if (parser_accept(parser, TOKEN_AS)) {
            import_alias(parser, &import);
        }
        if (parser_at(parser, TOKEN_LEFT_BRACE)) {
            import.items = braced_items(parser, &import.item_count);
        } else if (parser_accept(parser, TOKEN_COLON)) {
            parser->in_import = true;
            import.type = parser_type(parser);
            parser->in_import = false;
        }
    }
    bool ok = import_end(parser, &import);
    *out_decl = (Decl){.kind = DECL_IMPORT,
                       .span = parser_span(parser, start),
                       .as.import = parser_keep(parser, &import)};
    return ok;
}

// items | "{" items "}", behind "export"
bool parser_export_items(Parser *parser, uint32_t start, Decl *out_decl)
{
    ExportDecl decl = {0};
    if (parser_at(parser, TOKEN_LEFT_BRACE)) {
        decl.items = braced_items(parser, &decl.count);
        parser_accept(parser, TOKEN_SEMICOLON);
    } else {
        if (!at_name(parser)) {
            Diag *diag =
                parser_unexpected(parser, "'let', 'type' or the names to "
                                          "export");
            parser_help(parser, diag, "%s", parser_export_class_help);
            return false;
        }
        size_t mark = parser->stack.used;
        do {
            push_item(parser);
        } while (!parser->failed && parser_accept(parser, TOKEN_COMMA) &&
                 at_name(parser));
        decl.items = parser_take(parser, mark, ImportItem, &decl.count);
        // The ';' may be left out, before a declaration and at the end.
        if (parser->token->kind < TOKEN_LET && !parser_at(parser, TOKEN_END)) {
            parser_expect(parser, TOKEN_SEMICOLON);
        }
    }
    *out_decl = (Decl){.kind = DECL_EXPORT,
                       .span = parser_span(parser, start),
                       .as.export_ = decl};
    return true;
}
