// What the files read_yaml*.c share.
#ifndef LIGATURE_SYNTAX_READ_YAML_PRIVATE_H
#define LIGATURE_SYNTAX_READ_YAML_PRIVATE_H

#include "syntax/read_yaml.h"

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
// The text of a block scalar whose lines begin at `start`; its header stands on
// the line before, not before `from`. `outer`: what its lines are indented at
// least: one column more than the collection that it is in, or 0. *out_end: the
// line that ends it. In the module's arena.
Str yaml_block(Module *module, uint32_t from, uint32_t start, size_t outer,
               uint32_t *out_end);
// What a plain scalar stands for. A string has the text as it is.
YamlProblem yaml_resolve(Str text, Expr *out);
YamlProblem yaml_set_plain(Module *module, YamlTag tag, Str text, Expr *out);

#endif
