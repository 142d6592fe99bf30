#include "cli/lsp_check.h"

#include "cli/lsp_diags.h"
#include "cli/lsp_program.h"

void lsp_checker_init(LspChecker *checker, const Settings *settings)
{
    *checker = (LspChecker){.settings = settings};
    arena_init(&checker->memory);
    uint32_t cpus = cpu_affinity_count();
    if (settings->untrusted && settings->machine_cpus < cpus) {
        cpus = settings->machine_cpus;
    }
    bool chosen = settings->workers != 0;
    checker->pool = pool_new(chosen ? (uint32_t)settings->workers : cpus, 0);
    if (!chosen) {
        pool_set_automatic(checker->pool);
    }
}

void lsp_checker_release(LspChecker *checker)
{
    lsp_program_forget(checker);
    lsp_files_release(&checker->published);
    vec_release(&checker->folders);
    arena_release(&checker->memory);
    pool_free(checker->pool);
}

static void check_document(LspChecker *checker, LspDocuments *documents,
                           const LspDocument *document, LspFiles *files)
{
    const LspProgram *run = lsp_program_of(checker, documents, document);
    LspDiags writer = {.checker = checker,
                       .documents = documents,
                       .document = document,
                       .program = run->program,
                       .files = files};
    lsp_diags_add(&writer, &run->diags);
}

static bool is_interrupted(const LspChecker *checker)
{
    return cancel_token_reason(checker->interrupt) != CANCEL_NONE;
}

bool lsp_check(LspChecker *checker, LspDocuments *documents)
{
    LspFiles files = {0};
    for (uint32_t i = 0; i < documents->items.count; i++) {
        const LspDocument *document = documents->items.items[i];
        LspFile *file = lsp_files_get(&files, strbuf_str(&document->uri));
        file->is_open = true;
        file->version = document->version;
    }
    for (uint32_t i = 0; i < documents->items.count && !is_interrupted(checker);
         i++) {
        LspDocument *document = documents->items.items[i];
        if (!document->is_data && !document->is_library) {
            check_document(checker, documents, document, &files);
        }
    }
    if (is_interrupted(checker)) {
        lsp_files_release(&files);
        return true;
    }
    lsp_files_drop_imported(&files);
    bool ok = lsp_files_publish(&files, &checker->published);
    lsp_files_release(&checker->published);
    checker->published = files;
    return ok;
}
