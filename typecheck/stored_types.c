// Reading: whatever is odd makes it fail. See stored_types_write.c.
#include "typecheck/stored_types.h"

#include "typecheck/module_types.h"

#include "typecheck/declare.h"
#include "typecheck/type_exprs.h"
#include "typecheck/type_places.h"

// ---- reading

typedef struct StoredScheme {
    uint32_t binding;
    Scheme scheme;
    Type *refined;
} StoredScheme;

// A class, which is there only once its module is declared.
typedef struct StoredClass {
    uint32_t module, index;
    SchemeConstraint *constraint;
} StoredClass;

struct StoredTypes {
    Type **nodes;
    uint32_t node_count;
    VEC(StoredScheme) schemes;
    VEC(StoredClass) classes;
};

typedef struct TypeReading {
    const Program *program;
    TypePlaces *places;
    const ModulePaths *paths;
    PackReader *in;
    StoredTypes *types;
    TypeStore store;
} TypeReading;

static Type *read_number(TypeReading *r)
{
    uint64_t number = unpack_number(r->in);
    if (number >= r->types->node_count) {
        pack_fail(r->in);
        return type_error();
    }
    return r->types->nodes[number];
}

static Type **read_numbers(TypeReading *r, uint32_t *out_count)
{
    *out_count = unpack_count(r->in);
    Type **types = arena_array(r->store.arena, *out_count, sizeof *types);
    for (uint32_t i = 0; i < *out_count; i++) {
        types[i] = read_number(r);
    }
    return types;
}

static Type *read_con(TypeReading *r)
{
    bool is_prim = unpack_up_to(r->in, 1) != 0;
    const Module *module = is_prim ? NULL : module_paths_read(r->paths, r->in);
    uint64_t index = unpack_number(r->in);
    uint32_t count;
    Type **args = read_numbers(r, &count);
    if (r->in->failed) {
        return type_error();
    }
    if (is_prim) {
        bool known =
            index < PRIM_COUNT && count == prim_type_arity((PrimType)index);
        if (known && count == 0) {
            return type_prim((PrimType)index);
        }
        if (known) {
            return type_con(&r->store, TYPE_MODULE_PRIM, (uint32_t)index, args,
                            count);
        }
    } else if (index < module->type_count &&
               module->types[index].decl->param_count == count) {
        return type_con(&r->store, module->id, (uint32_t)index, args, count);
    }
    pack_fail(r->in);
    return type_error();
}

static const FieldFill *read_fill(TypeReading *r)
{
    if (unpack_up_to(r->in, 1) == 0) {
        return NULL;
    }
    const Module *module = module_paths_read(r->paths, r->in);
    uint64_t start = unpack_up_to(r->in, UINT32_MAX);
    const TypeField *field =
        module != NULL
            ? type_places_field(r->places, module->id, (uint32_t)start)
            : NULL;
    if (field == NULL) {
        pack_fail(r->in);
        return NULL;
    }
    return type_fill(&r->store, r->store.arena, module, field);
}

static bool names_differ(const RecordField *fields, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        if (fields[i].name == fields[i - 1].name) {
            return false;
        }
    }
    return true;
}

static Type *read_record(TypeReading *r)
{
    uint32_t count = unpack_count(r->in);
    RecordField *fields = arena_array(r->store.arena, count, sizeof *fields);
    for (uint32_t i = 0; i < count; i++) {
        Str name = unpack_text(r->in);
        if (r->in->failed || name.len == 0) {
            pack_fail(r->in);
            return type_error();
        }
        fields[i] = (RecordField){.name = intern(r->program->interner, name)};
        fields[i].order = (uint32_t)unpack_up_to(r->in, UINT32_MAX);
        fields[i].type = read_number(r);
        fields[i].fill = read_fill(r);
    }
    uint64_t tail = unpack_up_to(r->in, r->types->node_count);
    Type *end = tail != 0 ? r->types->nodes[tail - 1] : NULL;
    if (end != NULL && (end->flags & TYPE_IS_ROW) == 0 &&
        end->kind != TYPE_RECORD) {
        pack_fail(r->in);
    }
    if (r->in->failed) {
        return type_error();
    }
    Type *record = type_record(&r->store, fields, count, end);
    if (!names_differ(fields, count)) {
        pack_fail(r->in);
    }
    return record;
}

static Type *read_refined(TypeReading *r)
{
    uint32_t count;
    Type **base = read_numbers(r, &count);
    const Module *module = module_paths_read(r->paths, r->in);
    uint64_t start = unpack_up_to(r->in, UINT32_MAX);
    const TypeExpr *expr =
        module != NULL
            ? type_places_refined(r->places, module->id, (uint32_t)start)
            : NULL;
    if (expr == NULL || count != 1) {
        pack_fail(r->in);
        return type_error();
    }
    Refinement *refinement = ARENA_NEW(r->store.arena, Refinement);
    *refinement = (Refinement){expr, module->id, INDEX_NONE};
    return type_refined(&r->store, base[0], refinement);
}

static Type *read_node(TypeReading *r)
{
    uint32_t count;
    Type **parts;
    switch ((TypeKind)unpack_up_to(r->in, UINT8_MAX)) {
    case TYPE_GENERIC: {
        uint64_t index = unpack_up_to(r->in, STORED_NODES_MAX);
        uint64_t is_row = unpack_up_to(r->in, 1);
        return type_generic(&r->store, (uint32_t)index,
                            is_row != 0 ? TYPE_IS_ROW : 0);
    }
    case TYPE_CON:
        return read_con(r);
    case TYPE_TUPLE:
        parts = read_numbers(r, &count);
        return type_tuple(&r->store, parts, count);
    case TYPE_FUNCTION:
        parts = read_numbers(r, &count);
        if (count == 2) {
            return type_function(&r->store, parts[0], parts[1]);
        }
        break;
    case TYPE_RECORD:
        return read_record(r);
    case TYPE_REFINED:
        return read_refined(r);
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_SKOLEM:
        break;
    }
    pack_fail(r->in);
    return type_error();
}

static void read_nodes(TypeReading *r)
{
    uint32_t count = unpack_count(r->in);
    r->types->nodes = arena_array(r->store.arena, count, sizeof(Type *));
    for (uint32_t i = 0; i < count && !r->in->failed; i++) {
        r->types->nodes[i] = read_node(r);
        r->types->node_count = i + 1;
    }
    if (r->store.exceeded) {
        pack_fail(r->in);
    }
}

static void read_constraint(TypeReading *r, SchemeConstraint *out)
{
    const Module *module = module_paths_read(r->paths, r->in);
    uint64_t index = unpack_number(r->in);
    if (module == NULL || index >= module->class_count) {
        pack_fail(r->in);
        return;
    }
    uint32_t count = module->classes[index].decl->param_count;
    out->args = arena_array(r->store.arena, count, sizeof(Type *));
    for (uint32_t i = 0; i < count; i++) {
        out->args[i] = read_number(r);
    }
    vec_push(&r->types->classes,
             (StoredClass){module->id, (uint32_t)index, out});
}

// Whether instantiation finds the node's copy.
static bool is_listed(const Scheme *scheme, const Type *type, uint32_t before)
{
    return (type->flags & TYPE_HAS_GENERICS) == 0 ||
           (type->mark < before && scheme->nodes[type->mark] == type);
}

static bool all_listed(const Scheme *scheme, Type *const *types, uint32_t count,
                       uint32_t before)
{
    bool all = true;
    for (uint32_t i = 0; i < count; i++) {
        all = all && is_listed(scheme, types[i], before);
    }
    return all;
}

static bool parts_listed(const Scheme *scheme, const Type *type, uint32_t at)
{
    bool all = true;
    switch ((TypeKind)type->kind) {
    case TYPE_CON:
        return all_listed(scheme, type->as.con.args, type->as.con.count, at);
    case TYPE_TUPLE:
        return all_listed(scheme, type->as.tuple.items, type->as.tuple.count,
                          at);
    case TYPE_FUNCTION:
        return is_listed(scheme, type->as.function.param, at) &&
               is_listed(scheme, type->as.function.result, at);
    case TYPE_RECORD:
        for (uint32_t i = 0; i < type->as.record.count; i++) {
            all = all && is_listed(scheme, type->as.record.fields[i].type, at);
        }
        return all && (type->as.record.tail == NULL ||
                       is_listed(scheme, type->as.record.tail, at));
    case TYPE_GENERIC:
        return true;
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_SKOLEM:
    case TYPE_REFINED:
        break;
    }
    return false;
}

// The nodes that instantiation copies, children first. A node that several
// schemes have stands at one place in all.
static void read_scheme_nodes(TypeReading *r, Scheme *scheme)
{
    scheme->node_count = unpack_count(r->in);
    scheme->nodes =
        arena_array(r->store.arena, scheme->node_count, sizeof(Type *));
    for (uint32_t i = 0; i < scheme->node_count && !r->in->failed; i++) {
        scheme->nodes[i] = read_number(r);
        // Others may be shared constants, which are nobody's to write to.
        if ((scheme->nodes[i]->flags & TYPE_HAS_GENERICS) == 0) {
            pack_fail(r->in);
        } else {
            scheme->nodes[i]->mark = i;
        }
    }
}

static bool is_sound(const Scheme *scheme)
{
    uint32_t count = scheme->node_count;
    bool sound = is_listed(scheme, scheme->type, count);
    for (uint32_t i = 0; i < count; i++) {
        sound = sound && scheme->nodes[i]->mark == i &&
                parts_listed(scheme, scheme->nodes[i], i);
    }
    return sound;
}

static bool all_sound(const TypeReading *r)
{
    bool sound = true;
    uint32_t class_ = 0;
    for (uint32_t i = 0; i < r->types->schemes.count; i++) {
        const Scheme *scheme = &r->types->schemes.items[i].scheme;
        sound = sound && is_sound(scheme);
        for (uint32_t k = 0; k < scheme->constraint_count; k++, class_++) {
            const StoredClass *stored = &r->types->classes.items[class_];
            const Module *module = r->program->modules[stored->module];
            sound = sound &&
                    all_listed(scheme, scheme->constraints[k].args,
                               module->classes[stored->index].decl->param_count,
                               scheme->node_count);
        }
    }
    return sound;
}

static void read_scheme(TypeReading *r, const Module *module)
{
    StoredScheme stored = {.binding =
                               (uint32_t)unpack_up_to(r->in, UINT32_MAX)};
    Scheme *scheme = &stored.scheme;
    scheme->type = read_number(r);
    scheme->generic_count = (uint32_t)unpack_up_to(r->in, STORED_NODES_MAX);
    scheme->constraint_count = unpack_count(r->in);
    scheme->constraints = arena_zalloc(
        r->store.arena, scheme->constraint_count * sizeof(SchemeConstraint));
    for (uint32_t i = 0; i < scheme->constraint_count && !r->in->failed; i++) {
        read_constraint(r, &scheme->constraints[i]);
    }
    read_scheme_nodes(r, scheme);
    uint64_t refined = unpack_up_to(r->in, r->types->node_count);
    stored.refined = refined != 0 ? r->types->nodes[refined - 1] : NULL;
    if (stored.binding >= module->visible_count) {
        pack_fail(r->in);
    }
    vec_push(&r->types->schemes, stored);
}

static bool shows_all(const StoredTypes *types, const Module *module)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < module->visible_count; i++) {
        if (stored_types_show(&module->bindings[i])) {
            if (at == types->schemes.count ||
                types->schemes.items[at].binding != i) {
                return false;
            }
            at++;
        }
    }
    return at == types->schemes.count;
}

StoredTypes *stored_types_read(const Program *program, TypePlaces *places,
                               const ModulePaths *paths, const Module *module,
                               Arena *arena, PackReader *reader)
{
    StoredTypes *types = mem_calloc(1, sizeof *types);
    TypeReading r = {.program = program,
                     .places = places,
                     .paths = paths,
                     .in = reader,
                     .types = types};
    type_store_init(&r.store, arena, UINT64_MAX);
    read_nodes(&r);
    for (uint32_t n = unpack_count(reader); n > 0 && !reader->failed; n--) {
        read_scheme(&r, module);
    }
    if (reader->failed || !shows_all(types, module) || !all_sound(&r)) {
        pack_fail(reader);
        stored_types_free(types);
        return NULL;
    }
    return types;
}

void stored_types_free(StoredTypes *types)
{
    if (types != NULL) {
        vec_release(&types->schemes);
        vec_release(&types->classes);
        free(types);
    }
}

// ---- into the module

void stored_types_declare(const Program *program, Module *module,
                          StoredTypes *types, Arena *arena)
{
    ModuleTypes *declared = declare_module(program, module);
    declared->refined =
        arena_zalloc(arena, module->binding_count * sizeof(Type *));
    for (uint32_t i = 0; i < types->classes.count; i++) {
        const StoredClass *stored = &types->classes.items[i];
        stored->constraint->class_ =
            &program->modules[stored->module]->checked->classes[stored->index];
    }
    for (uint32_t i = 0; i < types->schemes.count; i++) {
        const StoredScheme *stored = &types->schemes.items[i];
        declared->schemes[stored->binding] =
            arena_copy(arena, &stored->scheme, sizeof stored->scheme);
        declared->refined[stored->binding] = stored->refined;
    }
}
