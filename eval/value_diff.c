// A walk over both values at once with an explicit stack; paths are chains of
// steps that are written out only where something differs.
#include "eval/value_diff.h"

#include "eval/write_json.h"
#include "support/vec.h"

// Values share parts, so that small ones take very many looks.
#define MAX_LOOKS ((uint64_t)10 * 1000 * 1000)
// Bytes of one side in a line.
#define MAX_SHOWN 200
#define NO_STEP   UINT32_MAX

typedef struct DiffStep {
    uint32_t parent; // NO_STEP: the whole
    bool is_index;
    uint32_t index;
    Str name;
} DiffStep;

typedef struct DiffPair {
    Value left, right;
    uint32_t step;
} DiffPair;

typedef struct Differ {
    const ValueDiffOptions *options;
    void (*emit)(void *ctx, Str line);
    void *ctx;
    VEC(DiffPair) pending;
    VEC(DiffStep) steps;
    uint64_t found;
    StrBuf line;
    StrBuf scratch;
} Differ;

// ---- lines

static void append_step(Differ *d, const DiffStep *step)
{
    if (step->is_index) {
        strbuf_appendf(&d->line, "[%u]", step->index);
        return;
    }
    strbuf_append_char(&d->line, '.');
    strbuf_append_key(&d->line, step->name, MAX_SHOWN);
}

static void begin_line(Differ *d, uint32_t step)
{
    VEC(uint32_t) path = {0};
    strbuf_clear(&d->line);
    for (uint32_t s = step; s != NO_STEP; s = d->steps.items[s].parent) {
        vec_push(&path, s);
    }
    while (path.count > 0) {
        append_step(d, &d->steps.items[vec_pop(&path)]);
    }
    if (step != NO_STEP) {
        strbuf_append(&d->line, STR(": "));
    }
    vec_release(&path);
}

// NULL: there is nothing on this side.
static void append_side(Differ *d, const char *name, const Value *value)
{
    strbuf_append(&d->line, str_from_c(name));
    if (value == NULL) {
        strbuf_append(&d->line, STR(" has none"));
        return;
    }
    strbuf_append_char(&d->line, ' ');
    strbuf_clear(&d->scratch);
    JsonOptions json = {.compact = true, .max_bytes = 4 * MAX_SHOWN};
    bool whole = d->options->json
                     ? json_append(&json, *value, 0, &d->scratch)
                     : value_show(&d->scratch, *value, 4 * MAX_SHOWN);
    Str text = strbuf_str(&d->scratch);
    strbuf_append_printable(&d->line, text, MAX_SHOWN);
    if (!whole && text.len <= MAX_SHOWN) {
        strbuf_append(&d->line, STR("..."));
    }
}

static void report(Differ *d, uint32_t step, const Value *left,
                   const Value *right)
{
    if (d->found++ >= d->options->max_lines) {
        return;
    }
    begin_line(d, step);
    append_side(d, d->options->left, left);
    strbuf_append(&d->line, STR(", "));
    append_side(d, d->options->right, right);
    d->emit(d->ctx, strbuf_str(&d->line));
}

// Long texts: where they part.
static void report_strings(Differ *d, uint32_t step, Value left, Value right)
{
    enum { LONG = 60, BEFORE = 20 };
    Str a = value_str(left), b = value_str(right);
    size_t at = 0;
    while (at < a.len && at < b.len && a.data[at] == b.data[at]) {
        at++;
    }
    at = utf8_start(a, at);
    if ((a.len <= LONG && b.len <= LONG) || d->found >= d->options->max_lines) {
        report(d, step, &left, &right);
        return;
    }
    d->found++;
    begin_line(d, step);
    size_t from = at < BEFORE ? 0 : utf8_start(a, at - BEFORE);
    strbuf_appendf(&d->line, "from character %zu on, %s '%s",
                   utf8_length(str_slice(a, 0, at)) + 1, d->options->left,
                   from > 0 ? "..." : "");
    strbuf_append_printable(&d->line, str_slice(a, from, a.len), LONG);
    strbuf_appendf(&d->line, "', %s '%s", d->options->right,
                   from > 0 ? "..." : "");
    strbuf_append_printable(&d->line, str_slice(b, from, b.len), LONG);
    strbuf_append_char(&d->line, '\'');
    d->emit(d->ctx, strbuf_str(&d->line));
}

// ---- the walk

static uint32_t add_step(Differ *d, DiffStep step)
{
    vec_push(&d->steps, step);
    return d->steps.count - 1;
}

static void push(Differ *d, Value left, Value right, uint32_t step)
{
    if (left.tag == right.tag && left.tag >= VALUE_STRING &&
        left.tag != VALUE_UNION && left.as.pointer == right.as.pointer) {
        return; // the same object
    }
    vec_push(&d->pending, (DiffPair){left, right, step});
}

// What was pushed since `first` comes out in the order of pushing.
static void in_order(Differ *d, uint32_t first)
{
    for (uint32_t i = first, k = d->pending.count; i + 1 < k; i++) {
        DiffPair pair = d->pending.items[i];
        d->pending.items[i] = d->pending.items[--k];
        d->pending.items[k] = pair;
    }
}

static Value item_of(Value value, uint32_t i)
{
    return value.tag == VALUE_TUPLE ? value.as.tuple->items[i]
                                    : value_list_at(value, i);
}

static void diff_items(Differ *d, const DiffPair *pair, uint32_t left_count,
                       uint32_t right_count)
{
    uint32_t common = left_count < right_count ? left_count : right_count;
    uint32_t most = left_count < right_count ? right_count : left_count;
    // Those behind are only counted.
    uint32_t unshown = most - common > d->options->max_lines
                           ? most - common - d->options->max_lines
                           : 0;
    most -= unshown;
    // What only one side has is said first; elements follow in order.
    for (uint32_t i = common; i < most; i++) {
        uint32_t step = add_step(d, (DiffStep){pair->step, true, i, {NULL, 0}});
        Value value =
            item_of(left_count > common ? pair->left : pair->right, i);
        report(d, step, left_count > common ? &value : NULL,
               left_count > common ? NULL : &value);
    }
    d->found += unshown;
    for (uint32_t i = 0; i < common; i++) {
        Value a = item_of(pair->left, i), b = item_of(pair->right, i);
        if (a.tag == VALUE_INT && b.tag == VALUE_INT &&
            a.as.integer == b.as.integer) {
            continue;
        }
        push(d, a, b, add_step(d, (DiffStep){pair->step, true, i, {NULL, 0}}));
    }
}

static void diff_records(Differ *d, const DiffPair *pair)
{
    const RecordObject *left = pair->left.as.record;
    const RecordObject *right = pair->right.as.record;
    for (uint32_t i = 0; i < left->shape->count; i++) {
        DiffStep step = {pair->step, false, 0, left->shape->texts[i]};
        int32_t found = shape_find_text(right->shape, left->shape->texts[i]);
        if (found >= 0) {
            push(d, left->fields[i], right->fields[found], add_step(d, step));
        } else {
            report(d, add_step(d, step), &left->fields[i], NULL);
        }
    }
    for (uint32_t i = 0; i < right->shape->count; i++) {
        DiffStep step = {pair->step, false, 0, right->shape->texts[i]};
        if (shape_find_text(left->shape, right->shape->texts[i]) < 0) {
            report(d, add_step(d, step), NULL, &right->fields[i]);
        }
    }
}

static void diff_maps(Differ *d, const DiffPair *pair)
{
    const MapObject *left = pair->left.as.map;
    const MapObject *right = pair->right.as.map;
    for (uint32_t i = 0; i < left->count; i++) {
        Str key = value_str(value_map_key(left, i));
        uint32_t step = add_step(d, (DiffStep){pair->step, false, 0, key});
        int64_t found = value_map_find(pair->right, key);
        Value value = value_map_value(left, i);
        if (found >= 0) {
            push(d, value, value_map_value(right, (uint32_t)found), step);
        } else {
            report(d, step, &value, NULL);
        }
    }
    for (uint32_t i = 0; i < right->count; i++) {
        Str key = value_str(value_map_key(right, i));
        if (value_map_find(pair->left, key) < 0) {
            uint32_t step = add_step(d, (DiffStep){pair->step, false, 0, key});
            Value value = value_map_value(right, i);
            report(d, step, NULL, &value);
        }
    }
}

static void diff_unions(Differ *d, const DiffPair *pair)
{
    const CtorInfo *ctor = value_ctor(pair->left);
    if (pair->left.ctor != pair->right.ctor ||
        pair->left.arity != pair->right.arity) {
        report(d, pair->step, &pair->left, &pair->right);
        return;
    }
    if (pair->left.arity == 0 ||
        pair->left.as.object == pair->right.as.object) {
        return;
    }
    uint32_t step = pair->step;
    if (ctor->role != CTOR_SOME) {
        step = add_step(d, (DiffStep){step, false, 0, ctor->name});
    }
    for (uint32_t i = 0; i < pair->left.arity; i++) {
        uint32_t inner =
            pair->left.arity == 1
                ? step
                : add_step(d, (DiffStep){step, true, i, {NULL, 0}});
        push(d, pair->left.as.object->fields[i],
             pair->right.as.object->fields[i], inner);
    }
}

static bool same_scalar(Value a, Value b)
{
    switch ((ValueTag)a.tag) {
    case VALUE_UNIT:
        return true;
    case VALUE_BOOL:
        return a.as.boolean == b.as.boolean;
    case VALUE_INT:
        return a.as.integer == b.as.integer;
    case VALUE_FLOAT:
        return a.as.number == b.as.number;
    case VALUE_STRING:
        return str_equal(value_str(a), value_str(b));
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_RECORD:
    case VALUE_MAP:
    case VALUE_UNION:
    case VALUE_FUNCTION:
    case VALUE_PARTIAL:
    case VALUE_DICTIONARY:
    case ANY_MERE_OBJECT:
        break;
    }
    return true; // functions have no equality
}

static void diff_pair(Differ *d, const DiffPair *pair)
{
    Value a = pair->left, b = pair->right;
    uint32_t first = d->pending.count;
    if (a.tag != b.tag) {
        report(d, pair->step, &a, &b);
    } else if (a.tag == VALUE_LIST) {
        diff_items(d, pair, value_list_count(a), value_list_count(b));
    } else if (a.tag == VALUE_TUPLE) {
        diff_items(d, pair, a.as.tuple->count, b.as.tuple->count);
    } else if (a.tag == VALUE_RECORD) {
        diff_records(d, pair);
    } else if (a.tag == VALUE_MAP) {
        diff_maps(d, pair);
    } else if (a.tag == VALUE_UNION) {
        diff_unions(d, pair);
    } else if (!same_scalar(a, b)) {
        if (a.tag == VALUE_STRING) {
            report_strings(d, pair->step, a, b);
        } else {
            report(d, pair->step, &a, &b);
        }
    }
    in_order(d, first);
}

uint64_t value_diff(const ValueDiffOptions *options, Value left, Value right,
                    void (*emit)(void *ctx, Str line), void *ctx)
{
    Differ d = {.options = options, .emit = emit, .ctx = ctx};
    vec_push(&d.pending, (DiffPair){left, right, NO_STEP});
    uint64_t looks = 0;
    while (d.pending.count > 0 && looks++ < MAX_LOOKS) {
        DiffPair pair = vec_pop(&d.pending);
        diff_pair(&d, &pair);
        if ((looks & 4095) == 0 && options->token != NULL &&
            cancel_token_poll(options->token) != CANCEL_NONE) {
            break;
        }
    }
    if (d.found > options->max_lines) {
        strbuf_clear(&d.line);
        strbuf_appendf(&d.line, "and %llu more",
                       (unsigned long long)(d.found - options->max_lines));
        emit(ctx, strbuf_str(&d.line));
    }
    vec_release(&d.pending);
    vec_release(&d.steps);
    strbuf_release(&d.line);
    strbuf_release(&d.scratch);
    return d.found;
}
