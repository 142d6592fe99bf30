// Flow collections, and in them scalars of one line, plain or in quotes: see
// read_tape_yaml.c.
#include "syntax/read_tape_yaml.h"

static bool flow_value(TapeReader *r, TapeShape **likely);

// Spaces, comments and line ends; a line must be indented more than the
// collection around the outermost bracket.
static bool skip_space(TapeReader *r)
{
    for (;;) {
        yaml_skip_spaces(r);
        if (r->at == r->end) {
            return false;
        }
        if (*r->at == '#' && (r->at[-1] == ' ' || r->at[-1] == '\n')) {
            r->at = yaml_line_end(r, r->at);
        } else if (*r->at != '\n') {
            return r->at - r->line > r->flow_column && !yaml_at_marker(r);
        } else {
            r->line = ++r->at;
        }
    }
}

static inline bool is_flow_byte(char c)
{
    return byte_is(c, BYTE_IDENT) || c == '.' || c == '/' || c == '+' ||
           c == '-';
}

// Marks that addresses have and that mean nothing inside of a word; ':' and '#'
// do at its ends.
static inline bool is_flow_mark(const char *at, const char *end)
{
    switch (*at) {
    case '=':
    case '?':
    case '&':
    case '%':
    case '@':
    case '~':
    case ';':
    case '$':
        return true;
    case '#':
        return at[-1] != ' ';
    case ':':
        return end - at > 1 && (is_flow_byte(at[1]) || at[1] == ':');
    default:
        return false;
    }
}

// Words, with spaces and marks in them.
static bool scan_flow_plain(TapeReader *r, YamlScalar *out)
{
    const char *start = r->at;
    const char *at = start + (*start == '-');
    if (at == r->end || (!byte_is(*at, BYTE_IDENT) && *at != '.' &&
                         (*at != '/' || at > start))) {
        return false;
    }
    const char *end = at;
    while (at < r->end &&
           (is_flow_byte(*at) || *at == ' ' || is_flow_mark(at, r->end))) {
        at++;
        end = at[-1] != ' ' ? at : end;
    }
    r->at = at;
    *out = (YamlScalar){.text = str_make(start, (size_t)(end - start)),
                        .is_plain = true};
    return true;
}

static bool scan_flow(TapeReader *r, YamlScalar *out)
{
    return r->at < r->end && (yaml_at_quote(r) ? yaml_scan_quoted(r, out)
                                               : scan_flow_plain(r, out));
}

// At the bracket that opens: goes to the first part, if there is one.
static bool flow_first(TapeReader *r, char closer, bool *out_more)
{
    r->at++;
    if (!skip_space(r)) {
        return false;
    }
    *out_more = *r->at != closer;
    r->at += !*out_more;
    return true;
}

// Behind a part: goes to the next one, or behind the bracket that closes.
static bool flow_next(TapeReader *r, char closer, bool *out_more)
{
    if (!skip_space(r) || (*r->at != ',' && *r->at != closer)) {
        return false;
    }
    *out_more = *r->at == ',';
    r->at++;
    if (!*out_more) {
        return true;
    }
    if (!skip_space(r)) {
        return false;
    }
    *out_more = *r->at != closer; // behind the last comma
    r->at += !*out_more;
    return true;
}

static bool flow_list(TapeReader *r, TapeShape **likely)
{
    TapeWord *word = tape_words(r);
    const char *start = r->at;
    uint64_t count = 0;
    bool more;
    r->cursor++;
    if (!tape_enter(r) || !flow_first(r, ']', &more)) {
        return false;
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

// Behind a key in quotes the value may follow at once, as in JSON.
static bool flow_member(TapeReader *r, TapeShape **likely)
{
    YamlScalar key;
    const char *start = r->at;
    if (!scan_flow(r, &key) || r->at - start > YAML_MAX_KEY ||
        r->at == r->end || *r->at != ':' || r->end - r->at < 2 ||
        (key.is_plain && !yaml_is_gap(r, r->at + 1))) {
        return false;
    }
    yaml_push_key(r, &key);
    r->at++;
    return skip_space(r) && flow_value(r, likely);
}

static bool flow_record(TapeReader *r, TapeShape **likely)
{
    TapeWord *word = tape_words(r);
    const char *start = r->at;
    uint32_t mark = r->keys.count;
    TapeShape *inner = NULL;
    bool more;
    r->cursor++;
    if (!tape_enter(r) || !flow_first(r, '}', &more)) {
        return false;
    }
    while (more) {
        if (!flow_member(r, &inner) || !flow_next(r, '}', &more)) {
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

static bool flow_value(TapeReader *r, TapeShape **likely)
{
    YamlScalar scalar;
    const char *start = r->at;
    if (r->at < r->end && yaml_at_bracket(r)) {
        return flow_collection(r, likely);
    }
    return scan_flow(r, &scalar) && yaml_put_scalar(r, &scalar, start);
}

bool yaml_flow_collection(TapeReader *r, TapeShape **likely, ptrdiff_t column)
{
    r->flow_column = column;
    return flow_collection(r, likely);
}
