// What the files read_yaml*.c share.
#ifndef LIGATURE_SYNTAX_READ_YAML_INTERNAL_H
#define LIGATURE_SYNTAX_READ_YAML_INTERNAL_H

#include "support/vec.h"
#include "syntax/field_set.h"
#include "syntax/node_stack.h"
#include "syntax/read_yaml.h"

struct fy_diag;
struct fy_parser;

typedef enum YamlTag {
    YAML_TAG_NONE,
    YAML_TAG_STRING,
    YAML_TAG_NULL,
    YAML_TAG_BOOL,
    YAML_TAG_INT,
    YAML_TAG_FLOAT,
    YAML_TAG_COLLECTION,
    YAML_TAG_OTHER
} YamlTag;

// What is wrong with a scalar, and perhaps what helps; no message: nothing.
typedef struct YamlProblem {
    const char *message;
    const char *help;
} YamlProblem;

YamlTag yaml_tag(Str text);

// They set kind and value of `out`; a text within the source stays there.
void yaml_set_null(Expr *out);
void yaml_set_string(Module *module, Str text, Expr *out);
// The text of a scalar from between its quotes, or without any: NUL. In the
// module's arena, where it is not as it is written.
Str yaml_flow_text(Module *module, Str raw, char quote);
// The same at the end of `out`.
void yaml_append_flow(StrBuf *out, Str raw, char quote);
// The text of a block scalar whose header stands at `at`, and where the line
// begins that ends it. False where libfyaml may think otherwise: it has no
// header, or is empty.
bool yaml_append_block(StrBuf *out, Str text, size_t at, size_t outer,
                       size_t *out_end);
// The text of a block scalar whose lines begin at `start`; its header stands on
// the line before, not before `from`. `outer`: what its lines are indented at
// least: one column more than the collection that it is in, or 0. *out_end: the
// line that ends it. In the module's arena.
Str yaml_block(Module *module, uint32_t from, uint32_t start, size_t outer,
               uint32_t *out_end);
// What stands for an empty item.
#define YAML_FILL " ~"
// Where such were put in.
typedef VEC(uint32_t) YamlFills;
// Puts them in; nothing goes into `out` where there are none.
void yaml_fill_items(Str text, StrBuf *out, YamlFills *fills);
// The place in the text as it was.
size_t yaml_unfilled(const YamlFills *fills, size_t at);
// Whether `<<` can take the members of it.
bool yaml_may_merge(const Expr *value);
// Puts the members of the value of item `at` of a mapping in its place, but for
// those that stand in the mapping anyway.
void yaml_merge(Arena *arena, FieldSet *names, Expr *record, uint32_t at);
// It collects errors in `out_diags`; both are the caller's, who destroys the
// parser first. NULL for a lack of memory.
struct fy_parser *yaml_parser_new(struct fy_diag **out_diags);
// What a plain scalar stands for. A string has the text as it is.
YamlProblem yaml_resolve(Str text, Expr *out);
YamlProblem yaml_set_plain(Module *module, YamlTag tag, Str text, Expr *out);

// ---- read_yaml_tree.c

// A sequence or mapping at work.
typedef struct YamlFrame {
    bool is_map;
    bool has_key; // of a map: the value is next,
    bool merges;  // which is that of `<<`
    bool has_merge;
    uint32_t merge_at; // its item
    Symbol key;
    Span key_span;
    uint16_t closed;
    uint32_t start, end;
    size_t mark; // in the node stack
    uint32_t height;
    uint64_t nodes;
    Symbol anchor; // 0: none
} YamlFrame;

// What an alias stands for.
typedef struct YamlAnchor {
    Expr value;
    uint64_t nodes;
    uint32_t height;
} YamlAnchor;

// The tree of a file as it grows. The first error ends it: what comes later is
// taken, but says nothing.
typedef struct YamlTree {
    Module *module;
    Interner *interner;
    uint32_t max_nesting;
    bool failed;
    VEC(YamlFrame) frames;
    VEC(YamlAnchor) anchors; // of the document
    FieldSet anchor_names;
    VEC(Expr) documents;
    Expr root;
    bool has_root;
    NodeStack stack;
    FieldSet fields;
    uint64_t written, expanded; // nodes
} YamlTree;

void yaml_tree_init(YamlTree *tree, Module *module, Interner *interner,
                    uint32_t max_nesting);
void yaml_tree_release(YamlTree *tree);
// NULL after the first one.
Diag *yaml_fail(YamlTree *tree, DiagCode code, Span span, const char *format,
                ...) PRINTF_LIKE(4, 5);
// Nothing where there is no diagnostic or no help.
void yaml_fail_help(YamlTree *tree, Diag *diag, const char *help);
// The place, or the end of the text.
uint32_t yaml_clamp(const YamlTree *tree, size_t offset);
// Whether a key of a mapping is next.
bool yaml_tree_expects_key(const YamlTree *tree);
// Where a value without any text stands: at its key, else where its list or, as
// there is none, the document begins.
Span yaml_tree_place(const YamlTree *tree, uint32_t document);
// That key; `merges`: it is `<<`. In what follows `anchor` is 0 where there is
// none.
void yaml_tree_key(YamlTree *tree, Symbol anchor, const Expr *string,
                   bool merges);
void yaml_tree_scalar(YamlTree *tree, Symbol anchor, const Expr *value);
// A sequence or mapping, and the end of the innermost one.
void yaml_tree_open(YamlTree *tree, Symbol anchor, bool is_map, uint32_t at);
void yaml_tree_close(YamlTree *tree, uint32_t end);
void yaml_tree_alias(YamlTree *tree, Symbol name, Span span);
void yaml_tree_end_document(YamlTree *tree, uint32_t at);

#endif
