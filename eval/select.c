// Paths into a result. Steps go through the value as its JSON shows it.
#include "eval/select.h"

#include "support/nearest.h"
#include "support/number.h"
#include "syntax/byte_class.h"

// ---- parsing

static bool is_name_byte(char c)
{
    return byte_is(c, BYTE_IDENT) || c == '\'' || c == '-' ||
           (unsigned char)c >= 0x80;
}

typedef struct PathParser {
    Str text;
    size_t at;
    Arena *arena;
    VEC(SelectStep) steps;
    const char *wanted; // what was expected where it failed
} PathParser;

static bool fail(PathParser *parser, const char *wanted)
{
    parser->wanted = wanted;
    return false;
}

// "[" digits "]"
static bool parse_index(PathParser *p)
{
    size_t start = ++p->at;
    while (p->at < p->text.len && byte_is(p->text.data[p->at], BYTE_DIGIT)) {
        p->at++;
    }
    SelectStep step = {.is_index = true};
    Str digits = str_slice(p->text, start, p->at);
    if (digits.len == 0 || !number_parse_digits(digits, 10, &step.index)) {
        p->at = start;
        return fail(p, "a number from 0");
    }
    if (p->at == p->text.len || p->text.data[p->at] != ']') {
        return fail(p, "']'");
    }
    p->at++;
    vec_push(&p->steps, step);
    return true;
}

// '"' { byte | '\' ( '"' | '\' ) } '"'
static bool parse_quoted(PathParser *p)
{
    size_t start = ++p->at;
    StrBuf name = {0};
    bool closed = false;
    while (p->at < p->text.len && !closed) {
        char c = p->text.data[p->at++];
        if (c == '\\' && p->at < p->text.len &&
            (p->text.data[p->at] == '"' || p->text.data[p->at] == '\\')) {
            c = p->text.data[p->at++];
        } else if (c == '"') {
            closed = true;
            break;
        }
        strbuf_append_char(&name, c);
    }
    if (closed) {
        SelectStep step = {.name = arena_str(p->arena, strbuf_str(&name))};
        vec_push(&p->steps, step);
    }
    strbuf_release(&name);
    p->at = closed ? p->at : start - 1;
    return closed || fail(p, "a name whose closing '\"' is there");
}

// name | quoted
static bool parse_name(PathParser *p)
{
    if (p->at < p->text.len && p->text.data[p->at] == '"') {
        return parse_quoted(p);
    }
    size_t start = p->at;
    while (p->at < p->text.len && is_name_byte(p->text.data[p->at])) {
        p->at++;
    }
    if (p->at == start) {
        return fail(p, "a field name");
    }
    SelectStep step = {.name = str_slice(p->text, start, p->at)};
    vec_push(&p->steps, step);
    return true;
}

// [ "." ] [ name | index ] { "." name | index }
static bool parse_path(PathParser *p)
{
    bool dotted = p->text.len > 0 && p->text.data[0] == '.';
    p->at = dotted;
    if (p->at == p->text.len) {
        return true;
    }
    if (p->text.data[p->at] != '[' && !parse_name(p)) {
        return false;
    }
    while (p->at < p->text.len) {
        char c = p->text.data[p->at];
        if (c == '[') {
            if (!parse_index(p)) {
                return false;
            }
        } else if (c == '.') {
            p->at++;
            if (!parse_name(p)) {
                return false;
            }
        } else {
            return fail(p, "'.' or '['");
        }
    }
    return true;
}

bool select_parse(Str text, const char *of_what, Arena *arena,
                  SelectPath *out_path, DiagSink *diags)
{
    PathParser parser = {.text = text, .arena = arena};
    bool ok = utf8_validate(text) == text.len;
    if (!ok) {
        (void)diag_add(diags, DIAG_E0001, NULL, (Span){0, 0},
                       "the path%s is not valid UTF-8", of_what);
    } else if (!parse_path(&parser)) {
        ok = false;
        Diag *diag =
            diag_add(diags, DIAG_E0001, NULL, (Span){0, 0},
                     "the path '%.*s'%s is wrong at byte %zu: expected %s",
                     STR_ARG(text), of_what, parser.at + 1, parser.wanted);
        diag_help(diags, diag, "write it like services[0].ports.\"a b\"");
    } else {
        *out_path = (SelectPath){
            .text = text,
            .steps = arena_copy(arena, parser.steps.items,
                                parser.steps.count * sizeof(SelectStep)),
            .count = parser.steps.count};
    }
    vec_release(&parser.steps);
    return ok;
}

// ---- applying

typedef struct Selection {
    const SelectPath *path;
    const SelectFrom *from;
    uint32_t step; // number of the one that is being taken
    Heap *heap;
    DiagSink *diags;
} Selection;

static bool is_none(Value value)
{
    return value.tag == VALUE_UNION && value_ctor(value)->role == CTOR_NONE;
}

void select_append_path(StrBuf *out, const SelectPath *path, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const SelectStep *step = &path->steps[i];
        if (step->is_index) {
            strbuf_appendf(out, "[%llu]", (unsigned long long)step->index);
        } else {
            strbuf_append_char(out, '.');
            strbuf_append_key(out, step->name, 80);
        }
    }
}

static void append_whole(StrBuf *out, const SelectPath *path, uint32_t count)
{
    if (count == 0) {
        strbuf_append(out, STR("the result"));
    }
    select_append_path(out, path, count);
}

// "BEFOREfield 'x' in .aBEHIND".
static Diag *add_failure(const Selection *s, const char *before,
                         const char *behind)
{
    StrBuf text = {0};
    strbuf_append(&text, str_from_c(before));
    const SelectStep *step = &s->path->steps[s->step];
    if (step->is_index) {
        strbuf_appendf(&text, "element %llu", (unsigned long long)step->index);
    } else {
        strbuf_append(&text, STR("field '"));
        strbuf_append_printable(&text, step->name, 80);
        strbuf_append_char(&text, '\'');
    }
    strbuf_append(&text, STR(" in "));
    append_whole(&text, s->path, s->step);
    Diag *diag = diag_add(s->diags, DIAG_E0409, s->from->source, s->from->span,
                          "%.*s%s", STR_ARG(strbuf_str(&text)), behind);
    strbuf_release(&text);
    return diag;
}

static bool fail_none(const Selection *s, Diag *diag)
{
    diag_help(s->diags, diag,
              "give it a value, or say what stands for None: x ?? default");
    return false;
}

// Of what has no parts.
static bool fail_kind(const Selection *s, Value value, const char *what)
{
    if (is_none(value)) {
        return fail_none(s, add_failure(s, "no ", ", which is None"));
    }
    (void)add_failure(s, "no ", what);
    return false;
}

#define LISTED_NAMES_MAX 8

// The name at `i`, skipping what JSON leaves out.
static bool field_name(Value value, uint32_t i, Str *out_name)
{
    if (value.tag == VALUE_MAP) {
        *out_name = value_str(value_map_key(value.as.map, i));
        return true;
    }
    const RecordObject *record = value.as.record;
    *out_name = record->shape->texts[i];
    return !is_none(record->fields[i]);
}

static bool fail_name(const Selection *s, Value value)
{
    uint32_t count = value.tag == VALUE_MAP ? value.as.map->count
                                            : value.as.record->shape->count;
    Nearest nearest;
    nearest_init(&nearest, s->path->steps[s->step].name);
    StrBuf names = {0};
    uint32_t listed = 0;
    for (uint32_t i = 0; i < count; i++) {
        Str name;
        if (!field_name(value, i, &name)) {
            continue;
        }
        nearest_consider(&nearest, name);
        if (listed++ < LISTED_NAMES_MAX) {
            strbuf_append(&names, listed == 1 ? STR("") : STR(", "));
            strbuf_append_printable(&names, name, 80);
        }
    }
    Diag *diag = add_failure(s, "no ",
                             listed == 0 ? ", which has no fields"
                                         : ", which has other fields");
    if (nearest.best.len > 0) {
        diag_help(s->diags, diag, "did you mean '%.*s'?",
                  STR_ARG(nearest.best));
    }
    if (listed > 0) {
        diag_note(s->diags, diag, "fields: %.*s%s", STR_ARG(strbuf_str(&names)),
                  listed > LISTED_NAMES_MAX ? ", ..." : "");
    }
    strbuf_release(&names);
    return false;
}

static Value payloads_as_tuple(Heap *heap, Value value)
{
    Value *items;
    Value tuple = value_tuple(heap, value.arity, &items);
    for (uint32_t i = 0; i < value.arity; i++) {
        items[i] = value.as.object->fields[i];
    }
    return tuple;
}

static bool select_name(const Selection *s, Value value, Value *out)
{
    Str name = s->path->steps[s->step].name;
    if (value.tag == VALUE_RECORD) {
        int32_t field = shape_find_text(value.as.record->shape, name);
        if (field < 0) {
            return fail_name(s, value);
        }
        if (is_none(value.as.record->fields[field])) {
            return fail_none(
                s, add_failure(s, "",
                               " is None, which is left out of the output"));
        }
        *out = value.as.record->fields[field];
        return true;
    }
    if (value.tag == VALUE_MAP) {
        int64_t entry = value_map_find(value, name);
        if (entry < 0) {
            return fail_name(s, value);
        }
        *out = value_map_value(value.as.map, (uint32_t)entry);
        return true;
    }
    if (value.tag == VALUE_UNION && value.arity > 0) {
        Str ctor = value_ctor(value)->name;
        if (!str_equal(ctor, name)) {
            Diag *diag =
                add_failure(s, "no ", ", which is of another constructor");
            diag_help(s->diags, diag, "it is '%.*s'", STR_ARG(ctor));
            return false;
        }
        *out = value.arity == 1 ? value.as.object->fields[0]
                                : payloads_as_tuple(s->heap, value);
        return true;
    }
    return fail_kind(s, value, ", which is no record");
}

static bool select_index(const Selection *s, Value value, Value *out)
{
    uint64_t index = s->path->steps[s->step].index;
    bool is_list = value.tag == VALUE_LIST;
    if (!is_list && value.tag != VALUE_TUPLE) {
        return fail_kind(s, value, ", which is no list");
    }
    uint32_t count = is_list ? value_list_count(value) : value.as.tuple->count;
    if (index >= count) {
        Diag *diag = add_failure(s, "no ", ", which is shorter");
        diag_note(s->diags, diag, "it has %u element%s, counted from 0",
                  (unsigned)count, count == 1 ? "" : "s");
        return false;
    }
    *out = is_list ? value_list_at(value, (uint32_t)index)
                   : value.as.tuple->items[index];
    return true;
}

bool select_apply(const SelectPath *path, const SelectFrom *from, Heap *heap,
                  DiagSink *diags, Value *out_value)
{
    Selection selection = {
        .path = path, .from = from, .heap = heap, .diags = diags};
    Value value = from->value;
    for (uint32_t i = 0; i < path->count; i++) {
        selection.step = i;
        Value whole = value_without_some(value);
        bool found = path->steps[i].is_index
                         ? select_index(&selection, whole, &value)
                         : select_name(&selection, whole, &value);
        if (!found) {
            return false;
        }
    }
    *out_value = value;
    return true;
}
