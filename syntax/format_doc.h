// The document of the formatter: text, places where a line may break, and
// groups that break as a whole, as one flat array of operations (Oppen,
// "Prettyprinting", 1980; Wadler, "A prettier printer", 2003). A group is laid
// out on one line when it and what follows it up to the next place to break
// fit into the width; else each of its own places breaks. Measuring and
// printing are two passes over the array: linear, whatever the nesting.
//
// Groups are opened at slots, so that one can be put around what was appended
// already (the operands of an operator that is seen later), and some
// operations can be patched once what follows them is known.
//
// Ownership: a Doc owns its arrays; it borrows the text.
// Threads:   one owner.
#ifndef LIGATURE_SYNTAX_FORMAT_DOC_H
#define LIGATURE_SYNTAX_FORMAT_DOC_H

#include <stdbool.h>
#include <stdint.h>

#include "support/attributes.h"
#include "support/str.h"
#include "support/vec.h"

#define DOC_WIDTH        80
#define DOC_INDENT_WIDTH 2

typedef enum DocKind {
    DOC_NOP,
    DOC_TEXT,     // bytes [a, b) of the source
    DOC_MULTI,    // the same with line breaks in them
    DOC_MARK,     // the character `mark`, which the source lacks
    DOC_IF_BREAK, // the same where the group is broken
    DOC_SPACE,    // nothing at the start or the end of a line
    DOC_LINE,     // a space, or a line break where the group is broken
    DOC_SOFT,     // nothing, or a line break
    DOC_FILL,     // a space, or a line break where the group is broken and
                  // what follows up to the next FILL in it does not fit
    DOC_LINE_OF,  // a LINE of the group a, which may be closed
    DOC_NEWLINE,  // a line break, unless the line is empty; breaks the groups
    DOC_BLANK,    // an empty line, behind a line break
    DOC_FORCE,    // breaks the groups around it
    DOC_SLOT,     // opens the groups from a on, outermost first
    DOC_CLOSE,    // closes the group a
    DOC_INDENT,   // by b columns, or -b
    DOC_INDENT_IF // the same where the group a is broken
} DocKind;

typedef struct DocOp {
    uint8_t kind; // DocKind
    char mark;
    uint32_t a, b;
    uint32_t at; // width on one line of what stands before
} DocOp;

#define DOC_NONE UINT32_MAX

typedef struct DocGroup {
    uint32_t rest;  // a group that holds this one and what comes with it. When
                    // that fits on a line of its own this one breaks;
                    // DOC_NONE: none
    uint32_t head;  // the operation up to which, and one character more, all is
                    // to fit as well; DOC_NONE: none
    uint32_t after; // a group before; when it is broken so is this one; or
                    // DOC_NONE
    uint32_t fill;  // the last FILL in it, while measuring
    uint32_t next;  // in the same slot, inside this one; DOC_NONE: none
    uint32_t start; // DocOp.at
    uint32_t width; // on one line; up to the first line break in a text
    uint32_t trail; // of what follows up to the next place to break
    bool forced;    // is broken whatever its width
    bool multi;     // a text in it has line breaks
    bool brackets;  // `multi` forces it
    bool broken;
} DocGroup;

typedef struct Doc {
    Str text;
    VEC(DocOp) ops;
    VEC(DocGroup) groups;
    VEC(uint32_t) open; // while measuring and printing
    uint32_t width;
} Doc;

void doc_release(Doc *doc);
// Forgets all operations.
void doc_clear(Doc *doc);

// Each appends one operation and returns its index.
uint32_t doc_add(Doc *doc, DocKind kind);
uint32_t doc_text(Doc *doc, uint32_t start, uint32_t end);
uint32_t doc_mark(Doc *doc, DocKind kind, char mark);
uint32_t doc_slot(Doc *doc);
void doc_indent(Doc *doc, int32_t by);
void doc_indent_if(Doc *doc, uint32_t group, int32_t by);

// A new group that starts at the slot, around those that start there already.
uint32_t doc_group(Doc *doc, uint32_t slot);
void doc_close(Doc *doc, uint32_t group);
// A group in no slot, for doc_indent_if().
uint32_t doc_flag(Doc *doc);
// Turns an operation into one of the same width on one line.
void doc_patch(Doc *doc, uint32_t op, DocKind kind, uint32_t group);

// The text made from documents, one after the other.
typedef struct DocPrinter {
    StrBuf *out;
    const char *line_end;
    VEC(uint32_t) marks; // offsets in `out` of what the source lacks
    uint32_t column;
    uint32_t indent;
    uint32_t newlines; // due before the next text: 0, 1 or 2
    bool space;        // due before the next text
    bool started;      // something was printed
} DocPrinter;

void doc_printer_release(DocPrinter *printer);
// False when groups overlap, which is a bug of the caller.
MUST_USE bool doc_print(Doc *doc, DocPrinter *printer);

#endif
