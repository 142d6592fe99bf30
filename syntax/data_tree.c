#include "syntax/data_tree.h"

#include <assert.h>

#include "support/vec.h"
#include "syntax/data_tape.h"
#include "syntax/read_json.h"
#include "syntax/read_toml.h"
#include "syntax/read_yaml.h"

static const Expr *read_again(const Program *program, const Module *file,
                              DataFormat format, Arena *arena)
{
    Module *again = module_new();
    again->source = file->source;
    uint32_t max_nesting = program->options.limits.max_nesting;
    switch (format) {
    case DATA_JSON:
        read_json_module(again, program->interner, max_nesting);
        break;
    case DATA_YAML:
        read_yaml_module(again, program->interner, max_nesting, false, NULL);
        break;
    case DATA_TOML:
        read_toml_module(again, program->interner, max_nesting);
        break;
    }
    const Expr *root = again->ast.result;
    assert(root != NULL); // a tape was made of it
    arena_adopt(arena, again->arena);
    module_free(again);
    return root;
}

// `hint`: where it may be.
static const Expr *member(const Expr *record, Symbol name, uint32_t hint)
{
    const RecordItem *items = record->as.record.items;
    uint32_t count = record->as.record.count;
    if (hint < count && items[hint].name == name) {
        return record_item_value(&items[hint]);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (items[i].name == name) {
            return record_item_value(&items[i]);
        }
    }
    UNREACHABLE();
}

const Expr *data_tree(const Program *program, const DataValue *data,
                      Arena *arena)
{
    if (data->literal->kind != EXPR_DATA) {
        return data->literal;
    }
    const DataTape *tape = data->literal->as.data->tape;
    TapeTree *tree = tape->tree;
    const Expr *root = load_acquire(&tree->root);
    if (root == NULL) {
        const Expr *read =
            read_again(program, data->module, tape->format, arena);
        if (cas_acq_rel(&tree->root, &root, read)) { // pairs with the load
            root = read;
        }
    }
    // Each input of a file is a member of it.
    return data->input != 0 ? member(root, data->input, 0) : root;
}

Span data_tree_span(const Program *program, const Module *module,
                    const DataValue *data, uint32_t step, Arena *arena)
{
    VEC(uint32_t) path = {0};
    const DataStep *steps = module->data_steps.items;
    for (uint32_t at = step; at != 0; at = steps[at].parent) {
        vec_push(&path, at);
    }
    const Expr *value = data_tree(program, data, arena);
    while (path.count > 0) {
        const DataStep *next = &steps[vec_pop(&path)];
        value = next->field != 0 ? member(value, next->field, next->index)
                                 : &value->as.list.items[next->index];
    }
    vec_release(&path);
    return value->span;
}
