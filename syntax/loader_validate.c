// For `ligature validate`: a module per document, whose input is the document
// and has the type asked for, beside the file that declares it.
#include "syntax/loader_internal.h"
#include "syntax/parser.h"

// A module that sees the names of `outer`; not of the program yet.
static Module *make_module(Program *program, Str text, uint32_t outer)
{
    Module *module = module_new();
    module->source.path = STR("--type");
    module->source.is_option = true;
    module->source.text = arena_str(module->arena, text);
    module->name = STR("type");
    module->outer = outer;
    module->is_made = true;
    module->imports = arena_copy(module->arena, &outer, sizeof outer);
    module->import_count = 1;
    parser_parse_module(module, program->interner,
                        program->options.limits.max_nesting);
    return module;
}

// `type Document = (TYPE);`: never a union, whatever TYPE names. Messages show
// the option instead, which has the type at the same place.
static Module *add_type(Program *program, Str schema, Str type, uint32_t outer)
{
    StrBuf text = {0}, shown = {0};
    strbuf_append(&shown, STR("validate --type "));
    strbuf_append_printable(&shown, schema, 4096);
    strbuf_append_char(&shown, '#');
    Str head = STR("type Document = ");
    strbuf_append(&text, head);
    strbuf_append_repeat(&text, ' ', shown.len - head.len - 1);
    strbuf_append_char(&text, '(');
    strbuf_append(&text, type);
    strbuf_append(&text, STR(");"));
    strbuf_append(&shown, type);
    strbuf_append_repeat(&shown, ' ', text.len - shown.len);
    Module *module = make_module(program, strbuf_str(&text), outer);
    module->source.text = arena_str(module->arena, strbuf_str(&shown));
    strbuf_release(&text);
    strbuf_release(&shown);
    module->is_outer = true;
    bool fine = !module->broken && module->ast.decl_count == 1 &&
                module->ast.decls[0].kind == DECL_TYPE &&
                module->ast.result == NULL;
    if (!fine && !module->broken) {
        module->broken = true;
        diag_add(&module->diags, DIAG_E0001, NULL, (Span){0, 0},
                 "'--type' takes FILE#Type");
    }
    loader_append(program, module, pool_main_worker(program->pool));
    return module;
}

static void add_document(Program *program, const Module *file,
                         const Expr *document, uint32_t type)
{
    Module *module =
        make_module(program, STR("input document: Document;"), type);
    DataValue *data = ARENA_NEW(module->arena, DataValue);
    data->module = file;
    data->literal = document;
    module->ast.decls[0].as.input->given = data;
    loader_append(program, module, pool_main_worker(program->pool));
}

static bool add_documents(Program *program, Str path, uint32_t type)
{
    Module *file = loader_read_documents(program, path);
    if (file == NULL) {
        return false;
    }
    const Expr *documents = file->ast.result;
    file->ast.result = NULL; // it is no value of the program
    loader_append(program, file, pool_main_worker(program->pool));
    for (uint32_t i = 0; documents != NULL && i < documents->as.list.count;
         i++) {
        add_document(program, file, &documents->as.list.items[i], type);
    }
    return true;
}

bool loader_load_validation(Program *program, Str schema, Str type,
                            const Str *paths, uint32_t path_count,
                            Module **out_type)
{
    program->opens_entry = true;
    bool okay = loader_load(program, &schema, 1);
    if (!okay || program->entry_count == 0) {
        return false;
    }
    Module *made = add_type(program, schema, type, program->entries[0]);
    *out_type = made;
    for (uint32_t i = 0; i < path_count; i++) {
        okay = add_documents(program, paths[i], made->id) && okay;
    }
    return okay;
}
