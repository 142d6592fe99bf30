// A text as a module that one parser has read.
//
// Ownership: the caller's; module_free(). The module points into the text.
#ifndef LIGATURE_TESTS_SYNTAX_PARSED_H
#define LIGATURE_TESTS_SYNTAX_PARSED_H

#include "syntax/parser.h"

// What only std may say is allowed in a text that begins with //std.
static inline Module *parsed_new(Interner *interner, Str text, uint32_t nesting)
{
    Module *module = module_new();
    module->source = (Source){.path = STR("t.lig"), .text = text};
    module->is_std = str_starts_with(text, STR("//std"));
    parser_parse_module(module, interner, nesting);
    return module;
}

#endif
