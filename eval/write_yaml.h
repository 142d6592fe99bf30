// Values as YAML. What can be printed, and as what, is decided by the JSON
// writer; this turns its compact text into block style. A string is quoted
// wherever a reader of YAML 1.1 or 1.2 would take it for something else, and
// text of several lines is a block string.
//
// Threads: any.
#ifndef LIGATURE_EVAL_WRITE_YAML_H
#define LIGATURE_EVAL_WRITE_YAML_H

#include "support/attributes.h"
#include "support/str.h"

typedef struct YamlOptions {
    bool ascii;         // escape all but ASCII
    bool separate;      // "---" before the document
    uint64_t max_bytes; // of the text
} YamlOptions;

// Appends `json`, a document of the JSON writer with `compact`, as YAML with a
// line break at its end. False when the text would be over max_bytes.
MUST_USE bool yaml_from_json(Str json, const YamlOptions *options, StrBuf *out);
// The same for each item of a list, as documents of their own; false also when
// it is no list, in which case *out_is_list is false.
MUST_USE bool yaml_stream_from_json(Str json, const YamlOptions *options,
                                    bool *out_is_list, StrBuf *out);

#endif
