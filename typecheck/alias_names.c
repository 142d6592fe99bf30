#include "typecheck/alias_names.h"

#include <stdlib.h>

#include "support/hash.h"

// Beyond which two types count as different.
#define MAX_COMPARED 2000
#define MAX_DEPTH    40

// ---- shapes

static bool is_named(const Type *record)
{
    return record->kind == TYPE_RECORD &&
           record->as.record.count >= ALIAS_LEAST_FIELDS &&
           record->as.record.tail == NULL;
}

// Fields are sorted by symbol.
static uint64_t shape_hash(const Type *record)
{
    uint64_t hash = record->as.record.count;
    for (uint32_t i = 0; i < record->as.record.count; i++) {
        hash = (hash ^ record->as.record.fields[i].name) * HASH_MULTIPLIER;
        hash ^= hash >> 32;
    }
    return hash;
}

static bool is_written_out(const TypeExpr *expr)
{
    return expr->kind == TYPE_EXPR_RECORD ||
           (expr->kind == TYPE_EXPR_REFINED &&
            expr->as.refined.base->kind == TYPE_EXPR_RECORD);
}

static Type *alias_record(const ModuleTypes *types, const Module *module,
                          uint32_t index)
{
    const TypeDecl *decl = module->types[index].decl;
    const AliasInfo *alias = &types->aliases[index];
    if (decl == NULL || decl->alias == NULL || alias->type == NULL ||
        alias->param_count + alias->row_count > 0 ||
        !is_written_out(decl->alias)) {
        return NULL;
    }
    Type *type = type_resolve(alias->type);
    return is_named(type) ? type : NULL;
}

static int compare_shapes(const void *left, const void *right)
{
    const AliasShape *a = left;
    const AliasShape *b = right;
    return a->hash != b->hash ? (a->hash > b->hash) - (a->hash < b->hash)
                              : (a->type > b->type) - (a->type < b->type);
}

void alias_names_declare(ModuleTypes *types, const Module *module)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < module->type_count; i++) {
        count += alias_record(types, module, i) != NULL;
    }
    if (count == 0) {
        return;
    }
    AliasShape *shapes = arena_array(types->arena, count, sizeof *shapes);
    for (uint32_t i = 0; i < module->type_count; i++) {
        const Type *record = alias_record(types, module, i);
        if (record != NULL) {
            shapes[types->shape_count++] = (AliasShape){shape_hash(record), i};
        }
    }
    qsort(shapes, count, sizeof *shapes, compare_shapes);
    types->shapes = shapes;
}

// ---- equality

typedef struct Comparing {
    uint32_t left; // nodes that may still be looked at
    uint32_t depth;
} Comparing;

static bool same(Comparing *comparing, Type *a, Type *b);

static bool same_types(Comparing *comparing, Type *const *a, Type *const *b,
                       uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!same(comparing, a[i], b[i])) {
            return false;
        }
    }
    return true;
}

static bool same_records(Comparing *comparing, const Type *a, const Type *b)
{
    if (a->as.record.count != b->as.record.count || a->as.record.tail != NULL ||
        b->as.record.tail != NULL) {
        return false;
    }
    for (uint32_t i = 0; i < a->as.record.count; i++) {
        const RecordField *left = &a->as.record.fields[i];
        const RecordField *right = &b->as.record.fields[i];
        if (left->name != right->name ||
            !same(comparing, left->type, right->type)) {
            return false;
        }
    }
    return true;
}

static bool same_parts(Comparing *comparing, const Type *a, const Type *b)
{
    switch ((TypeKind)a->kind) {
    case TYPE_CON:
        return type_same_con(a, b) &&
               same_types(comparing, a->as.con.args, b->as.con.args,
                          a->as.con.count);
    case TYPE_TUPLE:
        return a->as.tuple.count == b->as.tuple.count &&
               same_types(comparing, a->as.tuple.items, b->as.tuple.items,
                          a->as.tuple.count);
    case TYPE_FUNCTION:
        return same(comparing, a->as.function.param, b->as.function.param) &&
               same(comparing, a->as.function.result, b->as.function.result);
    case TYPE_RECORD:
        return same_records(comparing, a, b);
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_SKOLEM:
    case TYPE_GENERIC:
    case TYPE_REFINED:
        break;
    }
    return false;
}

// As they are printed.
static Type *decided(Type *type)
{
    type = type_resolve(type);
    bool is_literal =
        type->kind == TYPE_VAR && (type->flags & TYPE_IS_LITERAL) != 0;
    return is_literal ? type_prim(PRIM_INTEGER) : type;
}

static bool same(Comparing *comparing, Type *a, Type *b)
{
    a = decided(a);
    b = decided(b);
    if (a == b) {
        return true;
    }
    if (a->kind != b->kind || comparing->left == 0 ||
        comparing->depth == MAX_DEPTH) {
        return false;
    }
    comparing->left--;
    comparing->depth++;
    bool result = same_parts(comparing, a, b);
    comparing->depth--;
    return result;
}

// ---- names

typedef struct Search {
    Type *record;
    uint64_t hash;
    uint32_t found;
    Symbol name;
} Search;

static void search_module(Search *search, const Module *module)
{
    const ModuleTypes *types = module->checked;
    uint32_t low = 0;
    uint32_t high = types != NULL ? types->shape_count : 0;
    uint32_t end = high;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (types->shapes[middle].hash < search->hash) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < end && types->shapes[low].hash == search->hash; low++) {
        uint32_t index = types->shapes[low].type;
        Type *alias = type_resolve(types->aliases[index].type);
        Comparing comparing = {.left = MAX_COMPARED};
        if (same(&comparing, alias, search->record)) {
            search->name = module->types[index].name;
            search->found++;
        }
    }
}

static bool declares(const Module *module, Symbol name)
{
    for (uint32_t i = 0; i < module->type_count; i++) {
        if (module->types[i].name == name) {
            return true;
        }
    }
    return false;
}

Symbol alias_names_find(const Program *program, const Module *from,
                        Type *record)
{
    if (from == NULL || !is_named(record)) {
        return 0;
    }
    Search search = {.record = record, .hash = shape_hash(record)};
    search_module(&search, from);
    if (search.found > 0) {
        return search.found == 1 ? search.name : 0;
    }
    // What is entered at a prompt, and --expr, see the names of what was there
    // before.
    for (uint32_t m = from->outer; m != MODULE_PRELUDE && search.found == 0;
         m = program->modules[m]->outer) {
        search_module(&search, program->modules[m]);
    }
    bool imports = search.found == 0;
    for (uint32_t i = 0; i < from->import_count && imports; i++) {
        search_module(&search, program->modules[from->imports[i]]);
    }
    bool clear = search.found == 1 && !declares(from, search.name);
    return clear ? search.name : 0;
}
