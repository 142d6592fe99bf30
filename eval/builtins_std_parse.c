// Builtins of std/encoding.lig that read data: (value, "") or ((), what is
// wrong). A Json value is what the data says, null the unit.
#include "eval/builtins_std.h"
#include "eval/origin.h"
#include "syntax/data_tape.h"
#include "syntax/read_json.h"
#include "syntax/read_toml.h"
#include "syntax/read_yaml.h"

// What a value takes in the heap, about; and what the readers take for one.
#define NODE_BYTES      64
#define TAPE_NODE_BYTES 16
#define TREE_NODE_BYTES 192
#define YAML_NODE_BYTES 256 // libfyaml's included

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

// ---- tapes

typedef struct TapeTaker {
    BuiltinContext *ctx;
    const Shape **shapes; // by number; NULL: not looked up so far
} TapeTaker;

static Value tape_value(TapeTaker *taker, TapeCursor *at);

static Value tape_list(TapeTaker *taker, TapeCursor *at, TapeWord word)
{
    Value *to;
    Value list = value_list(taker->ctx->heap, tape_number(word), &to);
    TapeItems items = tape_items(at, word);
    uint32_t count;
    TapeCursor *piece;
    while ((piece = tape_next_items(&items, &count)) != NULL) {
        for (uint32_t i = 0; i < count; i++) {
            *to++ = tape_value(taker, piece);
        }
    }
    return list;
}

static Value tape_record(TapeTaker *taker, TapeCursor *at, TapeWord word)
{
    const TapeShape *keys = tape_shape(at, word);
    const Shape **shape = &taker->shapes[tape_number(word)];
    if (*shape == NULL) {
        *shape = shape_intern(taker->ctx->shapes, keys->names, keys->count);
    }
    Value *fields;
    Value record = value_record(taker->ctx->heap, *shape, &fields);
    for (uint32_t i = 0; i < keys->count; i++) {
        fields[i] = tape_value(taker, at);
    }
    return record;
}

// The depth is bounded by the reader.
static Value tape_value(TapeTaker *taker, TapeCursor *at)
{
    TapeWord word = tape_take(at);
    switch (tape_kind(word)) {
    case TAPE_NULL:
        return value_unit();
    case TAPE_FALSE:
    case TAPE_TRUE:
        return value_bool(tape_kind(word) == TAPE_TRUE);
    case TAPE_INT:
    case TAPE_WIDE_INT:
        return value_int(tape_int(at, word));
    case TAPE_FLOAT:
        return value_float(tape_float(at));
    case TAPE_STRING:
    case TAPE_DECODED:
        return value_string(taker->ctx->heap, tape_text(at, word));
    case TAPE_LIST:
    case TAPE_PARTS:
        return tape_list(taker, at, word);
    case TAPE_RECORD:
        return tape_record(taker, at, word);
    case TAPE_RUN:
    case TAPE_JUMP:
        break; // of lists; gone over
    }
    UNREACHABLE();
}

static Value data_value(BuiltinContext *ctx, const Expr *root)
{
    if (root->kind != EXPR_DATA) {
        return to_value(ctx, root);
    }
    const DataTape *tape = root->as.data->tape;
    TapeTaker taker = {
        ctx, mem_calloc(tape->shape_count + (size_t)1, sizeof(const Shape *))};
    TapeCursor at = tape_start(tape);
    Value value = tape_value(&taker, &at);
    free(taker.shapes);
    return value;
}

// ---- the whole

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
        items[0] = data_value(ctx, module->ast.result);
    }
    return true;
}

// Every value but the first, and every key, stands behind one of these bytes.
static uint64_t nodes_at_most(Str text)
{
    uint64_t count = 1;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        count += (c == ',') + (c == ':') + (c == '[') + (c == '{') +
                 (c == '\n') + (c == '-') + (c == '=') + (c == '?');
    }
    return count;
}

// Of the readers only that of YAML's trees takes so long that it has to poll.
static void read_tree(BuiltinContext *ctx, Module *module, DataFormat format)
{
    Interner *interner = shape_table_interner(ctx->shapes);
    uint32_t max_nesting = limits_default().max_nesting;
    switch (format) {
    case DATA_JSON:
        read_json_module(module, interner, max_nesting);
        return;
    case DATA_YAML:
        read_yaml_module(module, interner, max_nesting, false, ctx->token);
        ctx->cancelled = cancel_token_reason(ctx->token) != CANCEL_NONE;
        return;
    case DATA_TOML:
        read_toml_module(module, interner, max_nesting);
        return;
    }
}

// False: context set.
static bool read(BuiltinContext *ctx, Module *module, DataFormat format)
{
    Str text = module->source.text;
    bool is_long = text.len >= DATA_TAPE_BYTES;
    uint64_t nodes = is_long ? nodes_at_most(text) : 0;
    if (!builtin_take_steps(ctx, text.len / BUILTIN_BYTES_PER_STEP) ||
        !builtin_room(ctx, nodes * TAPE_NODE_BYTES)) {
        return false;
    }
    if (is_long &&
        data_tape_read(module, format, shape_table_interner(ctx->shapes),
                       limits_default().max_nesting, NULL,
                       DATA_TAPE_PIECE_BYTES)) {
        return true;
    }
    uint64_t each = format == DATA_YAML ? YAML_NODE_BYTES : TREE_NODE_BYTES;
    if (!builtin_room(ctx, nodes * each)) {
        return false;
    }
    read_tree(ctx, module, format);
    return !ctx->cancelled;
}

static bool parse(BuiltinContext *ctx, Value text, DataFormat format,
                  Value *out)
{
    Module *module = module_new();
    module->source = (Source){.path = STR("text"), .text = value_str(text)};
    bool okay = read(ctx, module, format) && take_result(ctx, module, out);
    module_free(module);
    return okay;
}

// parseJson text
bool builtin_parse_json(BuiltinContext *ctx, const Value *args, Value *out)
{
    return parse(ctx, args[0], DATA_JSON, out);
}

// ---- origins of what was printed and read again

// What `from` has under a key of the object, or at an index of the array, that
// it is printed as; `from` itself for the arguments of a constructor.
static bool printed_part(Value from, Symbol key, Str name, uint32_t index,
                         Value *out)
{
    while (from.tag == VALUE_UNION && from.arity > 0 &&
           value_ctor(from)->role == CTOR_SOME) {
        from = from.as.object->fields[0];
    }
    if (from.tag == VALUE_RECORD) {
        int32_t at = shape_find(from.as.record->shape, key);
        *out = at >= 0 ? from.as.record->fields[at] : value_unit();
        return at >= 0;
    }
    if (from.tag == VALUE_MAP) {
        int64_t at = value_map_find(from, name);
        *out =
            at >= 0 ? value_map_value(from.as.map, (uint32_t)at) : value_unit();
        return at >= 0;
    }
    if (from.tag == VALUE_UNION && from.arity > 0) {
        bool whole = key != 0 && from.arity > 1;
        *out = whole ? from : from.as.object->fields[index];
        return true;
    }
    *out = from.tag == VALUE_LIST    ? value_list_at(from, index)
           : from.tag == VALUE_TUPLE ? from.as.tuple->items[index]
                                     : value_unit();
    return from.tag == VALUE_LIST || from.tag == VALUE_TUPLE;
}

// `json`, which `from` is printed as, with the origins of its parts. The depth
// is bounded by the reader.
static Value explained(BuiltinContext *ctx, Value json, Value from)
{
    Value result = json, part;
    Value *to;
    if (json.tag == VALUE_RECORD) {
        const RecordObject *object = json.as.record;
        const Shape *shape = object->shape;
        result = value_record(ctx->heap, shape, &to);
        for (uint32_t i = 0; i < shape->count; i++) {
            bool found =
                printed_part(from, shape->names[i], shape->texts[i], 0, &part);
            to[i] = found ? explained(ctx, object->fields[i], part)
                          : object->fields[i];
        }
    } else if (json.tag == VALUE_LIST) {
        uint32_t count = value_list_count(json);
        result = value_list(ctx->heap, count, &to);
        for (uint32_t i = 0; i < count; i++) {
            Value item = value_list_at(json, i);
            bool found = printed_part(from, 0, (Str){0}, i, &part);
            to[i] = found ? explained(ctx, item, part) : item;
        }
    }
    result.origin = value_origin(from);
    return result;
}

// asJson value: `text` is what the value is printed as.
bool builtin_reread_json(BuiltinContext *ctx, const Value *args, Value *out)
{
    if (!parse(ctx, args[1], DATA_JSON, out)) {
        return false;
    }
    if (ctx->explains) {
        const Value *read = out->as.tuple->items;
        if (!heap_can_hold(ctx->heap,
                           nodes_at_most(value_str(args[1])) * NODE_BYTES)) {
            return builtin_no_room(ctx);
        }
        Value *items;
        Value pair = value_tuple(ctx->heap, 2, &items);
        items[0] = explained(ctx, read[0], args[0]);
        items[1] = read[1];
        *out = pair;
    }
    return true;
}

// parseYaml text
bool builtin_parse_yaml(BuiltinContext *ctx, const Value *args, Value *out)
{
    return parse(ctx, args[0], DATA_YAML, out);
}

// parseToml text
bool builtin_parse_toml(BuiltinContext *ctx, const Value *args, Value *out)
{
    return parse(ctx, args[0], DATA_TOML, out);
}
