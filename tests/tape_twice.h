// One text read as a tree and as a tape: both have to say the same.
#ifndef LIGATURE_TESTS_TAPE_TWICE_H
#define LIGATURE_TESTS_TAPE_TWICE_H

#include "syntax/data_tape.h"
#include "syntax/read_json.h"
#include "syntax/read_toml.h"
#include "syntax/read_yaml.h"

static inline bool tape_is(const Expr *expr, TapeCursor *at);

static inline bool tape_is_items(const Expr *expr, TapeCursor *at,
                                 TapeWord word)
{
    TapeItems items = tape_items(at, word);
    uint32_t count, next = 0;
    TapeCursor *piece;
    while ((piece = tape_next_items(&items, &count)) != NULL) {
        for (uint32_t i = 0; i < count; i++, next++) {
            if (next >= expr->as.list.count ||
                !tape_is(&expr->as.list.items[next], piece)) {
                return false;
            }
        }
    }
    return next == expr->as.list.count;
}

static inline bool tape_is_record(const Expr *expr, TapeCursor *at,
                                  TapeWord word)
{
    const TapeShape *shape = tape_shape(at, word);
    if (shape->count != expr->as.record.count ||
        at->tape->shapes[shape->number] != shape) {
        return false;
    }
    for (uint32_t i = 0; i < shape->count; i++) {
        const RecordItem *item = &expr->as.record.items[i];
        if (shape->names[i] != item->name || !tape_is(&item->plain, at)) {
            return false;
        }
    }
    return true;
}

static inline bool tape_is(const Expr *expr, TapeCursor *at)
{
    TapeWord word = tape_take(at);
    bool is_exact =
        at->tape->format == DATA_JSON || tape_kind(word) == TAPE_STRING;
    if (is_exact && tape_offset(word) != expr->span.start) {
        return false;
    }
    switch (tape_kind(word)) {
    case TAPE_NULL:
        return expr->kind == EXPR_CTOR && expr->as.ctor.symbol == SYM_NONE;
    case TAPE_FALSE:
    case TAPE_TRUE:
        return expr->kind == EXPR_BOOL &&
               expr->as.boolean.value == (tape_kind(word) == TAPE_TRUE);
    case TAPE_INT:
    case TAPE_WIDE_INT:
        return expr->kind == EXPR_INT &&
               expr->as.integer.value == tape_int(at, word);
    case TAPE_FLOAT: {
        double value = tape_float(at);
        return expr->kind == EXPR_FLOAT &&
               memcmp(&value, &expr->as.number.value, sizeof value) == 0;
    }
    case TAPE_STRING:
    case TAPE_DECODED:
        return expr->kind == EXPR_STRING &&
               str_equal(str_make(expr->as.string.data, expr->as.string.len),
                         tape_text(at, word));
    case TAPE_LIST:
    case TAPE_PARTS:
        return expr->kind == EXPR_LIST && tape_is_items(expr, at, word);
    case TAPE_RECORD:
        return expr->kind == EXPR_RECORD && tape_is_record(expr, at, word);
    case TAPE_JUMP:
    case TAPE_RUN:
        break;
    }
    return false;
}

// What came of a text.
typedef enum TapeTwice {
    TWICE_DIFFER,
    TWICE_BROKEN, // neither read it
    TWICE_TREE,   // not of JSON: there is no tape of it
    TWICE_BOTH
} TapeTwice;

// *items: of lists, that were read ahead.
static inline TapeTwice tape_twice(Str text, DataFormat format, Worker *worker,
                                   uint32_t max_nesting, uint32_t piece_bytes,
                                   Interner *interner, uint64_t *items)
{
    Module *tree = module_new();
    Module *taped = module_new();
    tree->source = taped->source =
        (Source){.path = STR("test.json"), .text = text};
    bool is_json = format == DATA_JSON;
    if (is_json) {
        read_json_module(tree, interner, max_nesting);
    } else if (format == DATA_TOML) {
        read_toml_module(tree, interner, max_nesting);
    } else {
        read_yaml_module(tree, interner, max_nesting, false, NULL);
    }
    bool okay = data_tape_read(taped, format, interner, max_nesting, worker,
                               piece_bytes);
    bool agrees = taped->diags.diags.count == 0 &&
                  (is_json ? okay == !tree->broken : !okay || !tree->broken);
    TapeTwice result = okay           ? TWICE_BOTH
                       : tree->broken ? TWICE_BROKEN
                                      : TWICE_TREE;
    if (okay && agrees) {
        const Expr *value = taped->ast.result;
        const Expr *expected = tree->ast.result;
        const DataTape *tape = value->as.data->tape;
        TapeCursor cursor = tape_start(tape);
        agrees = value->kind == EXPR_DATA && tape_is(expected, &cursor) &&
                 (!is_json || (value->span.start == expected->span.start &&
                               value->span.end == expected->span.end)) &&
                 taped->ast.node_count == tree->ast.node_count;
        for (uint32_t i = 0; i < tape->run_count && items != NULL; i++) {
            *items += tape->runs[i].count;
        }
    }
    module_free(tree);
    module_free(taped);
    return agrees ? result : TWICE_DIFFER;
}

#endif
