// What a file is by its name, a program or data, and parsing it as that.
#include <string.h>

#include "syntax/conflict.h"
#include "syntax/data_tape.h"
#include "syntax/encoding.h"
#include "syntax/loader_internal.h"
#include "syntax/read_json.h"
#include "syntax/read_toml.h"
#include "syntax/read_yaml.h"

// A .txt file is a String.
static void parse_text(Module *module)
{
    if (!encoding_check(&module->source, ENCODING_DATA, &module->diags)) {
        module->broken = true;
        return;
    }
    Str text = module->source.text;
    size_t bom = encoding_bom_length(text);
    Expr *value = ARENA_NEW(module->arena, Expr);
    value->kind = EXPR_STRING;
    value->flags = EXPR_CLOSED;
    value->span = (Span){(uint32_t)bom, (uint32_t)text.len};
    value->as.string.data = text.data + bom;
    value->as.string.len = (uint32_t)(text.len - bom);
    module->ast.result = value;
}

static bool is_yaml(Str path)
{
    return str_ends_with(path, STR(".yaml")) ||
           str_ends_with(path, STR(".yml"));
}

// Long data that is no entry becomes a tape, where that can hold it.
static bool read_tape(const Program *program, Module *module, DataFormat format,
                      Worker *worker)
{
    bool is_alone = pool_worker_count(program->pool) == 1;
    return module->source.text.len >= DATA_TAPE_BYTES && !module->is_entry &&
           !program->options.follows_data &&
           data_tape_read(module, format, program->interner,
                          program->options.limits.max_nesting,
                          is_alone ? NULL : worker, DATA_TAPE_PIECE_BYTES);
}

static void make_list(Module *module)
{
    Expr *list = ARENA_NEW(module->arena, Expr);
    list->kind = EXPR_LIST;
    list->span = module->ast.result->span;
    list->as.list.items = module->ast.result;
    list->as.list.count = 1;
    module->ast.result = list;
}

static void read_json(const Program *program, Module *module, bool as_tree,
                      Worker *worker)
{
    module->is_data = true;
    if (as_tree || !read_tape(program, module, DATA_JSON, worker)) {
        read_json_module(module, program->interner,
                         program->options.limits.max_nesting);
    }
}

static void read_yaml(const Program *program, Module *module, bool as_tree,
                      bool all, Worker *worker)
{
    module->is_data = true;
    if (as_tree || !read_tape(program, module, DATA_YAML, worker)) {
        read_yaml_module(module, program->interner,
                         program->options.limits.max_nesting, all,
                         program->token);
    } else if (all) {
        make_list(module);
    }
}

static void read_toml(const Program *program, Module *module, bool as_tree,
                      Worker *worker)
{
    module->is_data = true;
    if (as_tree || !read_tape(program, module, DATA_TOML, worker)) {
        read_toml_module(module, program->interner,
                         program->options.limits.max_nesting);
    }
}

static void parse_program(Parser *parser, const Program *program,
                          Module *module, uint32_t max_nesting, Worker *worker)
{
    if (pool_worker_count(program->pool) > 1) {
        (void)parser_parse_split(parser, module, max_nesting, worker,
                                 PARSER_PIECE_BYTES);
    } else {
        parser_parse(parser, module, max_nesting);
    }
}

void loader_parse(Parser *parser, Program *program, Module *module,
                  bool as_tree, Worker *worker)
{
    int64_t start_ns = module_clock_ns(module);
    uint32_t max_nesting = module->is_std ? limits_default().max_nesting
                                          : program->options.limits.max_nesting;
    Str path = module->source.path;
    uint32_t diag_count = module->diags.diags.count;
    if (str_ends_with(path, STR(".lig"))) { // as nearly all
        parse_program(parser, program, module, max_nesting, worker);
    } else if (str_ends_with(path, STR(".json"))) {
        read_json(program, module, as_tree, worker);
    } else if (is_yaml(path)) {
        read_yaml(program, module, as_tree, false, worker);
    } else if (str_ends_with(path, STR(".toml"))) {
        read_toml(program, module, as_tree, worker);
    } else if (str_ends_with(path, STR(".txt"))) {
        module->is_data = true;
        parse_text(module);
    } else {
        parse_program(parser, program, module, max_nesting, worker);
    }
    conflict_report(module, diag_count);
    module_note_pass(module, TIMED_PARSE, start_ns, worker);
}

void loader_parse_alone(Program *program, Module *module, bool as_tree)
{
    Parser *parser = parser_new(program->interner);
    loader_parse(parser, program, module, as_tree,
                 pool_main_worker(program->pool));
    parser_free(parser);
}

Module *loader_parse_file(Program *program, Str path)
{
    Module *module = loader_read_alone(program, path);
    if (module != NULL) {
        loader_parse_alone(program, module, true);
    }
    return module;
}

Module *loader_parse_text(Program *program, Str name, Str text)
{
    Module *module = module_new();
    module->source.path = arena_str(module->arena, name);
    module->source.text = arena_str(module->arena, text);
    loader_parse_alone(program, module, true);
    return module;
}

// ---- data files of the command line

static bool is_stdin(Str path)
{
    return str_equal(path, STR("-"));
}

// Standard input has no name: JSON begins with a bracket, all else is YAML.
static bool looks_like_json(Str text)
{
    size_t at = encoding_bom_length(text);
    while (at < text.len && strchr(" \t\r\n", text.data[at]) != NULL) {
        at++;
    }
    return at < text.len && (text.data[at] == '{' || text.data[at] == '[');
}

static bool holds_yaml(Str path, Str text)
{
    return is_yaml(path) || (is_stdin(path) && !looks_like_json(text));
}

// all: a list of what the documents hold.
static Module *read_data(Program *program, Str path, bool all)
{
    Module *module = loader_read_alone(program, path);
    if (module == NULL) {
        return NULL;
    }
    Worker *worker = pool_main_worker(program->pool);
    if (holds_yaml(path, module->source.text)) {
        read_yaml(program, module, false, all, worker);
        conflict_report(module, 0);
        return module;
    }
    if (is_stdin(path)) {
        read_json(program, module, false, worker);
    } else {
        loader_parse_alone(program, module, false);
    }
    if (all && module->ast.result != NULL) {
        make_list(module);
    }
    return module;
}

Module *loader_read_data(Program *program, Str path)
{
    return read_data(program, path, false);
}

Module *loader_read_documents(Program *program, Str path)
{
    bool is_other = !is_stdin(path) && !is_yaml(path) &&
                    !str_ends_with(path, STR(".json")) &&
                    !str_ends_with(path, STR(".toml"));
    if (is_other) {
        StrBuf shown = {0};
        strbuf_append_printable(&shown, path, 200);
        Diag *diag =
            diag_add(&program->diags, DIAG_E0001, NULL, (Span){0, 0},
                     "'%.*s' is no data file", STR_ARG(strbuf_str(&shown)));
        diag_help(&program->diags, diag,
                  "its name ends in .json, .yaml, .yml or .toml");
        strbuf_release(&shown);
        return NULL;
    }
    return read_data(program, path, true);
}
