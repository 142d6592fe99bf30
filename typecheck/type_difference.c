// What makes two types differ, with the rest left out.
//
// The walk goes down both types at once, only into parts that differ. Whether
// two parts agree is remembered by the pair, so shared graphs cost their
// nodes and not their paths; a budget bounds the rest.
#include "typecheck/type_print.h"

#include "support/hash.h"
#include "typecheck/type_printer.h"

// Pairs of nodes compared before the rest counts as equal.
#define MAX_COMPARISONS 200000
// Differing fields, and fields of one side, shown per record.
#define MAX_SHOWN_FIELDS 3
#define MAX_LISTED_NAMES 5
// Bytes for a part that differs as a whole.
#define PART_BYTES       200
#define MAX_SHOWN_DEPTH  16
#define FIRST_TABLE_SIZE 256
#define MAX_NAME_BYTES   64

typedef struct Pair {
    const Type *left; // NULL: free
    const Type *right;
    bool agree;
} Pair;

typedef struct Difference {
    Printer printer;
    Arena *arena; // of the result
    Pair *table;  // open addressing; a power of two
    uint32_t table_size;
    uint32_t table_count;
    uint32_t comparisons;
    uint32_t depth;
    StrBuf expected, found, path;
    Str missing, extra;
    bool placed; // `path` leads to the first difference
} Difference;

// ---- do two types agree

// Addresses decide where a pair lies, never what is printed.
static uint32_t pair_hash(const Type *left, const Type *right)
{
    uint64_t mixed = (uint64_t)(uintptr_t)left * HASH_MULTIPLIER ^
                     (uint64_t)(uintptr_t)right * UINT64_C(0xC2B2AE3D27D4EB4F);
    return (uint32_t)(mixed >> 32);
}

static Pair *find_pair(const Difference *diff, const Type *left,
                       const Type *right)
{
    uint32_t at = pair_hash(left, right);
    for (;; at++) {
        Pair *pair = &diff->table[at & (diff->table_size - 1)];
        if (pair->left == NULL ||
            (pair->left == left && pair->right == right)) {
            return pair;
        }
    }
}

static void new_table(Difference *diff, uint32_t size)
{
    diff->table = arena_zalloc(&diff->printer.arena, size * sizeof(Pair));
    diff->table_size = size;
}

static void remember(Difference *diff, const Type *left, const Type *right,
                     bool agree)
{
    if (diff->table_count * 2 >= diff->table_size) {
        Pair *old = diff->table;
        uint32_t old_size = diff->table_size;
        new_table(diff, old_size * 2);
        for (uint32_t i = 0; i < old_size; i++) {
            if (old[i].left != NULL) {
                *find_pair(diff, old[i].left, old[i].right) = old[i];
            }
        }
    }
    Pair *pair = find_pair(diff, left, right);
    diff->table_count += pair->left == NULL;
    *pair = (Pair){left, right, agree};
}

static bool agree(Difference *diff, Type *left, Type *right);

static bool all_agree(Difference *diff, Type **left, Type **right,
                      uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!agree(diff, left[i], right[i])) {
            return false;
        }
    }
    return true;
}

static bool is_open(const Type *tail)
{
    return tail != NULL && tail->kind != TYPE_SKOLEM;
}

// Both arrays are sorted by symbol.
static bool records_agree(Difference *diff, Type *left, Type *right)
{
    uint32_t left_count, right_count;
    Type *left_tail, *right_tail;
    Arena *scratch = &diff->printer.arena;
    const RecordField *a =
        type_record_fields(left, scratch, &left_count, &left_tail);
    const RecordField *b =
        type_record_fields(right, scratch, &right_count, &right_tail);
    uint32_t i = 0, j = 0;
    while (i < left_count || j < right_count) {
        if (j == right_count || (i < left_count && a[i].name < b[j].name)) {
            if (!is_open(right_tail)) {
                return false;
            }
            i++;
        } else if (i == left_count || b[j].name < a[i].name) {
            if (!is_open(left_tail)) {
                return false;
            }
            j++;
        } else if (!agree(diff, a[i++].type, b[j++].type)) {
            return false;
        }
    }
    bool closed = left_tail == NULL && right_tail == NULL;
    return closed || is_open(left_tail) || is_open(right_tail) ||
           left_tail == right_tail;
}

static bool literal_agrees(const Type *literal, const Type *other)
{
    return other->kind == TYPE_VAR || other->kind == TYPE_SKOLEM ||
           other->kind == TYPE_GENERIC || type_is_prim(other, PRIM_INTEGER) ||
           type_is_prim(other, PRIM_FLOAT) ||
           (literal->flags & TYPE_IS_LITERAL) == 0;
}

// Functions by parameters, so that a long one costs no stack.
static bool functions_agree(Difference *diff, Type *left, Type *right)
{
    while (left->kind == TYPE_FUNCTION && right->kind == TYPE_FUNCTION) {
        if (!agree(diff, left->as.function.param, right->as.function.param)) {
            return false;
        }
        left = type_resolve(left->as.function.result);
        right = type_resolve(right->as.function.result);
    }
    return agree(diff, left, right);
}

static bool structures_agree(Difference *diff, Type *left, Type *right)
{
    switch ((TypeKind)left->kind) {
    case TYPE_CON:
        return type_same_con(left, right) &&
               all_agree(diff, left->as.con.args, right->as.con.args,
                         left->as.con.count);
    case TYPE_TUPLE:
        return left->as.tuple.count == right->as.tuple.count &&
               all_agree(diff, left->as.tuple.items, right->as.tuple.items,
                         left->as.tuple.count);
    case TYPE_FUNCTION:
        return functions_agree(diff, left, right);
    case TYPE_RECORD:
        return records_agree(diff, left, right);
    case TYPE_GENERIC:
        return left->as.generic.index == right->as.generic.index;
    case TYPE_SKOLEM:
        return false; // the same one is the same node
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_REFINED:
        break;
    }
    return true;
}

static bool agree(Difference *diff, Type *left, Type *right)
{
    left = type_resolve(left);
    right = type_resolve(right);
    if (left == right || left->kind == TYPE_ERROR ||
        right->kind == TYPE_ERROR) {
        return true;
    }
    if (left->kind == TYPE_VAR) {
        return literal_agrees(left, right);
    }
    if (right->kind == TYPE_VAR) {
        return literal_agrees(right, left);
    }
    if (left->kind != right->kind) {
        return false;
    }
    const Pair *known = find_pair(diff, left, right);
    if (known->left != NULL) {
        return known->agree;
    }
    if (diff->comparisons++ >= MAX_COMPARISONS) {
        return true;
    }
    bool result = structures_agree(diff, left, right);
    remember(diff, left, right, result);
    return result;
}

// ---- showing where they do not

static void both(Difference *diff, Str text)
{
    strbuf_append(&diff->expected, text);
    strbuf_append(&diff->found, text);
}

// Whether so much is shown that all further parts are "…". Every loop below
// asks: a type of a few lines may have more parts than anybody can walk.
static bool is_full(const Difference *diff)
{
    return diff->expected.len > TYPE_PRINT_MAX_BYTES / 2 ||
           diff->found.len > TYPE_PRINT_MAX_BYTES / 2;
}

static void print_side(Difference *diff, StrBuf *out, Type *type,
                       TypePlace place)
{
    diff->printer.out = out;
    diff->printer.limit = out->len + PART_BYTES;
    if (diff->printer.limit > TYPE_PRINT_MAX_BYTES - PART_BYTES) {
        diff->printer.limit = TYPE_PRINT_MAX_BYTES - PART_BYTES;
    }
    printer_type(&diff->printer, type, place);
}

// Whether two constructors of different types have one name.
static bool names_clash(const Difference *diff, const Type *left,
                        const Type *right)
{
    return left->kind == TYPE_CON && right->kind == TYPE_CON &&
           left->as.con.module != right->as.con.module &&
           str_equal(printer_con_text(&diff->printer, left),
                     printer_con_text(&diff->printer, right));
}

static void show_whole(Difference *diff, Type *expected, Type *found,
                       TypePlace place)
{
    diff->placed = true;
    Type *left = type_resolve(expected);
    Type *right = type_resolve(found);
    bool clash = names_clash(diff, left, right);
    diff->printer.qualified =
        clash ? printer_con_text(&diff->printer, left) : (Str){0};
    print_side(diff, &diff->expected, expected, place);
    print_side(diff, &diff->found, found, place);
    diff->printer.qualified = (Str){0};
    if (clash) {
        const Module *a = printer_con_module(&diff->printer, left);
        const Module *b = printer_con_module(&diff->printer, right);
        if (str_equal(a->name, b->name)) {
            strbuf_append(&diff->expected, STR(" of "));
            strbuf_append_printable(&diff->expected, a->source.path,
                                    MAX_NAME_BYTES);
            strbuf_append(&diff->found, STR(" of "));
            strbuf_append_printable(&diff->found, b->source.path,
                                    MAX_NAME_BYTES);
        }
    }
}

static void show(Difference *diff, Type *expected, Type *found,
                 TypePlace place);

// A part that may agree.
static void show_part(Difference *diff, Type *expected, Type *found,
                      TypePlace place, Str path)
{
    if (is_full(diff) || agree(diff, expected, found)) {
        both(diff, STR("…"));
        return;
    }
    if (!diff->placed) {
        strbuf_append(&diff->path, path);
    }
    show(diff, expected, found, place);
}

static void show_con(Difference *diff, Type *expected, Type *found,
                     TypePlace place)
{
    bool in_brackets = place == PLACE_ARGUMENT && expected->as.con.count > 0;
    bool is_sequence =
        type_is_prim(expected, PRIM_LIST) || type_is_prim(expected, PRIM_MAP);
    both(diff, in_brackets ? STR("(") : STR(""));
    diff->printer.out = &diff->expected;
    printer_con_name(&diff->printer, expected);
    diff->printer.out = &diff->found;
    printer_con_name(&diff->printer, found);
    for (uint32_t i = 0; i < expected->as.con.count; i++) {
        both(diff, STR(" "));
        if (is_full(diff)) {
            both(diff, STR("…"));
            break;
        }
        show_part(diff, expected->as.con.args[i], found->as.con.args[i],
                  PLACE_ARGUMENT, is_sequence ? STR("[]") : STR(""));
    }
    both(diff, in_brackets ? STR(")") : STR(""));
}

static void show_tuple(Difference *diff, Type *expected, Type *found)
{
    both(diff, STR("("));
    for (uint32_t i = 0; i < expected->as.tuple.count; i++) {
        both(diff, i > 0 ? STR(", ") : STR(""));
        if (is_full(diff)) {
            both(diff, STR("…"));
            break;
        }
        Str path = arena_printf(&diff->printer.arena, ".%u", i);
        show_part(diff, expected->as.tuple.items[i], found->as.tuple.items[i],
                  PLACE_TOP, path);
    }
    both(diff, STR(")"));
}

static uint32_t count_params(Type *type)
{
    uint32_t count = 0;
    while (type->kind == TYPE_FUNCTION) {
        type = type_resolve(type->as.function.result);
        count++;
    }
    return count;
}

static void show_function(Difference *diff, Type *expected, Type *found,
                          TypePlace place)
{
    if (count_params(expected) != count_params(found)) {
        show_whole(diff, expected, found, place);
        return;
    }
    both(diff, place != PLACE_TOP ? STR("(") : STR(""));
    while (expected->kind == TYPE_FUNCTION) {
        if (is_full(diff)) {
            break;
        }
        show_part(diff, expected->as.function.param, found->as.function.param,
                  PLACE_PARAM, STR(""));
        both(diff, STR(" -> "));
        expected = type_resolve(expected->as.function.result);
        found = type_resolve(found->as.function.result);
    }
    show_part(diff, expected, found, PLACE_TOP, STR(""));
    both(diff, place != PLACE_TOP ? STR(")") : STR(""));
}

// ---- records

// Appends "'a', 'b' and 'c'" of the fields that `other` lacks.
static Str list_names(Difference *diff, RecordField **fields, uint32_t count,
                      Type *other)
{
    StrBuf text = {0};
    uint32_t listed = 0;
    uint32_t total = 0;
    for (uint32_t i = 0; i < count; i++) {
        total += type_record_find(other, fields[i]->name, NULL) == NULL;
    }
    for (uint32_t i = 0; i < count && listed < MAX_LISTED_NAMES; i++) {
        if (type_record_find(other, fields[i]->name, NULL) != NULL) {
            continue;
        }
        if (listed > 0) {
            strbuf_append(&text,
                          listed + 1 == total ? STR(" and ") : STR(", "));
        }
        strbuf_append_char(&text, '\'');
        strbuf_append_printable(
            &text,
            symbol_text(diff->printer.program->interner, fields[i]->name),
            MAX_NAME_BYTES);
        strbuf_append_char(&text, '\'');
        listed++;
    }
    if (total > listed) {
        strbuf_appendf(&text, " and %u more", total - listed);
    }
    Str copy = arena_str(diff->arena, strbuf_str(&text));
    strbuf_release(&text);
    return copy;
}

static void begin_field(StrBuf *out, uint32_t *count)
{
    strbuf_append(out, (*count)++ == 0 ? STR("{ ") : STR(", "));
}

// The fields of one side that the other lacks, which ends in `tail`: where that
// is open they are no difference, but the record is not empty.
static void show_own(Difference *diff, StrBuf *out, RecordField **fields,
                     uint32_t count, Type *other, const Type *tail,
                     uint32_t *printed)
{
    if (is_open(tail)) {
        if (count > 0 && *printed == 0) {
            begin_field(out, printed);
            strbuf_append(out, STR("…"));
        }
        return;
    }
    uint32_t shown = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (type_record_find(other, fields[i]->name, NULL) != NULL) {
            continue;
        }
        begin_field(out, printed);
        if (shown++ == MAX_SHOWN_FIELDS) {
            strbuf_append(out, STR("…"));
            return;
        }
        diff->printer.out = out;
        printer_field_name(&diff->printer, fields[i]->name);
        strbuf_append(out, STR(": "));
        print_side(diff, out, fields[i]->type, PLACE_TOP);
    }
}

// The fields that both have with types that differ; the others are one "…".
// Returns how many differ.
static uint32_t show_common(Difference *diff, RecordField **fields,
                            uint32_t count, Type *found, uint32_t *printed)
{
    uint32_t shown = 0;
    bool elided = false;
    for (uint32_t i = 0; i < count; i++) {
        const RecordField *other =
            type_record_find(found, fields[i]->name, NULL);
        if (other == NULL) {
            continue;
        }
        bool cut = shown == MAX_SHOWN_FIELDS || is_full(diff);
        if (cut || agree(diff, fields[i]->type, other->type)) {
            if (!elided) {
                strbuf_append(&diff->found,
                              *printed == 0 ? STR("{ ") : STR(", "));
                begin_field(&diff->expected, printed);
                both(diff, STR("…"));
            }
            elided = true;
            if (cut) {
                break;
            }
            continue;
        }
        strbuf_append(&diff->found, *printed == 0 ? STR("{ ") : STR(", "));
        begin_field(&diff->expected, printed);
        elided = false;
        shown++;
        StrBuf name = {0};
        diff->printer.out = &name;
        printer_field_name(&diff->printer, fields[i]->name);
        both(diff, strbuf_str(&name));
        both(diff, STR(": "));
        Str path = arena_printf(&diff->printer.arena, ".%.*s",
                                STR_ARG(strbuf_str(&name)));
        strbuf_release(&name);
        show_part(diff, fields[i]->type, other->type, PLACE_TOP, path);
    }
    return shown;
}

static void end_record(Difference *diff, StrBuf *out, uint32_t printed,
                       Type *tail)
{
    diff->printer.out = out;
    printer_record_end(&diff->printer, printed, tail);
}

static void show_record(Difference *diff, Type *expected, Type *found)
{
    uint32_t expected_count, found_count;
    Type *expected_tail, *found_tail;
    RecordField **expected_fields = printer_record_fields(
        &diff->printer, expected, &expected_count, &expected_tail);
    RecordField **found_fields =
        printer_record_fields(&diff->printer, found, &found_count, &found_tail);
    uint32_t printed = 0;
    bool was_placed = diff->placed;
    uint32_t differing =
        show_common(diff, expected_fields, expected_count, found, &printed);
    uint32_t found_printed = printed;
    show_own(diff, &diff->expected, expected_fields, expected_count, found,
             found_tail, &printed);
    show_own(diff, &diff->found, found_fields, found_count, expected,
             expected_tail, &found_printed);
    if (differing == 0 && !was_placed) {
        diff->placed = true;
        if (!is_open(found_tail)) {
            diff->missing =
                list_names(diff, expected_fields, expected_count, found);
        }
        if (!is_open(expected_tail)) {
            diff->extra = list_names(diff, found_fields, found_count, expected);
        }
    }
    end_record(diff, &diff->expected, printed, expected_tail);
    end_record(diff, &diff->found, found_printed, found_tail);
}

// Of two types that do not agree.
static void show(Difference *diff, Type *expected, Type *found, TypePlace place)
{
    Type *left = type_resolve(expected);
    Type *right = type_resolve(found);
    bool same_shape = left->kind == right->kind;
    if (same_shape && left->kind == TYPE_CON) {
        same_shape = type_same_con(left, right);
    } else if (same_shape && left->kind == TYPE_TUPLE) {
        same_shape = left->as.tuple.count == right->as.tuple.count;
    }
    if (!same_shape || diff->depth == MAX_SHOWN_DEPTH) {
        show_whole(diff, expected, found, place);
        return;
    }
    diff->depth++;
    if (left->kind == TYPE_CON) {
        show_con(diff, left, right, place);
    } else if (left->kind == TYPE_TUPLE) {
        show_tuple(diff, left, right);
    } else if (left->kind == TYPE_FUNCTION) {
        show_function(diff, left, right, place);
    } else if (left->kind == TYPE_RECORD) {
        show_record(diff, left, right);
    } else {
        show_whole(diff, left, right, place);
    }
    diff->depth--;
}

TypeDifference type_difference(const Program *program, const Module *from,
                               Type *expected, Type *found, Arena *arena)
{
    Difference diff = {.arena = arena};
    printer_init(&diff.printer, program, from);
    new_table(&diff, FIRST_TABLE_SIZE);
    printer_count(&diff.printer, expected);
    printer_count(&diff.printer, found);
    TypeDifference result = {.path = STR("")};
    if (agree(&diff, expected, found)) {
        type_print_pair(program, from, expected, found, arena, &result.expected,
                        &result.found);
    } else {
        show(&diff, expected, found, PLACE_TOP);
        result.expected = arena_str(arena, strbuf_str(&diff.expected));
        result.found = arena_str(arena, strbuf_str(&diff.found));
        result.path = arena_str(arena, strbuf_str(&diff.path));
    }
    result.missing = diff.missing;
    result.extra = diff.extra;
    strbuf_release(&diff.expected);
    strbuf_release(&diff.found);
    strbuf_release(&diff.path);
    printer_release(&diff.printer);
    return result;
}
