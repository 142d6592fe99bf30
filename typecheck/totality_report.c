// Why a recursion is not shown to end, and what to do.
#include <inttypes.h>

#include "typecheck/totality_internal.h"

// Calls of a failing cycle that are labelled.
#define MAX_SHOWN_CALLS 4
#define MAX_NAME_BYTES  64

static void append_name(const Recursion *recursion, uint32_t index, StrBuf *out)
{
    Symbol name = recursion->functions[index].name;
    if (name == 0) {
        strbuf_append(out, STR("instance method"));
        return;
    }
    strbuf_append_printable(
        out, symbol_text(recursion->program->interner, name), MAX_NAME_BYTES);
}

Str totality_name(Recursion *recursion, uint32_t index)
{
    StrBuf text = {0};
    append_name(recursion, index, &text);
    Str name = arena_str(&recursion->arena, strbuf_str(&text));
    strbuf_release(&text);
    return name;
}

static bool has_name(const RecFunction *function, uint32_t param)
{
    return function->params[param]->pattern.kind == PATTERN_NAME;
}

static Str param_name(Recursion *recursion, const RecFunction *function,
                      uint32_t param)
{
    const Pattern *pattern = &function->params[param]->pattern;
    if (!has_name(function, param)) {
        return arena_printf(&recursion->arena, "argument %u", param + 1);
    }
    StrBuf text = {0};
    strbuf_append_printable(
        &text,
        symbol_text(recursion->program->interner, pattern->as.name.symbol),
        MAX_NAME_BYTES);
    Str name = arena_str(&recursion->arena, strbuf_str(&text));
    strbuf_release(&text);
    return name;
}

// The test `param != constant` on the path of the call, if there is one.
static const Fact *excluded(const RecCall *call, uint32_t param)
{
    for (uint32_t i = 0; i < call->fact_count; i++) {
        const Fact *fact = &call->facts[i];
        bool is_plus = fact->plus.kind == TERM_PARAM && fact->plus.id == param;
        bool is_minus =
            fact->minus.kind == TERM_PARAM && fact->minus.id == param;
        if (fact->kind == FACT_DIFFERS && is_plus != is_minus) {
            return fact;
        }
    }
    return NULL;
}

// The n of a test `param != n` with a number; false when it has none.
static bool excluded_number(const Fact *fact, int64_t *out_number)
{
    if (fact == NULL || fact->k == INT64_MIN) {
        return false;
    }
    if (fact->plus.kind == TERM_PARAM && fact->minus.kind == TERM_NONE) {
        *out_number = -fact->k;
        return true;
    }
    if (fact->minus.kind == TERM_PARAM && fact->plus.kind == TERM_NONE) {
        *out_number = fact->k;
        return true;
    }
    return false;
}

// The parameter that a fact holds against `param`.
static uint32_t other_param(const RecFunction *function, const Fact *fact,
                            uint32_t param)
{
    bool is_plus = fact->plus.kind == TERM_PARAM && fact->plus.id == param;
    const Term *other = is_plus ? &fact->minus : &fact->plus;
    return other->kind == TERM_PARAM && (other->id < function->param_count ||
                                         place_is((uint32_t)other->id))
               ? (uint32_t)other->id
               : NO_PARAM;
}

// What a place is in a test: `s.n`; `n` where it has no name.
static Str place_name(Recursion *recursion, const RecFunction *function,
                      uint32_t id)
{
    if (!place_is(id)) {
        return param_name(recursion, function, id);
    }
    const Place *place = &recursion->places.items[id - PLACE_FIRST];
    if (place->step.kind != STEP_FIELD || place_is(place->parent) ||
        !has_name(function, place->parent)) {
        return STR("n");
    }
    StrBuf name = {0};
    strbuf_append(&name, param_name(recursion, function, place->parent));
    strbuf_append_char(&name, '.');
    strbuf_append_printable(
        &name,
        symbol_text(recursion->program->interner, (Symbol)place->step.index),
        MAX_NAME_BYTES);
    Str text = arena_str(&recursion->arena, strbuf_str(&name));
    strbuf_release(&name);
    return text;
}

// The same in a sentence.
static Str place_words(Recursion *recursion, const RecFunction *function,
                       uint32_t id)
{
    Str name = place_name(recursion, function, id);
    if (!place_is(id) || name.len > 1) {
        return arena_printf(&recursion->arena, "'%.*s'", STR_ARG(name));
    }
    while (place_is(id)) {
        id = place_parent(recursion, id);
    }
    return arena_printf(&recursion->arena, "an Integer in '%.*s'",
                        STR_ARG(param_name(recursion, function, id)));
}

// An integer that moves without a bound: says which and suggests the test.
static bool explain_integer(Recursion *recursion, const RecCall *call,
                            uint32_t param, DiagSink *diags, Diag *diag)
{
    const RecFunction *function = &recursion->functions[call->caller];
    Extent value = extent_at(recursion, call->args, param);
    Linear arg = extent_exact(&value);
    Term term = {TERM_PARAM, param};
    Term none = {TERM_NONE, 0};
    if (!arg.known || !term_equal(arg.term, term) || arg.k == 0) {
        return false;
    }
    bool down = arg.k < 0;
    if (facts_bound(call->facts, call->fact_count, down ? term : none,
                    down ? none : term)) {
        return false;
    }
    Str name = place_name(recursion, function, param);
    Str words = place_words(recursion, function, param);
    const char *way = down ? "down" : "up";
    const char *test = down ? "<=" : ">=";
    const Fact *fact = excluded(call, param);
    int64_t number;
    if (excluded_number(fact, &number)) {
        diag_note(diags, diag, "%.*s goes %s, but no test stops it %s %" PRId64,
                  STR_ARG(words), way, down ? "below" : "above", number);
        diag_help(diags, diag,
                  "stop at '%.*s %s %" PRId64 "' instead of '%.*s == %" PRId64
                  "'",
                  STR_ARG(name), test, number, STR_ARG(name), number);
        return true;
    }
    diag_note(diags, diag, "%.*s goes %s, but no test stops it", STR_ARG(words),
              way);
    uint32_t bound = NO_PARAM;
    if (fact != NULL && fact->k == 0) {
        bound = other_param(function, fact, param);
    }
    if (bound != NO_PARAM) {
        Str other = place_name(recursion, function, bound);
        diag_help(
            diags, diag, "stop at '%.*s %s %.*s' instead of '%.*s == %.*s'",
            STR_ARG(name), test, STR_ARG(other), STR_ARG(name), STR_ARG(other));
    } else if (fact != NULL) {
        diag_help(diags, diag, "test with '%s' instead of '=='", test);
    } else {
        diag_help(diags, diag,
                  "stop at %s bound, as in 'if %.*s %s %s then ...'",
                  down ? "a lower" : "an upper", STR_ARG(name), test,
                  down ? "0" : "100");
    }
    return true;
}

// Through an instance also a value may need itself: a member of the cycle that
// is no function, or UINT32_MAX.
static uint32_t find_value(const Recursion *recursion, const uint32_t *cycle,
                           uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        uint32_t caller = recursion->calls.items[cycle[i]].caller;
        if (recursion->functions[caller].param_count == 0) {
            return caller;
        }
    }
    return UINT32_MAX;
}

// Where Floats are computed for the next call.
static bool explain_float(Recursion *recursion, const uint32_t *cycle,
                          uint32_t length, DiagSink *diags, Diag *diag)
{
    for (uint32_t i = 0; i < length; i++) {
        const RecCall *call = &recursion->calls.items[cycle[i]];
        const RecFunction *callee = &recursion->functions[call->callee];
        for (uint32_t p = 0; p < callee->param_count; p++) {
            if (call->args[p].is_float) {
                Str name = param_name(recursion, callee, p);
                diag_note(diags, diag,
                          "'%.*s' is a Float: its steps may get so small that "
                          "they lead nowhere",
                          STR_ARG(name));
                diag_help(diags, diag, "count the steps with an Integer");
                return true;
            }
        }
    }
    return false;
}

// Whether an argument of a call is an integer of which something is to be said.
static bool explain_any_integer(Recursion *recursion, const uint32_t *cycle,
                                uint32_t length, DiagSink *diags, Diag *diag)
{
    for (uint32_t i = 0; i < length; i++) {
        const RecCall *call = &recursion->calls.items[cycle[i]];
        const RecFunction *callee = &recursion->functions[call->callee];
        uint32_t own = recursion->functions[call->caller].param_count;
        recursion->current = call->caller;
        for (uint32_t p = 0; p < callee->param_count && p < own; p++) {
            if (explain_integer(recursion, call, p, diags, diag)) {
                return true;
            }
        }
        for (uint32_t m = 0; m < callee->measures.count; m++) {
            const Measure *measure = &callee->measures.items[m];
            if (measure->kind == MEASURE_DOWN && place_is(measure->first) &&
                explain_integer(recursion, call, measure->first, diags, diag)) {
                return true;
            }
        }
    }
    return false;
}

static void label_calls(Recursion *recursion, const uint32_t *cycle,
                        uint32_t length, DiagSink *diags, Diag *diag)
{
    for (uint32_t i = 0; i < length && i < MAX_SHOWN_CALLS; i++) {
        const RecCall *call = &recursion->calls.items[cycle[i]];
        if (i > 0 && cycle[i] == cycle[i - 1]) {
            continue;
        }
        diag_label(diags, diag, &recursion->module->source, call->span,
                   "'%.*s' calls '%.*s'",
                   STR_ARG(totality_name(recursion, call->caller)),
                   STR_ARG(totality_name(recursion, call->callee)));
    }
}

// f -> g -> f
static void append_path(const Recursion *recursion, const uint32_t *cycle,
                        uint32_t length, StrBuf *path)
{
    for (uint32_t i = 0; i < length && i < MAX_SHOWN_CALLS; i++) {
        append_name(recursion, recursion->calls.items[cycle[i]].caller, path);
        strbuf_append(path, STR(" -> "));
    }
    strbuf_append(path, length > MAX_SHOWN_CALLS ? STR("... -> ") : STR(""));
    append_name(recursion, recursion->calls.items[cycle[0]].caller, path);
}

static void explain_path(Recursion *recursion, const uint32_t *cycle,
                         uint32_t length, Str path, DiagSink *diags, Diag *diag)
{
    uint32_t value = find_value(recursion, cycle, length);
    if (value != UINT32_MAX) {
        diag_note(diags, diag, "the value of '%.*s' is needed to know it: %.*s",
                  STR_ARG(totality_name(recursion, value)), STR_ARG(path));
        return;
    }
    if (explain_any_integer(recursion, cycle, length, diags, diag)) {
        return;
    }
    diag_note(diags, diag, "no argument is shown to get smaller along %.*s",
              STR_ARG(path));
    if (explain_float(recursion, cycle, length, diags, diag)) {
        return;
    }
    diag_help(diags, diag,
              "recurse on a part taken out by 'match', or on an integer "
              "under a test that bounds it");
    diag_help(diags, diag,
              "where there is none, as in a search through a graph, count "
              "the steps: 'if steps <= 0 then ...'");
}

void totality_explain(Recursion *recursion, const uint32_t *cycle,
                      uint32_t length, DiagSink *diags, Diag *diag)
{
    StrBuf path = {0};
    label_calls(recursion, cycle, length, diags, diag);
    append_path(recursion, cycle, length, &path);
    explain_path(recursion, cycle, length, strbuf_str(&path), diags, diag);
    strbuf_release(&path);
}
