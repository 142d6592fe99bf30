// The part of TOML that most data is written in onto a tape: tables in the
// order in which they nest, pairs, dotted ones where those of one table follow
// each other, and values. What is written otherwise (numbers that no JSON has,
// tables that go on after others, dotted keys in inline tables), and whatever
// may be wrong, is left to read_toml.c.
//
// The tables and arrays of tables that the last header led through are open;
// the next one closes those that it does not lead through. That a table is
// opened twice shows when the one around it is closed, as a key that stands
// there twice. The depth is counted so that read_toml.c takes what fits here.
#include "syntax/read_tape_toml.h"
#include "syntax/encoding.h"

// ---- tables

static bool open_frame(TapeReader *r, bool is_list, Symbol name)
{
    TapeFrame frame = {.word = tape_words(r),
                       .start = r->at,
                       .name = name,
                       .mark = r->keys.count,
                       .taken = r->taken.count,
                       .is_list = is_list};
    r->cursor++;
    vec_push(&r->frames, frame);
    return tape_enter(r);
}

// Closes all but the first `count`.
static bool close_frames(TapeReader *r, uint32_t count)
{
    while (r->frames.count > count) {
        TapeFrame frame = vec_pop(&r->frames);
        r->depth--;
        if (frame.is_list) {
            *frame.word = tape_word(
                r, r->taken.count > frame.taken ? TAPE_PARTS : TAPE_LIST,
                (uint32_t)frame.count, frame.start);
            if (frame.count > TAPE_NUMBER_MAX) {
                return false;
            }
            continue;
        }
        const TapeShape *shape = tape_find_shape(r, frame.mark);
        if (shape == NULL) {
            return false;
        }
        *frame.word = tape_word(r, TAPE_RECORD, shape->number, frame.start);
    }
    return true;
}

// Where the frames of dotted keys begin.
static uint32_t dotted_frames(const TapeReader *r)
{
    uint32_t at = r->frames.count;
    while (at > 0 && r->frames.items[at - 1].is_dotted) {
        at--;
    }
    return at;
}

// key { '.' key } into reader->path; behind it blanks.
static bool scan_path(TapeReader *r)
{
    vec_clear(&r->path);
    for (;;) {
        toml_tape_skip_blanks(r);
        if (!toml_tape_push_key(r)) {
            return false;
        }
        vec_push(&r->path, vec_pop(&r->keys));
        if (!toml_tape_at(r, '.')) {
            return true;
        }
        r->at++;
    }
}

// '[' path ']' or with two brackets each. It does not say what follows.
static bool scan_header(TapeReader *r, bool *out_is_list)
{
    *out_is_list = r->end - r->at >= 2 && r->at[1] == '[';
    r->at += *out_is_list ? 2 : 1;
    if (!scan_path(r) || !toml_tape_at(r, ']')) {
        return false;
    }
    r->at++;
    if (*out_is_list && !toml_tape_at(r, ']')) {
        return false;
    }
    r->at += *out_is_list;
    return true;
}

// How many keys of the path lead through open frames, and how many frames.
static uint32_t match_path(const TapeReader *r, uint32_t *out_frames)
{
    uint32_t at = 1; // behind the root
    uint32_t i = 0;
    while (i < r->path.count && at < r->frames.count &&
           r->frames.items[at].name == r->path.items[i]) {
        i++;
        // Behind an array of tables stands its open element.
        at += r->frames.items[at].is_list && i < r->path.count ? 2 : 1;
    }
    *out_frames = at < r->frames.count ? at : r->frames.count;
    return i;
}

// The next element of the array of tables, the last frame, whose header starts
// at `start`; or those that were read ahead.
static bool open_element(TapeReader *r, const char *start)
{
    const char *behind = r->at;
    r->at = start;
    if (UNLIKELY(r->next_run < r->end_runs) &&
        tape_take_items(r, &vec_last(&r->frames).count)) {
        return true;
    }
    r->at = behind;
    vec_last(&r->frames).count++;
    return open_frame(r, false, 0) && toml_tape_end_line(r);
}

// Opens what the path leads to from the last frame on, a table.
static bool open_path(TapeReader *r, uint32_t from, bool is_list,
                      const char *start)
{
    for (uint32_t i = from; i < r->path.count; i++) {
        Symbol name = r->path.items[i];
        if (vec_last(&r->frames).is_list) {
            return false; // its last element was read ahead
        }
        vec_push(&r->keys, name);
        if (!open_frame(r, is_list && i + 1 == r->path.count, name)) {
            return false;
        }
    }
    return is_list ? open_element(r, start) : toml_tape_end_line(r);
}

// What a header leads to.
typedef enum Header {
    HEADER_FAULT,
    HEADER_OPENED,
    HEADER_NEXT, // the next element of what is read ahead; not gone over
    HEADER_OTHER // nothing of what is read ahead; not gone over
} Header;

// The path to what is read ahead are r->base frames; else there are none.
static Header read_header(TapeReader *r)
{
    const char *start = r->at;
    uint32_t frames;
    bool is_list;
    if (!close_frames(r, dotted_frames(r)) || !scan_header(r, &is_list)) {
        return HEADER_FAULT;
    }
    uint32_t matched = match_path(r, &frames);
    bool is_open = matched == r->path.count;
    bool is_next = is_open && is_list && frames == r->base;
    if (frames < r->base || is_next) {
        r->at = start;
        return is_next ? HEADER_NEXT : HEADER_OTHER;
    }
    if (is_open && (!is_list || !r->frames.items[frames - 1].is_list)) {
        return HEADER_FAULT;
    }
    bool okay = close_frames(r, frames) &&
                (is_open ? open_element(r, start)
                         : open_path(r, matched, is_list, start));
    return okay ? HEADER_OPENED : HEADER_FAULT;
}

// ---- pairs

// Has the tables open that a dotted key leads through; its last part goes onto
// reader->keys.
static bool open_dotted(TapeReader *r)
{
    uint32_t at = dotted_frames(r);
    uint32_t last = r->path.count - 1;
    uint32_t i = 0;
    while (i < last && at < r->frames.count &&
           r->frames.items[at].name == r->path.items[i]) {
        i++;
        at++;
    }
    if (!close_frames(r, at)) {
        return false;
    }
    for (; i < last; i++) {
        vec_push(&r->keys, r->path.items[i]);
        if (!open_frame(r, false, r->path.items[i])) {
            return false;
        }
        vec_last(&r->frames).is_dotted = true;
    }
    vec_push(&r->keys, r->path.items[last]);
    return true;
}

// path = value, and the end of the line.
static bool read_pair(TapeReader *r)
{
    const char *start = r->at;
    if (!vec_last(&r->frames).is_dotted) { // as nearly always
        if (!toml_tape_push_key(r)) {
            return false;
        }
        if (!toml_tape_at(r, '.')) {
            return toml_tape_read_value(r) && toml_tape_end_line(r);
        }
        (void)vec_pop(&r->keys);
        r->at = start;
    }
    return scan_path(r) && open_dotted(r) && toml_tape_read_value(r) &&
           toml_tape_end_line(r);
}

// ---- the whole

static bool read_root(TapeReader *r, Span *out_span)
{
    *out_span =
        (Span){(uint32_t)(r->at - r->start), (uint32_t)(r->end - r->start)};
    if (!open_frame(r, false, 0)) {
        return false;
    }
    for (;;) {
        toml_tape_skip_space(r);
        if (r->at == r->end) {
            return close_frames(r, 0);
        }
        if (*r->at == '[') {
            if (read_header(r) != HEADER_OPENED) {
                return false;
            }
        } else if (vec_last(&r->frames).is_list || !read_pair(r)) {
            return false;
        }
    }
}

// Without control characters, but for the CR of a line's end.
static bool is_clean(Str text, uint32_t from, uint32_t to)
{
    size_t at = from;
    while (at < to) {
#ifdef __SSE2__
        if (LIKELY(to - at >= BYTE_RUN_STEP)) {
            __m128i bytes = byte_run_load(text.data + at);
            unsigned space = byte_run_space(bytes);
            unsigned odd =
                (unsigned)_mm_movemask_epi8(byte_run_controls(bytes)) & ~space;
            if (LIKELY(odd == 0)) {
                at += BYTE_RUN_STEP;
                continue;
            }
            at += (size_t)__builtin_ctz(odd);
        }
#endif
        unsigned char c = (unsigned char)text.data[at++];
        bool is_pair = c == '\r' && at < text.len && text.data[at] == '\n';
        if ((c < ' ' && c != '\n' && c != '\t' && !is_pair) || c == 0x7F) {
            return false;
        }
    }
    return encoding_is_clean(text, from, to, ENCODING_DATA);
}

static bool is_plain_key(Str text)
{
    (void)text;
    return false; // keys are not compared with those before
}

// ---- reading ahead

// A line that looks like the header of an element.
static const char *find_part(const TapeReader *r, const char *at,
                             const char *stop, bool near_by)
{
    (void)near_by;
    bool is_start = at == r->start || at[-1] == '\n';
    while (stop - at >= 2) {
        if (is_start && memcmp(at, "[[", 2) == 0) {
            return at;
        }
        at = memchr(at, '\n', (size_t)(stop - at));
        if (at == NULL) {
            break;
        }
        at++;
        is_start = true;
    }
    return stop;
}

// The path to it becomes frames that nobody closes.
static bool at_member(TapeReader *r)
{
    const char *start = r->at;
    bool is_list;
    r->frames.count = 0;
    r->base = 0;
    if (scan_header(r, &is_list) && is_list) {
        vec_push(&r->frames, (TapeFrame){.is_list = false});
        for (uint32_t i = 0; i < r->path.count; i++) {
            TapeFrame frame = {.name = r->path.items[i],
                               .is_list = i + 1 == r->path.count};
            vec_push(&r->frames, frame);
        }
        r->base = r->frames.count;
    }
    r->at = start;
    return false;
}

static bool read_part(TapeReader *r, bool of_members, TapeShape **likely)
{
    (void)of_members;
    (void)likely;
    bool is_list;
    r->frames.count = r->base;
    r->is_next = false;
    if (r->base == 0 || !scan_header(r, &is_list)) {
        return false;
    }
    if (!open_frame(r, false, 0) || !toml_tape_end_line(r)) {
        return false;
    }
    for (;;) {
        toml_tape_skip_space(r);
        if (r->at == r->end) {
            return false;
        }
        if (*r->at != '[') {
            if (!read_pair(r)) {
                return false;
            }
            continue;
        }
        Header header = read_header(r);
        if (header != HEADER_OPENED) {
            r->is_next = header == HEADER_NEXT;
            return header != HEADER_FAULT && close_frames(r, r->base);
        }
    }
}

static bool next_part(TapeReader *r, bool of_members)
{
    (void)of_members;
    return r->is_next;
}

const TapeFormat tape_of_toml = {.format = DATA_TOML,
                                 .quote_bytes = 1,
                                 .is_clean = is_clean,
                                 .is_plain_key = is_plain_key,
                                 .read_root = read_root,
                                 .find_part = find_part,
                                 .at_member = at_member,
                                 .read_part = read_part,
                                 .next_part = next_part};
