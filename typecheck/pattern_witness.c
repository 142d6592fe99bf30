// Building, lifting and printing witnesses.
#include "support/number.h"
#include "typecheck/pattern_search.h"

// Length at which a fresh string is not worth looking for.
#define MAX_FRESH_STRING 8
// Bound on a string and on a whole witness in a message.
#define MAX_SHOWN_STRING 40
#define MAX_SHOWN_BYTES  1024

static const Witness any_witness = {.kind = WITNESS_ANY};

Witness *witness_new(Search *search, WitnessKind kind, uint32_t count)
{
    Witness *witness = ARENA_NEW(search->arena, Witness);
    witness->kind = kind;
    witness->count = count;
    witness->parts = arena_array(search->arena, count, sizeof(Witness *));
    for (uint32_t i = 0; i < count; i++) {
        witness->parts[i] = &any_witness;
    }
    search->steps += count;
    return witness;
}

static Witness *ctor_witness(Search *search, const Pattern *sample,
                             uint32_t tag)
{
    const PatternCtor *ctor = sample->as.ctor;
    const TypeEntry *type = pattern_union(search->program, ctor);
    const CtorDecl *decl = &type->decl->ctors[tag];
    Witness *witness = witness_new(search, WITNESS_CTOR, decl->arg_count);
    witness->as.ctor.name = decl->name;
    witness->as.ctor.qualifier = ctor->qualifier;
    return witness;
}

// What the constructor of `cell` looks like with wildcards for arguments.
Witness *witness_of_cell(Search *search, const Pattern *cell)
{
    Witness *witness;
    switch ((PatternKind)cell->kind) {
    case PATTERN_CTOR:
        return ctor_witness(search, cell,
                            pattern_ctor(search->program, cell->as.ctor)->tag);
    case PATTERN_BOOL:
        witness = witness_new(search, WITNESS_BOOL, 0);
        witness->as.boolean.value = cell->as.boolean.value;
        return witness;
    case PATTERN_INT:
        witness = witness_new(search, WITNESS_INT, 0);
        witness->as.integer.value = cell->as.integer.value;
        return witness;
    case PATTERN_FLOAT:
        witness = witness_new(search, WITNESS_FLOAT, 0);
        witness->as.number.value = cell->as.number.value;
        return witness;
    case PATTERN_STRING:
        witness = witness_new(search, WITNESS_STRING, 0);
        witness->as.string.value =
            str_make(cell->as.string.data, cell->as.string.len);
        return witness;
    case PATTERN_UNIT:
        return witness_new(search, WITNESS_UNIT, 0);
    case PATTERN_TUPLE:
        return witness_new(search, WITNESS_TUPLE, cell->as.tuple.count);
    case PATTERN_ERROR:
    case PATTERN_WILDCARD:
    case PATTERN_NAME:
    case PATTERN_LIST:
    case PATTERN_RECORD:
    case PATTERN_AS:
        break;
    }
    UNREACHABLE();
}

void witness_add_all_any(Search *search, uint32_t columns, Witnesses *out)
{
    const Witness **vector =
        arena_array(search->arena, columns, sizeof *vector);
    for (uint32_t i = 0; i < columns; i++) {
        vector[i] = &any_witness;
    }
    search->steps += columns;
    search->found++;
    out->vectors[out->count++] = vector;
}

// Turns witnesses of a split matrix (arguments first) back into ones of the
// matrix with `column`: `shape` with its arguments put in.
void witness_lift(Search *search, const Witnesses *inner, const Witness *shape,
                  uint32_t column, uint32_t columns, Witnesses *out)
{
    for (uint32_t i = 0; i < inner->count; i++) {
        if (out->count == MATRIX_MAX_WITNESSES) {
            return;
        }
        const Witness **from = inner->vectors[i];
        Witness *head = arena_copy(search->arena, shape, sizeof *shape);
        head->parts =
            arena_copy(search->arena, from, head->count * sizeof *from);
        from += head->count;
        const Witness **vector =
            arena_array(search->arena, columns, sizeof *vector);
        for (uint32_t c = 0; c < columns; c++) {
            vector[c] = c == column ? head : *from++;
        }
        search->steps += columns;
        out->vectors[out->count++] = vector;
    }
}

// The smallest integer from 0 on that is not among the sorted heads.
static int64_t fresh_integer(const HeadVec *heads, bool as_float)
{
    int64_t fresh = 0;
    for (uint32_t i = 0; i < heads->count; i++) {
        const Head *head = &heads->items[i];
        if (as_float ? head->number == (double)fresh : head->key == fresh) {
            fresh++;
        }
    }
    return fresh;
}

static const Witness *fresh_string(Search *search, const HeadVec *heads)
{
    // "", "a", "aa", ... are in the order in which the heads are sorted.
    static const char text[] = "aaaaaaaa";
    _Static_assert(sizeof text == MAX_FRESH_STRING + 1, "fits");
    Str fresh = str_make(text, 0);
    for (uint32_t i = 0; i < heads->count; i++) {
        fresh.len += str_equal(heads->items[i].text, fresh);
        if (fresh.len > MAX_FRESH_STRING) {
            return &any_witness;
        }
    }
    Witness *witness = witness_new(search, WITNESS_STRING, 0);
    witness->as.string.value = fresh;
    return witness;
}

static const Witness *fresh_literal(Search *search, const HeadVec *heads,
                                    bool as_float)
{
    if (heads->items[0].cell->kind == PATTERN_STRING) {
        return fresh_string(search, heads);
    }
    int64_t fresh = fresh_integer(heads, as_float);
    Witness *witness =
        witness_new(search, as_float ? WITNESS_FLOAT : WITNESS_INT, 0);
    if (as_float) {
        witness->as.number.value = (double)fresh;
    } else {
        witness->as.integer.value = fresh;
    }
    return witness;
}

// Lifts `inner` under each constructor that no head names.
void witness_lift_missing(Search *search, const Witnesses *inner,
                          const HeadVec *heads, bool as_float, uint32_t column,
                          uint32_t columns, Witnesses *out)
{
    const Pattern *sample = heads->items[0].cell;
    if (inner->count == 0) {
        return; // without a look at constructors, of which there may be many
    }
    if (sample->kind != PATTERN_CTOR && sample->kind != PATTERN_BOOL) {
        witness_lift(search, inner, fresh_literal(search, heads, as_float),
                     column, columns, out);
        return;
    }
    uint32_t at = 0;
    bool is_ctor = sample->kind == PATTERN_CTOR;
    int64_t count =
        is_ctor
            ? pattern_union(search->program, sample->as.ctor)->decl->ctor_count
            : 2;
    for (int64_t key = 0; key < count; key++) {
        if (at < heads->count && heads->items[at].key == key) {
            at = head_group_end(heads, at);
            continue;
        }
        Witness *shape;
        if (is_ctor) {
            shape = ctor_witness(search, sample, (uint32_t)key);
        } else {
            shape = witness_new(search, WITNESS_BOOL, 0);
            shape->as.boolean.value = key != 0;
        }
        // The arguments of a constructor that no row names are untested.
        Witnesses wide = *inner;
        for (uint32_t i = 0; i < wide.count; i++) {
            uint32_t arity = shape->count;
            const Witness **vector =
                arena_array(search->arena, arity + columns - 1, sizeof *vector);
            memcpy(vector, shape->parts, arity * sizeof *vector);
            memcpy(vector + arity, inner->vectors[i],
                   (columns - 1) * sizeof *vector);
            wide.vectors[i] = vector;
        }
        witness_lift(search, &wide, shape, column, columns, out);
        if (out->count == MATRIX_MAX_WITNESSES) {
            return;
        }
    }
}

// ---- refuting one pattern

static const Witness *refute_part(Search *search, Witness *shape,
                                  const Pattern *part, uint32_t at)
{
    const Pattern *cell = pattern_strip(part);
    const Witness *inner = cell != NULL ? witness_refute(search, cell) : NULL;
    if (inner == NULL) {
        return NULL;
    }
    shape->parts[at] = inner;
    return shape;
}

static const Witness *refute_parts(Search *search, Witness *shape,
                                   const Pattern *parts, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const Witness *witness = refute_part(search, shape, &parts[i], i);
        if (witness != NULL) {
            return witness;
        }
    }
    return NULL;
}

static const Witness *refute_ctor(Search *search, const Pattern *cell)
{
    const PatternCtor *ctor = cell->as.ctor;
    if (ctor->ref.ref != REF_CTOR) {
        return NULL;
    }
    const CtorEntry *entry = pattern_ctor(search->program, ctor);
    if (entry->decl->arg_count != ctor->arg_count) {
        return NULL;
    }
    if (pattern_union(search->program, ctor)->decl->ctor_count > 1) {
        return ctor_witness(search, cell, entry->tag == 0 ? 1 : 0);
    }
    return refute_parts(search, witness_of_cell(search, cell), ctor->args,
                        ctor->arg_count);
}

static const Witness *refute_list(Search *search, const Pattern *cell)
{
    const PatternList *list = cell->as.list;
    if (list->count > 0) {
        return witness_new(search, WITNESS_LIST, 0);
    }
    if (list->has_rest) {
        return NULL;
    }
    Witness *witness = witness_new(search, WITNESS_LIST, 1);
    witness->as.list.has_rest = true;
    return witness;
}

static const Witness *refute_record(Search *search, const Pattern *cell)
{
    const PatternRecord *record = cell->as.record;
    Witness *shape = witness_new(search, WITNESS_RECORD, record->count);
    Symbol *names = arena_array(search->arena, record->count, sizeof *names);
    for (uint32_t i = 0; i < record->count; i++) {
        names[i] = record->fields[i].name;
    }
    shape->as.record.names = names;
    for (uint32_t i = 0; i < record->count; i++) {
        const Pattern *part = &record->fields[i].pattern;
        const Witness *witness = refute_part(search, shape, part, i);
        if (witness != NULL) {
            return witness;
        }
    }
    return NULL;
}

static const Witness *refute_literal(Search *search, const Pattern *cell)
{
    Head head = {.cell = cell};
    bool as_float =
        cell->kind == PATTERN_FLOAT || (cell->flags & EXPR_AS_FLOAT) != 0;
    if (cell->kind == PATTERN_STRING) {
        head.text = str_make(cell->as.string.data, cell->as.string.len);
    } else if (cell->kind == PATTERN_FLOAT) {
        head.number = cell->as.number.value;
    } else {
        head.key = cell->as.integer.value;
        head.number = (double)cell->as.integer.value;
    }
    HeadVec heads = {.items = &head, .count = 1};
    return fresh_literal(search, &heads, as_float);
}

const Witness *witness_refute(Search *search, const Pattern *cell)
{
    Witness *witness;
    switch ((PatternKind)cell->kind) {
    case PATTERN_CTOR:
        return refute_ctor(search, cell);
    case PATTERN_LIST:
        return refute_list(search, cell);
    case PATTERN_RECORD:
        return refute_record(search, cell);
    case PATTERN_TUPLE:
        return refute_parts(search, witness_of_cell(search, cell),
                            cell->as.tuple.items, cell->as.tuple.count);
    case PATTERN_BOOL:
        witness = witness_new(search, WITNESS_BOOL, 0);
        witness->as.boolean.value = !cell->as.boolean.value;
        return witness;
    case PATTERN_INT:
    case PATTERN_FLOAT:
    case PATTERN_STRING:
        return refute_literal(search, cell);
    case PATTERN_UNIT:
    case PATTERN_ERROR:
    case PATTERN_WILDCARD:
    case PATTERN_NAME:
    case PATTERN_AS:
        break;
    }
    return NULL;
}

// ---- printing

static void print_witness(const Interner *interner, const Witness *witness,
                          bool is_argument, size_t limit, StrBuf *out);

static void print_symbol(const Interner *interner, Symbol symbol, StrBuf *out)
{
    strbuf_append_printable(out, symbol_text(interner, symbol),
                            MAX_SHOWN_STRING);
}

static void print_parts(const Interner *interner, const Witness *witness,
                        size_t limit, StrBuf *out)
{
    for (uint32_t i = 0; i < witness->count; i++) {
        strbuf_append(out, i > 0 ? STR(", ") : STR(""));
        if (out->len > limit) {
            strbuf_append(out, STR("…"));
            return;
        }
        print_witness(interner, witness->parts[i], false, limit, out);
    }
}

static void print_ctor(const Interner *interner, const Witness *witness,
                       bool is_argument, size_t limit, StrBuf *out)
{
    bool in_brackets = is_argument && witness->count > 0;
    strbuf_append(out, in_brackets ? STR("(") : STR(""));
    if (witness->as.ctor.qualifier != 0) {
        print_symbol(interner, witness->as.ctor.qualifier, out);
        strbuf_append_char(out, '.');
    }
    print_symbol(interner, witness->as.ctor.name, out);
    for (uint32_t i = 0; i < witness->count; i++) {
        strbuf_append_char(out, ' ');
        if (out->len > limit) {
            strbuf_append(out, STR("…"));
            break;
        }
        print_witness(interner, witness->parts[i], true, limit, out);
    }
    strbuf_append(out, in_brackets ? STR(")") : STR(""));
}

// Fields that may be anything are left out.
static void print_record(const Interner *interner, const Witness *witness,
                         size_t limit, StrBuf *out)
{
    bool any = false;
    for (uint32_t i = 0; i < witness->count; i++) {
        if (witness->parts[i]->kind == WITNESS_ANY) {
            continue;
        }
        strbuf_append(out, any ? STR(", ") : STR("{ "));
        any = true;
        if (out->len > limit) {
            strbuf_append(out, STR("…"));
            break;
        }
        print_symbol(interner, witness->as.record.names[i], out);
        strbuf_append(out, STR(" = "));
        print_witness(interner, witness->parts[i], false, limit, out);
    }
    strbuf_append(out, any ? STR(" }") : STR("_"));
}

static void print_string(Str value, StrBuf *out)
{
    strbuf_append_char(out, '"');
    for (size_t i = 0; i < value.len && i <= MAX_SHOWN_STRING; i++) {
        char c = value.data[i];
        if (c == '"' || c == '\\') {
            strbuf_append_char(out, '\\');
        }
        size_t from = i;
        while (i + 1 < value.len && utf8_continues(value.data[i + 1])) {
            i++;
        }
        strbuf_append_printable(out, str_slice(value, from, i + 1), 16);
    }
    strbuf_append(out, value.len > MAX_SHOWN_STRING ? STR("…\"") : STR("\""));
}

static void print_number(const Witness *witness, bool is_argument, StrBuf *out)
{
    char text[NUMBER_TEXT_MAX];
    size_t len = witness->kind == WITNESS_INT
                     ? number_format_i64(text, witness->as.integer.value)
                     : number_format_double(text, witness->as.number.value);
    bool in_brackets = is_argument && text[0] == '-';
    strbuf_append(out, in_brackets ? STR("(") : STR(""));
    strbuf_append(out, str_make(text, len));
    strbuf_append(out, in_brackets ? STR(")") : STR(""));
}

static void print_witness(const Interner *interner, const Witness *witness,
                          bool is_argument, size_t limit, StrBuf *out)
{
    switch (witness->kind) {
    case WITNESS_ANY:
        strbuf_append_char(out, '_');
        return;
    case WITNESS_CTOR:
        print_ctor(interner, witness, is_argument, limit, out);
        return;
    case WITNESS_BOOL:
        strbuf_append(out,
                      witness->as.boolean.value ? STR("true") : STR("false"));
        return;
    case WITNESS_INT:
    case WITNESS_FLOAT:
        print_number(witness, is_argument, out);
        return;
    case WITNESS_STRING:
        print_string(witness->as.string.value, out);
        return;
    case WITNESS_UNIT:
        strbuf_append(out, STR("()"));
        return;
    case WITNESS_TUPLE:
        strbuf_append_char(out, '(');
        print_parts(interner, witness, limit, out);
        strbuf_append_char(out, ')');
        return;
    case WITNESS_LIST:
        strbuf_append_char(out, '[');
        print_parts(interner, witness, limit, out);
        if (witness->as.list.has_rest) {
            strbuf_append(out, witness->count > 0 ? STR(", ..") : STR(".."));
        }
        strbuf_append_char(out, ']');
        return;
    case WITNESS_RECORD:
        print_record(interner, witness, limit, out);
        return;
    }
    UNREACHABLE();
}

void witness_print(const Interner *interner, const Witness *witness,
                   StrBuf *out)
{
    print_witness(interner, witness, false, out->len + MAX_SHOWN_BYTES, out);
}
