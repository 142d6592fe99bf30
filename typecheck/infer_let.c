// Local bindings: `let` in order, `let rec` by groups.
#include "typecheck/infer_internal.h"
#include "typecheck/refinements.h"

// A call of a constructor, or data made of values, loses no work when it is
// evaluated at each use.
ValueForm infer_value_form(const Expr *expr)
{
    if ((expr->flags & EXPR_CLOSED) != 0) {
        return VALUE_DATA;
    }
    switch ((ExprKind)expr->kind) {
    case EXPR_LAMBDA:
    case EXPR_NAME:
    case EXPR_BUILTIN:
        return VALUE_FUNCTION;
    case EXPR_ANNOTATED:
        return infer_value_form(&expr->as.annotated->expr);
    case EXPR_UNIT:
    case EXPR_BOOL:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_STRING:
    case EXPR_CTOR:
    case EXPR_DATA:
        return VALUE_DATA;
    case EXPR_TUPLE:
    case EXPR_LIST:
        for (uint32_t i = 0; i < expr->as.list.count; i++) {
            if (infer_value_form(&expr->as.list.items[i]) == VALUE_NOT) {
                return VALUE_NOT;
            }
        }
        return VALUE_DATA;
    case EXPR_RECORD:
        for (uint32_t i = 0; i < expr->as.record.count; i++) {
            if (infer_value_form(record_item_value(
                    &expr->as.record.items[i])) == VALUE_NOT) {
                return VALUE_NOT;
            }
        }
        return VALUE_DATA;
    case EXPR_CALL:
        for (uint32_t i = 0; i < expr->as.call.count; i++) {
            if ((i == 0 && expr->as.call.parts[0].kind != EXPR_CTOR) ||
                infer_value_form(&expr->as.call.parts[i]) == VALUE_NOT) {
                return VALUE_NOT;
            }
        }
        return VALUE_DATA;
    case EXPR_ERROR:
    case EXPR_INTERPOLATION:
    case EXPR_COMPREHENSION:
    case EXPR_FIELD:
    case EXPR_CHAIN:
    case EXPR_UNARY:
    case EXPR_LET:
    case EXPR_IF:
    case EXPR_MATCH:
        break;
    }
    return VALUE_NOT;
}

typedef struct BindScope {
    uint32_t bind_level;
    bool bind_open;
    InferMark mark;
} BindScope;

static BindScope enter_bind(Infer *c)
{
    BindScope scope = {c->bind_level, c->bind_open, infer_mark(c)};
    c->level++;
    c->bind_level = c->level;
    return scope;
}

// The level is down again when generalisation begins.
static void leave_level(Infer *c, const BindScope *scope)
{
    c->level--;
    c->bind_level = scope->bind_level;
    c->bind_open = scope->bind_open;
}

static void leave_bind(Infer *c, const BindScope *scope)
{
    c->vars.count = scope->mark.vars;
}

// The value of a binding whose type its annotation says, inside its scope.
// Returns its scheme.
static const Scheme *infer_whole_bind(Infer *c, Bind *bind,
                                      Signature *signature,
                                      const BindScope *scope)
{
    c->bind_open = false;
    infer_push_signature(c, signature, &bind->note);
    infer_check_signature(c, signature, bind->name, &bind->value);
    leave_level(c, scope);
    const Scheme *scheme = infer_signature_scheme(c, signature);
    infer_finish_annotated(c, scope->mark);
    infer_release_signature(signature);
    leave_bind(c, scope);
    return scheme;
}

// A local binding whose type is inferred. What `errors` since then have made of
// it would be held against others, as of one at the top level.
static void bind_inferred(Infer *c, const Bind *bind, const Generalised *item,
                          uint32_t errors)
{
    if (c->error_count > errors) {
        infer_bind_local(c, bind->local, type_error(), NULL);
    } else {
        infer_bind_local(c, bind->local, item->type, item->scheme);
    }
}

static void infer_plain_bind(Infer *c, Bind *bind)
{
    uint32_t errors = c->error_count;
    BindScope scope = enter_bind(c);
    c->bind_open = false;
    Signature signature = {0};
    if (infer_read_signature(c, bind->type, &bind->value, &signature)) {
        infer_bind_local(c, bind->local, NULL,
                         infer_whole_bind(c, bind, &signature, &scope));
        refinements_note_bind(c, bind, signature.type);
        return;
    }
    c->bind_open = true;
    Type *type;
    if (signature.type != NULL) {
        infer_check_signature(c, &signature, bind->name, &bind->value);
        type = type_strip(&c->store, signature.type);
    } else {
        infer_read_params(c, &bind->value);
        type = infer_expr(c, &bind->value);
    }
    leave_level(c, &scope);
    Generalised item = {.type = type, .note = &bind->note};
    infer_generalise(c, scope.mark, &item, 1, infer_value_form(&bind->value),
                     GROUP_NONE);
    bind_inferred(c, bind, &item, errors);
    refinements_note_bind(c, bind, signature.type);
    infer_release_signature(&signature);
    leave_bind(c, &scope);
}

// What one member of a `let rec` is for the others: polymorphic where its
// annotation says its whole type.
static void declare_member(Infer *c, Bind *bind, Signature *signature)
{
    uint32_t vars = c->vars.count;
    c->bind_open = false;
    bool whole = infer_read_signature(c, bind->type, &bind->value, signature);
    c->vars.count = vars;
    if (whole) {
        c->level--;
        infer_bind_local(c, bind->local, NULL,
                         infer_signature_scheme(c, signature));
        refinements_note_bind(c, bind, signature->type);
        c->level++;
    } else {
        Type *type = infer_outline(c, &bind->value, signature);
        infer_bind_local(c, bind->local, type, NULL);
    }
}

// The members without a whole annotation are inferred together.
static void infer_open_members(Infer *c, Let *let, Signature *signatures,
                               const BindScope *scope, const LetGroup *group)
{
    Generalised *items = arena_zalloc(c->scratch, group->count * sizeof *items);
    uint32_t *members = arena_array(c->scratch, group->count, sizeof *members);
    uint32_t number = ++c->rec_groups;
    uint32_t errors = c->error_count;
    uint32_t count = 0;
    for (uint32_t i = 0; i < group->count; i++) {
        uint32_t member = let_group_member(group, i);
        Bind *bind = &let->binds[member];
        if (!signatures[member].whole && bind->local < c->local_capacity) {
            LocalType *local = &c->locals[bind->local];
            local->group = number;
            items[count] =
                (Generalised){.type = local->type, .note = &bind->note};
            members[count++] = member;
        }
    }
    for (uint32_t m = 0; m < count; m++) {
        c->bind_open = true;
        infer_enter_signature(c, &signatures[members[m]]);
        infer_check(c, &let->binds[members[m]].value, items[m].type, NULL);
        c->vars.count = scope->mark.vars;
    }
    leave_level(c, scope);
    infer_generalise(c, scope->mark, items, count, VALUE_FUNCTION, number);
    for (uint32_t m = 0; m < count; m++) {
        const Bind *bind = &let->binds[members[m]];
        bind_inferred(c, bind, &items[m], errors);
        refinements_note_bind(c, bind, NULL);
    }
}

// As groups of bindings at the top level: each is polymorphic for those after
// it, and has class constraints of its own (Haskell 2010 report, 4.5.1).
static void infer_rec_groups(Infer *c, Let *let, Signature *signatures)
{
    uint32_t count = let_group_count(let);
    for (uint32_t i = 0; i < count; i++) {
        LetGroup group = let_group(let, i);
        BindScope scope = enter_bind(c);
        infer_open_members(c, let, signatures, &scope, &group);
    }
}

static void infer_rec_binds(Infer *c, Let *let)
{
    BindScope scope = enter_bind(c);
    Signature *signatures =
        arena_zalloc(c->scratch, let->count * sizeof *signatures);
    for (uint32_t i = 0; i < let->count; i++) {
        declare_member(c, &let->binds[i], &signatures[i]);
    }
    leave_level(c, &scope);
    infer_rec_groups(c, let, signatures);
    for (uint32_t i = 0; i < let->count; i++) {
        if (signatures[i].whole) {
            BindScope inner = enter_bind(c);
            infer_enter_signature(c, &signatures[i]);
            infer_whole_bind(c, &let->binds[i], &signatures[i], &inner);
        } else {
            infer_release_signature(&signatures[i]);
        }
    }
}

void infer_let_binds(Infer *c, Let *let)
{
    if (let->rec) {
        infer_rec_binds(c, let);
        return;
    }
    for (uint32_t i = 0; i < let->count; i++) {
        infer_plain_bind(c, &let->binds[i]);
    }
}
