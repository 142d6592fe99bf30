// JSON onto a tape: a recursive descent over the bytes, as in read_json.c,
// without a word about what is wrong. The depth is bounded by max_nesting.
#include "syntax/encoding.h"
#include "syntax/json_words.h"
#include "syntax/read_tape_internal.h"

// ---- strings

// `likely` is the place of the shape of an object there. False where the value
// has a fault.
static bool read_value(TapeReader *r, TapeShape **likely);

static inline void skip_space(TapeReader *r)
{
    if (r->at < r->end && (unsigned char)*r->at <= ' ') {
        r->at = json_space_end(r->at, r->end);
    }
}

static inline bool at_char(const TapeReader *r, char c)
{
    return LIKELY(r->at < r->end) && *r->at == c;
}

// Goes on with the string that begins at `run`, at its first backslash; the
// result lies in the scratch buffer.
static NOINLINE bool decode_string(TapeReader *r, const char *run,
                                   const char *at, Str *out)
{
    strbuf_clear(&r->scratch);
    while (at < r->end && *at != '"') {
        if (*at == 0x7F) { // RFC 8259 allows it
            at = json_plain_end(at + 1, r->end);
            continue;
        }
        if (*at != '\\') {
            return false;
        }
        strbuf_append(&r->scratch, str_make(run, (size_t)(at - run)));
        if (json_unescape(&at, r->end, &r->scratch) != JSON_ESCAPE_OKAY) {
            return false;
        }
        run = at;
        at = json_plain_end(at, r->end);
    }
    if (at == r->end) {
        return false;
    }
    strbuf_append(&r->scratch, str_make(run, (size_t)(at - run)));
    *out = strbuf_str(&r->scratch);
    r->at = at + 1;
    return true;
}

// The string at the quote at r->at; *out_decoded: it lies in the scratch
// buffer.
static inline bool read_string(TapeReader *r, Str *out, bool *out_decoded)
{
    const char *run = r->at + 1;
    const char *at = json_plain_end(run, r->end);
    if (LIKELY(at < r->end && *at == '"')) {
        *out_decoded = false;
        *out = str_make(run, (size_t)(at - run));
        r->at = at + 1;
        return true;
    }
    *out_decoded = true;
    return decode_string(r, run, at, out);
}

static bool string_value(TapeReader *r)
{
    TapeWord *words = tape_words(r);
    const char *start = r->at;
    Str text;
    bool decoded;
    if (!read_string(r, &text, &decoded) || text.len > TAPE_NUMBER_MAX) {
        return false;
    }
    words[0] = tape_word(r, decoded ? TAPE_DECODED : TAPE_STRING,
                         (uint32_t)text.len, start);
    if (decoded) {
        text = arena_str(r->arena, text);
        words[1] = (TapeWord)(uintptr_t)text.data;
    }
    r->cursor = words + 1 + decoded;
    return true;
}

// ---- numbers

static NOINLINE bool any_number(TapeReader *r)
{
    TapeWord *words = tape_words(r);
    const char *start = r->at;
    JsonNumber number = {0};
    JsonNumberKind kind = json_number(&r->at, r->end, &number);
    words[0] = tape_word(
        r, kind == JSON_NUMBER_INT ? TAPE_WIDE_INT : TAPE_FLOAT, 0, start);
    memcpy(&words[1], &number, sizeof number);
    r->cursor = words + 2;
    return kind == JSON_NUMBER_INT || kind == JSON_NUMBER_FLOAT;
}

static bool number_value(TapeReader *r)
{
    enum { SHORT_DIGITS = 8 }; // that always fit into the word
    const char *at = r->at + (*r->at == '-');
    const char *digits = at;
    uint32_t value = 0;
    while (at < r->end && byte_is(*at, BYTE_DIGIT)) {
        value = value * 10 + (uint32_t)(*at - '0');
        at++;
    }
    if (at == digits || at - digits > SHORT_DIGITS || at == r->end ||
        *at == '.' || (*at | 0x20) == 'e' ||
        (*digits == '0' && at - digits > 1)) {
        return any_number(r);
    }
    value = (*r->at == '-' ? 0 - value : value) & TAPE_NUMBER_MAX;
    *tape_words(r) = tape_word(r, TAPE_INT, value, r->at);
    r->cursor++;
    r->at = at;
    return true;
}

// ---- lists

static bool list_items(TapeReader *r, TapeShape **likely, uint64_t *count)
{
    for (;;) {
        if (LIKELY(r->next_run == r->end_runs) || !tape_take_items(r, count)) {
            ++*count;
            if (!read_value(r, likely)) {
                return false;
            }
        }
        skip_space(r);
        if (!at_char(r, ',')) {
            break;
        }
        r->at++;
        skip_space(r);
    }
    return at_char(r, ']');
}

static bool list_value(TapeReader *r, TapeShape **likely)
{
    TapeList list;
    if (!tape_list_begin(r, &list)) {
        return false;
    }
    r->at++;
    skip_space(r);
    if (!at_char(r, ']') && !list_items(r, likely, &list.count)) {
        return false;
    }
    r->at++;
    return tape_list_end(r, &list);
}

// ---- objects

// ':' and the value behind a key, up to what follows it.
static bool member_value(TapeReader *r, TapeShape **likely)
{
    skip_space(r);
    if (!at_char(r, ':')) {
        return false;
    }
    r->at++;
    skip_space(r);
    if (!read_value(r, likely)) {
        return false;
    }
    skip_space(r);
    return true;
}

// Behind a member: whether another one follows.
static bool next_member(TapeReader *r)
{
    if (!at_char(r, ',')) {
        return false;
    }
    r->at++;
    skip_space(r);
    return true;
}

static bool read_member(TapeReader *r, TapeShape **likely)
{
    Str key;
    bool decoded;
    if (!at_char(r, '"') || !read_string(r, &key, &decoded)) {
        return false;
    }
    const char *end = decoded ? key.data + key.len : r->end;
    vec_push(&r->keys, name_cache_intern(&r->names, r->interner, key, end));
    return member_value(r, likely);
}

static NOINLINE bool take_members(TapeReader *r)
{
    bool okay = tape_take_members(r);
    skip_space(r);
    return okay;
}

// The members from the one at r->at on. Objects in a map look like each other.
static bool any_members(TapeReader *r)
{
    TapeShape *likely = NULL;
    do {
        if (LIKELY(r->next_run == r->end_runs) || !take_members(r)) {
            if (!read_member(r, &likely)) {
                return false;
            }
        }
    } while (next_member(r));
    return at_char(r, '}');
}

static inline bool at_key(const TapeReader *r, Str key)
{
    const char *at = r->at;
    return (size_t)(r->end - at) >= key.len + 2 && *at == '"' &&
           at[key.len + 1] == '"' && memcmp(at + 1, key.data, key.len) == 0;
}

// Members as in the object before; where they go another way, *shape is NULL
// and their keys are on the stack.
static bool likely_members(TapeReader *r, TapeShape **shape)
{
    const TapeShape *likely = *shape;
    uint32_t i = 0;
    bool more = true;
    while (more && i < likely->count && at_key(r, likely->texts[i])) {
        r->at += likely->texts[i].len + 2;
        if (!member_value(r, &likely->likely[i])) {
            return false;
        }
        i++;
        more = next_member(r);
    }
    if (i == likely->count && !more) {
        return at_char(r, '}');
    }
    *shape = NULL;
    for (uint32_t k = 0; k < i; k++) {
        vec_push(&r->keys, likely->names[k]);
    }
    return more ? any_members(r) : at_char(r, '}');
}

static bool record_value(TapeReader *r, TapeShape **likely)
{
    TapeWord *word = tape_words(r);
    const char *start = r->at;
    uint32_t mark = r->keys.count;
    TapeShape *shape = *likely;
    if (!tape_enter(r)) {
        return false;
    }
    r->cursor++;
    r->at++;
    skip_space(r);
    if (at_char(r, '}')) {
        shape = NULL;
    } else if (shape != NULL && shape->is_plain) {
        if (!likely_members(r, &shape)) {
            return false;
        }
    } else {
        shape = NULL;
        if (!any_members(r)) {
            return false;
        }
    }
    if (shape == NULL) {
        shape = tape_find_shape(r, mark);
        *likely = shape;
    }
    if (shape == NULL) {
        return false;
    }
    r->at++;
    r->depth--;
    *word = tape_word(r, TAPE_RECORD, shape->number, start);
    return true;
}

// ---- values

static bool word_value(TapeReader *r)
{
    static const struct {
        Str text;
        TapeKind kind;
    } words[] = {{STR_INIT("true"), TAPE_TRUE},
                 {STR_INIT("false"), TAPE_FALSE},
                 {STR_INIT("null"), TAPE_NULL}};
    Str rest = str_make(r->at, (size_t)(r->end - r->at));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_starts_with(rest, words[i].text)) {
            *tape_words(r) = tape_word(r, words[i].kind, 0, r->at);
            r->cursor++;
            r->at += words[i].text.len;
            return true;
        }
    }
    return false;
}

static bool read_value(TapeReader *r, TapeShape **likely)
{
    r->node_count++;
    char c = LIKELY(r->at < r->end) ? *r->at : 0;
    if (c == '"') {
        return string_value(r);
    }
    if (c == '{') {
        return record_value(r, likely);
    }
    if (c == '[') {
        return list_value(r, likely);
    }
    return c == '-' || byte_is(c, BYTE_DIGIT) ? number_value(r) : word_value(r);
}

// ---- the whole

static bool read_root(TapeReader *r, Span *out_span)
{
    TapeShape *likely = NULL;
    skip_space(r);
    out_span->start = (uint32_t)(r->at - r->start);
    if (!read_value(r, &likely)) {
        return false;
    }
    out_span->end = (uint32_t)(r->at - r->start);
    skip_space(r);
    return r->at == r->end;
}

static bool is_clean(Str text, uint32_t from, uint32_t to)
{
    return encoding_is_clean(text, from, to, ENCODING_DATA);
}

static bool is_plain_key(Str text)
{
    const char *end = text.data + text.len;
    return json_plain_end(text.data, end) == end;
}

// ---- reading ahead

// Behind the comma at or behind `at`, and white space; `end` where there is
// none.
static const char *behind_comma(const char *at, const char *end)
{
    const char *comma = at < end ? memchr(at, ',', (size_t)(end - at)) : NULL;
    return comma == NULL ? end : json_space_end(comma + 1, end);
}

// Whether the comma before `at` stands behind a bracket that closes.
static bool is_behind_bracket(const char *from, const char *at)
{
    do {
        at--;
    } while (at > from && byte_is(*at, BYTE_BLANK | BYTE_LINE));
    do { // it stood at the comma
        at--;
    } while (at > from && byte_is(*at, BYTE_BLANK | BYTE_LINE));
    return at >= from && (*at == '}' || *at == ']');
}

// The first item or member behind an object or list.
static const char *find_bracket(const char *from, const char *end)
{
    const char *at = behind_comma(from, end);
    while (at < end && !is_behind_bracket(from, at)) {
        at = behind_comma(at, end);
    }
    return at;
}

// Where nothing stands behind a bracket near the start, any item will do.
static const char *find_part(const TapeReader *r, const char *at,
                             const char *stop, bool near_by)
{
    (void)r;
    return near_by ? find_bracket(at, stop) : behind_comma(at, stop);
}

// A key and a colon.
static bool at_member(TapeReader *r)
{
    const char *at = r->at;
    if (*at != '"') {
        return false;
    }
    do {
        at = memchr(at + 1, '"', (size_t)(r->end - at - 1));
    } while (at != NULL && at[-1] == '\\');
    at = at != NULL ? json_space_end(at + 1, r->end) : r->end;
    return at < r->end && *at == ':';
}

static bool read_part(TapeReader *r, bool of_members, TapeShape **likely)
{
    bool okay = of_members ? read_member(r, likely) : read_value(r, likely);
    skip_space(r);
    return okay && r->at < r->end &&
           (*r->at == ',' || *r->at == (of_members ? '}' : ']'));
}

static bool next_part(TapeReader *r, bool of_members)
{
    (void)of_members;
    return next_member(r);
}

const TapeFormat tape_of_json = {.format = DATA_JSON,
                                 .quote_bytes = 1,
                                 .is_clean = is_clean,
                                 .is_plain_key = is_plain_key,
                                 .read_root = read_root,
                                 .find_part = find_part,
                                 .at_member = at_member,
                                 .read_part = read_part,
                                 .next_part = next_part};
