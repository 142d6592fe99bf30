// Canonical interfaces.
//
// Types are hashed by structure, each shared node once, so that the hash is
// exact where the printed text is cut; a union is named by the path of its
// module. Declarations go in as they are written, down to the first method of
// an instance.
#include "typecheck/interface.h"

#include <stdlib.h>

#include "typecheck/module_types.h"
#include "typecheck/scheme.h"

typedef struct Hasher {
    const Program *program;
    DigestKind kind;
    PtrMap memo; // resolved node -> its Digest
    Arena arena;
} Hasher;

static Digest hash_text(const Hasher *hasher, Str text)
{
    return digest_text(hasher->kind, text);
}

static Digest hash_number(const Hasher *hasher, uint64_t number)
{
    return digest_number(hasher->kind, number);
}

static Digest combine(const Hasher *hasher, Digest a, Digest b)
{
    return digest_combine(hasher->kind, a, b);
}

static Digest hash_type(Hasher *hasher, Type *type);

static Digest hash_types(Hasher *hasher, Digest hash, Type **types,
                         uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        hash = combine(hasher, hash, hash_type(hasher, types[i]));
    }
    return hash;
}

static Digest hash_con(Hasher *hasher, const Type *con)
{
    Digest hash;
    if (con->as.con.module == TYPE_MODULE_PRIM) {
        hash = hash_number(hasher, con->as.con.index);
    } else {
        const Module *module = hasher->program->modules[con->as.con.module];
        Symbol name = module->types[con->as.con.index].name;
        hash = combine(
            hasher, hash_text(hasher, module->source.path),
            hash_text(hasher, symbol_text(hasher->program->interner, name)));
    }
    return hash_types(hasher, hash, con->as.con.args, con->as.con.count);
}

typedef struct NamedField {
    Str name;
    const RecordField *field;
} NamedField;

static int compare_named(const void *left, const void *right)
{
    return str_compare(((const NamedField *)left)->name,
                       ((const NamedField *)right)->name);
}

// Fields by their text: the numbers of symbols differ from run to run.
static Digest hash_record(Hasher *hasher, Type *record)
{
    uint32_t count;
    Type *tail;
    const RecordField *fields =
        type_record_fields(record, &hasher->arena, &count, &tail);
    NamedField *named = arena_array(&hasher->arena, count, sizeof *named);
    for (uint32_t i = 0; i < count; i++) {
        Str name = symbol_text(hasher->program->interner, fields[i].name);
        named[i] = (NamedField){name, &fields[i]};
    }
    if (count > 1) {
        qsort(named, count, sizeof *named, compare_named);
    }
    Digest hash = hash_number(hasher, count);
    for (uint32_t i = 0; i < count; i++) {
        const RecordField *field = named[i].field;
        uint64_t how = (uint64_t)field->order << 2;
        if (field->fill != NULL) {
            how |= field->fill->optional ? 2 : 1;
        }
        hash = combine(hasher, hash, hash_text(hasher, named[i].name));
        hash = combine(hasher, hash, hash_number(hasher, how));
        hash = combine(hasher, hash, hash_type(hasher, field->type));
    }
    return tail == NULL ? hash : combine(hasher, hash, hash_type(hasher, tail));
}

static Digest hash_function(Hasher *hasher, Type *type)
{
    Digest hash = hash_number(hasher, TYPE_FUNCTION);
    while (type->kind == TYPE_FUNCTION) {
        hash =
            combine(hasher, hash, hash_type(hasher, type->as.function.param));
        type = type_resolve(type->as.function.result);
    }
    return combine(hasher, hash, hash_type(hasher, type));
}

static Digest hash_node(Hasher *hasher, Type *type)
{
    Digest kind = hash_number(hasher, ((uint64_t)type->kind << 8) |
                                          (type->flags & TYPE_IS_ROW));
    switch ((TypeKind)type->kind) {
    case TYPE_GENERIC:
        return combine(hasher, kind,
                       hash_number(hasher, type->as.generic.index));
    case TYPE_CON:
        return combine(hasher, kind, hash_con(hasher, type));
    case TYPE_TUPLE:
        return hash_types(hasher, kind, type->as.tuple.items,
                          type->as.tuple.count);
    case TYPE_FUNCTION:
        return combine(hasher, kind, hash_function(hasher, type));
    case TYPE_RECORD:
        return combine(hasher, kind, hash_record(hasher, type));
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_SKOLEM:
    case TYPE_REFINED:
        break;
    }
    return kind;
}

static Digest hash_type(Hasher *hasher, Type *type)
{
    type = type_resolve(type);
    const Digest *known = ptr_map_find(&hasher->memo, (uintptr_t)type, 0);
    if (known != NULL) {
        return *known;
    }
    Digest hash = hash_node(hasher, type);
    *ptr_map_at(&hasher->memo, (uintptr_t)type, 0) =
        arena_copy(&hasher->arena, &hash, sizeof hash);
    return hash;
}

static Digest hash_scheme(Hasher *hasher, const Scheme *scheme)
{
    Digest hash = hash_type(hasher, scheme->type);
    for (uint32_t i = 0; i < scheme->constraint_count; i++) {
        const SchemeConstraint *constraint = &scheme->constraints[i];
        const ClassInfo *class_ = constraint->class_;
        const Module *module = hasher->program->modules[class_->module];
        Str name = symbol_text(hasher->program->interner, class_->name);
        hash = combine(hasher, hash, hash_text(hasher, module->source.path));
        hash = combine(hasher, hash, hash_text(hasher, name));
        hash = hash_types(hasher, hash, constraint->args, class_->param_count);
    }
    return hash;
}

// ---- text

static void append_slice(const Module *module, Span span, StrBuf *out)
{
    strbuf_append(out, str_slice(module->source.text, span.start, span.end));
    strbuf_append_char(out, '\n');
}

// Declarations that importers see, or that decide what names in them mean.
static void append_decl(const Module *module, const Decl *decl, StrBuf *out)
{
    Span span = decl->span;
    switch ((DeclKind)decl->kind) {
    case DECL_IMPORT:
    case DECL_EXPORT:
    case DECL_TYPE:
    case DECL_CLASS:
        append_slice(module, span, out);
        return;
    case DECL_INSTANCE:
        if (decl->as.instance->method_count > 0) {
            span.end = decl->as.instance->methods[0].name_span.start;
        }
        append_slice(module, span, out);
        return;
    case DECL_LET:
    case DECL_INPUT:
    case DECL_ERROR:
        return;
    }
    UNREACHABLE();
}

static bool offers_all(const Module *module)
{
    for (uint32_t i = 0; i < module->visible_count; i++) {
        if (module->bindings[i].exported) {
            return false;
        }
    }
    return true;
}

static bool is_shown(const Binding *binding, bool all)
{
    return all || binding->exported || binding->kind == BINDING_RESULT;
}

static Str binding_name(const Program *program, const Binding *binding)
{
    return binding->name != 0 ? symbol_text(program->interner, binding->name)
                              : STR("=");
}

static void append_decls(const Module *module, StrBuf *out)
{
    strbuf_append(out, STR("module "));
    strbuf_append(out, module->source.path);
    strbuf_append_char(out, '\n');
    for (uint32_t i = 0; i < module->ast.decl_count; i++) {
        append_decl(module, &module->ast.decls[i], out);
    }
}

Str interface_text(const Program *program, const Module *module, Arena *arena)
{
    StrBuf out = {0};
    append_decls(module, &out);
    bool all = offers_all(module);
    for (uint32_t i = 0; i < module->visible_count; i++) {
        const Binding *binding = &module->bindings[i];
        const Scheme *scheme = module->checked->schemes[i];
        if (is_shown(binding, all) && scheme != NULL) {
            strbuf_append(&out, STR("let "));
            strbuf_append(&out, binding_name(program, binding));
            strbuf_append(&out, STR(" : "));
            strbuf_append(&out, scheme_print(program, NULL, scheme, arena));
            strbuf_append_char(&out, '\n');
        }
    }
    Str text = arena_str(arena, strbuf_str(&out));
    strbuf_release(&out);
    return text;
}

static Digest hash_slice(const Hasher *hasher, const Module *module, Span span,
                         Digest hash)
{
    Str text = str_slice(module->source.text, span.start, span.end);
    return combine(hasher, hash, hash_text(hasher, text));
}

// Refinements in annotations, which schemes leave out: callers look at the
// constants that they pass.
static Digest hash_annotations(const Hasher *hasher, const Module *module,
                               const Binding *binding, Digest hash)
{
    if (binding->type != NULL) {
        hash = hash_slice(hasher, module, binding->type->span, hash);
    }
    if (binding->value == NULL || binding->value->kind != EXPR_LAMBDA) {
        return hash;
    }
    const Function *function = binding->value->as.lambda;
    for (uint32_t i = 0; i < function->param_count; i++) {
        if (function->params[i].type != NULL) {
            hash = hash_slice(hasher, module, function->params[i].type->span,
                              hash);
        }
    }
    return function->result != NULL
               ? hash_slice(hasher, module, function->result->span, hash)
               : hash;
}

static Digest hash_bindings(Hasher *hasher, const Module *module, Digest hash)
{
    bool all = offers_all(module);
    for (uint32_t i = 0; i < module->visible_count; i++) {
        const Binding *binding = &module->bindings[i];
        if (!is_shown(binding, all)) {
            continue;
        }
        const Scheme *scheme = module->checked->schemes[i];
        Str name = binding_name(hasher->program, binding);
        hash = combine(hasher, hash, hash_text(hasher, name));
        if (scheme != NULL) {
            hash = combine(hasher, hash, hash_scheme(hasher, scheme));
        }
        if (module->checked->refined[i] != NULL) {
            hash = hash_annotations(hasher, module, binding, hash);
        }
    }
    return hash;
}

// What predicates of declared types want of classes, the importer must have.
static Digest hash_predicates(Hasher *hasher, const Module *module, Digest hash)
{
    for (uint32_t i = module->visible_count; i < module->binding_count; i++) {
        const Scheme *scheme = module->checked->schemes[i];
        if (module->bindings[i].kind == BINDING_HIDDEN && scheme != NULL &&
            scheme->constraint_count > 0) {
            hash = combine(hasher, hash, hash_scheme(hasher, scheme));
        }
    }
    return hash;
}

Digest interface_hash(const Program *program, const Module *module,
                      DigestKind kind, const Digest *imports)
{
    Hasher hasher = {.program = program, .kind = kind};
    arena_init(&hasher.arena);
    StrBuf text = {0};
    // Of std modules only what is needed is checked, and data is its text.
    bool whole = module->is_std || module->is_data;
    if (whole) {
        strbuf_append(&text, module->source.path);
        strbuf_append(&text, module->source.text);
    } else {
        append_decls(module, &text);
    }
    Digest hash = combine(&hasher, hash_text(&hasher, module->source.path),
                          hash_text(&hasher, strbuf_str(&text)));
    for (uint32_t i = 0; i < module->import_count; i++) {
        hash = combine(&hasher, hash, imports[i]);
    }
    if (!whole) {
        hash = hash_bindings(&hasher, module, hash);
        hash = hash_predicates(&hasher, module, hash);
    }
    strbuf_release(&text);
    ptr_map_release(&hasher.memo);
    arena_release(&hasher.arena);
    return hash;
}
