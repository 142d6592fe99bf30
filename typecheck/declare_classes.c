// Classes and instances.
#include <stdlib.h>

#include "support/nearest.h"
#include "syntax/scope.h"
#include "typecheck/declare_internal.h"

static Str text_of(const Declarer *d, Symbol symbol)
{
    return symbol_text(d->program->interner, symbol);
}

// ---- classes

static Type **var_types(Declarer *d)
{
    Type **types = arena_array(d->store.arena, d->vars.count, sizeof *types);
    for (uint32_t i = 0; i < d->vars.count; i++) {
        types[i] = d->vars.items[i].type;
    }
    return types;
}

static Type **generalise_args(Declarer *d, Generaliser *generaliser,
                              Type *const *args, uint32_t count)
{
    Type **copy = arena_array(d->store.arena, count, sizeof *copy);
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = generalise_type(generaliser, args[i]);
    }
    return copy;
}

static void declare_supers(Declarer *d, ClassInfo *info, const ClassDecl *decl)
{
    declare_vars(d, decl->params, decl->param_count);
    Generaliser generaliser;
    declare_generaliser(d, &generaliser);
    info->supers =
        arena_zalloc(d->store.arena, decl->superclass_count * sizeof(ClassUse));
    TypeReader reader = declare_reader(d);
    for (uint32_t i = 0; i < decl->superclass_count; i++) {
        ClassUse use;
        if (!type_read_constraint(&reader, &decl->superclasses[i], &use)) {
            info->lacks_supers = true;
            continue;
        }
        use.args =
            generalise_args(d, &generaliser, use.args, use.class_->param_count);
        info->supers[info->super_count++] = use;
    }
    generaliser_release(&generaliser);
}

// The method's type with its refinements, its variables numbered as in its
// scheme: by the class's parameters, the context and the type.
static Type *refined_method(Declarer *d, const ClassDecl *decl, Type **params,
                            const ClassUses *context, Type *type)
{
    if ((type->flags & TYPE_HAS_REFINED) == 0) {
        return NULL;
    }
    Generaliser generaliser;
    generaliser_init(&generaliser, &d->store, 0);
    generaliser.keep_refined = true;
    (void)generalise_args(d, &generaliser, params, decl->param_count);
    for (uint32_t i = 0; i < context->count; i++) {
        (void)generalise_args(d, &generaliser, context->items[i].args,
                              context->items[i].class_->param_count);
    }
    type = generalise_type(&generaliser, type);
    generaliser_release(&generaliser);
    return type;
}

static Scheme *declare_method(Declarer *d, const ClassInfo *info,
                              const ClassDecl *decl, const MethodDecl *method,
                              Type **out_refined)
{
    declare_vars(d, decl->params, decl->param_count);
    Type **params = var_types(d);
    ClassUses context = {0};
    TypeReader reader = declare_reader(d);
    reader.new_vars = NEW_VARS_RIGID;
    reader.open_rows = OPEN_ROWS_RIGID;
    reader.context = &context;
    Type *type = type_read(&reader, method->type);
    Generaliser generaliser;
    generaliser_init(&generaliser, &d->store, 0);
    uint32_t count = 1 + context.count;
    SchemeConstraint *constraints =
        arena_array(d->store.arena, count, sizeof *constraints);
    constraints[0] = (SchemeConstraint){
        info, generalise_args(d, &generaliser, params, decl->param_count)};
    for (uint32_t i = 0; i < context.count; i++) {
        constraints[1 + i] = (SchemeConstraint){
            context.items[i].class_,
            generalise_args(d, &generaliser, context.items[i].args,
                            context.items[i].class_->param_count)};
    }
    *out_refined = refined_method(d, decl, params, &context, type);
    type = generalise_type(&generaliser, type);
    Scheme *scheme = generaliser_scheme(&generaliser, type, constraints, count);
    generaliser_release(&generaliser);
    vec_release(&context);
    vec_release(&reader.rows);
    return scheme;
}

// ---- classes that are their own superclasses, and long chains of them

typedef struct SuperStep {
    uint32_t class_; // of this module: those of others cannot lead back
    uint32_t next;   // superclass
} SuperStep;

typedef struct SuperOrder {
    Declarer *d;
    VEC(SuperStep) path;
    uint32_t *place_of; // by class, on the path: from 1; 0: not met yet
} SuperOrder;

#define SUPER_DONE UINT32_MAX

// The path leads from its step `from` back there. The class of the cycle that
// is declared first is said to be wrong, and loses its superclasses.
static void cut_cycle(SuperOrder *order, uint32_t from)
{
    Module *module = order->d->module;
    uint32_t first = order->path.items[from].class_;
    for (uint32_t i = from + 1; i < order->path.count; i++) {
        uint32_t class_ = order->path.items[i].class_;
        first = class_ < first ? class_ : first;
    }
    ClassInfo *info = &order->d->types->classes[first];
    diag_add(&module->diags, DIAG_E0213, &module->source,
             module->classes[first].decl->name_span,
             "class '%.*s' is its own superclass",
             STR_ARG(text_of(order->d, info->name)));
    info->super_count = 0;
    info->lacks_supers = true;
}

static void enter_class(SuperOrder *order, uint32_t class_)
{
    vec_push(&order->path, (SuperStep){class_, 0});
    order->place_of[class_] = order->path.count;
}

// The longest chain, when those of the superclasses are known; what is too long
// ends here, so that others may go through superclasses by recursion.
static void set_depth(SuperOrder *order, uint32_t class_)
{
    Module *module = order->d->module;
    ClassInfo *info = &order->d->types->classes[class_];
    for (uint32_t i = 0; i < info->super_count; i++) {
        uint32_t depth = info->supers[i].class_->depth + 1;
        info->depth = depth > info->depth ? depth : info->depth;
        info->lacks_supers |= info->supers[i].class_->lacks_supers;
    }
    if (info->depth <= SUPERS_MAX_DEPTH) {
        return;
    }
    Diag *diag =
        diag_add(&module->diags, DIAG_E0213, &module->source,
                 module->classes[class_].decl->name_span,
                 "class '%.*s' has a chain of more than %d "
                 "superclasses",
                 STR_ARG(text_of(order->d, info->name)), SUPERS_MAX_DEPTH);
    diag_help(&module->diags, diag,
              "name several superclasses in one class instead of one in each");
    info->super_count = 0;
    info->lacks_supers = true;
    info->depth = 0;
}

// Depth first, with the path as the stack.
static void follow_supers(SuperOrder *order)
{
    const ModuleTypes *types = order->d->types;
    while (order->path.count > 0) {
        SuperStep *step = &order->path.items[order->path.count - 1];
        const ClassInfo *info = &types->classes[step->class_];
        if (step->next >= info->super_count) {
            order->place_of[step->class_] = SUPER_DONE;
            set_depth(order, step->class_);
            order->path.count--;
            continue;
        }
        const ClassInfo *super = info->supers[step->next++].class_;
        if (super->module != info->module) {
            continue;
        }
        uint32_t place = order->place_of[super->index];
        if (place == 0) {
            enter_class(order, super->index);
        } else if (place != SUPER_DONE) {
            cut_cycle(order, place - 1);
        }
    }
}

static void cut_supers(Declarer *d)
{
    uint32_t count = d->module->class_count;
    SuperOrder order = {.d = d};
    order.place_of = mem_calloc((size_t)count + 1, sizeof(uint32_t));
    for (uint32_t i = 0; i < count; i++) {
        if (order.place_of[i] == 0) {
            enter_class(&order, i);
            follow_supers(&order);
        }
    }
    vec_release(&order.path);
    free(order.place_of);
}

static RecordClass record_class(const Module *module, Symbol name)
{
    if (!str_equal(module->source.path, STR("std/record.lig"))) {
        return RECORD_CLASS_NONE;
    }
    return name == SYM_CLASS_RECORD   ? RECORD_CLASS_KNOWN
           : name == SYM_CLASS_FIELDS ? RECORD_CLASS_FIELDS
           : name == SYM_CLASS_MAPPED ? RECORD_CLASS_MAPPED
           : name == SYM_CLASS_MERGED ? RECORD_CLASS_MERGED
                                      : RECORD_CLASS_NONE;
}

void declare_classes(Declarer *d)
{
    Module *module = d->module;
    for (uint32_t i = 0; i < module->class_count; i++) {
        const ClassDecl *decl = module->classes[i].decl;
        ClassInfo *info = &d->types->classes[i];
        info->module = module->id;
        info->index = i;
        info->name = decl->name;
        info->param_count = decl->param_count;
        info->derivable =
            module->id == MODULE_PRELUDE &&
            (decl->name == SYM_CLASS_EQ || decl->name == SYM_CLASS_ORD ||
             decl->name == SYM_CLASS_SHOW || decl->name == SYM_CLASS_FROM_JSON);
        info->records = module->is_std ? record_class(module, decl->name)
                                       : RECORD_CLASS_NONE;
    }
    for (uint32_t i = 0; i < module->class_count; i++) {
        const ClassDecl *decl = module->classes[i].decl;
        ClassInfo *info = &d->types->classes[i];
        declare_supers(d, info, decl);
        info->method_count = decl->method_count;
        info->methods =
            arena_array(d->store.arena, decl->method_count, sizeof(Scheme *));
        info->refined =
            arena_zalloc(d->store.arena, decl->method_count * sizeof(Type *));
        for (uint32_t m = 0; m < decl->method_count; m++) {
            info->methods[m] = declare_method(d, info, decl, &decl->methods[m],
                                              &info->refined[m]);
        }
    }
    cut_supers(d);
}

const ClassInfo *prelude_class(const Program *program, Symbol name)
{
    const Module *prelude = program->modules[MODULE_PRELUDE];
    for (uint32_t i = 0; i < prelude->class_count; i++) {
        if (prelude->classes[i].name == name && prelude->checked != NULL) {
            return &prelude->checked->classes[i];
        }
    }
    return NULL;
}

bool class_method(const Program *program, const ClassInfo *class_, Symbol name,
                  uint32_t *out_slot)
{
    const Module *module = program->modules[class_->module];
    NameRef found = scope_find_value(program, module, name);
    if (found.module != module->id) {
        return false; // a module's own declarations come first
    }
    if (found.ref == REF_METHOD &&
        module->methods[found.index].class_ == class_->index) {
        *out_slot = module->methods[found.index].slot;
        return true;
    }
    // What is declared twice is known as the first.
    const ClassDecl *decl = module->classes[class_->index].decl;
    for (uint32_t i = 0; i < decl->method_count; i++) {
        if (decl->methods[i].name == name) {
            *out_slot = i;
            return true;
        }
    }
    return false;
}

// ---- instances

// What an instance says of a method of its class.
typedef enum MethodState {
    METHOD_MISSING,
    METHOD_MISSPELT, // the nearest to one that the class does not know
    METHOD_WRITTEN
} MethodState;

// Appends the names of those that are missing; returns how many.
static uint32_t missing_methods(const Declarer *d, const ClassDecl *class_,
                                const MethodState *states, StrBuf *names)
{
    uint32_t count = 0;
    for (uint32_t m = 0; m < class_->method_count; m++) {
        if (states[m] == METHOD_MISSING) {
            strbuf_appendf(names, "%s'%.*s'", count++ > 0 ? ", " : "",
                           STR_ARG(text_of(d, class_->methods[m].name)));
        }
    }
    return count;
}

// Reports a method that the class does not know. What is meant is not missing.
static void report_method(Declarer *d, const Bind *method,
                          const ClassDecl *class_, MethodState *states)
{
    Nearest nearest;
    nearest_init(&nearest, text_of(d, method->name));
    uint32_t meant = 0;
    // A search costs as much as there are candidates: see infer_may_suggest().
    enum { CANDIDATES_MAX = 1 << 20 };
    uint32_t count = class_->method_count;
    d->candidates += count;
    for (uint32_t m = 0; m < count && d->candidates <= CANDIDATES_MAX; m++) {
        const char *before = nearest.best.data;
        nearest_consider(&nearest, text_of(d, class_->methods[m].name));
        meant = nearest.best.data != before ? m : meant;
    }
    DiagSink *sink = &d->module->diags;
    Diag *diag = diag_add(
        sink, DIAG_E0213, &d->module->source, method->name_span,
        "class '%.*s' has no method '%.*s'", STR_ARG(text_of(d, class_->name)),
        STR_ARG(text_of(d, method->name)));
    if (nearest.best.len > 0) {
        diag_did_you_mean(sink, diag, nearest.best);
        if (states[meant] == METHOD_MISSING) {
            states[meant] = METHOD_MISSPELT;
        }
        return;
    }
    StrBuf names = {0};
    if (missing_methods(d, class_, states, &names) > 0) {
        diag_help(sink, diag, "the instance lacks %.*s",
                  STR_ARG(strbuf_str(&names)));
        for (uint32_t m = 0; m < count; m++) {
            states[m] =
                states[m] == METHOD_MISSING ? METHOD_MISSPELT : states[m];
        }
    }
    strbuf_release(&names);
}

static void report_missing(Declarer *d, const InstanceDecl *decl,
                           const ClassDecl *class_, const MethodState *states)
{
    StrBuf names = {0};
    uint32_t count = missing_methods(d, class_, states, &names);
    if (count > 0 && !decl->is_cut) {
        Diag *diag =
            diag_add(&d->module->diags, DIAG_E0213, &d->module->source,
                     decl->head.span, "the instance lacks method%s %.*s",
                     count > 1 ? "s" : "", STR_ARG(strbuf_str(&names)));
        diag_help(&d->module->diags, diag,
                  "a method is written name x = value; behind 'where'");
    }
    strbuf_release(&names);
}

static void check_methods(Declarer *d, const InstanceDecl *decl,
                          const ClassInfo *class_)
{
    const ClassDecl *there =
        d->program->modules[class_->module]->classes[class_->index].decl;
    MethodState *states =
        mem_calloc((uint64_t)there->method_count + 1, sizeof *states);
    uint32_t slot;
    for (uint32_t i = 0; i < decl->method_count; i++) {
        if (class_method(d->program, class_, decl->methods[i].name, &slot)) {
            states[slot] = METHOD_WRITTEN;
        }
    }
    for (uint32_t i = 0; i < decl->method_count; i++) {
        if (!class_method(d->program, class_, decl->methods[i].name, &slot)) {
            report_method(d, &decl->methods[i], there, states);
        }
    }
    report_missing(d, decl, there, states);
    free(states);
}

static void read_context(Declarer *d, TypeReader *reader,
                         Generaliser *generaliser, const InstanceDecl *decl,
                         InstanceInfo *info)
{
    info->context =
        arena_array(d->store.arena, decl->context_count, sizeof *info->context);
    for (uint32_t i = 0; i < decl->context_count; i++) {
        ClassUse use;
        if (type_read_constraint(reader, &decl->context[i], &use)) {
            info->context[info->context_count++] = (SchemeConstraint){
                use.class_, generalise_args(d, generaliser, use.args,
                                            use.class_->param_count)};
        } else {
            info->lacks_context = true;
        }
    }
}

static void declare_instance(Declarer *d, uint32_t index)
{
    const InstanceDecl *decl = d->module->instances[index].decl;
    InstanceInfo *info = &d->types->instances[index];
    info->module = d->module->id;
    info->index = index;
    info->span = decl->head.span;
    InstanceEntry *entry = &d->module->instances[index];
    entry->plain = (Evidence){
        .kind = EVIDENCE_INSTANCE, .module = info->module, .index = index};
    entry->plain_item = &entry->plain;
    info->plain = &entry->plain_item;
    vec_clear(&d->vars);
    TypeReader reader = declare_reader(d);
    reader.new_vars = NEW_VARS_RIGID;
    ClassUse head;
    if (!type_read_constraint(&reader, &decl->head, &head)) {
        return;
    }
    if (head.class_->records != RECORD_CLASS_NONE) {
        Diag *diag =
            diag_add(&d->module->diags, DIAG_E0213, &d->module->source,
                     decl->head.span, "no instance of '%.*s' can be written",
                     STR_ARG(text_of(d, head.class_->name)));
        diag_note(&d->module->diags, diag,
                  "it holds of records whose fields are known");
        return;
    }
    Generaliser generaliser;
    generaliser_init(&generaliser, &d->store, 0);
    info->args =
        generalise_args(d, &generaliser, head.args, head.class_->param_count);
    info->generic_count = generaliser.generic_count;
    reader.new_vars = NEW_VARS_NOT_IN_HEAD; // what only the context names
    read_context(d, &reader, &generaliser, decl, info);
    // Variables come into scope in the order in which the generaliser meets
    // them: both walk the head from left to right.
    Symbol *names = arena_zalloc(d->store.arena, d->vars.count * sizeof *names);
    for (uint32_t i = 0; i < d->vars.count; i++) {
        const Type *generic =
            generaliser_generic(&generaliser, d->vars.items[i].type);
        if (generic != NULL) {
            names[generic->as.generic.index] = d->vars.items[i].symbol;
        }
    }
    info->var_names = names;
    generaliser_release(&generaliser);
    info->class_ = head.class_;
    check_methods(d, decl, head.class_);
}

void declare_instances(Declarer *d)
{
    for (uint32_t i = 0; i < d->module->instance_count; i++) {
        declare_instance(d, i);
    }
}
