// What is known of functions of the standard library, and of those of which
// nothing is known but that they give the same for the same.
#include "typecheck/totality_internal.h"

static const Module *std_module(const Recursion *recursion, const Expr *callee)
{
    if (callee->kind != EXPR_NAME || (callee->as.name.ref != REF_GLOBAL &&
                                      callee->as.name.ref != REF_METHOD)) {
        return NULL;
    }
    const Module *module = recursion->program->modules[callee->as.name.module];
    return module->is_std ? module : NULL;
}

// The name of a function of the standard library; len 0 for anything else.
static Str library_name(const Recursion *recursion, const Expr *callee)
{
    const Module *module = std_module(recursion, callee);
    if (module == NULL) {
        return STR("");
    }
    uint32_t index = callee->as.name.index;
    Symbol symbol = callee->as.name.ref == REF_GLOBAL
                        ? module->bindings[index].name
                        : module->methods[index].name;
    return symbol != 0 ? symbol_text(recursion->program->interner, symbol)
                       : STR("");
}

const ListFunction *totality_list_function(const Recursion *recursion,
                                           const Expr *callee)
{
    static const ListFunction functions[] = {
        {"map", 0, 1, 0},       {"filter", 0, 1, 0},     {"all", 0, 1, 0},
        {"any", 0, 1, 0},       {"fold", 0, 2, 1},       {"foldRight", 0, 2, 0},
        {"flatMap", 0, 1, 0},   {"find", 0, 1, 0},       {"findIndex", 0, 1, 0},
        {"partition", 0, 1, 0}, {"takeWhile", 0, 1, 0},  {"dropWhile", 0, 1, 0},
        {"mapValues", 0, 1, 0}, {"mapWithKey", 0, 1, 1},
    };
    Str name = library_name(recursion, callee);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (str_equal(name, str_from_c(functions[i].name))) {
            return &functions[i];
        }
    }
    return NULL;
}

// ---- results

typedef enum ResultKind {
    RESULT_SUBLIST,   // some of the elements of the last argument
    RESULT_PERMUTED,  // all of them
    RESULT_MAPPED,    // one for each
    RESULT_PART,      // no larger than the last argument
    RESULT_AT,        //
    RESULT_TAKE,      //
    RESULT_DROP,      //
    RESULT_PARTITION, // two sublists
    RESULT_SHORTER,   // a text no longer than the last argument
    RESULT_SLICE,     //
    RESULT_STRIPPED,  // an Option of one, shorter by the first argument
    RESULT_LENGTH
} ResultKind;

typedef struct LibraryFunction {
    const char *name;
    uint32_t arg_count;
    ResultKind kind;
    enum { IN_LISTS, IN_STRINGS, IN_ANY } where; // the prelude and std.list
} LibraryFunction;

// How many elements the list has at least.
static int64_t least_length(const Recursion *recursion, const Extent *list)
{
    int64_t least = linear_least(recursion, list->length_low);
    return least > 0 ? least : 0;
}

// The list without at least `count` elements.
static Extent without(const Extent *list, int64_t count)
{
    Extent value = extent_sublist(list);
    if (count > 0) {
        value.length_high = linear_plus(value.length_high, -count);
        value.smaller = value.part_of != NO_PARAM;
    }
    return value;
}

static Extent result_of_take(Recursion *recursion, const Extent *number,
                             const Extent *list)
{
    int64_t left =
        linear_least_difference(recursion, list->length_low, number->high);
    int64_t least = least_length(recursion, list);
    Extent value = without(list, left < least ? left : least);
    if (!value.length_high.known && linear_least(recursion, number->low) >= 0) {
        value.length_high = number->high;
    }
    return value;
}

static Extent result_of_drop(Recursion *recursion, const Extent *number,
                             const Extent *list)
{
    int64_t dropped = linear_least(recursion, number->low);
    int64_t least = least_length(recursion, list);
    return without(list, dropped < least ? dropped : least);
}

static Extent result_of_partition(Recursion *recursion, const Extent *list)
{
    Extent *items = arena_array(&recursion->arena, 2, sizeof *items);
    items[0] = items[1] = extent_sublist(list);
    return extent_items(SHAPE_TUPLE, items, 2);
}

static Extent result_shorter(const Extent *text, int64_t count)
{
    Extent value = extent_mapped(text, false);
    value.tiny = true;
    value.length_high = linear_plus(value.length_high, -count);
    return value;
}

// slice from to text: what stands before `from` is left out.
static Extent result_of_slice(const Recursion *recursion, const Extent *from,
                              const Extent *text)
{
    int64_t left_out = linear_least(recursion, from->low);
    int64_t least = least_length(recursion, text);
    left_out = left_out < least ? left_out : least;
    return result_shorter(text, left_out > 0 ? left_out : 0);
}

static Extent some(Recursion *recursion, Extent item)
{
    const Module *prelude = recursion->program->modules[MODULE_PRELUDE];
    Extent *items = arena_copy(&recursion->arena, &item, sizeof item);
    Extent value = extent_unknown();
    for (uint32_t i = 0; i < prelude->ctor_count; i++) {
        if (prelude->ctors[i].name == SYM_SOME) {
            value = extent_items(SHAPE_CTOR, items, 1);
            value.ctor = (uint64_t)MODULE_PRELUDE << 32 | i;
        }
    }
    return value;
}

static Extent result_stripped(Recursion *recursion, const Extent *taken,
                              const Extent *text)
{
    int64_t least = linear_least(recursion, taken->length_low);
    return some(recursion, result_shorter(text, least > 0 ? least : 0));
}

// Where there is an element, the number is less than the length.
static Extent result_of_at(Recursion *recursion, const Extent *number,
                           const Extent *list)
{
    Implied implied = {
        {list->length_low, list->length_high}, {number->low, number->high}, -1};
    Extent value = some(recursion, extent_part(list));
    value.part_of = list->part_of;
    value.smaller = list->smaller;
    value.implied = arena_copy(&recursion->arena, &implied, sizeof implied);
    return value;
}

static const LibraryFunction *library_function(const Recursion *recursion,
                                               const Expr *callee,
                                               uint32_t arg_count)
{
    static const LibraryFunction functions[] = {
        {"filter", 2, RESULT_SUBLIST, IN_LISTS},
        {"takeWhile", 2, RESULT_SUBLIST, IN_LISTS},
        {"dropWhile", 2, RESULT_SUBLIST, IN_LISTS},
        {"unique", 1, RESULT_SUBLIST, IN_LISTS},
        {"uniqueBy", 2, RESULT_SUBLIST, IN_LISTS},
        {"reverse", 1, RESULT_PERMUTED, IN_LISTS},
        {"sort", 1, RESULT_PERMUTED, IN_LISTS},
        {"sortBy", 2, RESULT_PERMUTED, IN_LISTS},
        {"map", 2, RESULT_MAPPED, IN_LISTS},
        {"head", 1, RESULT_PART, IN_LISTS},
        {"last", 1, RESULT_PART, IN_LISTS},
        {"tail", 1, RESULT_PART, IN_LISTS},
        {"init", 1, RESULT_PART, IN_LISTS},
        {"at", 2, RESULT_AT, IN_LISTS},
        {"find", 2, RESULT_PART, IN_LISTS},
        {"filter", 2, RESULT_PART, IN_ANY},
        {"take", 2, RESULT_TAKE, IN_LISTS},
        {"drop", 2, RESULT_DROP, IN_LISTS},
        {"partition", 2, RESULT_PARTITION, IN_LISTS},
        {"length", 1, RESULT_LENGTH, IN_LISTS},
        {"get", 2, RESULT_PART, IN_ANY},
        {"values", 1, RESULT_PART, IN_ANY},
        {"entries", 1, RESULT_PART, IN_ANY}, // as large as a map counts
        {"chars", 1, RESULT_MAPPED, IN_STRINGS},
        {"trim", 1, RESULT_SHORTER, IN_STRINGS},
        {"trimStart", 1, RESULT_SHORTER, IN_STRINGS},
        {"trimEnd", 1, RESULT_SHORTER, IN_STRINGS},
        {"slice", 3, RESULT_SLICE, IN_STRINGS},
        {"stripPrefix", 2, RESULT_STRIPPED, IN_STRINGS},
        {"stripSuffix", 2, RESULT_STRIPPED, IN_STRINGS},
    };
    const Module *module = std_module(recursion, callee);
    if (module == NULL) {
        return NULL;
    }
    bool on_lists =
        module->id == MODULE_PRELUDE || str_equal(module->name, STR("list"));
    bool on_strings = str_equal(module->name, STR("string"));
    Str name = library_name(recursion, callee);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (arg_count == functions[i].arg_count &&
            (functions[i].where == IN_ANY ||
             (functions[i].where == IN_LISTS ? on_lists : on_strings)) &&
            str_equal(name, str_from_c(functions[i].name))) {
            return &functions[i];
        }
    }
    return NULL;
}

// Whether the method is taken from an instance of the prelude: a user's may
// do anything.
static bool is_own_instance(const Recursion *recursion, const Expr *callee)
{
    if (callee->as.name.ref == REF_GLOBAL) {
        return true;
    }
    const Note *note =
        note_find(&recursion->here->notes, callee->note, NOTE_EVIDENCE);
    const Evidence *evidence = note != NULL && note->as.evidence.count > 0
                                   ? note->as.evidence.items[0]
                                   : NULL;
    return evidence != NULL && evidence->kind == EVIDENCE_INSTANCE &&
           evidence->module == MODULE_PRELUDE;
}

bool totality_library_result(Recursion *recursion, const Expr *callee,
                             const Extent *args, uint32_t count,
                             Extent *out_result)
{
    const LibraryFunction *function =
        library_function(recursion, callee, count);
    if (function == NULL || !is_own_instance(recursion, callee)) {
        return false;
    }
    const Extent *last = &args[count - 1];
    switch (function->kind) {
    case RESULT_SUBLIST:
        *out_result = extent_sublist(last);
        return true;
    case RESULT_PERMUTED:
        *out_result = extent_sublist(last);
        out_result->length_low = last->length_low;
        return true;
    case RESULT_MAPPED:
        *out_result = extent_mapped(last, true);
        return true;
    case RESULT_PART:
        *out_result = extent_unknown();
        out_result->never = last->never;
        out_result->part_of = last->part_of;
        out_result->smaller = last->smaller;
        return true;
    case RESULT_AT:
        *out_result = result_of_at(recursion, &args[0], last);
        out_result->never = last->never;
        return true;
    case RESULT_TAKE:
        *out_result = result_of_take(recursion, &args[0], last);
        return true;
    case RESULT_DROP:
        *out_result = result_of_drop(recursion, &args[0], last);
        return true;
    case RESULT_PARTITION:
        *out_result = result_of_partition(recursion, last);
        return true;
    case RESULT_SHORTER:
        *out_result = result_shorter(last, 0);
        return true;
    case RESULT_SLICE:
        *out_result = result_of_slice(recursion, &args[0], last);
        return true;
    case RESULT_STRIPPED:
        *out_result = result_stripped(recursion, &args[0], last);
        return true;
    case RESULT_LENGTH:
        *out_result = extent_unknown();
        out_result->never = last->never;
        out_result->tiny = true;
        out_result->low = last->length_low;
        out_result->high = last->length_high;
        return last->never || last->length_high.known;
    }
    UNREACHABLE();
}

// ---- opaque expressions: applications of names to names

static bool same_opaque(const Expr *a, const Expr *b)
{
    if (a->kind != b->kind) {
        return false;
    }
    if (a->kind == EXPR_NAME) {
        return a->as.name.ref == b->as.name.ref &&
               a->as.name.module == b->as.name.module &&
               a->as.name.index == b->as.name.index;
    }
    if (a->kind != EXPR_CALL || a->as.call.count != b->as.call.count) {
        return false;
    }
    for (uint32_t i = 0; i < a->as.call.count; i++) {
        if (a->as.call.parts[i].kind != EXPR_NAME ||
            !same_opaque(&a->as.call.parts[i], &b->as.call.parts[i])) {
            return false;
        }
    }
    return true;
}

bool totality_is_param(const RecFunction *function, uint32_t param,
                       uint32_t local)
{
    const Param *own = function->params[param];
    return own->local == local || (own->pattern.kind == PATTERN_NAME &&
                                   own->pattern.as.name.local == local);
}

// A parameter under its own name, or a constant.
static bool is_opaque_local(Recursion *recursion, const NameRef *ref)
{
    const RecFunction *function = &recursion->functions[recursion->current];
    if (ref->index >= recursion->local_count) {
        return false;
    }
    const Extent *value = &recursion->locals[ref->index];
    Linear same = extent_exact(value);
    if (value->function != 0 || !same.known || same.k != 0) {
        return false;
    }
    return same.term.kind == TERM_CONST ||
           (same.term.kind == TERM_PARAM &&
            same.term.id < function->param_count &&
            totality_is_param(function, (uint32_t)same.term.id, ref->index));
}

// Whether all names in the call are globals outside of the recursion,
// methods, parameters of the function, or constants.
static bool is_opaque(Recursion *recursion, const Expr *expr)
{
    for (uint32_t i = 0; i < expr->as.call.count; i++) {
        const Expr *part = &expr->as.call.parts[i];
        if (part->kind != EXPR_NAME) {
            return false;
        }
        const NameRef *ref = &part->as.name;
        if (ref->ref == REF_LOCAL) {
            if (!is_opaque_local(recursion, ref)) {
                return false;
            }
        } else if (ref->ref == REF_GLOBAL) {
            if (ref->module == recursion->module->id &&
                totality_member(recursion, ref->index) != 0) {
                return false;
            }
        } else if (ref->ref != REF_METHOD) {
            return false;
        }
    }
    return true;
}

Extent totality_opaque(Recursion *recursion, const Expr *expr)
{
    Extent value = extent_unknown();
    RecFunction *function = &recursion->functions[recursion->current];
    uint32_t at = 0;
    while (at < function->opaque_count &&
           !same_opaque(function->opaque[at], expr)) {
        at++;
    }
    if (recursion->open_count > 0 || at == TOTALITY_MAX_OPAQUE ||
        !is_opaque(recursion, expr)) {
        return value;
    }
    if (at == function->opaque_count) {
        function->opaque[function->opaque_count++] = expr;
    }
    uint64_t id = (uint64_t)function->param_count + at;
    value.low = value.high = (Linear){true, {TERM_PARAM, id}, 0};
    return value;
}
