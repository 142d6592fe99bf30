// What the files read_yaml*.c share.
#ifndef LIGATURE_SYNTAX_READ_YAML_PRIVATE_H
#define LIGATURE_SYNTAX_READ_YAML_PRIVATE_H

#include "syntax/read_yaml.h"

typedef enum YamlNumber {
    YAML_NO_NUMBER,
    YAML_NUMBER,
    YAML_TOO_LARGE
} YamlNumber;

bool yaml_is_null(Str text);
bool yaml_is_bool(Str text, bool *out);
bool yaml_is_not_finite(Str text);
// Sets kind and value of `out`.
YamlNumber yaml_number(Str text, Expr *out);

#endif
