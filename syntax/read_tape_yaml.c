// The part of YAML that most data is written in onto a tape: block collections,
// scalars, plain or in quotes, blocks of text, and flow collections. All else,
// such as anchors, tags, several documents and tabs, is left to read_yaml.c,
// and so is whatever may be wrong: where this reader does not give up, that one
// reads the same. The depth is bounded by max_nesting.
//
// A column counts from the start of the line; a block collection has the one of
// its items or keys, and ends at the first line to the left of it. Who reads a
// value leaves reader->at at the next line that holds something.
#include "syntax/read_tape_yaml.h"
#include "syntax/encoding.h"

// ---- lines

const char *yaml_line_end(const TapeReader *r, const char *at)
{
    const char *end = memchr(at, '\n', (size_t)(r->end - at));
    return end != NULL ? end : r->end;
}

bool yaml_at_marker(const TapeReader *r)
{
    return r->at == r->line && r->end - r->at >= 3 &&
           (memcmp(r->at, "---", 3) == 0 || memcmp(r->at, "...", 3) == 0);
}

void yaml_find_content(TapeReader *r)
{
    for (;;) {
        r->line = r->at;
        yaml_skip_spaces(r);
        if (r->at == r->end) {
            return;
        }
        if (*r->at == '#') {
            r->at = yaml_line_end(r, r->at);
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
    yaml_skip_spaces(r);
    if (r->at < r->end && *r->at == '#' && r->at > at) {
        r->at = yaml_line_end(r, r->at);
    }
    if (r->at < r->end && *r->at != '\n') {
        return false;
    }
    r->at += r->at < r->end;
    yaml_find_content(r);
    return !yaml_at_marker(r);
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
    return !yaml_at_marker(r);
}

// What stands behind the '-' or ':' at r->at, in a collection at `column`.
// *out_is_read: all of it was read, and more than one line.
static bool nested_value(TapeReader *r, TapeShape **likely, ptrdiff_t column,
                         bool is_member, bool *out_is_read)
{
    const char *mark = ++r->at;
    yaml_skip_spaces(r);
    *out_is_read = r->at == r->end || *r->at == '\n' || *r->at == '#';
    if (!*out_is_read) {
        return true;
    }
    r->at = mark;
    if (!end_line(r)) {
        return false;
    }
    ptrdiff_t here = yaml_column(r);
    if (here > column || (is_member && here == column && yaml_at_dash(r))) {
        return block_value(r, likely, column);
    }
    yaml_put_null(r);
    return true;
}

static bool item_value(TapeReader *r, TapeShape **likely, ptrdiff_t column)
{
    bool is_read;
    return nested_value(r, likely, column, false, &is_read) &&
           (is_read || block_value(r, likely, column)) &&
           yaml_column(r) <= column;
}

// A value in the line of its key, or of its '-' if it is no block collection.
static bool line_value(TapeReader *r, TapeShape **likely, ptrdiff_t column)
{
    YamlScalar scalar;
    const char *start = r->at;
    if (yaml_at_bracket(r)) {
        return yaml_flow_collection(r, likely, column) && end_line(r);
    }
    if (yaml_at_block(r)) {
        return yaml_text_block(r, column);
    }
    bool okay = yaml_scan_scalar(r, &scalar) ||
                (yaml_at_quote(r) && yaml_scan_long_quoted(r, column, &scalar));
    const char *behind = r->at;
    if (!okay || yaml_at_colon(r) || !end_line(r)) {
        return false;
    }
    if (UNLIKELY(yaml_column(r) > column) && scalar.is_plain) {
        r->at = behind;
        if (!yaml_scan_more_lines(r, column, &scalar) || !end_line(r)) {
            return false;
        }
    }
    return yaml_put_scalar(r, &scalar, start);
}

static bool member_value(TapeReader *r, TapeShape **likely, ptrdiff_t column)
{
    bool is_read;
    r->node_count++; // the key
    return nested_value(r, likely, column, true, &is_read) &&
           (is_read || line_value(r, likely, column)) &&
           yaml_column(r) <= column;
}

static bool block_items(TapeReader *r, TapeShape **likely, uint64_t *count)
{
    ptrdiff_t column = yaml_column(r);
    do {
        if (UNLIKELY(r->next_run < r->end_runs) && tape_take_items(r, count)) {
            if (!find_line(r) || yaml_column(r) > column) {
                return false;
            }
            continue;
        }
        ++*count;
        if (!item_value(r, likely, column)) {
            return false;
        }
    } while (yaml_column(r) == column && yaml_at_dash(r));
    return true;
}

static bool block_list(TapeReader *r, TapeShape **likely)
{
    TapeList list;
    return tape_list_begin(r, &list) && block_items(r, likely, &list.count) &&
           tape_list_end(r, &list);
}

static inline bool is_merge(const YamlScalar *key)
{
    return key->is_plain && str_equal(key->text, STR("<<"));
}

static bool block_member(TapeReader *r, TapeShape **likely, ptrdiff_t column)
{
    YamlScalar key;
    const char *start = r->at;
    if (!yaml_scan_scalar(r, &key) || !yaml_at_colon(r) ||
        r->at - start > YAML_MAX_KEY || is_merge(&key)) {
        return false;
    }
    yaml_push_key(r, &key);
    r->node_count--; // member_value() counts it
    return member_value(r, likely, column);
}

static bool any_members(TapeReader *r, ptrdiff_t column)
{
    TapeShape *likely = NULL;
    do {
        if (UNLIKELY(r->next_run < r->end_runs) && tape_take_members(r)) {
            if (!find_line(r) || yaml_column(r) > column) {
                return false;
            }
        } else if (!block_member(r, &likely, column)) {
            return false;
        }
    } while (yaml_column(r) == column);
    return true;
}

static inline bool at_key(const TapeReader *r, Str key)
{
    const char *at = r->at;
    return (size_t)(r->end - at) > key.len && at[key.len] == ':' &&
           memcmp(at, key.data, key.len) == 0 &&
           yaml_is_gap(r, at + key.len + 1);
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
        more = yaml_column(r) == column;
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
    ptrdiff_t column = yaml_column(r);
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
    YamlScalar key;
    const char *start = r->at;
    bool found =
        !yaml_at_bracket(r) && yaml_scan_scalar(r, &key) && yaml_at_colon(r);
    r->at = start;
    return found;
}

// A value that starts a line, or stands behind a '-', in a collection at
// `column`.
static bool block_value(TapeReader *r, TapeShape **likely, ptrdiff_t column)
{
    if (yaml_at_dash(r)) {
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
    yaml_find_content(r);
    if (yaml_at_marker(r)) {
        bool starts = *r->at == '-';
        r->at += 3;
        if (!starts || !end_line(r)) {
            return false;
        }
    }
    out_span->start = out_span->end = (uint32_t)(r->at - r->start);
    return r->at < r->end && block_value(r, &likely, -1) && r->at == r->end &&
           (tape_is_list(*word) || tape_kind(*word) == TAPE_RECORD);
}

// Bytes of which YAML may think otherwise than the reader here: control
// characters and tabs, what else may end a line, and what it does not allow.
static bool is_odd(Str text, size_t at)
{
    unsigned char c = (unsigned char)text.data[at];
    unsigned next = at + 1 < text.len ? (unsigned char)text.data[at + 1] : 0;
    unsigned last = at + 2 < text.len ? (unsigned char)text.data[at + 2] : 0;
    if (c < 0x80) {
        return (c < ' ' && c != '\n' && (c != '\r' || next != '\n')) ||
               c == 0x7F;
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
            if (UNLIKELY(odd != 0)) { // line ends of two bytes
                unsigned returns = (unsigned)_mm_movemask_epi8(
                    _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r')));
                odd &= ~(returns & lines >> 1);
            }
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
    return text.len > 0 && text.len < YAML_MAX_KEY;
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
        at = yaml_line_end(r, at);
    }
    while (at < stop && (yaml_is_space(*at) || *at == '#')) {
        at = *at == '#' ? yaml_line_end(r, at) : at + 1;
    }
    return at < stop ? at : stop;
}

static bool at_member(TapeReader *r)
{
    (void)find_line(r);
    r->column = yaml_column(r);
    return !yaml_at_dash(r);
}

static bool read_part(TapeReader *r, bool of_members, TapeShape **likely)
{
    bool okay = of_members ? block_member(r, likely, r->column)
                           : item_value(r, likely, r->column);
    return okay && r->at < r->end;
}

static bool next_part(TapeReader *r, bool of_members)
{
    return yaml_column(r) == r->column && yaml_at_dash(r) != of_members;
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
