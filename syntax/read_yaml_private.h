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
// What stands between single quotes: pairs of them are one, and lines are
// folded. In the module's arena.
Str yaml_single_quoted(Module *module, Str raw);
// What a plain scalar stands for. A string has the text as it is.
YamlProblem yaml_resolve(Str text, Expr *out);
YamlProblem yaml_set_plain(Module *module, YamlTag tag, Str text, Expr *out);

#endif
