// Formatting of whole documents.
#include "cli/json_text.h"
#include "cli/lsp_ask.h"
#include "cli/lsp_program.h"
#include "syntax/encoding.h"
#include "syntax/format.h"
#include "syntax/loader.h"

static void append_edit(const LspChecker *checker, Str before, Str after,
                        StrBuf *out)
{
    LspLines lines = {0};
    strbuf_append(out, STR("{\"range\":{\"start\":{\"line\":0,\"character\":0},"
                           "\"end\":"));
    lsp_lines_append_end(&lines, before, checker->encoding, out);
    strbuf_append(out, STR("},\"newText\":"));
    // Line 0 begins behind a byte order mark, which stays.
    after = str_slice(after, encoding_bom_length(after), after.len);
    json_text_append(out, after, SIZE_MAX);
    strbuf_append_char(out, '}');
    lsp_lines_release(&lines);
}

void lsp_format(LspAsk *ask)
{
    const LspChecker *checker = ask->checker;
    const LspDocument *document = ask->document;
    StrBuf *out = ask->out;
    LspProgram run;
    (void)lsp_program_make(&run, checker, NULL, document);
    Program *program = run.program;
    Str text = strbuf_str(&document->text);
    bool fits = text.len <= program->options.limits.max_source_bytes &&
                text.len < UINT32_MAX;
    Module *module =
        loader_parse_text(program, STR("text.lig"), fits ? text : STR(""));
    StrBuf formatted = {0};
    FormatProblem problem;
    strbuf_append_char(out, '[');
    if (fits && !document->is_data && !module->broken &&
        format_module(module, program->interner,
                      program->options.limits.max_nesting, &formatted,
                      &problem) &&
        !str_equal(strbuf_str(&formatted), text)) {
        append_edit(checker, text, strbuf_str(&formatted), out);
    }
    strbuf_append_char(out, ']');
    strbuf_release(&formatted);
    module_free(module);
    lsp_program_end(&run);
}
