// Messages about class constraints.
#include "typecheck/classes_internal.h"
#include "typecheck/infer_group.h"
#include "typecheck/instance_index.h"
#include "typecheck/type_print.h"

enum {
    SHOWN_CANDIDATES = 6,
    // Of one group, so many messages are remembered, and each points at so many
    // further places.
    UNMET_MAX = 16,
    UNMET_PLACES_MAX = 3
};

static Str constraint_text(Infer *c, const ClassInfo *class_, Type **args)
{
    PrintedConstraint printed = {class_->module, class_->index, args,
                                 class_->param_count};
    return type_print_constraint(c->program, c->module, &printed,
                                 &c->sink->arena);
}

static Str class_text(const Infer *c, const ClassInfo *class_)
{
    return infer_name_text(c, class_->name);
}

static bool is_before(const InstanceInfo *a, const InstanceInfo *b)
{
    return a->module != b->module ? a->module < b->module : a->index < b->index;
}

// The first instances of the class in the order of the modules; returns how
// many there are in all.
static uint32_t first_candidates(const Infer *c, const ClassInfo *class_,
                                 const InstanceInfo **first)
{
    uint32_t count = 0;
    const InstanceSet *layer = c->types->visible;
    for (; layer != NULL; layer = layer->below) {
        const SeenInstance *entry = instances_by_class(layer, class_);
        for (; entry != NULL; entry = entry->of_class) {
            uint32_t at = count < SHOWN_CANDIDATES ? count : SHOWN_CANDIDATES;
            count++;
            for (; at > 0 && is_before(entry->info, first[at - 1]); at--) {
                if (at < SHOWN_CANDIDATES) {
                    first[at] = first[at - 1];
                }
            }
            if (at < SHOWN_CANDIDATES) {
                first[at] = entry->info;
            }
        }
    }
    return count;
}

// "instances of 'Num': Float, Integer".
static void note_candidates(Infer *c, Diag *diag, const ClassInfo *class_)
{
    const InstanceInfo *first[SHOWN_CANDIDATES];
    uint32_t count = first_candidates(c, class_, first);
    if (count == 0) {
        diag_note(c->sink, diag, "class '%.*s' has no instances%s",
                  STR_ARG(class_text(c, class_)),
                  class_->derivable ? " that are written" : "");
        return;
    }
    StrBuf text = {0};
    for (uint32_t i = 0; i < count && i < SHOWN_CANDIDATES; i++) {
        Str head = constraint_text(c, class_, first[i]->args);
        strbuf_appendf(&text, "%s'%.*s'", i > 0 ? ", " : "", STR_ARG(head));
    }
    if (count > SHOWN_CANDIDATES) {
        strbuf_appendf(&text, " and %u more", count - SHOWN_CANDIDATES);
    }
    diag_note(c->sink, diag, "there %s %.*s", count == 1 ? "is" : "are",
              STR_ARG(strbuf_str(&text)));
    strbuf_release(&text);
}

static bool is_origin(const Wanted *origin, const ClassInfo *class_,
                      Type *const *args)
{
    return origin->class_ == class_ && origin->args == args;
}

static void note_origin(Infer *c, Diag *diag, const Wanted *origin,
                        const ClassInfo *class_, Type **args)
{
    if (!is_origin(origin, class_, args)) {
        diag_note(c->sink, diag, "needed for '%.*s'",
                  STR_ARG(constraint_text(c, origin->class_, origin->args)));
    }
}

// Where a name wants it that has a type of its own: which one. Methods say with
// their class what they are.
static void note_scheme(Infer *c, Diag *diag, const Wanted *origin)
{
    const Expr *expr = origin->expr;
    if (origin->kind != WANT_EVIDENCE || expr == NULL ||
        expr->kind != EXPR_NAME || expr->as.name.ref != REF_GLOBAL) {
        return;
    }
    const Scheme *scheme = infer_scheme_of(c, expr);
    if (scheme != NULL && expr->span.start == origin->span.start) {
        diag_note(c->sink, diag, "'%.*s' has type %.*s",
                  STR_ARG(infer_name_text(c, expr->as.name.symbol)),
                  STR_ARG(scheme_print(c->program, c->module, scheme,
                                       &c->sink->arena)));
    }
}

static Operator operator_of(const Wanted *origin)
{
    const Expr *expr = origin->expr;
    if (origin->kind != WANT_OPERATOR || expr == NULL) {
        return OP_NONE;
    }
    return expr->kind == EXPR_CHAIN ? (Operator)expr->as.chain.operands[1].op
                                    : (Operator)expr->as.unary.op;
}

static bool is_member(const Infer *c, const ClassInfo *class_, Symbol name)
{
    (void)c;
    return class_->module == MODULE_PRELUDE && class_->name == name;
}

static bool is_rigid_record(Type *type)
{
    return type->kind == TYPE_RECORD && type_record_tail(type) != NULL &&
           type_record_tail(type)->kind == TYPE_SKOLEM;
}

static bool stands_in_head(const InstanceInfo *instance, const Type *variable)
{
    bool found = false;
    for (uint32_t i = 0; i < instance->generic_count && !found; i++) {
        found = instance->var_names[i] == variable->as.var.name;
    }
    return found;
}

// Where what a rigid variable lacks can be asked for.
static void help_rigid(Infer *c, Diag *diag, const Type *variable,
                       Str constraint)
{
    uint32_t index = (uint32_t)(c->binding - c->module->bindings);
    const MethodBinding *method =
        c->method_of != NULL ? c->method_of[index] : NULL;
    if (method != NULL && stands_in_head(method->instance, variable)) {
        diag_help(c->sink, diag, "add '%.*s =>' to the head of the instance",
                  STR_ARG(constraint));
    } else if (method == NULL && c->binding->kind == BINDING_HIDDEN) {
        diag_help(c->sink, diag,
                  "a default is given no instances of the type's parameters: "
                  "leave the field without one");
    } else {
        diag_help(c->sink, diag, "add '%.*s =>' to the annotation",
                  STR_ARG(constraint));
    }
}

static void help_container(Infer *c, Diag *diag, Type *container, Type *element)
{
    const char *help =
        type_is_prim(element, PRIM_LIST)
            ? "the element comes first: contains element list"
        : type_is_prim(container, PRIM_MAP)
            ? "'contains' of std.map looks for a key"
        : container->kind == TYPE_RECORD
            ? "a record always has the fields of its type: one that may be "
              "missing is an Option, any keys are a Map"
            : NULL;
    if (help != NULL) {
        diag_help(c->sink, diag, "%s", help);
    }
}

static void help_missing(Infer *c, Diag *diag, const Wanted *origin,
                         const ClassInfo *class_, Type **args)
{
    Type *first = type_resolve(args[0]);
    Operator op = operator_of(origin);
    if (first->kind == TYPE_SKOLEM) {
        help_rigid(c, diag, first, constraint_text(c, class_, args));
    } else if (is_rigid_record(first)) {
        diag_help(c->sink, diag,
                  "what other fields there are is not known here: leave out "
                  "the '..'");
    } else if (op == OP_ADD && (type_is_prim(first, PRIM_STRING) ||
                                type_is_prim(first, PRIM_LIST))) {
        diag_help(c->sink, diag, "'++' joins strings and lists");
    } else if ((op == OP_APPEND || op == OP_ADD) &&
               first->kind == TYPE_RECORD) {
        diag_help(c->sink, diag, "{ ..a, ..b } joins records");
    } else if (op == OP_APPEND && (type_is_prim(first, PRIM_INTEGER) ||
                                   type_is_prim(first, PRIM_FLOAT))) {
        diag_help(c->sink, diag,
                  "'+' adds numbers; 'toString' makes a String of one");
    } else if (class_ == c->num && infer_is_option(c, first)) {
        diag_help(c->sink, diag,
                  "'?? default' takes the value out of an Option");
    } else if (is_member(c, class_, SYM_CLASS_CONTAINER)) {
        help_container(c, diag, first, type_resolve(args[1]));
    } else if (is_member(c, class_, SYM_CLASS_SIZED)) {
        if (first->kind == TYPE_RECORD) {
            diag_help(c->sink, diag,
                      "'fields' of std.record lists those of a record: length "
                      "(fields record)");
        }
    } else if (class_->module != MODULE_PRELUDE) {
        diag_help(c->sink, diag, "write 'instance %.*s where ...'",
                  STR_ARG(constraint_text(c, class_, args)));
    }
}

static void report_super(Infer *c, const Wanted *origin,
                         const ClassInfo *class_, Type **args)
{
    const InstanceInfo *instance = origin->super_of;
    Str missing = constraint_text(c, class_, args);
    Diag *diag =
        infer_error(c, DIAG_E0213, instance->span,
                    "the instance needs its superclass: no instance '%.*s'",
                    STR_ARG(missing));
    diag_help(c->sink, diag, "write 'instance %.*s where ...' as well",
              STR_ARG(missing));
}

// A rigid variable whose annotation is wrong.
static bool is_excused(const ClassInfo *class_, Type **args)
{
    for (uint32_t i = 0; i < class_->param_count; i++) {
        const Type *type = type_resolve(args[i]);
        if (type->kind == TYPE_SKOLEM && (type->flags & TYPE_HAS_ERROR) != 0) {
            return true;
        }
    }
    return false;
}

// Whether an instance of the class is here that has errors in its head, or one
// of a class with its name that is not there.
static bool has_broken_instance(const Infer *c, const ClassInfo *class_)
{
    for (uint32_t i = 0; i < c->module->instance_count; i++) {
        const NameRef *ref = &c->module->instances[i].decl->head.ref;
        const InstanceInfo *info = &c->types->instances[i];
        if (ref->ref == REF_ERROR && ref->symbol == class_->name) {
            return true; // meant for this class, which is not imported
        }
        if (ref->ref != REF_CLASS || ref->module != class_->module ||
            ref->index != class_->index) {
            continue;
        }
        bool broken = info->class_ == NULL;
        for (uint32_t a = 0; !broken && a < class_->param_count; a++) {
            broken = (type_resolve(info->args[a])->flags & TYPE_HAS_ERROR) != 0;
        }
        if (broken) {
            return true;
        }
    }
    return false;
}

// Whether an instance of the module lacks this very superclass, which is said
// there: no instance is of a head like that.
static bool is_missing_super(const Infer *c, const ClassInfo *class_, Type *arg)
{
    if (class_->param_count != 1 || classes_has_instance(c, class_, arg)) {
        return false;
    }
    uintptr_t key = instance_head_key(arg);
    for (uint32_t i = 0; i < c->module->instance_count; i++) {
        const InstanceInfo *info = &c->types->instances[i];
        if (info->class_ == NULL || info->context_count > 0 ||
            instance_head_key(info->args[0]) != key) {
            continue;
        }
        for (uint32_t k = 0; k < info->class_->super_count; k++) {
            const ClassUse *super = &info->class_->supers[k];
            if (super->class_ == class_ && info->class_->param_count == 1 &&
                type_resolve(super->args[0])->kind == TYPE_GENERIC) {
                return true;
            }
        }
    }
    return false;
}

// Whether an assumption could have more superclasses than are known.
static bool lacks_supers(const Infer *c)
{
    for (uint32_t i = 0; i < c->givens.count; i++) {
        if (c->givens.items[i].class_->lacks_supers) {
            return true;
        }
    }
    return false;
}

// Whether the message is still there: it may have been taken back.
static bool is_said(const Infer *c, const Unmet *unmet)
{
    return unmet->at < c->sink->diags.count &&
           diag_at(c->sink, unmet->at) == unmet->diag;
}

bool classes_is_unmet_again(Infer *c, const ClassInfo *class_, Type **args,
                            Span span)
{
    Wanted missing = {.class_ = class_, .args = args};
    for (uint32_t i = 0; i < c->unmet.count; i++) {
        Unmet *unmet = &c->unmet.items[i];
        Wanted other = {.class_ = unmet->class_, .args = unmet->args};
        if (!is_said(c, unmet) || (!infer_same_constraint(&missing, &other) &&
                                   !infer_follows(c, &missing, &other))) {
            continue;
        }
        if (unmet->diag->span.start != span.start &&
            unmet->places++ < UNMET_PLACES_MAX) {
            diag_label(c->sink, unmet->diag, c->source, span,
                       "needed here too");
        }
        return true;
    }
    return false;
}

void classes_keep_unmet(Infer *c, const ClassInfo *class_, Type **args,
                        Diag *diag)
{
    if (type_resolve(args[0])->kind == TYPE_SKOLEM &&
        c->unmet.count < UNMET_MAX) {
        Type **copy =
            arena_copy(c->scratch, args, class_->param_count * sizeof *args);
        vec_push(&c->unmet, (Unmet){.class_ = class_,
                                    .args = copy,
                                    .diag = diag,
                                    .at = c->sink->diags.count - 1});
    }
}

void classes_report_missing(Infer *c, const Wanted *origin,
                            const ClassInfo *class_, Type **args)
{
    if (c->quiet) {
        return;
    }
    if (is_excused(class_, args) || has_broken_instance(c, class_) ||
        lacks_supers(c)) {
        c->failed = true;
        return;
    }
    if (origin->super_of != NULL) {
        report_super(c, origin, class_, args);
        return;
    }
    if (is_missing_super(c, class_, type_resolve(args[0]))) {
        c->failed = true;
        return;
    }
    if (classes_is_unmet_again(c, class_, args, origin->span)) {
        c->failed = true;
        return;
    }
    Operator op = operator_of(origin);
    Str text = constraint_text(c, class_, args);
    Diag *diag;
    if (op != OP_NONE && is_origin(origin, class_, args)) {
        diag = infer_error(
            c, DIAG_E0210, origin->span,
            "operator '%s' does not work on %.*s: no instance '%.*s'",
            operator_text(op), STR_ARG(infer_print(c, args[0])), STR_ARG(text));
    } else {
        diag = infer_error(c, DIAG_E0210, origin->span, "no instance '%.*s'",
                           STR_ARG(text));
    }
    classes_keep_unmet(c, class_, args, diag);
    note_scheme(c, diag, origin);
    note_origin(c, diag, origin, class_, args);
    note_candidates(c, diag, class_);
    help_missing(c, diag, origin, class_, args);
}

void classes_report_function(Infer *c, const Wanted *origin,
                             const ClassInfo *class_, Type *type)
{
    if (c->quiet) {
        return;
    }
    if (origin->super_of != NULL) {
        report_super(c, origin, class_, &type);
        return;
    }
    const char *what = class_->name == SYM_CLASS_SHOW        ? "shown"
                       : class_->name == SYM_CLASS_FROM_JSON ? "read from JSON"
                                                             : "compared";
    bool itself = type->kind == TYPE_FUNCTION;
    Diag *diag = infer_error(c, DIAG_E0210, origin->span,
                             "functions cannot be %s: no instance '%.*s'", what,
                             STR_ARG(constraint_text(c, class_, &type)));
    if (!itself) {
        diag_note(c->sink, diag, "%.*s has a function inside",
                  STR_ARG(infer_print(c, type)));
    }
}

void classes_report_endless(Infer *c, const Wanted *origin)
{
    if (c->quiet) {
        return;
    }
    Diag *diag =
        infer_error(c, DIAG_E0210, origin->span,
                    "no end to the instances needed for '%.*s'",
                    STR_ARG(constraint_text(c, origin->class_, origin->args)));
    diag_help(c->sink, diag,
              "the context of an instance must be about smaller types");
}

void infer_ambiguous(Infer *c, const Wanted *wanted, const Type *var)
{
    if (c->failed) {
        return; // what failed would have decided it
    }
    Diag *diag = infer_error(
        c, DIAG_E0211, wanted->span, "the type for '%.*s' is not decided here",
        STR_ARG(constraint_text(c, wanted->class_, wanted->args)));
    note_candidates(c, diag, wanted->class_);
    if (wanted->class_->name == SYM_CLASS_FROM_JSON &&
        (var->flags & TYPE_IS_ROW) != 0) {
        diag_help(c->sink, diag,
                  "what is read when the program runs has only the fields "
                  "that its type names: leave out the '..'");
    } else {
        diag_help(c->sink, diag,
                  "say which with an annotation: (value : Type)");
    }
}

void infer_report_unmet(Infer *c)
{
    for (uint32_t i = 0; i < c->wanted.count; i++) {
        const Wanted *wanted = &c->wanted.items[i];
        classes_report_missing(c, wanted, wanted->class_, wanted->args);
    }
}
