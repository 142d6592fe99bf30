// The syntax tree as JSON, for `ligature parse FILE`:
//
//     {"version": 1, "file": PATH, "module": "A.B" | null,
//      "declarations": [NODE...], "result": NODE | null}
//
// Every NODE has "kind" (the labels of syntax/exprs.def) and "span":
// {"start", "end", "line", "column"} (bytes from 0; line and column, in code
// points, from 1), and by kind:
//
//   declarations
//     let          rec, exported, bindings [{name, span, doc?, type?, value}]
//     input        name, doc?, type, default?
//     import       path | module ("std.list"), alias?, type?, items?
//     export       items [{name, alias?, span}]
//     type         name, exported, doc?, params, alias | constructors
//                  [{name, span, args}]
//     typeclass    name, doc?, params, superclasses [CONSTRAINT], methods
//                  [{name, span, type}]
//     instance     context [CONSTRAINT], head CONSTRAINT, methods [binding]
//   expressions
//     error unit   nothing
//     boolean integer float string   value
//     interpolation  parts
//     name         name, implicit? (true: left out in a refinement)
//     constructor  name, qualifier?
//     tuple list   items
//     comprehension  body, clauses [{"for": PATTERN, "in": NODE} |
//                  {"if": NODE}]
//     record       items [{"spread": NODE} | {"path": ["a", "b"], type?,
//                  value}]
//     field        record, field
//     call         callee, args
//     operators    operands, operators (one fewer)
//     unary        operator, operand
//     lambda       params [{pattern, type?}], result?, body
//     let          rec, bindings, body
//     if           branches [{condition, then}], else
//     match        subject, arms [{patterns, guard?, body}]
//     annotated    expression, type
//   patterns
//     error wildcard unit   nothing
//     name         name
//     boolean integer float string   value
//     constructor  name, qualifier?, args
//     tuple        items
//     list         items, rest? (a name, or null for a bare "..")
//     record       fields [{name, pattern}], open
//     as           pattern, name
//   types
//     error unit   nothing
//     name         name, qualifier?, args
//     variable     name
//     function     params, result
//     tuple        items
//     list         item
//     record       fields [{name, optional, type, default?}], open, row?
//     refined      base, predicates [{word: "where" | "with", expression}]
//     constrained  context [CONSTRAINT], type
//
// CONSTRAINT is {class, qualifier?, args}. "?" marks what may be missing.
// Integers are exact; floats read back as they are. Expressions have
// "parenthesised": true where they stood in parentheses.
//
// Threads: pure but for `out`.
#ifndef LIGATURE_SYNTAX_AST_JSON_H
#define LIGATURE_SYNTAX_AST_JSON_H

#include "support/str.h"
#include "syntax/module.h"

// Appends the tree of a parsed module and a line break.
void ast_json_write(const Module *module, const Interner *interner,
                    StrBuf *out);

#endif
