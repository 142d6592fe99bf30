// The part of YAML that most data is written in onto a tape: block collections,
// scalars of one line, plain or in quotes, literal blocks ('|'), and flow
// collections of one line. All else, such as anchors, tags, several documents
// and scalars of more lines, is left to read_yaml.c, and so is whatever may be
// wrong: where this reader does not give up, libfyaml reads the same. The depth
// is bounded by max_nesting.
//
// A column counts from the start of the line; a block collection has the one of
// its items or keys, and ends at the first line to the left of it. Who reads a
// value leaves reader->at at the next line that holds something.
#include "syntax/encoding.h"
#include "syntax/json_words.h"
#include "syntax/read_tape_private.h"
#include "syntax/read_yaml_private.h"

// Of keys in bytes: YAML has them at most 1024 characters long.
#define MAX_KEY 1000

// ---- lines

static inline ptrdiff_t column_of(const TapeReader *r)
{
    return LIKELY(r->at < r->end) ? r->at - r->line : -1;
}

// What may stand behind ':' and '-' where they are no part of a scalar.
static inline bool is_gap(const TapeReader *r, const char *at)
{
    return at == r->end || *at == ' ' || *at == '\n';
}

static inline bool at_dash(const TapeReader *r)
{
    return r->at < r->end && *r->at == '-' && is_gap(r, r->at + 1);
}

static inline bool at_colon(const TapeReader *r)
{
    return r->at < r->end && *r->at == ':' && is_gap(r, r->at + 1);
}

static inline void skip_spaces(TapeReader *r)
{
    while (r->at < r->end && *r->at == ' ') {
        r->at++;
    }
}

static const char *line_end(const TapeReader *r, const char *at)
{
    const char *end = memchr(at, '\n', (size_t)(r->end - at));
    return end != NULL ? end : r->end;
}

// Where a document starts or ends.
static bool at_marker(const TapeReader *r)
{
    return r->at == r->line && r->end - r->at >= 3 &&
           (memcmp(r->at, "---", 3) == 0 || memcmp(r->at, "...", 3) == 0);
}

// From the start of a line to the first one that holds something.
static void find_content(TapeReader *r)
{
    for (;;) {
        r->line = r->at;
        skip_spaces(r);
        if (r->at == r->end) {
            return;
        }
        if (*r->at == '#') {
            r->at = line_end(r, r->at);
        } else if (*r->at != '\n') {
            return;
        }
        r->at += r->at < r->end;
    }
}

// Behind a value or an indicator, after which at most a comment may follow: to
// the next line that holds something.
static bool end_line(TapeReader *r)
{
    const char *at = r->at;
    skip_spaces(r);
    if (r->at < r->end && *r->at == '#' && r->at > at) {
        r->at = line_end(r, r->at);
    }
    if (r->at < r->end && *r->at != '\n') {
        return false;
    }
    r->at += r->at < r->end;
    find_content(r);
    return !at_marker(r);
}

// ---- scalars

typedef struct Scalar {
    Str text;
    bool is_plain;
    bool is_decoded; // it lies in the scratch buffer
} Scalar;

// The next byte that may end a plain scalar.
static inline const char *plain_stop(const char *at, const char *end)
{
#ifdef __SSE2__
    while (LIKELY(end - at >= BYTE_RUN_STEP)) {
        __m128i bytes = byte_run_load(at);
        __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(':')),
                                     _mm_cmpeq_epi8(bytes, _mm_set1_epi8('#')));
        unsigned stops = (unsigned)_mm_movemask_epi8(
            _mm_or_si128(marks, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'))));
        if (LIKELY(stops != 0)) {
            return at + __builtin_ctz(stops);
        }
        at += BYTE_RUN_STEP;
    }
#endif
    while (at < end && *at != ':' && *at != '#' && *at != '\n') {
        at++;
    }
    return at;
}

static bool starts_plain(const TapeReader *r)
{
    switch (*r->at) {
    case '-': // nor "- " and what looks like it
        return r->end - r->at > 1 &&
               (byte_is(r->at[1], BYTE_IDENT) || r->at[1] == '.' ||
                r->at[1] == '-' || r->at[1] == '/');
    case '?':
    case ':':
    case ',':
    case '[':
    case ']':
    case '{':
    case '}':
    case '#':
    case '&':
    case '*':
    case '!':
    case '|':
    case '>':
    case '\'':
    case '"':
    case '%':
    case '@':
    case '`':
        return false;
    default:
        return true;
    }
}

static bool scan_plain(TapeReader *r, Scalar *out)
{
    const char *start = r->at;
    if (!starts_plain(r)) {
        return false;
    }
    const char *at = plain_stop(start + 1, r->end);
    while (at < r->end && *at != '\n' &&
           (*at == ':' ? !is_gap(r, at + 1) : at[-1] != ' ')) {
        at = plain_stop(at + 1, r->end);
    }
    bool is_key = at < r->end && *at == ':';
    r->at = at;
    while (at[-1] == ' ') {
        at--;
    }
    r->at = is_key ? r->at : at; // a comment is one behind a space
    *out = (Scalar){.text = str_make(start, (size_t)(at - start)),
                    .is_plain = true};
    return true;
}

// The escapes that read as in JSON, but for characters of two.
static bool decode_double(TapeReader *r, const char *run, const char *at,
                          Scalar *out)
{
    strbuf_clear(&r->scratch);
    while (at < r->end && *at == '\\') {
        const char *escape = at;
        strbuf_append(&r->scratch, str_make(run, (size_t)(at - run)));
        if (json_unescape(&at, r->end, &r->scratch) != JSON_ESCAPE_OKAY ||
            (escape[1] == 'u' && at - escape != 6)) {
            return false;
        }
        run = at;
        at = json_plain_end(at, r->end);
    }
    if (at == r->end || *at != '"') {
        return false;
    }
    strbuf_append(&r->scratch, str_make(run, (size_t)(at - run)));
    *out = (Scalar){.text = strbuf_str(&r->scratch), .is_decoded = true};
    r->at = at + 1;
    return true;
}

static bool scan_double(TapeReader *r, Scalar *out)
{
    const char *run = r->at + 1;
    const char *at = json_plain_end(run, r->end);
    if (at == r->end || *at != '"') {
        return decode_double(r, run, at, out);
    }
    *out = (Scalar){.text = str_make(run, (size_t)(at - run))};
    r->at = at + 1;
    return true;
}

static bool scan_single(TapeReader *r, Scalar *out)
{
    const char *run = r->at + 1;
    *out = (Scalar){.is_decoded = false};
    for (const char *at = run; at < r->end && *at != '\n'; at++) {
        if (*at != '\'') {
            continue;
        }
        Str part = str_make(run, (size_t)(at - run));
        bool goes_on = r->end - at > 1 && at[1] == '\'';
        if (goes_on && !out->is_decoded) {
            out->is_decoded = true;
            strbuf_clear(&r->scratch);
        }
        if (out->is_decoded) {
            strbuf_append(&r->scratch, part);
        }
        if (!goes_on) {
            out->text = out->is_decoded ? strbuf_str(&r->scratch) : part;
            r->at = at + 1;
            return true;
        }
        strbuf_append_char(&r->scratch, '\'');
        run = at + 2;
        at++;
    }
    return false;
}

static bool scan_quoted(TapeReader *r, Scalar *out)
{
    return *r->at == '"' ? scan_double(r, out) : scan_single(r, out);
}

static inline bool at_quote(const TapeReader *r)
{
    return *r->at == '"' || *r->at == '\'';
}

static bool scan_scalar(TapeReader *r, Scalar *out)
{
    return at_quote(r) ? scan_quoted(r, out) : scan_plain(r, out);
}

// ---- what scalars stand for

static bool put_string(TapeReader *r, const Scalar *scalar, const char *start)
{
    TapeWord *words = tape_words(r);
    uint32_t len = (uint32_t)scalar->text.len;
    if (scalar->text.len > TAPE_NUMBER_MAX) {
        return false;
    }
    if (scalar->is_decoded) {
        words[0] = tape_word(r, TAPE_DECODED, len, start);
        Str text = arena_str(r->arena, scalar->text);
        words[1] = (TapeWord)(uintptr_t)text.data;
    } else {
        words[0] = tape_word(r, TAPE_STRING, len, scalar->text.data);
    }
    r->cursor = words + 1 + scalar->is_decoded;
    return true;
}

// Up to eight digits.
static bool put_short_int(TapeReader *r, Str text)
{
    enum { SHORT_DIGITS = 8 };
    bool is_negative = text.data[0] == '-';
    size_t at = is_negative || text.data[0] == '+';
    uint32_t value = 0;
    if (at == text.len || text.len - at > SHORT_DIGITS) {
        return false;
    }
    for (size_t i = at; i < text.len; i++) {
        if (!byte_is(text.data[i], BYTE_DIGIT)) {
            return false;
        }
        value = value * 10 + (uint32_t)(text.data[i] - '0');
    }
    value = (is_negative ? 0 - value : value) & TAPE_NUMBER_MAX;
    *tape_words(r) = tape_word(r, TAPE_INT, value, text.data);
    r->cursor++;
    return true;
}

static bool put_resolved(TapeReader *r, const Scalar *scalar)
{
    TapeWord *words = tape_words(r);
    const char *start = scalar->text.data;
    Expr value;
    YamlProblem problem = yaml_resolve(scalar->text, &value);
    if (problem.message != NULL) {
        return false;
    }
    switch (value.kind) {
    case EXPR_CTOR:
        words[0] = tape_word(r, TAPE_NULL, 0, start);
        break;
    case EXPR_BOOL:
        words[0] = tape_word(r, value.as.boolean.value ? TAPE_TRUE : TAPE_FALSE,
                             0, start);
        break;
    case EXPR_INT:
        words[0] = tape_word(r, TAPE_WIDE_INT, 0, start);
        words[1] = (TapeWord)value.as.integer.value;
        r->cursor = words + 2;
        return true;
    case EXPR_FLOAT:
        words[0] = tape_word(r, TAPE_FLOAT, 0, start);
        memcpy(&words[1], &value.as.number.value, sizeof(double));
        r->cursor = words + 2;
        return true;
    default:
        return put_string(r, scalar, start);
    }
    r->cursor = words + 1;
    return true;
}

// Whether a plain scalar may be anything but a string.
static inline bool may_resolve(Str text)
{
    char c = text.data[0];
    if (byte_is(c, BYTE_DIGIT)) {
        return true;
    }
    switch (c) {
    case '-':
    case '+':
    case '.':
        return true;
    case '~':
    case 'n':
    case 'N':
    case 't':
    case 'T':
    case 'f':
    case 'F':
        return text.len <= 5; // "false"
    default:
        return false;
    }
}

static bool put_scalar(TapeReader *r, const Scalar *scalar, const char *start)
{
    r->node_count++;
    if (!scalar->is_plain || !may_resolve(scalar->text)) {
        return put_string(r, scalar, start);
    }
    return put_short_int(r, scalar->text) || put_resolved(r, scalar);
}

static void put_null(TapeReader *r)
{
    *tape_words(r) = tape_word(r, TAPE_NULL, 0, r->at);
    r->cursor++;
    r->node_count++;
}

// ---- literal blocks

// The lines of a block in a collection at `column`, as one text with a line
// feed behind each, without what is blank at the end.
static bool block_lines(TapeReader *r, ptrdiff_t column)
{
    ptrdiff_t indent = -1;
    size_t used = 0; // up to the last line that holds something
    strbuf_clear(&r->scratch);
    while (r->at < r->end) {
        const char *line = r->at;
        skip_spaces(r);
        ptrdiff_t here = r->at - line;
        bool is_blank = r->at == r->end || *r->at == '\n';
        if (indent < 0) {
            if (is_blank || here <= column) {
                return false; // the indentation is not so plain to see
            }
            indent = here;
        }
        if (!is_blank && here < indent) {
            r->at = line;
            break;
        }
        const char *end = line_end(r, r->at);
        if (end - line > indent) {
            Str text = str_make(line + indent, (size_t)(end - line - indent));
            strbuf_append(&r->scratch, text);
        }
        strbuf_append_char(&r->scratch, '\n');
        used = is_blank && here <= indent ? used : r->scratch.len;
        r->at = end + (end < r->end);
    }
    r->scratch.len = used;
    return used > 0;
}

static bool literal_block(TapeReader *r, ptrdiff_t column)
{
    const char *start = r->at++;
    bool strips = r->at < r->end && *r->at == '-';
    r->at += strips;
    skip_spaces(r);
    if (r->at == r->end || *r->at != '\n') {
        return false;
    }
    r->at++;
    if (!block_lines(r, column)) {
        return false;
    }
    r->scratch.len -= strips;
    Scalar scalar = {.text = strbuf_str(&r->scratch), .is_decoded = true};
    find_content(r);
    return put_scalar(r, &scalar, start) && !at_marker(r);
}

// ---- flow collections of one line

static bool flow_value(TapeReader *r, TapeShape **likely);

static inline bool is_flow_byte(char c)
{
    return byte_is(c, BYTE_IDENT) || c == '.' || c == '/' || c == '+' ||
           c == '-';
}

// Words without any mark.
static bool scan_flow_plain(TapeReader *r, Scalar *out)
{
    const char *start = r->at;
    const char *at = start + (*start == '-');
    if (at == r->end || (!byte_is(*at, BYTE_IDENT) && *at != '.' &&
                         (*at != '/' || at > start))) {
        return false;
    }
    const char *end = at;
    while (at < r->end && (is_flow_byte(*at) || *at == ' ')) {
        at++;
        end = at[-1] != ' ' ? at : end;
    }
    r->at = at;
    *out = (Scalar){.text = str_make(start, (size_t)(end - start)),
                    .is_plain = true};
    return true;
}

static bool scan_flow(TapeReader *r, Scalar *out)
{
    return r->at < r->end &&
           (at_quote(r) ? scan_quoted(r, out) : scan_flow_plain(r, out));
}

// Behind a part: goes to the next one, or behind the bracket, which ends it.
static bool flow_next(TapeReader *r, char bracket, bool *out_more)
{
    skip_spaces(r);
    if (r->at == r->end || (*r->at != ',' && *r->at != bracket)) {
        return false;
    }
    *out_more = *r->at == ',';
    r->at++;
    if (*out_more) {
        skip_spaces(r);
    }
    return true;
}

static bool flow_list(TapeReader *r, TapeShape **likely)
{
    TapeWord *word = tape_words(r);
    const char *start = r->at++;
    uint64_t count = 0;
    bool more = true;
    if (!tape_enter(r)) {
        return false;
    }
    r->cursor++;
    skip_spaces(r);
    if (r->at < r->end && *r->at == ']') {
        r->at++;
        more = false;
    }
    while (more) {
        count++;
        if (!flow_value(r, likely) || !flow_next(r, ']', &more)) {
            return false;
        }
    }
    r->depth--;
    *word = tape_word(r, TAPE_LIST, (uint32_t)count, start);
    return count <= TAPE_NUMBER_MAX;
}

static void push_key(TapeReader *r, const Scalar *key)
{
    const char *end = key->is_decoded ? key->text.data + key->text.len : r->end;
    vec_push(&r->keys,
             name_cache_intern(&r->names, r->interner, key->text, end));
    r->node_count++;
}

static bool flow_member(TapeReader *r)
{
    Scalar key;
    TapeShape *likely = NULL;
    const char *start = r->at;
    if (!scan_flow(r, &key) || r->at - start > MAX_KEY || r->at == r->end ||
        *r->at != ':' || r->end - r->at < 2 || r->at[1] != ' ') {
        return false;
    }
    push_key(r, &key);
    r->at++;
    skip_spaces(r);
    return flow_value(r, &likely);
}

static bool flow_record(TapeReader *r, TapeShape **likely)
{
    TapeWord *word = tape_words(r);
    const char *start = r->at++;
    uint32_t mark = r->keys.count;
    bool more = true;
    if (!tape_enter(r)) {
        return false;
    }
    r->cursor++;
    skip_spaces(r);
    if (r->at < r->end && *r->at == '}') {
        r->at++;
        more = false;
    }
    while (more) {
        if (!flow_member(r) || !flow_next(r, '}', &more)) {
            return false;
        }
    }
    r->depth--;
    TapeShape *shape = tape_find_shape(r, mark);
    if (shape == NULL) {
        return false;
    }
    *likely = shape;
    *word = tape_word(r, TAPE_RECORD, shape->number, start);
    return true;
}

static bool flow_collection(TapeReader *r, TapeShape **likely)
{
    r->node_count++;
    return *r->at == '[' ? flow_list(r, likely) : flow_record(r, likely);
}

static inline bool at_bracket(const TapeReader *r)
{
    return *r->at == '[' || *r->at == '{';
}

static bool flow_value(TapeReader *r, TapeShape **likely)
{
    Scalar scalar;
    const char *start = r->at;
    if (r->at < r->end && at_bracket(r)) {
        return flow_collection(r, likely);
    }
    return scan_flow(r, &scalar) && put_scalar(r, &scalar, start);
}

// ---- block collections

static bool block_value(TapeReader *r, TapeShape **likely, ptrdiff_t column);

// After a run was taken: where the reader is.
static bool find_line(TapeReader *r)
{
    r->line = r->at;
    while (r->line > r->start && r->line[-1] == ' ') {
        r->line--;
    }
    return !at_marker(r);
}

// What stands behind the '-' or ':' at r->at, in a collection at `column`.
// *out_is_read: all of it was read, and more than one line.
static bool nested_value(TapeReader *r, TapeShape **likely, ptrdiff_t column,
                         bool is_member, bool *out_is_read)
{
    const char *mark = ++r->at;
    skip_spaces(r);
    *out_is_read = r->at == r->end || *r->at == '\n' || *r->at == '#';
    if (!*out_is_read) {
        return true;
    }
    r->at = mark;
    if (!end_line(r)) {
        return false;
    }
    ptrdiff_t here = column_of(r);
    if (here > column || (is_member && here == column && at_dash(r))) {
        return block_value(r, likely, column);
    }
    put_null(r);
    return true;
}

static bool item_value(TapeReader *r, TapeShape **likely, ptrdiff_t column)
{
    bool is_read;
    return nested_value(r, likely, column, false, &is_read) &&
           (is_read || block_value(r, likely, column)) &&
           column_of(r) <= column;
}

// A value in the line of its key, or of its '-' if it is no block collection.
static bool line_value(TapeReader *r, TapeShape **likely, ptrdiff_t column)
{
    Scalar scalar;
    const char *start = r->at;
    if (at_bracket(r)) {
        return flow_collection(r, likely) && end_line(r);
    }
    if (*r->at == '|') {
        return literal_block(r, column);
    }
    return scan_scalar(r, &scalar) && !at_colon(r) &&
           put_scalar(r, &scalar, start) && end_line(r);
}

static bool member_value(TapeReader *r, TapeShape **likely, ptrdiff_t column)
{
    bool is_read;
    r->node_count++; // the key
    return nested_value(r, likely, column, true, &is_read) &&
           (is_read || line_value(r, likely, column)) && column_of(r) <= column;
}

static bool block_items(TapeReader *r, TapeShape **likely, uint64_t *count)
{
    ptrdiff_t column = column_of(r);
    do {
        if (UNLIKELY(r->next_run < r->end_runs) && tape_take_items(r, count)) {
            if (!find_line(r) || column_of(r) > column) {
                return false;
            }
            continue;
        }
        ++*count;
        if (!item_value(r, likely, column)) {
            return false;
        }
    } while (column_of(r) == column && at_dash(r));
    return true;
}

static bool block_list(TapeReader *r, TapeShape **likely)
{
    TapeWord *word = tape_words(r);
    const char *start = r->at;
    uint64_t count = 0;
    uint32_t taken = r->taken.count;
    if (!tape_enter(r)) {
        return false;
    }
    r->cursor++;
    if (!block_items(r, likely, &count)) {
        return false;
    }
    r->depth--;
    *word = tape_word(r, r->taken.count > taken ? TAPE_PARTS : TAPE_LIST,
                      (uint32_t)count, start);
    return count <= TAPE_NUMBER_MAX;
}

static bool block_member(TapeReader *r, TapeShape **likely, ptrdiff_t column)
{
    Scalar key;
    const char *start = r->at;
    if (!scan_scalar(r, &key) || !at_colon(r) || r->at - start > MAX_KEY) {
        return false;
    }
    push_key(r, &key);
    r->node_count--; // member_value() counts it
    return member_value(r, likely, column);
}

static bool any_members(TapeReader *r, ptrdiff_t column)
{
    TapeShape *likely = NULL;
    do {
        if (UNLIKELY(r->next_run < r->end_runs) && tape_take_members(r)) {
            if (!find_line(r) || column_of(r) > column) {
                return false;
            }
        } else if (!block_member(r, &likely, column)) {
            return false;
        }
    } while (column_of(r) == column);
    return true;
}

static inline bool at_key(const TapeReader *r, Str key)
{
    const char *at = r->at;
    return (size_t)(r->end - at) > key.len && at[key.len] == ':' &&
           memcmp(at, key.data, key.len) == 0 && is_gap(r, at + key.len + 1);
}

// Members as in the object before; where they go another way, *shape is NULL
// and their keys are on the stack.
static bool likely_members(TapeReader *r, TapeShape **shape, ptrdiff_t column)
{
    const TapeShape *likely = *shape;
    uint32_t i = 0;
    bool more = true;
    while (more && i < likely->count && at_key(r, likely->texts[i])) {
        r->at += likely->texts[i].len;
        if (!member_value(r, &likely->likely[i], column)) {
            return false;
        }
        i++;
        more = column_of(r) == column;
    }
    if (i == likely->count && !more) {
        return true;
    }
    *shape = NULL;
    for (uint32_t k = 0; k < i; k++) {
        vec_push(&r->keys, likely->names[k]);
    }
    return !more || any_members(r, column);
}

static bool block_record(TapeReader *r, TapeShape **likely)
{
    TapeWord *word = tape_words(r);
    const char *start = r->at;
    ptrdiff_t column = column_of(r);
    uint32_t mark = r->keys.count;
    TapeShape *shape = *likely;
    if (!tape_enter(r)) {
        return false;
    }
    r->cursor++;
    shape = shape != NULL && shape->is_plain ? shape : NULL;
    if (shape != NULL ? !likely_members(r, &shape, column)
                      : !any_members(r, column)) {
        return false;
    }
    if (shape == NULL) {
        shape = tape_find_shape(r, mark);
        *likely = shape;
    }
    if (shape == NULL) {
        return false;
    }
    r->depth--;
    *word = tape_word(r, TAPE_RECORD, shape->number, start);
    return true;
}

// Whether a record begins here: a key and a colon. Where not, the reader stands
// where it stood.
static bool at_record(TapeReader *r, const TapeShape *likely)
{
    if (likely != NULL && likely->is_plain && likely->count > 0 &&
        at_key(r, likely->texts[0])) {
        return true;
    }
    Scalar key;
    const char *start = r->at;
    bool found = !at_bracket(r) && scan_scalar(r, &key) && at_colon(r);
    r->at = start;
    return found;
}

// A value that starts a line, or stands behind a '-', in a collection at
// `column`.
static bool block_value(TapeReader *r, TapeShape **likely, ptrdiff_t column)
{
    if (at_dash(r)) {
        r->node_count++;
        return block_list(r, likely);
    }
    if (at_record(r, *likely)) {
        r->node_count++;
        return block_record(r, likely);
    }
    return line_value(r, likely, column);
}

// ---- the whole

static bool read_root(TapeReader *r, Span *out_span)
{
    TapeShape *likely = NULL;
    TapeWord *word = r->cursor;
    find_content(r);
    if (at_marker(r) && *r->at == '-') {
        r->at += 3;
        if (!end_line(r)) {
            return false;
        }
    }
    out_span->start = out_span->end = (uint32_t)(r->at - r->start);
    return r->at < r->end && block_value(r, &likely, -1) && r->at == r->end &&
           (tape_is_list(*word) || tape_kind(*word) == TAPE_RECORD);
}

// Bytes of which YAML may think otherwise than the reader here: control
// characters and tabs, what may end a line, and what it does not allow.
static bool is_odd(Str text, size_t at)
{
    unsigned char c = (unsigned char)text.data[at];
    unsigned next = at + 1 < text.len ? (unsigned char)text.data[at + 1] : 0;
    unsigned last = at + 2 < text.len ? (unsigned char)text.data[at + 2] : 0;
    if (c < 0x80) {
        return (c < ' ' && c != '\n') || c == 0x7F;
    }
    return (c == 0xC2 && next < 0xA0) || // U+0080 to U+009F
           (c == 0xE2 && next == 0x80 && (last & 0xFE) == 0xA8) || // U+2028
           (c == 0xEF && (next == 0xBB || next == 0xBF)); // U+FEFF, U+FFFE
}

static bool is_clean(Str text, uint32_t from, uint32_t to)
{
    size_t at = from == 0 ? encoding_bom_length(text) : from;
    while (at < to) {
#ifdef __SSE2__
        if (LIKELY(to - at >= BYTE_RUN_STEP)) {
            __m128i bytes = byte_run_load(text.data + at);
            unsigned lines = (unsigned)_mm_movemask_epi8(
                _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')));
            unsigned odd =
                (unsigned)_mm_movemask_epi8(byte_run_controls(bytes)) & ~lines;
            if (LIKELY((odd | (unsigned)_mm_movemask_epi8(bytes)) == 0)) {
                at += BYTE_RUN_STEP;
                continue;
            }
        }
#endif
        if (is_odd(text, at)) {
            return false;
        }
        at++;
    }
    return encoding_is_clean(text, from, to, ENCODING_DATA);
}

// Letters, digits and a few others.
static bool is_plain_key(Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (!byte_is(c, BYTE_IDENT) &&
            (i == 0 || (c != '-' && c != '.' && c != '/'))) {
            return false;
        }
    }
    return text.len > 0 && text.len < MAX_KEY;
}

// ---- reading ahead

// The first thing in a line.
static const char *find_part(const TapeReader *r, const char *at,
                             const char *stop, bool near_by)
{
    (void)near_by;
    const char *line = at;
    while (line > r->start && line[-1] == ' ') {
        line--;
    }
    if (line > r->start && line[-1] != '\n') {
        at = line_end(r, at);
    }
    while (at < stop && (*at == ' ' || *at == '\n' || *at == '#')) {
        at = *at == '#' ? line_end(r, at) : at + 1;
    }
    return at < stop ? at : stop;
}

static bool at_member(TapeReader *r)
{
    (void)find_line(r);
    r->column = column_of(r);
    return !at_dash(r);
}

static bool read_part(TapeReader *r, bool of_members, TapeShape **likely)
{
    bool okay = of_members ? block_member(r, likely, r->column)
                           : item_value(r, likely, r->column);
    return okay && r->at < r->end;
}

static bool next_part(TapeReader *r, bool of_members)
{
    return column_of(r) == r->column && at_dash(r) != of_members;
}

const TapeFormat tape_of_yaml = {.format = DATA_YAML,
                                 .quote_bytes = 0,
                                 .is_clean = is_clean,
                                 .is_plain_key = is_plain_key,
                                 .read_root = read_root,
                                 .find_part = find_part,
                                 .at_member = at_member,
                                 .read_part = read_part,
                                 .next_part = next_part};
