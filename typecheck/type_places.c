#include "typecheck/type_places.h"

#include "support/ptr_map.h"

struct TypePlaces {
    const Program *program;
    bool *known;    // by module
    PtrMap fields;  // (module + 1, start of the name) -> TypeField
    PtrMap refined; // (module + 1, start) -> TypeExpr
};

TypePlaces *type_places_new(const Program *program)
{
    TypePlaces *places = mem_calloc(1, sizeof *places);
    places->program = program;
    places->known =
        mem_calloc((size_t)program->module_count + 1, sizeof *places->known);
    return places;
}

void type_places_free(TypePlaces *places)
{
    if (places != NULL) {
        free(places->known);
        ptr_map_release(&places->fields);
        ptr_map_release(&places->refined);
        free(places);
    }
}

static void add(TypePlaces *places, uint32_t module, const TypeExpr *expr);

static void add_all(TypePlaces *places, uint32_t module, const TypeExpr *exprs,
                    uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        add(places, module, &exprs[i]);
    }
}

static void add_record(TypePlaces *places, uint32_t module,
                       const TypeRecord *record)
{
    for (uint32_t i = 0; i < record->count; i++) {
        TypeField *field = &record->fields[i];
        *ptr_map_at(&places->fields, module + 1, field->name_span.start) =
            field;
        add(places, module, field->type);
    }
}

// As deep as --max-nesting allows.
static void add(TypePlaces *places, uint32_t module, const TypeExpr *expr)
{
    switch ((TypeExprKind)expr->kind) {
    case TYPE_EXPR_ERROR:
    case TYPE_EXPR_VAR:
    case TYPE_EXPR_UNIT:
        return;
    case TYPE_EXPR_NAME:
        add_all(places, module, expr->as.name.args, expr->as.name.arg_count);
        return;
    case TYPE_EXPR_FUNCTION:
        add_all(places, module, expr->as.function.parts,
                expr->as.function.count);
        return;
    case TYPE_EXPR_TUPLE:
        add_all(places, module, expr->as.tuple.items, expr->as.tuple.count);
        return;
    case TYPE_EXPR_LIST:
        add(places, module, expr->as.list.item);
        return;
    case TYPE_EXPR_RECORD:
        add_record(places, module, expr->as.record);
        return;
    case TYPE_EXPR_REFINED:
        *ptr_map_at(&places->refined, module + 1, expr->span.start) =
            (void *)(uintptr_t)expr;
        add(places, module, expr->as.refined.base);
        return;
    case TYPE_EXPR_CONSTRAINED:
        add(places, module, expr->as.constrained.type);
        return;
    }
}

static bool know(TypePlaces *places, uint32_t module)
{
    if (module >= places->program->module_count) {
        return false;
    }
    if (places->known[module]) {
        return true;
    }
    places->known[module] = true;
    const Module *owner = places->program->modules[module];
    for (uint32_t i = 0; i < owner->type_count; i++) {
        const TypeDecl *decl = owner->types[i].decl;
        if (decl->alias != NULL) {
            add(places, module, decl->alias);
        }
        for (uint32_t k = 0; decl->ctors != NULL && k < decl->ctor_count; k++) {
            add_all(places, module, decl->ctors[k].args,
                    decl->ctors[k].arg_count);
        }
    }
    return true;
}

const TypeField *type_places_field(TypePlaces *places, uint32_t module,
                                   uint32_t start)
{
    return know(places, module)
               ? ptr_map_find(&places->fields, module + 1, start)
               : NULL;
}

const TypeExpr *type_places_refined(TypePlaces *places, uint32_t module,
                                    uint32_t start)
{
    return know(places, module)
               ? ptr_map_find(&places->refined, module + 1, start)
               : NULL;
}
