#include "cli/lsp_marked.h"

#include "cli/lsp_repair.h"

// Checks the text as the document. False where the name is not in the tree.
static bool load(LspMarked *marked, const LspAsk *ask)
{
    LspDocument document = *ask->document;
    document.text = marked->text;
    OpenTexts texts = lsp_documents_texts(ask->documents);
    for (size_t i = 0; i < texts.count; i++) {
        OpenText *open = &ask->documents->texts.items[i];
        if (str_equal(open->path, strbuf_str(&document.path))) {
            open->text = strbuf_str(&document.text);
        }
    }
    LspProgram *run = &marked->run;
    lsp_program_begin(run, ask->checker, &texts, &document);
    marked->place = (Place){0};
    if (run->entry != NULL) {
        lsp_place_find(run->program, run->entry,
                       intern(run->program->interner, STR(LSP_HERE)),
                       (uint32_t)marked->at, &marked->place);
    }
    return marked->place.kind != PLACE_NONE;
}

bool lsp_marked_begin(LspMarked *marked, const LspAsk *ask)
{
    *marked = (LspMarked){0};
    if (ask->document->is_data ||
        !lsp_mark_place(strbuf_str(&ask->document->text), ask->offset,
                        &marked->text, &marked->at)) {
        strbuf_release(&marked->text);
        return false;
    }
    if (!load(marked, ask)) {
        StrBuf closed = {0};
        lsp_close_place(strbuf_str(&marked->text), marked->at, &closed);
        lsp_marked_end(marked);
        marked->text = closed;
        (void)load(marked, ask);
    }
    return true;
}

void lsp_marked_end(LspMarked *marked)
{
    lsp_place_release(&marked->place);
    lsp_program_end(&marked->run);
    strbuf_release(&marked->text);
}
