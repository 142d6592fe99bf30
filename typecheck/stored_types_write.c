// Types as a list of nodes, children first, each written once: what is shared
// stays shared, and reading needs no recursion.
#include "typecheck/stored_types.h"

#include "typecheck/module_types.h"

typedef struct TypeWriter {
    const Program *program;
    TypePlaces *places;
    StrBuf nodes;
    uint32_t count;
    PtrMap memo; // node -> 1 + its number
    bool failed;
} TypeWriter;

static void put_module(TypeWriter *w, uint32_t module)
{
    module_paths_append(w->program->modules[module], &w->nodes);
}

static void put_symbol(TypeWriter *w, Symbol symbol)
{
    pack_text(&w->nodes, symbol_text(w->program->interner, symbol));
}

static uint32_t write_type(TypeWriter *w, Type *type);

typedef VEC(uint32_t) NumberVec;

static void number_types(TypeWriter *w, Type *const *types, uint32_t count,
                         NumberVec *out)
{
    for (uint32_t i = 0; i < count; i++) {
        vec_push(out, write_type(w, types[i]));
    }
}

static void put_numbers(TypeWriter *w, const NumberVec *numbers)
{
    pack_number(&w->nodes, numbers->count);
    for (uint32_t i = 0; i < numbers->count; i++) {
        pack_number(&w->nodes, numbers->items[i]);
    }
}

static void put_con(TypeWriter *w, const Type *type, const NumberVec *args)
{
    bool is_prim = type->as.con.module == TYPE_MODULE_PRIM;
    pack_number(&w->nodes, is_prim);
    if (!is_prim) {
        put_module(w, type->as.con.module);
    }
    pack_number(&w->nodes, type->as.con.index);
    put_numbers(w, args);
}

static void put_fill(TypeWriter *w, const FieldFill *fill)
{
    pack_number(&w->nodes, fill != NULL);
    if (fill == NULL) {
        return;
    }
    uint32_t start = fill->decl->name_span.start;
    w->failed |=
        type_places_field(w->places, fill->module, start) != fill->decl;
    put_module(w, fill->module);
    pack_number(&w->nodes, start);
}

static void put_record(TypeWriter *w, const Type *type, const NumberVec *fields,
                       uint32_t tail)
{
    pack_number(&w->nodes, fields->count);
    for (uint32_t i = 0; i < fields->count; i++) {
        const RecordField *field = &type->as.record.fields[i];
        put_symbol(w, field->name);
        pack_number(&w->nodes, field->order);
        pack_number(&w->nodes, fields->items[i]);
        put_fill(w, field->fill);
    }
    pack_number(&w->nodes, tail);
}

static void put_refined(TypeWriter *w, const Refinement *refinement)
{
    uint32_t start = refinement->expr->span.start;
    w->failed |= refinement->binding != INDEX_NONE ||
                 type_places_refined(w->places, refinement->module, start) !=
                     refinement->expr;
    put_module(w, refinement->module);
    pack_number(&w->nodes, start);
}

// Children first, then the node.
static void write_node(TypeWriter *w, Type *type, NumberVec *parts)
{
    uint32_t tail = 0;
    switch ((TypeKind)type->kind) {
    case TYPE_GENERIC:
        pack_number(&w->nodes, type->kind);
        pack_number(&w->nodes, type->as.generic.index);
        pack_number(&w->nodes, (type->flags & TYPE_IS_ROW) != 0);
        return;
    case TYPE_CON:
        number_types(w, type->as.con.args, type->as.con.count, parts);
        pack_number(&w->nodes, type->kind);
        put_con(w, type, parts);
        return;
    case TYPE_TUPLE:
        number_types(w, type->as.tuple.items, type->as.tuple.count, parts);
        pack_number(&w->nodes, type->kind);
        put_numbers(w, parts);
        return;
    case TYPE_FUNCTION:
        vec_push(parts, write_type(w, type->as.function.param));
        vec_push(parts, write_type(w, type->as.function.result));
        pack_number(&w->nodes, type->kind);
        put_numbers(w, parts);
        return;
    case TYPE_RECORD:
        for (uint32_t i = 0; i < type->as.record.count; i++) {
            vec_push(parts, write_type(w, type->as.record.fields[i].type));
        }
        if (type->as.record.tail != NULL) {
            tail = 1 + write_type(w, type->as.record.tail);
        }
        pack_number(&w->nodes, type->kind);
        put_record(w, type, parts, tail);
        return;
    case TYPE_REFINED:
        vec_push(parts, write_type(w, type->link));
        pack_number(&w->nodes, type->kind);
        put_numbers(w, parts);
        put_refined(w, type->as.refined.refinement);
        return;
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_SKOLEM:
        w->failed = true;
        return;
    }
}

// The node's number. Types are not higher than TYPE_MAX_HEIGHT.
static uint32_t write_type(TypeWriter *w, Type *type)
{
    while (type->kind != TYPE_REFINED && type->link != NULL) {
        type = type->link;
    }
    uintptr_t known = (uintptr_t)ptr_map_find(&w->memo, (uintptr_t)type, 0);
    if (known != 0 || w->failed) {
        return (uint32_t)known - (known != 0);
    }
    NumberVec parts = {0};
    write_node(w, type, &parts);
    vec_release(&parts);
    uint32_t number = w->count++;
    w->failed |= w->count > STORED_NODES_MAX;
    *ptr_map_at(&w->memo, (uintptr_t)type, 0) = (void *)(uintptr_t)(number + 1);
    return number;
}

static void write_scheme(TypeWriter *w, const Scheme *scheme, StrBuf *out)
{
    pack_number(out, write_type(w, type_resolve(scheme->type)));
    pack_number(out, scheme->generic_count);
    pack_number(out, scheme->constraint_count);
    for (uint32_t i = 0; i < scheme->constraint_count; i++) {
        const SchemeConstraint *constraint = &scheme->constraints[i];
        const ClassInfo *class_ = constraint->class_;
        module_paths_append(w->program->modules[class_->module], out);
        pack_number(out, class_->index);
        for (uint32_t k = 0; k < class_->param_count; k++) {
            pack_number(out, write_type(w, type_resolve(constraint->args[k])));
        }
    }
    pack_number(out, scheme->node_count);
    for (uint32_t i = 0; i < scheme->node_count; i++) {
        pack_number(out, write_type(w, scheme->nodes[i]));
    }
}

bool stored_types_show(const Binding *binding)
{
    return binding->exported || binding->kind == BINDING_RESULT;
}

// Whether it hides what others may come to; modules as values nobody does.
static bool hides_code(const Module *module)
{
    return module->binding_count >
           module->visible_count + module->module_value_count;
}

bool stored_types_suit(const Module *module)
{
    if (module->is_std || module->broken || module->outer != MODULE_PRELUDE ||
        hides_code(module) || module->class_count > 0 ||
        module->instance_count > 0 || module->diags.diags.count > 0) {
        return false;
    }
    for (uint32_t i = 0; i < module->binding_count; i++) {
        const Binding *binding = &module->bindings[i];
        if (binding->kind == BINDING_INPUT ||
            (binding->data != NULL && !module->is_data) ||
            (module->is_data && !module->groups[binding->group].needed)) {
            return false;
        }
    }
    return true;
}

bool stored_types_append(const Program *program, TypePlaces *places,
                         const Module *module, StrBuf *out)
{
    const ModuleTypes *types = module->checked;
    TypeWriter w = {.program = program, .places = places};
    StrBuf schemes = {0};
    uint32_t count = 0;
    for (uint32_t i = 0; i < module->visible_count && !w.failed; i++) {
        if (!stored_types_show(&module->bindings[i])) {
            continue;
        }
        const Scheme *scheme = types->schemes[i];
        if (scheme == NULL) {
            w.failed = true;
            break;
        }
        count++;
        pack_number(&schemes, i);
        write_scheme(&w, scheme, &schemes);
        Type *refined = types->refined[i];
        pack_number(&schemes,
                    refined != NULL ? 1 + write_type(&w, refined) : 0);
    }
    pack_number(out, w.count);
    strbuf_append(out, strbuf_str(&w.nodes));
    pack_number(out, count);
    strbuf_append(out, strbuf_str(&schemes));
    strbuf_release(&schemes);
    strbuf_release(&w.nodes);
    ptr_map_release(&w.memo);
    return !w.failed;
}
