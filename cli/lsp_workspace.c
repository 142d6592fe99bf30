#include "cli/lsp_workspace.h"

#include <stdlib.h>
#include <unistd.h>

#include "syntax/paths.h"

enum { MAX_FILES = 5000, MAX_FOLDERS = 20000 };

// The canonical folder of the client that the path is in; where there is none,
// the folder of the file.
static Str folder_of(const LspChecker *checker, Str path)
{
    Str best = STR("");
    for (uint32_t i = 0; i < checker->folders.count; i++) {
        Str folder = checker->folders.items[i];
        bool is_inside = str_starts_with(path, folder) &&
                         path.len > folder.len && path.data[folder.len] == '/';
        if (is_inside && folder.len > best.len) {
            best = folder;
        }
    }
    return best.len > 0 ? best : paths_dirname(path);
}

static bool is_on_disk(const LspDocument *document)
{
    char file[PATH_MAX];
    Str path = strbuf_str(&document->path);
    return path.len > 0 && paths_c_string(path, file, sizeof file) != NULL &&
           access(file, R_OK) == 0;
}

// The document goes to the front.
static void find_entries(LspWorkspace *workspace, const LspChecker *checker,
                         const LspDocument *document)
{
    FileList *files = &workspace->files;
    Str path = strbuf_str(&document->path);
    Str folder = folder_of(checker, path);
    workspace->is_partial =
        !find_files_some(folder, MAX_FILES, MAX_FOLDERS, files);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < files->paths.count && kept < MAX_FILES; i++) {
        if (!str_equal(files->paths.items[i], path)) {
            files->paths.items[kept++] = files->paths.items[i];
        }
    }
    files->paths.count = kept;
    vec_push(&files->paths, arena_str(&files->arena, path));
    Str last = vec_last(&files->paths);
    memmove(files->paths.items + 1, files->paths.items, kept * sizeof(Str));
    files->paths.items[0] = last;
}

void lsp_workspace_begin(LspWorkspace *workspace, const LspChecker *checker,
                         const OpenTexts *texts, const LspDocument *document)
{
    *workspace = (LspWorkspace){0};
    if (is_on_disk(document)) {
        find_entries(workspace, checker, document);
        lsp_program_begin_files(&workspace->run, checker, texts, document,
                                workspace->files.paths.items,
                                workspace->files.paths.count);
    } else {
        arena_init(&workspace->files.arena);
        lsp_program_begin(&workspace->run, checker, texts, document);
    }
    const Program *program = workspace->run.program;
    if (workspace->run.entry == NULL) {
        return;
    }
    workspace->index_count = program->entry_count;
    workspace->indices =
        mem_calloc(program->entry_count, sizeof *workspace->indices);
    for (uint32_t i = 0; i < program->entry_count; i++) {
        lsp_index_build(&workspace->indices[i], program,
                        lsp_workspace_module(workspace, i));
    }
}

void lsp_workspace_end(LspWorkspace *workspace)
{
    for (uint32_t i = 0; i < workspace->index_count; i++) {
        lsp_index_release(&workspace->indices[i]);
    }
    free(workspace->indices);
    lsp_program_end(&workspace->run);
    file_list_release(&workspace->files);
}

const Module *lsp_workspace_module(const LspWorkspace *workspace,
                                   uint32_t entry)
{
    const Program *program = workspace->run.program;
    return program->modules[program->entries[entry]];
}

uint32_t lsp_workspace_entry(const LspWorkspace *workspace, uint32_t module)
{
    const Program *program = workspace->run.program;
    for (uint32_t i = 0; i < program->entry_count; i++) {
        if (program->entries[i] == module) {
            return i;
        }
    }
    return UINT32_MAX;
}
