// What is said about matches and patterns; the search is pattern_matrix.h's.
#include "typecheck/patterns.h"

#include "support/vec.h"
#include "typecheck/pattern_matrix.h"

// Missing values shown in a message.
#define SHOWN_WITNESSES 3
// Comparisons spent on naming the arm that covers an unreachable one.
#define MAX_COMPARISONS 1000000

typedef VEC(MatrixRow) RowVec;

static void list_witnesses(const Program *program, const MatrixResult *result,
                           StrBuf *out)
{
    uint32_t shown =
        result->count < SHOWN_WITNESSES ? result->count : SHOWN_WITNESSES;
    bool others = result->count > shown;
    for (uint32_t i = 0; i < shown; i++) {
        if (i > 0) {
            bool is_last = i + 1 == shown && !others;
            strbuf_append(out, is_last ? STR(" and ") : STR(", "));
        }
        strbuf_append_char(out, '\'');
        witness_print(program->interner, result->witnesses[i], out);
        strbuf_append_char(out, '\'');
    }
    strbuf_append(out, others ? STR(" and others") : STR(""));
}

static void collect_rows(const Match *match, RowVec *rows)
{
    for (uint32_t i = 0; i < match->arm_count; i++) {
        const Arm *arm = &match->arms[i];
        for (uint32_t j = 0; j < arm->pattern_count; j++) {
            MatrixRow row = {.pattern = &arm->patterns[j],
                             .guarded = arm->guard != NULL};
            vec_push(rows, row);
        }
    }
}

// Arms go behind the last one, where they change nothing else.
static void fix_missing(const Program *program, const Match *match,
                        const MatrixResult *result, Diag *diag, DiagSink *diags)
{
    if (match->arm_count == 0) {
        return;
    }
    StrBuf arms = {0};
    uint32_t shown =
        result->count < SHOWN_WITNESSES ? result->count : SHOWN_WITNESSES;
    for (uint32_t i = 0; i < shown; i++) {
        strbuf_append(&arms, STR(", "));
        witness_print(program->interner, result->witnesses[i], &arms);
        strbuf_append(&arms, STR(" => error \"to do\""));
    }
    uint32_t end = match->arms[match->arm_count - 1].body.span.end;
    diag_fix(diags, diag, (Span){end, end}, strbuf_str(&arms),
             shown == 1 ? "add the arm" : "add the arms");
    strbuf_release(&arms);
}

static void report_missing(const Program *program, const Module *module,
                           const Match *match, const MatrixResult *result,
                           DiagSink *diags)
{
    StrBuf list = {0};
    list_witnesses(program, result, &list);
    Diag *diag =
        diag_add(diags, DIAG_E0301, &module->source, match->scrutinee.span,
                 "match does not cover %.*s", STR_ARG(strbuf_str(&list)));
    strbuf_release(&list);
    bool has_guard = false;
    for (uint32_t i = 0; i < match->arm_count; i++) {
        has_guard = has_guard || match->arms[i].guard != NULL;
    }
    if (has_guard) {
        diag_note(diags, diag, "an arm with 'when' covers nothing by itself");
    }
    diag_help(diags, diag, "%s, or end with '_ => ...'",
              result->count > 1 ? "add an arm for each" : "add an arm for it");
    fix_missing(program, match, result, diag, diags);
}

// Reports `inner` as never reached, with the earlier row that covers it.
static void report_unreachable(const Program *program, const Module *module,
                               const RowVec *rows, uint32_t at, bool whole_arm,
                               Span span, uint32_t *comparisons,
                               DiagSink *diags)
{
    Diag *diag = diag_add(diags, DIAG_W0301, &module->source, span,
                          whole_arm ? "arm is never reached"
                                    : "alternative is never reached");
    for (uint32_t i = 0; i < at && *comparisons < MAX_COMPARISONS; i++) {
        const MatrixRow *earlier = &rows->items[i];
        ++*comparisons;
        if (!earlier->guarded && matrix_subsumes(program, earlier->pattern,
                                                 rows->items[at].pattern)) {
            diag_label(diags, diag, &module->source, earlier->pattern->span,
                       "covers all of it");
            return;
        }
    }
    diag_note(diags, diag, "the arms before it cover all of it together");
}

static void report_useless(const Program *program, const Module *module,
                           const Match *match, const RowVec *rows,
                           DiagSink *diags)
{
    uint32_t first = 0;
    uint32_t comparisons = 0;
    for (uint32_t i = 0; i < match->arm_count; i++) {
        const Arm *arm = &match->arms[i];
        uint32_t end = first + arm->pattern_count;
        uint32_t useful = 0;
        for (uint32_t j = first; j < end; j++) {
            useful += rows->items[j].useful;
        }
        if (useful == 0 && arm->pattern_count > 0) {
            Span span = span_join(arm->patterns[0].span,
                                  arm->patterns[arm->pattern_count - 1].span);
            report_unreachable(program, module, rows, first, true, span,
                               &comparisons, diags);
            first = end;
            continue;
        }
        for (; first < end; first++) {
            if (!rows->items[first].useful) {
                report_unreachable(program, module, rows, first, false,
                                   rows->items[first].pattern->span,
                                   &comparisons, diags);
            }
        }
    }
}

// The module of the union that the constructors of the arms are of, and its
// number there; NULL for none.
static const Module *union_of(const Program *program, const Match *match,
                              uint32_t *out_type)
{
    for (uint32_t i = 0; i < match->arm_count; i++) {
        const Arm *arm = &match->arms[i];
        for (uint32_t k = 0; k < arm->pattern_count; k++) {
            const Pattern *pattern = &arm->patterns[k];
            if (pattern->kind == PATTERN_CTOR &&
                pattern->as.ctor->ref.ref == REF_CTOR) {
                const NameRef *ref = &pattern->as.ctor->ref;
                const Module *module = program->modules[ref->module];
                *out_type = module->ctors[ref->index].type;
                return module;
            }
        }
    }
    return NULL;
}

// The constructor whose name is that of the pattern but for its first letter,
// and which has no arguments; NULL for none.
static const CtorEntry *nearly_ctor(const Program *program,
                                    const Pattern *pattern, const Module *of,
                                    uint32_t type)
{
    Str name = symbol_text(program->interner, pattern->as.name.symbol);
    if (name.data[0] < 'a' || name.data[0] > 'z') {
        return NULL;
    }
    StrBuf upper = {0};
    strbuf_append_char(&upper, (char)(name.data[0] - 'a' + 'A'));
    strbuf_append(&upper, str_slice(name, 1, name.len));
    Symbol symbol = intern_find(program->interner, strbuf_str(&upper));
    strbuf_release(&upper);
    const CtorEntry *found =
        symbol != 0 ? module_find_ctor(of, &of->types[type], symbol) : NULL;
    return found != NULL && found->decl->arg_count == 0 ? found : NULL;
}

// `none`, which takes any value, for `None`.
static void warn_names(const Program *program, const Module *module,
                       const Match *match, DiagSink *diags)
{
    uint32_t type;
    const Module *of = union_of(program, match, &type);
    for (uint32_t i = 0; of != NULL && i < match->arm_count; i++) {
        const Arm *arm = &match->arms[i];
        for (uint32_t k = 0; k < arm->pattern_count; k++) {
            const Pattern *pattern = &arm->patterns[k];
            const CtorEntry *ctor =
                pattern->kind == PATTERN_NAME
                    ? nearly_ctor(program, pattern, of, type)
                    : NULL;
            if (ctor != NULL) {
                Str name = symbol_text(program->interner, ctor->name);
                Diag *diag =
                    diag_add(diags, DIAG_W0302, &module->source, pattern->span,
                             "this name takes any value, not '%.*s' alone",
                             STR_ARG(name));
                diag_did_you_mean(diags, diag, name);
            }
        }
    }
}

bool patterns_check_match(const Program *program, const Module *module,
                          const Match *match, DiagSink *diags)
{
    Arena arena;
    arena_init(&arena);
    RowVec rows = {0};
    collect_rows(match, &rows);
    MatrixResult result = {.count = 0};
    bool ok = true;
    switch (matrix_search(program, rows.items, rows.count, &arena, &result)) {
    case MATRIX_BROKEN:
        break;
    case MATRIX_TOO_LARGE: {
        Diag *diag =
            diag_add(diags, DIAG_E0610, &module->source, match->scrutinee.span,
                     "match is too large to check");
        diag_help(diags, diag, "split it into smaller matches");
        ok = false;
        break;
    }
    case MATRIX_DONE:
        if (result.count > 0) {
            report_missing(program, module, match, &result, diags);
            ok = false;
        }
        report_useless(program, module, match, &rows, diags);
        warn_names(program, module, match, diags);
        break;
    }
    vec_release(&rows);
    arena_release(&arena);
    return ok;
}

bool patterns_check_irrefutable(const Program *program, const Module *module,
                                const Pattern *pattern, const char *place,
                                DiagSink *diags)
{
    if (pattern->kind == PATTERN_NAME || pattern->kind == PATTERN_WILDCARD) {
        return true;
    }
    Arena arena;
    arena_init(&arena);
    MatrixRow row = {.pattern = pattern};
    MatrixResult result = {.count = 0};
    MatrixStatus status = matrix_search(program, &row, 1, &arena, &result);
    bool ok = status != MATRIX_DONE || result.count == 0;
    if (!ok) {
        StrBuf list = {0};
        list_witnesses(program, &result, &list);
        Diag *diag = diag_add(diags, DIAG_E0302, &module->source, pattern->span,
                              "pattern of %s does not cover %.*s", place,
                              STR_ARG(strbuf_str(&list)));
        strbuf_release(&list);
        diag_help(diags, diag, "take the value apart with 'match'");
    }
    arena_release(&arena);
    return ok;
}
