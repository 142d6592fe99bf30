// What is known of the target of a name: where it is declared, and its comment.
#include "cli/lsp_index.h"

bool lsp_target_equal(const NameTarget *a, const NameTarget *b)
{
    return a->kind == b->kind && a->module == b->module &&
           a->index == b->index && a->local == b->local;
}

bool lsp_target_place(const Program *program, const NameTarget *target,
                      Span *out)
{
    const Module *module = program->modules[target->module];
    *out = (Span){0, 0};
    switch (target->kind) {
    case NAME_VALUE:
        *out = module->bindings[target->index].name_span;
        return true;
    case NAME_LOCAL: {
        const Binding *binding = &module->bindings[target->index];
        if (target->local < binding->local_count) {
            *out = binding->locals[target->local].span;
        }
        return target->local < binding->local_count;
    }
    case NAME_CTOR:
        *out = module->ctors[target->index].decl->name_span;
        return true;
    case NAME_METHOD:
        *out = module->methods[target->index].decl->name_span;
        return true;
    case NAME_TYPE:
        *out = module->types[target->index].decl->name_span;
        return true;
    case NAME_CLASS:
        *out = module->classes[target->index].decl->name_span;
        return true;
    case NAME_MODULE:
        return true;
    case NAME_PRIM:
    case NAME_TYPE_VAR:
    case NAME_FIELD:
        break;
    }
    return false;
}

static Span input_doc(const Module *module, Symbol name)
{
    for (uint32_t i = 0; i < module->ast.decl_count; i++) {
        const Decl *decl = &module->ast.decls[i];
        if (decl->kind == DECL_INPUT && decl->as.input->name == name) {
            return decl->as.input->doc;
        }
    }
    return (Span){0, 0};
}

Span lsp_target_doc(const Program *program, const NameTarget *target)
{
    const Module *module = program->modules[target->module];
    switch (target->kind) {
    case NAME_VALUE: {
        const Binding *binding = &module->bindings[target->index];
        return binding->bind != NULL ? binding->bind->doc
                                     : input_doc(module, binding->name);
    }
    case NAME_TYPE:
        return module->types[target->index].decl->doc;
    case NAME_CTOR:
        return module->types[module->ctors[target->index].type].decl->doc;
    case NAME_CLASS:
        return module->classes[target->index].decl->doc;
    case NAME_METHOD:
        return module->classes[module->methods[target->index].class_].decl->doc;
    case NAME_LOCAL:
    case NAME_MODULE:
    case NAME_PRIM:
    case NAME_TYPE_VAR:
    case NAME_FIELD:
        break;
    }
    return (Span){0, 0};
}

Str lsp_target_name(const Program *program, const NameTarget *target)
{
    const Module *module = program->modules[target->module];
    const Interner *interner = program->interner;
    switch (target->kind) {
    case NAME_VALUE:
        return symbol_text(interner, module->bindings[target->index].name);
    case NAME_LOCAL:
        return symbol_text(
            interner,
            module->bindings[target->index].locals[target->local].symbol);
    case NAME_CTOR:
        return symbol_text(interner, module->ctors[target->index].name);
    case NAME_METHOD:
        return symbol_text(interner, module->methods[target->index].name);
    case NAME_TYPE:
        return symbol_text(interner, module->types[target->index].name);
    case NAME_CLASS:
        return symbol_text(interner, module->classes[target->index].name);
    case NAME_MODULE:
        return module->name;
    case NAME_PRIM:
        return str_from_c(prim_type_name((PrimType)target->index));
    case NAME_TYPE_VAR:
    case NAME_FIELD:
        return symbol_text(interner, target->index);
    }
    return STR("");
}
