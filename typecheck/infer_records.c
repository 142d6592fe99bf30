// Record literals without spreads, checked against a type or on their own.
// Spreads and dotted paths are in infer_updates.c, field access in
// infer_fields.c.
#include "typecheck/infer_records.h"

#include "support/nearest.h"
#include "typecheck/infer_internal.h"
#include "typecheck/infer_parts.h"
#include "typecheck/refinements.h"

// Fields that one message names.
enum { SHOWN_FIELDS = 8 };

Span infer_item_span(const Infer *c, const RecordItem *item)
{
    return item->name == 0 ? record_item_value(item)->span
                           : record_item_name_span(item, &c->module->source);
}

// Also where it has become so.
static bool make_plain(Infer *c, Expr *expr)
{
    if (record_names_fields(expr)) {
        return true;
    }
    if (infer_has_spread(expr, 0)) {
        return false;
    }
    infer_nest_paths(c, expr, &(PtrMap){0});
    return record_names_fields(expr);
}

Type *infer_item_value(Infer *c, RecordItem *item)
{
    TypeExpr *annotation = record_item_type(item);
    Expr *value = record_item_value(item);
    if (annotation == NULL) {
        return infer_expr(c, value);
    }
    Type *type = infer_annotation(c, annotation, ANNOTATION_VALUE);
    Expect why = infer_expect(c, EXPECT_ANNOTATION, annotation->span);
    infer_check(c, value, type, &why);
    refinements_place(c, value, type, item->name, annotation->span);
    return refinements_strip(c, type);
}

// The parser reports a field that stands twice.
static uint32_t drop_repeated(RecordField *fields, uint32_t count)
{
    type_sort_fields(fields, count);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (kept > 0 && fields[kept - 1].name == fields[i].name) {
            continue;
        }
        if (kept < i) {
            fields[kept] = fields[i];
        }
        kept++;
    }
    return kept;
}

// The fields that the items of a literal make.
typedef struct Literal {
    RecordItem *items;
    RecordField *fields;
    bool final; // see infer_final()
} Literal;

static void infer_items(Infer *c, const Literal *literal, uint32_t begin,
                        uint32_t end)
{
    for (uint32_t i = begin; i < end; i++) {
        RecordItem *item = &literal->items[i];
        Type *type = literal->final && record_item_type(item) == NULL
                         ? infer_final(c, record_item_value(item))
                         : infer_item_value(c, item);
        literal->fields[i] =
            (RecordField){.name = item->name, .order = i, .type = type};
    }
}

static void infer_stretch(Infer *c, const Stretches *stretches, uint32_t begin,
                          uint32_t end, Type *expected, uint32_t *state)
{
    (void)expected;
    (void)state;
    infer_items(c, stretches->ctx, begin, end);
}

Type *infer_record(Infer *c, Expr *expr, bool final)
{
    if (!make_plain(c, expr)) {
        return infer_update(c, expr, NULL, NULL);
    }
    uint32_t count = expr->as.record.count;
    RecordField *fields = arena_array(c->store.arena, count, sizeof *fields);
    Literal literal = {expr->as.record.items, fields, final};
    if (infer_is_long(c, expr)) {
        Stretches stretches = {.expr = expr,
                               .count = count,
                               .check = infer_stretch,
                               .ctx = &literal};
        // A run that is stopped leaves some out.
        for (uint32_t i = 0; i < count; i++) {
            fields[i] = (RecordField){.name = expr->as.record.items[i].name,
                                      .order = i,
                                      .type = type_error()};
        }
        infer_stretches(c, &stretches);
    } else {
        infer_items(c, &literal, 0, count);
    }
    Type *known = type_share_find_record(&c->share, fields, count);
    if (known != NULL && type_store_reuse(&c->store, 1 + count)) {
        return known;
    }
    count = drop_repeated(fields, count);
    return type_record_sorted(&c->store, fields, count, NULL);
}

Type *infer_record_of(Infer *c, const Expr *expr, Type *item)
{
    if (!record_names_fields(expr)) {
        return NULL;
    }
    uint32_t count = expr->as.record.count;
    RecordField *fields = arena_array(c->store.arena, count, sizeof *fields);
    for (uint32_t i = 0; i < count; i++) {
        fields[i] = (RecordField){
            .name = expr->as.record.items[i].name, .order = i, .type = item};
    }
    count = drop_repeated(fields, count);
    return type_record_sorted(&c->store, fields, count, NULL);
}

// ---- against a type

// Where the fields of a record type are declared, for a label.
Expect infer_field_expect(const Infer *c, const RecordField *field,
                          const Expect *why)
{
    if (field->fill != NULL) {
        const Module *module = c->program->modules[field->fill->module];
        return (Expect){.kind = EXPECT_FIELD,
                        .name = field->name,
                        .source = &module->source,
                        .span = field->fill->decl->name_span};
    }
    return why != NULL ? *why : (Expect){.kind = EXPECT_NONE};
}

// Of the elements of a list, or of branches, that have other fields each.
static void help_differing(Infer *c, Diag *diag, Symbol name, const Expect *why)
{
    Str text = infer_name_text(c, name);
    if (why != NULL && diag->more->helps.count == 0 && text.len <= 40 &&
        (why->kind == EXPECT_ITEM || why->kind == EXPECT_BRANCH)) {
        diag_help(c->sink, diag,
                  "a field that some have and others not is optional in a "
                  "type that both are annotated with: { %.*s?: Type }",
                  STR_ARG(text));
    }
}

static Diag *report_extra(Infer *c, const RecordCheck *check)
{
    Symbol name = check->extra.items[0].name;
    Diag *diag =
        infer_error(c, DIAG_E0206, check->extra.items[0].span,
                    "the record has a field '%.*s' that its type does not know",
                    STR_ARG(infer_name_text(c, name)));
    infer_label_expect(c, diag, check->why);
    for (uint32_t i = 1; i < check->extra.count && i < SHOWN_FIELDS; i++) {
        diag_label(c->sink, diag, &c->module->source,
                   check->extra.items[i].span, "nor '%.*s'",
                   STR_ARG(infer_name_text(c, check->extra.items[i].name)));
    }
    infer_note_place(c, diag, check->extra.items[0].span);
    infer_suggest_field(c, diag, name, check->fields, check->field_count);
    help_differing(c, diag, name, check->why);
    return diag;
}

// 'a', 'b' and 'c', as far as that is short.
static Str list_fields(Infer *c, const RecordField **fields, uint32_t count)
{
    StrBuf names = {0};
    for (uint32_t i = 0; i < count && i < SHOWN_FIELDS; i++) {
        Str name = infer_name_text(c, fields[i]->name);
        strbuf_appendf(&names, "%s'%.*s'", i > 0 ? ", " : "", STR_ARG(name));
    }
    if (count > SHOWN_FIELDS) {
        strbuf_appendf(&names, " and %u more", count - SHOWN_FIELDS);
    }
    Str text = arena_str(&c->sink->arena, strbuf_str(&names));
    strbuf_release(&names);
    return text;
}

static void help_missing(Infer *c, Diag *diag, const RecordField **missing,
                         uint32_t count)
{
    const Type *type = count == 1 ? type_resolve(missing[0]->type) : NULL;
    bool is_known = type != NULL && (type->kind != TYPE_VAR ||
                                     (type->flags & TYPE_IS_LITERAL) != 0);
    if (is_known) {
        diag_help(c->sink, diag, "'%.*s' has type %.*s",
                  STR_ARG(infer_name_text(c, missing[0]->name)),
                  STR_ARG(infer_print(c, missing[0]->type)));
    }
}

// The fields go behind the last one, with something that has every type.
static void fix_missing(Infer *c, Diag *diag, const RecordField **missing,
                        uint32_t count, Span literal)
{
    Str text = c->source->text;
    uint32_t at = literal.end;
    if (at < literal.start + 2 || at > text.len || text.data[at - 1] != '}') {
        return;
    }
    at--;
    while (at > literal.start + 1 &&
           (text.data[at - 1] == ' ' || text.data[at - 1] == '\n' ||
            text.data[at - 1] == '\r' || text.data[at - 1] == '\t')) {
        at--;
    }
    bool first = text.data[at - 1] == '{' || text.data[at - 1] == ',';
    StrBuf added = {0};
    for (uint32_t i = 0; i < count && i < SHOWN_FIELDS; i++) {
        Str name = infer_name_text(c, missing[i]->name);
        strbuf_append(&added, first ? STR(" ") : STR(", "));
        strbuf_append_key(&added, name, SIZE_MAX);
        strbuf_append(&added, STR(" = error \"to do\""));
        first = false;
    }
    strbuf_append(&added, at + 1 == literal.end ? STR(" ") : STR(""));
    if (count <= SHOWN_FIELDS) {
        diag_fix(c->sink, diag, (Span){at, at}, strbuf_str(&added),
                 count == 1 ? "add the field" : "add the fields");
    }
    strbuf_release(&added);
}

// Says which fields the record literal lacks.
static void report_missing(Infer *c, const Expr *expr, const RecordCheck *check,
                           const RecordField **missing, uint32_t count)
{
    Diag *diag =
        infer_error(c, DIAG_E0205, expr->span, "the record lacks %s %.*s",
                    count == 1 ? "field" : "fields",
                    STR_ARG(list_fields(c, missing, count)));
    infer_label_expect(c, diag, check->why);
    infer_note_place(c, diag, expr->span);
    if (check->why != NULL && check->why->kind == EXPECT_BRANCH &&
        count == check->field_count) {
        diag_help(c->sink, diag,
                  "a part that may be left out is an Option: Some { ... } in "
                  "one branch, None in the other");
    } else if (check->why != NULL && check->why->kind == EXPECT_ITEM) {
        help_differing(c, diag, missing[0]->name, check->why);
    } else {
        help_missing(c, diag, missing, count);
        infer_help_meant(c, diag, expr, check, missing[0]);
    }
    fix_missing(c, diag, missing, count, expr->span);
}

// What a field may be called now that its type does not know: one of those that
// the record leaves out.
static void help_left_out(Infer *c, Diag *diag, const RecordField **fields,
                          uint32_t count)
{
    if (diag->more->helps.count == 0 && count > 0) {
        diag_help(c->sink, diag, "it may have %.*s",
                  STR_ARG(list_fields(c, fields, count)));
    }
}

// A misspelt field is not reported as missing too.
static uint32_t drop_misspelt(Infer *c, const RecordCheck *check,
                              const RecordField **missing, uint32_t count)
{
    for (uint32_t e = 0; e < check->extra.count && e < SHOWN_FIELDS &&
                         infer_may_suggest(c, count);
         e++) {
        Nearest nearest;
        nearest_init(&nearest, infer_name_text(c, check->extra.items[e].name));
        for (uint32_t i = 0; i < count; i++) {
            nearest_consider(&nearest, infer_name_text(c, missing[i]->name));
        }
        uint32_t kept = 0;
        for (uint32_t i = 0; i < count; i++) {
            if (nearest.best.len == 0 ||
                !str_equal(nearest.best,
                           infer_name_text(c, missing[i]->name))) {
                missing[kept++] = missing[i];
            }
        }
        count = kept;
    }
    return count;
}

static void note_fills(Infer *c, Expr *expr, const RecordField **fields,
                       uint32_t count)
{
    if (!infer_afford(c, count)) {
        return;
    }
    Note note = {.kind = NOTE_RECORD};
    RecordFill *fills = arena_array(c->arena, count, sizeof *fills);
    for (uint32_t i = 0; i < count; i++) {
        const FieldFill *fill = fields[i]->fill;
        fills[i] = (RecordFill){.name = fields[i]->name,
                                .is_none = fill->optional,
                                .module = fill->module,
                                .index = fill->decl->hidden,
                                .args = fill->args,
                                .arg_count = fill->arg_count};
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!fills[i].is_none) {
            refinements_add_ref(c, fills[i].module, fills[i].index, expr->span);
        }
    }
    note.as.record.fills = fills;
    note.as.record.count = count;
    infer_add_note(c, &expr->note, &note);
}

// What the literal leaves out: filled, or reported.
void infer_finish_record(Infer *c, Expr *expr, RecordCheck *check)
{
    const RecordField **fills =
        arena_array(c->scratch, check->field_count, sizeof *fills);
    const RecordField **missing =
        arena_array(c->scratch, check->field_count, sizeof *missing);
    uint32_t fill_count = 0;
    uint32_t missing_count = 0;
    for (uint32_t i = 0; i < check->field_count; i++) {
        if (check->seen[i]) {
            continue;
        }
        if (check->fields[i].fill != NULL) {
            fills[fill_count++] = &check->fields[i];
        } else {
            missing[missing_count++] = &check->fields[i];
        }
    }
    if (fill_count > 0) {
        qsort(fills, fill_count, sizeof *fills, type_compare_order_at);
        note_fills(c, expr, fills, fill_count);
    }
    Diag *extra = NULL;
    if (check->extra.count > 0) {
        extra = report_extra(c, check);
        missing_count = drop_misspelt(c, check, missing, missing_count);
    }
    qsort(missing, missing_count, sizeof *missing, type_compare_order_at);
    if (missing_count > 0 && extra != NULL) {
        // One field for the other is one mistake.
        diag_note(c->sink, extra, "it lacks %.*s",
                  STR_ARG(list_fields(c, missing, missing_count)));
        help_missing(c, extra, missing, missing_count);
    } else if (extra != NULL) {
        help_left_out(c, extra, fills, fill_count);
    } else if (missing_count > 0) {
        report_missing(c, expr, check, missing, missing_count);
    }
    vec_release(&check->extra);
}

// The item belongs to no field of the type: it extends an open one.
static void report_extra_item(Infer *c, Type *record, RecordItem *item,
                              RecordCheck *check)
{
    if (check->tail != NULL) {
        Type *type = unify_field(&c->unifier, record, item->name, c->level);
        if (type != NULL) {
            infer_check(c, record_item_value(item), type, check->why);
            return;
        }
    }
    infer_item_value(c, item);
    vec_push(&check->extra, (ExtraField){item->name, infer_item_span(c, item)});
}

static void check_item(Infer *c, RecordItem *item, const RecordField *field,
                       const Expect *why)
{
    Expect declared;
    const Expect *here = why;
    if (field->fill != NULL || why == NULL) {
        declared = infer_field_expect(c, field, why);
        here = &declared;
    }
    if (record_item_type(item) == NULL) {
        infer_field_value(c, record_item_value(item), field, here);
        return;
    }
    Type *type = infer_item_value(c, item);
    infer_unify(c, record_item_value(item)->span, field->type, type, here);
}

void infer_begin_record(Infer *c, Type *expected, const Expect *why,
                        RecordCheck *check)
{
    *check = (RecordCheck){.why = why};
    check->fields = type_record_fields(expected, c->scratch,
                                       &check->field_count, &check->tail);
    check->seen = check->field_count <= sizeof check->few_seen
                      ? check->few_seen
                      : arena_zalloc(c->scratch, check->field_count);
}

RecordField *infer_find_field(RecordCheck *check, Symbol name)
{
    if (check->next < check->field_count &&
        check->fields[check->next].name == name) {
        return &check->fields[check->next++];
    }
    RecordField *found =
        type_fields_find(check->fields, check->field_count, name);
    if (found != NULL) {
        check->next = (uint32_t)(found - check->fields) + 1;
    }
    return found;
}

// An open type ends where the literal does.
void infer_close_row(Infer *c, Expr *expr, Type *expected, RecordCheck *check)
{
    Type *tail = type_record_tail(expected);
    if (tail == NULL || tail->kind == TYPE_ERROR) {
        return;
    }
    if (tail->kind == TYPE_SKOLEM) {
        infer_report_rigid_row(c, expr->span, tail, check->why);
        vec_release(&check->extra); // which is the same mistake
        return;
    }
    Type *closed = type_record(&c->store, NULL, 0, NULL);
    infer_unify(c, expr->span, tail, closed, check->why);
}

void infer_check_record(Infer *c, Expr *expr, Type *expected, const Expect *why)
{
    infer_watch(c, TYPE_NOTE_RECORD, expr->span, expected);
    if (!make_plain(c, expr)) {
        infer_update(c, expr, expected, why);
        return;
    }
    RecordCheck check;
    infer_begin_record(c, expected, why, &check);
    uint32_t seen = 0;
    for (uint32_t i = 0; i < expr->as.record.count; i++) {
        RecordItem *item = &expr->as.record.items[i];
        RecordField *field = infer_find_field(&check, item->name);
        if (field == NULL) {
            report_extra_item(c, expected, item, &check);
            continue;
        }
        uint8_t *mark_seen = &check.seen[field - check.fields];
        seen += *mark_seen == 0;
        *mark_seen = 1;
        check_item(c, item, field, why);
    }
    if (check.tail != NULL) {
        infer_close_row(c, expr, expected, &check);
    }
    if (seen < check.field_count || check.extra.count > 0) {
        infer_finish_record(c, expr, &check);
    }
}
