// The tree of a YAML file: finished values go to the collection around them,
// which stand on a stack of our own; anchors are kept for their aliases.
#include <stdarg.h>

#include "syntax/read_yaml_internal.h"

#define MAX_SHOWN 60
// What aliases may add: so many nodes, and so many for each one written.
#define ALIAS_NODES_FREE   10000
#define ALIAS_NODES_FACTOR 100

// ---- messages

Diag *yaml_fail(YamlTree *tree, DiagCode code, Span span, const char *format,
                ...)
{
    if (tree->failed) {
        return NULL;
    }
    tree->failed = true;
    Module *module = tree->module;
    va_list args;
    va_start(args, format);
    Diag *diag =
        diag_addv(&module->diags, code, &module->source, span, format, args);
    va_end(args);
    return diag;
}

void yaml_fail_help(YamlTree *tree, Diag *diag, const char *help)
{
    if (diag != NULL && help != NULL) {
        diag_help(&tree->module->diags, diag, "%s", help);
    }
}

uint32_t yaml_clamp(const YamlTree *tree, size_t offset)
{
    size_t len = tree->module->source.text.len;
    return (uint32_t)(offset < len ? offset : len);
}

static void fail_depth(YamlTree *tree, uint32_t at)
{
    Diag *diag = yaml_fail(
        tree, DIAG_E0601, (Span){at, yaml_clamp(tree, at + (size_t)1)},
        "the nesting is deeper than %u levels", (unsigned)tree->max_nesting);
    yaml_fail_help(tree, diag, "raise --max-nesting");
}

// ---- finished values

static void check_keys(YamlTree *tree, const RecordItem *items, uint32_t count)
{
    field_set_begin(&tree->fields);
    for (uint32_t i = 0; i < count && count > 1; i++) {
        bool added;
        FieldNode *node =
            field_set_add(&tree->fields, 0, items[i].name, &added);
        if (added) {
            node->item = i;
            continue;
        }
        StrBuf shown = {0};
        Str name = symbol_text(tree->interner, items[i].name);
        strbuf_append_printable(&shown, name, MAX_SHOWN);
        Diag *diag =
            yaml_fail(tree, DIAG_E0111,
                      (Span){items[i].name_start, items[i].name_start + 1},
                      "the key '%.*s' stands twice in this mapping",
                      STR_ARG(strbuf_str(&shown)));
        strbuf_release(&shown);
        if (diag != NULL) {
            uint32_t first = items[node->item].name_start;
            diag_label(&tree->module->diags, diag, &tree->module->source,
                       (Span){first, first + 1}, "first here");
        }
    }
}

static void add_anchor(YamlTree *tree, Symbol name, const Expr *value,
                       uint64_t nodes, uint32_t height)
{
    if (name == 0) {
        return;
    }
    bool added; // a later anchor of one name hides those before it
    field_set_add(&tree->anchor_names, 0, name, &added)->item =
        tree->anchors.count;
    vec_push(&tree->anchors, (YamlAnchor){*value, nodes, height});
}

// The value of `<<` comes next into the frame.
static void start_merge(YamlTree *tree, YamlFrame *frame, const Expr *value)
{
    frame->merges = false;
    if (frame->has_merge) {
        return; // it stands there twice
    }
    if (!yaml_may_merge(value)) {
        yaml_fail_help(tree,
                       yaml_fail(tree, DIAG_E0111, frame->key_span,
                                 "'<<' takes a mapping, or a list of mappings"),
                       "in quotes, \"<<\" is a key as any other");
    }
    frame->has_merge = true;
    frame->merge_at =
        (uint32_t)((tree->stack.used - frame->mark) / sizeof(RecordItem));
}

// Puts a value where it belongs.
static void add_value(YamlTree *tree, const Expr *value, uint64_t nodes,
                      uint32_t height)
{
    if (tree->frames.count == 0) {
        tree->root = *value;
        tree->has_root = true;
        return;
    }
    YamlFrame *frame = &vec_last(&tree->frames);
    frame->closed &= value->flags;
    frame->nodes += nodes;
    frame->height = height > frame->height ? height : frame->height;
    frame->end = value->span.end > frame->end ? value->span.end : frame->end;
    if (!frame->is_map) {
        node_stack_push(&tree->stack, value, sizeof *value);
        return;
    }
    if (frame->merges) {
        start_merge(tree, frame, value);
    }
    RecordItem item = {.name = frame->key,
                       .name_start = frame->key_span.start,
                       .plain = *value};
    node_stack_push(&tree->stack, &item, sizeof item);
    frame->has_key = false;
}

// ---- scalars

bool yaml_tree_expects_key(const YamlTree *tree)
{
    return tree->frames.count > 0 && vec_last(&tree->frames).is_map &&
           !vec_last(&tree->frames).has_key;
}

Span yaml_tree_place(const YamlTree *tree, uint32_t document)
{
    if (tree->frames.count == 0) {
        return (Span){document, document};
    }
    const YamlFrame *frame = &vec_last(&tree->frames);
    return frame->is_map && frame->has_key ? frame->key_span
                                           : (Span){frame->start, frame->start};
}

static void set_key(YamlTree *tree, const Expr *string)
{
    YamlFrame *frame = &vec_last(&tree->frames);
    frame->key = intern(tree->interner, str_make(string->as.string.data,
                                                 string->as.string.len));
    frame->key_span = string->span;
    frame->has_key = true;
}

void yaml_tree_key(YamlTree *tree, Symbol anchor, const Expr *string,
                   bool merges)
{
    tree->written++;
    add_anchor(tree, anchor, string, 1, 0);
    set_key(tree, string);
    vec_last(&tree->frames).merges = merges;
}

void yaml_tree_scalar(YamlTree *tree, Symbol anchor, const Expr *value)
{
    tree->written++;
    add_anchor(tree, anchor, value, 1, 0);
    add_value(tree, value, 1, 0);
}

// ---- collections

void yaml_tree_open(YamlTree *tree, Symbol anchor, bool is_map, uint32_t at)
{
    if (yaml_tree_expects_key(tree)) {
        yaml_fail(tree, DIAG_E0111,
                  (Span){at, yaml_clamp(tree, at + (size_t)1)},
                  "a key is a scalar");
    } else if (tree->frames.count >= tree->max_nesting) {
        fail_depth(tree, at);
    }
    tree->written++;
    vec_push(&tree->frames, (YamlFrame){.is_map = is_map,
                                        .closed = EXPR_CLOSED,
                                        .start = at,
                                        .end = at,
                                        .mark = tree->stack.used,
                                        .nodes = 1,
                                        .anchor = anchor});
}

void yaml_tree_close(YamlTree *tree, uint32_t end)
{
    YamlFrame frame = vec_pop(&tree->frames);
    Arena *arena = tree->module->arena;
    end = end > frame.end ? end : frame.end;
    Expr value = {.flags = frame.closed, .span = {frame.start, end}};
    size_t bytes = tree->stack.used - frame.mark;
    if (frame.is_map) {
        value.kind = EXPR_RECORD;
        value.as.record.count = (uint32_t)(bytes / sizeof(RecordItem));
        value.as.record.items =
            node_stack_take(&tree->stack, frame.mark, arena);
        check_keys(tree, value.as.record.items, value.as.record.count);
        if (frame.has_merge && !tree->failed) {
            yaml_merge(arena, &tree->fields, &value, frame.merge_at);
        }
    } else {
        value.kind = EXPR_LIST;
        value.as.list.count = (uint32_t)(bytes / sizeof(Expr));
        value.as.list.items = node_stack_take(&tree->stack, frame.mark, arena);
    }
    add_anchor(tree, frame.anchor, &value, frame.nodes, frame.height + 1);
    add_value(tree, &value, frame.nodes, frame.height + 1);
}

// ---- aliases

static void use_anchor(YamlTree *tree, const YamlAnchor *anchor, Span span)
{
    Expr value = anchor->value;
    value.span = span; // of the alias
    if (yaml_tree_expects_key(tree)) {
        if (value.kind != EXPR_STRING) {
            yaml_fail(tree, DIAG_E0111, span, "a key is a string");
            return;
        }
        set_key(tree, &value);
        return;
    }
    tree->expanded += anchor->nodes;
    if (tree->expanded >
        ALIAS_NODES_FREE + ALIAS_NODES_FACTOR * tree->written) {
        yaml_fail(tree, DIAG_E0601, span,
                  "the aliases make the data too large");
        return;
    }
    if (tree->frames.count + anchor->height > tree->max_nesting) {
        fail_depth(tree, span.start);
        return;
    }
    add_value(tree, &value, anchor->nodes, anchor->height);
}

void yaml_tree_alias(YamlTree *tree, Symbol name, Span span)
{
    bool added;
    FieldNode *node = field_set_add(&tree->anchor_names, 0, name, &added);
    if (!added) {
        use_anchor(tree, &tree->anchors.items[node->item], span);
        return;
    }
    StrBuf shown = {0};
    strbuf_append_printable(&shown, symbol_text(tree->interner, name),
                            MAX_SHOWN);
    Diag *diag = yaml_fail(tree, DIAG_E0111, span,
                           "there is no finished anchor '%.*s' before this "
                           "alias",
                           STR_ARG(strbuf_str(&shown)));
    yaml_fail_help(tree, diag,
                   "an alias stands behind its anchor, '&name'; data cannot "
                   "contain itself");
    strbuf_release(&shown);
}

// ---- documents

void yaml_tree_init(YamlTree *tree, Module *module, Interner *interner,
                    uint32_t max_nesting)
{
    *tree = (YamlTree){
        .module = module, .interner = interner, .max_nesting = max_nesting};
    field_set_begin(&tree->anchor_names);
}

void yaml_tree_end_document(YamlTree *tree, uint32_t at)
{
    if (!tree->has_root) {
        tree->root = (Expr){.span = {at, at}};
        yaml_set_null(&tree->root);
    }
    vec_push(&tree->documents, tree->root);
    tree->has_root = false;
    vec_clear(&tree->anchors);
    field_set_begin(&tree->anchor_names);
}

void yaml_tree_release(YamlTree *tree)
{
    vec_release(&tree->frames);
    vec_release(&tree->anchors);
    vec_release(&tree->documents);
    node_stack_release(&tree->stack);
    field_set_release(&tree->fields);
    field_set_release(&tree->anchor_names);
}
