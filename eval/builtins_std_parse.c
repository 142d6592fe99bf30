// Builtins of std/encoding.lig that read data: (value, "") or ((), what is
// wrong). A Json value is what the data says, null the unit.
#include "eval/builtins_std.h"
#include "syntax/read_json.h"
#include "syntax/read_toml.h"
#include "syntax/read_yaml.h"

// What a value takes in the heap, about.
#define NODE_BYTES 64

typedef void ReadFunction(Module *module, Interner *interner,
                          uint32_t max_nesting);

static Value to_value(BuiltinContext *ctx, const Expr *expr);

static Value to_list(BuiltinContext *ctx, const Expr *expr)
{
    Value *items;
    Value list = value_list(ctx->heap, expr->as.list.count, &items);
    for (uint32_t i = 0; i < expr->as.list.count; i++) {
        items[i] = to_value(ctx, &expr->as.list.items[i]);
    }
    return list;
}

static Value to_record(BuiltinContext *ctx, const Expr *expr)
{
    uint32_t count = expr->as.record.count;
    Symbol *names = mem_calloc(count + (size_t)1, sizeof *names);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = expr->as.record.items[i].name;
    }
    Value *fields;
    Value record = value_record(
        ctx->heap, shape_intern(ctx->shapes, names, count), &fields);
    free(names);
    for (uint32_t i = 0; i < count; i++) {
        fields[i] = to_value(ctx, record_item_value(&expr->as.record.items[i]));
    }
    return record;
}

// The depth is bounded by the reader.
static Value to_value(BuiltinContext *ctx, const Expr *expr)
{
    if (expr->kind == EXPR_INT) {
        return value_int(expr->as.integer.value);
    }
    if (expr->kind == EXPR_FLOAT) {
        return value_float(expr->as.number.value);
    }
    if (expr->kind == EXPR_BOOL) {
        return value_bool(expr->as.boolean.value);
    }
    if (expr->kind == EXPR_STRING) {
        return value_string(
            ctx->heap, str_make(expr->as.string.data, expr->as.string.len));
    }
    if (expr->kind == EXPR_LIST) {
        return to_list(ctx, expr);
    }
    return expr->kind == EXPR_RECORD ? to_record(ctx, expr) : value_unit();
}

// "1:6: expected ..."
static Value wrong(BuiltinContext *ctx, const Module *module)
{
    const Diag *diag = diag_at(&module->diags, 0);
    Position at = source_position(&module->source, diag->span.start);
    StrBuf text = {0};
    strbuf_appendf(&text, "%u:%u: %.*s", (unsigned)at.line, (unsigned)at.column,
                   STR_ARG(diag->message));
    Value value = value_string(ctx->heap, strbuf_str(&text));
    strbuf_release(&text);
    return value;
}

static bool take_result(BuiltinContext *ctx, const Module *module, Value *out)
{
    uint64_t bytes =
        module->ast.node_count * NODE_BYTES + module->source.text.len;
    if (!builtin_take_steps(ctx, module->ast.node_count)) {
        return false;
    }
    if (!heap_can_hold(ctx->heap, bytes)) {
        return builtin_no_room(ctx);
    }
    Value *items;
    *out = value_tuple(ctx->heap, 2, &items);
    items[0] = value_unit();
    items[1] = value_string_static(ctx->heap, STR(""));
    if (module->broken || module->ast.result == NULL) {
        items[1] = wrong(ctx, module);
    } else {
        items[0] = to_value(ctx, module->ast.result);
    }
    return true;
}

static bool parse(BuiltinContext *ctx, Value text, ReadFunction *read,
                  Value *out)
{
    Module *module = module_new();
    module->source = (Source){STR("text"), value_str(text), 0};
    read(module, shape_table_interner(ctx->shapes),
         limits_default().max_nesting);
    bool okay = take_result(ctx, module, out);
    module_free(module);
    return okay;
}

static void read_one_yaml(Module *module, Interner *interner,
                          uint32_t max_nesting)
{
    read_yaml_module(module, interner, max_nesting, false);
}

// parseJson text
bool builtin_parse_json(BuiltinContext *ctx, const Value *args, Value *out)
{
    return parse(ctx, args[0], read_json_module, out);
}

// parseYaml text
bool builtin_parse_yaml(BuiltinContext *ctx, const Value *args, Value *out)
{
    return parse(ctx, args[0], read_one_yaml, out);
}

// parseToml text
bool builtin_parse_toml(BuiltinContext *ctx, const Value *args, Value *out)
{
    return parse(ctx, args[0], read_toml_module, out);
}
