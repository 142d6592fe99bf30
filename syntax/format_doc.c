#include "syntax/format_doc.h"

#include "support/die.h"
#include "syntax/byte_class.h"

void doc_release(Doc *doc)
{
    vec_release(&doc->ops);
    vec_release(&doc->groups);
    vec_release(&doc->open);
}

void doc_clear(Doc *doc)
{
    vec_clear(&doc->ops);
    vec_clear(&doc->groups);
    vec_clear(&doc->open);
    doc->width = 0;
}

// ---- building

static uint32_t add_op(Doc *doc, DocOp op, uint32_t width)
{
    op.at = doc->width;
    vec_push(&doc->ops, op);
    doc->width += width;
    return doc->ops.count - 1;
}

uint32_t doc_add(Doc *doc, DocKind kind)
{
    bool wide = kind == DOC_SPACE || kind == DOC_LINE || kind == DOC_FILL ||
                kind == DOC_LINE_OF;
    return add_op(doc, (DocOp){.kind = (uint8_t)kind}, wide);
}

uint32_t doc_text(Doc *doc, uint32_t start, uint32_t end)
{
    uint32_t width = 0;
    uint32_t at = start;
    while (at < end && !byte_is(doc->text.data[at], BYTE_LINE)) {
        width += !utf8_continues(doc->text.data[at++]);
    }
    DocKind kind = at < end ? DOC_MULTI : DOC_TEXT;
    return add_op(doc, (DocOp){.kind = (uint8_t)kind, .a = start, .b = end},
                  width);
}

uint32_t doc_mark(Doc *doc, DocKind kind, char mark)
{
    return add_op(doc, (DocOp){.kind = (uint8_t)kind, .mark = mark},
                  kind == DOC_MARK);
}

uint32_t doc_slot(Doc *doc)
{
    return add_op(doc, (DocOp){.kind = DOC_SLOT, .a = DOC_NONE}, 0);
}

void doc_indent(Doc *doc, int32_t by)
{
    add_op(doc, (DocOp){.kind = DOC_INDENT, .b = (uint32_t)by}, 0);
}

void doc_indent_if(Doc *doc, uint32_t group, int32_t by)
{
    add_op(doc, (DocOp){.kind = DOC_INDENT_IF, .a = group, .b = (uint32_t)by},
           0);
}

uint32_t doc_group(Doc *doc, uint32_t slot)
{
    DocOp *op = &doc->ops.items[slot];
    vec_push(&doc->groups, (DocGroup){.next = op->a,
                                      .rest = DOC_NONE,
                                      .head = DOC_NONE,
                                      .after = DOC_NONE});
    op->a = doc->groups.count - 1;
    return op->a;
}

uint32_t doc_flag(Doc *doc)
{
    vec_push(&doc->groups, (DocGroup){.next = DOC_NONE,
                                      .rest = DOC_NONE,
                                      .head = DOC_NONE,
                                      .after = DOC_NONE});
    return doc->groups.count - 1;
}

void doc_close(Doc *doc, uint32_t group)
{
    add_op(doc, (DocOp){.kind = DOC_CLOSE, .a = group}, 0);
}

void doc_patch(Doc *doc, uint32_t op, DocKind kind, uint32_t group)
{
    doc->ops.items[op].kind = (uint8_t)kind;
    doc->ops.items[op].a = group;
}

// ---- measuring

static void force_from(Doc *doc, uint32_t depth)
{
    while (depth > 0) {
        DocGroup *group = &doc->groups.items[doc->open.items[--depth]];
        if (group->forced) {
            return; // and so are those around it
        }
        group->forced = true;
    }
}

// A line break in a text: the groups around it are as wide as what stands
// before it.
static void note_multi(Doc *doc, const DocOp *op, uint32_t width)
{
    for (uint32_t depth = doc->open.count; depth > 0; depth--) {
        DocGroup *group = &doc->groups.items[doc->open.items[depth - 1]];
        if (group->multi) {
            return;
        }
        group->multi = true;
        group->width = op->at + width - group->start;
        if (group->brackets) {
            force_from(doc, depth);
        }
    }
}

static uint32_t op_width(const Doc *doc, uint32_t index)
{
    uint32_t end =
        index + 1 < doc->ops.count ? doc->ops.items[index + 1].at : doc->width;
    return end - doc->ops.items[index].at;
}

static void open_groups(Doc *doc, const DocOp *op)
{
    for (uint32_t g = op->a; g != DOC_NONE; g = doc->groups.items[g].next) {
        doc->groups.items[g].start = op->at;
        doc->groups.items[g].fill = DOC_NONE;
        vec_push(&doc->open, g);
    }
}

// The last FILL of a group goes up to `at`.
static void end_fill(Doc *doc, uint32_t group, uint32_t at)
{
    uint32_t last = doc->groups.items[group].fill;
    if (last != DOC_NONE) {
        doc->ops.items[last].a = DOC_NONE;
        doc->ops.items[last].b = at - doc->ops.items[last].at;
    }
}

// A place to break ends the last FILL of its group.
static void note_break(Doc *doc, uint32_t index)
{
    if (doc->open.count > 0) {
        uint32_t group = vec_last(&doc->open);
        bool is_fill = doc->ops.items[index].kind == DOC_FILL;
        end_fill(doc, group, doc->ops.items[index].at);
        doc->groups.items[group].fill = is_fill ? index : DOC_NONE;
    }
}

static bool close_group(Doc *doc, const DocOp *op)
{
    if (doc->open.count == 0 || vec_pop(&doc->open) != op->a) {
        return false;
    }
    DocGroup *group = &doc->groups.items[op->a];
    if (!group->multi) {
        group->width = op->at - group->start;
    }
    end_fill(doc, op->a, op->at);
    if (group->fill != DOC_NONE) {
        doc->ops.items[group->fill].a = op->a;
    }
    return true;
}

static bool measure_groups(Doc *doc)
{
    for (uint32_t i = 0; i < doc->ops.count; i++) {
        const DocOp *op = &doc->ops.items[i];
        if (op->kind == DOC_SLOT) {
            open_groups(doc, op);
        } else if (op->kind == DOC_CLOSE) {
            if (!close_group(doc, op)) {
                return false;
            }
        } else if (op->kind == DOC_FILL || op->kind == DOC_LINE ||
                   op->kind == DOC_SOFT) {
            note_break(doc, i);
        } else if (op->kind == DOC_FORCE || op->kind == DOC_NEWLINE) {
            force_from(doc, doc->open.count);
        } else if (op->kind == DOC_MULTI) {
            note_multi(doc, op, op_width(doc, i));
        }
    }
    return doc->open.count == 0;
}

// Backwards: how much text follows up to the next place to break.
static void measure_trails(Doc *doc)
{
    uint32_t trail = 0;
    for (uint32_t i = doc->ops.count; i-- > 0;) {
        const DocOp *op = &doc->ops.items[i];
        switch ((DocKind)op->kind) {
        case DOC_TEXT:
        case DOC_MARK:
        case DOC_SPACE:
        case DOC_LINE_OF:
            trail += op_width(doc, i);
            break;
        case DOC_MULTI:
            trail = op_width(doc, i);
            break;
        case DOC_IF_BREAK:
            trail++;
            break;
        case DOC_FILL:
        case DOC_LINE:
        case DOC_SOFT:
        case DOC_NEWLINE:
            trail = 0;
            break;
        case DOC_CLOSE:
            doc->groups.items[op->a].trail = trail;
            break;
        case DOC_NOP:
        case DOC_BLANK:
        case DOC_FORCE:
        case DOC_SLOT:
        case DOC_INDENT:
        case DOC_INDENT_IF:
            break;
        }
    }
}

// ---- printing

void doc_printer_release(DocPrinter *printer)
{
    vec_release(&printer->marks);
}

// What is due before a text.
static void start_text(DocPrinter *printer)
{
    if (printer->newlines > 0 && printer->started) {
        for (uint32_t i = 0; i < printer->newlines; i++) {
            strbuf_append(printer->out, str_from_c(printer->line_end));
        }
        strbuf_append_repeat(printer->out, ' ', printer->indent);
        printer->column = printer->indent;
    } else if (printer->space && printer->started) {
        strbuf_append_char(printer->out, ' ');
        printer->column++;
    }
    printer->newlines = 0;
    printer->space = false;
    printer->started = true;
}

static void print_text(DocPrinter *printer, Str text, uint32_t width)
{
    start_text(printer);
    strbuf_append(printer->out, text);
    printer->column += width;
}

// The last line of the text decides about the column.
static void print_multi(DocPrinter *printer, Str text)
{
    print_text(printer, text, 0);
    size_t at = text.len;
    uint32_t column = 0;
    while (at > 0 && !byte_is(text.data[at - 1], BYTE_LINE)) {
        column += !utf8_continues(text.data[--at]);
    }
    printer->column = column;
}

static void print_mark(DocPrinter *printer, char mark)
{
    start_text(printer);
    vec_push(&printer->marks, (uint32_t)printer->out->len);
    strbuf_append_char(printer->out, mark);
    printer->column++;
    printer->space = mark == '|';
}

static void break_line(DocPrinter *printer)
{
    printer->space = false;
    if (printer->newlines == 0) {
        printer->newlines = 1;
    }
}

static bool is_broken(const Doc *doc)
{
    return doc->open.count == 0 ||
           doc->groups.items[vec_last(&doc->open)].broken;
}

// Whether a group that was found not to fit behind what stands before it fits
// on a line of its own.
static bool fits_alone(const Doc *doc, const DocPrinter *printer,
                       uint32_t index)
{
    const DocGroup *group = &doc->groups.items[index];
    return !group->forced && !group->multi &&
           (uint64_t)printer->indent + DOC_INDENT_WIDTH + group->width - 1 +
                   group->trail <=
               DOC_WIDTH;
}

// Whether what starts at `column` is too wide.
static bool overflows(const Doc *doc, const DocGroup *group, uint32_t column)
{
    uint32_t trail = group->multi ? 0 : group->trail;
    if ((uint64_t)column + group->width + trail > DOC_WIDTH) {
        return true;
    }
    return group->head != DOC_NONE && (uint64_t)column +
                                              doc->ops.items[group->head].at -
                                              group->start + 1 >
                                          DOC_WIDTH;
}

static void decide(Doc *doc, const DocPrinter *printer, DocGroup *group)
{
    uint32_t column = printer->newlines > 0 ? printer->indent
                                            : printer->column + printer->space;
    group->broken =
        group->forced ||
        (is_broken(doc) &&
         (overflows(doc, group, column) ||
          (group->after != DOC_NONE &&
           doc->groups.items[group->after].broken) ||
          (group->rest != DOC_NONE && fits_alone(doc, printer, group->rest))));
}

static void print_line(DocPrinter *printer, bool broken)
{
    if (broken) {
        break_line(printer);
    } else {
        printer->space = true;
    }
}

static bool fill_fits(const Doc *doc, const DocPrinter *printer,
                      const DocOp *op)
{
    uint32_t trail = op->a == DOC_NONE ? 0 : doc->groups.items[op->a].trail;
    return (uint64_t)printer->column + op->b + trail <= DOC_WIDTH;
}

static void print_op(Doc *doc, DocPrinter *printer, uint32_t index)
{
    const DocOp *op = &doc->ops.items[index];
    switch ((DocKind)op->kind) {
    case DOC_NOP:
    case DOC_FORCE:
        break;
    case DOC_TEXT:
        print_text(printer, str_slice(doc->text, op->a, op->b),
                   op_width(doc, index));
        break;
    case DOC_MULTI:
        print_multi(printer, str_slice(doc->text, op->a, op->b));
        break;
    case DOC_MARK:
        print_mark(printer, op->mark);
        break;
    case DOC_IF_BREAK:
        if (is_broken(doc)) {
            print_mark(printer, op->mark);
        }
        break;
    case DOC_SPACE:
        printer->space = true;
        break;
    case DOC_LINE:
        print_line(printer, is_broken(doc));
        break;
    case DOC_SOFT:
        if (is_broken(doc)) {
            break_line(printer);
        }
        break;
    case DOC_FILL:
        print_line(printer, is_broken(doc) && !fill_fits(doc, printer, op));
        break;
    case DOC_LINE_OF:
        print_line(printer, doc->groups.items[op->a].broken);
        break;
    case DOC_NEWLINE:
        break_line(printer);
        break;
    case DOC_BLANK:
        if (printer->newlines > 0) {
            printer->newlines = 2;
        }
        break;
    case DOC_SLOT:
        for (uint32_t g = op->a; g != DOC_NONE; g = doc->groups.items[g].next) {
            decide(doc, printer, &doc->groups.items[g]);
            vec_push(&doc->open, g);
        }
        break;
    case DOC_CLOSE:
        (void)vec_pop(&doc->open);
        break;
    case DOC_INDENT:
        printer->indent += op->b;
        break;
    case DOC_INDENT_IF:
        printer->indent += doc->groups.items[op->a].broken ? op->b : 0;
        break;
    }
}

bool doc_print(Doc *doc, DocPrinter *printer)
{
    if (!measure_groups(doc)) {
        return false;
    }
    measure_trails(doc);
    for (uint32_t i = 0; i < doc->ops.count; i++) {
        print_op(doc, printer, i);
    }
    return doc->open.count == 0;
}
