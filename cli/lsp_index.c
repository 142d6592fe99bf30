#include "cli/lsp_index.h"

#include <stdlib.h>

#include "cli/lsp_index_internal.h"
#include "cli/lsp_text.h"
#include "syntax/scope_table.h"

// ---- the list

// The first or last place in the span at which the word stands.
static bool find_word(Str text, Span in, Str word, bool last, Span *out)
{
    bool found = false;
    uint32_t len = (uint32_t)word.len;
    for (uint32_t at = in.start; len > 0 && at + len <= in.end; at++) {
        bool begins = at == 0 || !lsp_is_name_byte(text.data[at - 1]);
        bool ends =
            at + len == text.len || !lsp_is_name_byte(text.data[at + len]);
        if (begins && ends && str_equal(str_slice(text, at, at + len), word)) {
            *out = (Span){at, at + len};
            found = true;
            if (!last) {
                break;
            }
        }
    }
    return found;
}

// What the user has not written, such as the x of a predicate, is nowhere.
static bool place_of(const Indexer *x, Span span, Symbol symbol, bool last,
                     Span *out)
{
    Str text = x->module->source.text;
    Str word = symbol_text(x->program->interner, symbol);
    if (span.end > text.len || span.start > span.end) {
        return false;
    }
    if (last && span.end - span.start > word.len) {
        Span tail = {span.end - (uint32_t)word.len, span.end};
        if (find_word(text, tail, word, true, out)) {
            return true;
        }
    }
    return find_word(text, span, word, last, out);
}

void indexer_add(Indexer *x, Span span, Symbol symbol, bool last, NameUse use)
{
    if (symbol != 0 && place_of(x, span, symbol, last, &use.span)) {
        vec_push(&x->index->uses, use);
    }
}

void indexer_field(Indexer *x, Span span, Symbol name, NameUse use)
{
    use.span = span;
    use.target = (NameTarget){NAME_FIELD, x->module->id, name, 0};
    vec_push(&x->index->uses, use);
}

void indexer_type_var(Indexer *x, Span span, Symbol name, bool declares)
{
    NameUse use = {
        .target = {NAME_TYPE_VAR, x->module->id, name, x->declaration},
        .declares = declares};
    Str text = x->module->source.text;
    if (span.start < span.end && span.end <= text.len &&
        text.data[span.start] == '\'') {
        use.span = span;
        vec_push(&x->index->uses, use);
    } else {
        indexer_add(x, span, name, true, use);
    }
}

// A hidden binding that stands for a module without a final expression.
static bool is_module_value(const Binding *binding)
{
    return binding->kind == BINDING_HIDDEN && binding->value != NULL &&
           !binding->value_is_data && binding->value->kind == EXPR_NAME &&
           binding->value->as.name.ref == REF_MODULE;
}

// False where it means nothing.
static bool find_target(const Indexer *x, const NameRef *ref, NameTarget *out)
{
    *out = (NameTarget){.module = ref->module, .index = ref->index};
    switch ((RefKind)ref->ref) {
    case REF_LOCAL:
        *out = (NameTarget){NAME_LOCAL, x->module->id, x->binding, ref->index};
        return true;
    case REF_GLOBAL: {
        const Binding *target =
            program_binding(x->program, ref->module, ref->index);
        if (target->kind == BINDING_RESULT) {
            *out = (NameTarget){NAME_MODULE, ref->module, 0, 0};
            return true;
        }
        if (is_module_value(target)) {
            *out =
                (NameTarget){NAME_MODULE, target->value->as.name.module, 0, 0};
            return true;
        }
        out->kind = NAME_VALUE;
        return true;
    }
    case REF_CTOR:
        out->kind = NAME_CTOR;
        return true;
    case REF_METHOD:
        out->kind = NAME_METHOD;
        return true;
    case REF_MODULE:
        *out = (NameTarget){NAME_MODULE, ref->module, 0, 0};
        return true;
    case REF_TYPE:
        out->kind = NAME_TYPE;
        return true;
    case REF_CLASS:
        out->kind = NAME_CLASS;
        return true;
    case REF_PRIM:
        *out = (NameTarget){NAME_PRIM, MODULE_PRELUDE, ref->index, 0};
        return true;
    case REF_UNRESOLVED:
    case REF_ERROR:
        break;
    }
    return false;
}

void indexer_ref(Indexer *x, Span span, const NameRef *ref, bool last,
                 NameUse use)
{
    if (find_target(x, ref, &use.target)) {
        indexer_add(x, span, ref->symbol, last, use);
    }
}

void indexer_qualifier(Indexer *x, Span span, Symbol name)
{
    const ScopeRef *alias =
        name == 0 ? NULL : scope_find_alias(x->program, x->module, name);
    if (alias != NULL && alias->module < x->program->module_count) {
        NameUse use = {.target = {NAME_MODULE, alias->module, 0, 0}};
        indexer_add(x, span, name, false, use);
    }
}

// ---- declarations

static void declare(Indexer *x, Span span, Symbol name, NameKind kind,
                    uint32_t index)
{
    NameUse use = {.target = {kind, x->module->id, index, 0}, .declares = true};
    indexer_add(x, span, name, false, use);
}

static void declare_type_vars(Indexer *x, const Symbol *names,
                              const Span *spans, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        indexer_type_var(x, spans[i], names[i], true);
    }
}

static void index_tables(Indexer *x)
{
    const Module *module = x->module;
    for (uint32_t i = 0; i < module->type_count; i++) {
        const TypeDecl *decl = module->types[i].decl;
        x->declaration = decl->name_span.start;
        declare(x, decl->name_span, decl->name, NAME_TYPE, i);
        declare_type_vars(x, decl->params, decl->param_spans,
                          decl->param_count);
        if (decl->ctors == NULL && decl->alias != NULL) {
            indexer_type(x, decl->alias);
        }
    }
    for (uint32_t i = 0; i < module->ctor_count; i++) {
        const CtorDecl *decl = module->ctors[i].decl;
        x->declaration =
            module->types[module->ctors[i].type].decl->name_span.start;
        declare(x, decl->name_span, decl->name, NAME_CTOR, i);
        indexer_types(x, decl->args, decl->arg_count);
    }
    for (uint32_t i = 0; i < module->class_count; i++) {
        const ClassDecl *decl = module->classes[i].decl;
        x->declaration = decl->name_span.start;
        declare(x, decl->name_span, decl->name, NAME_CLASS, i);
        declare_type_vars(x, decl->params, decl->param_spans,
                          decl->param_count);
        indexer_constraints(x, decl->superclasses, decl->superclass_count);
    }
    for (uint32_t i = 0; i < module->method_count; i++) {
        const MethodDecl *decl = module->methods[i].decl;
        x->declaration =
            module->classes[module->methods[i].class_].decl->name_span.start;
        declare(x, decl->name_span, decl->name, NAME_METHOD, i);
        indexer_type(x, decl->type);
    }
}

// The methods that an instance defines are those of its class.
static void index_instance(Indexer *x, const InstanceDecl *decl)
{
    x->declaration = decl->head.span.start;
    indexer_constraints(x, &decl->head, 1);
    indexer_constraints(x, decl->context, decl->context_count);
    if (decl->head.ref.ref != REF_CLASS) {
        return;
    }
    const Module *module = x->program->modules[decl->head.ref.module];
    const ClassEntry *class_ = &module->classes[decl->head.ref.index];
    for (uint32_t i = 0; i < decl->method_count; i++) {
        const Bind *bind = &decl->methods[i];
        for (uint32_t m = 0; m < class_->decl->method_count; m++) {
            if (class_->decl->methods[m].name == bind->name) {
                NameUse use = {.target = {NAME_METHOD, module->id,
                                          class_->first_method + m, 0}};
                indexer_add(x, bind->name_span, bind->name, false, use);
            }
        }
    }
}

static void index_item(Indexer *x, const ImportItem *item, uint32_t from,
                       bool exports)
{
    static const NameSpace spaces[] = {SPACE_VALUE, SPACE_TYPE, SPACE_CLASS};
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
        bool is_value = spaces[i] == SPACE_VALUE;
        if (is_value == item->is_upper) {
            continue;
        }
        ScopeRef found =
            exports
                ? scope_find_here(x->module, spaces[i], item->name)
                : scope_find_export(x->program, from, spaces[i], item->name);
        NameRef ref = {item->name, found.ref, found.module, found.index};
        bool known = found.ref == REF_GLOBAL || found.ref == REF_METHOD ||
                     found.ref == REF_TYPE || found.ref == REF_CLASS;
        if (known) {
            indexer_ref(x, item->span, &ref, false, (NameUse){0});
            if (item->alias != item->name) {
                ref.symbol = item->alias;
                indexer_ref(x, item->alias_span, &ref, false, (NameUse){0});
            }
            return;
        }
    }
}

static void index_import(Indexer *x, const Import *import)
{
    if (import->module >= x->program->module_count) {
        return;
    }
    if (import->alias != 0) {
        NameUse use = {.target = {NAME_MODULE, import->module, 0, 0},
                       .declares = true};
        indexer_add(x, import->alias_span, import->alias, false, use);
    }
    NameUse file = {.span = import->source_span,
                    .target = {NAME_MODULE, import->module, 0, 0}};
    vec_push(&x->index->uses, file);
    for (uint32_t i = 0; i < import->item_count; i++) {
        index_item(x, &import->items[i], import->module, false);
    }
}

static void index_decls(Indexer *x)
{
    const Module *module = x->module;
    for (uint32_t i = 0; i < module->ast.decl_count; i++) {
        const Decl *decl = &module->ast.decls[i];
        if (decl->kind == DECL_IMPORT) {
            index_import(x, decl->as.import);
        } else if (decl->kind == DECL_INSTANCE) {
            index_instance(x, decl->as.instance);
        } else if (decl->kind == DECL_EXPORT) {
            for (uint32_t k = 0; k < decl->as.export_.count; k++) {
                index_item(x, &decl->as.export_.items[k], 0, true);
            }
        }
    }
}

static void index_binding(Indexer *x, uint32_t index)
{
    const Binding *binding = &x->module->bindings[index];
    x->binding = index;
    x->declaration = binding->name_span.start;
    bool is_shown =
        binding->kind == BINDING_LET || binding->kind == BINDING_INPUT;
    if (is_shown) {
        declare(x, binding->name_span, binding->name, NAME_VALUE, index);
    }
    if (binding->type != NULL) {
        indexer_type(x, binding->type);
    }
    if (binding->value != NULL && !binding->value_is_data) {
        indexer_expr(binding->value, x);
    }
}

// ---- all of it

static int compare_uses(const void *left, const void *right)
{
    const NameUse *a = left, *b = right;
    if (a->span.start != b->span.start) {
        return a->span.start < b->span.start ? -1 : 1;
    }
    if (a->span.end != b->span.end) {
        return a->span.end < b->span.end ? -1 : 1;
    }
    if ((a->target.kind == NAME_FIELD) != (b->target.kind == NAME_FIELD)) {
        return a->target.kind == NAME_FIELD ? 1 : -1;
    }
    if (a->declares != b->declares) {
        return a->declares ? -1 : 1;
    }
    return (a->target.index > b->target.index) -
           (a->target.index < b->target.index);
}

// Types are walked for each binding that stands in them.
static void sort_uses(NameIndex *index)
{
    if (index->uses.count == 0) {
        return;
    }
    qsort(index->uses.items, index->uses.count, sizeof *index->uses.items,
          compare_uses);
    uint32_t kept = 1;
    for (uint32_t i = 1; i < index->uses.count; i++) {
        const NameUse *use = &index->uses.items[i];
        NameUse *last = &index->uses.items[kept - 1];
        if (use->span.start == last->span.start &&
            use->span.end == last->span.end) {
            last->is_pun |= use->is_pun;
            last->is_field |= use->target.kind == NAME_FIELD;
        } else {
            index->uses.items[kept++] = *use;
        }
    }
    index->uses.count = kept;
}

void lsp_index_build(NameIndex *index, const Program *program,
                     const Module *module)
{
    Indexer x = {.program = program, .module = module, .index = index};
    vec_clear(&index->uses);
    index_tables(&x);
    index_decls(&x);
    for (uint32_t i = 0; i < module->binding_count; i++) {
        index_binding(&x, i);
    }
    sort_uses(index);
}

void lsp_index_release(NameIndex *index)
{
    vec_release(&index->uses);
}

const NameUse *lsp_index_find(const NameIndex *index, uint32_t offset)
{
    const NameUse *before = NULL;
    uint32_t low = 0;
    uint32_t high = index->uses.count;
    while (low < high) { // the first that starts behind the offset
        uint32_t middle = low + (high - low) / 2;
        if (index->uses.items[middle].span.start <= offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (uint32_t i = low; i-- > 0 && i + 3 > low;) {
        const NameUse *use = &index->uses.items[i];
        if (offset < use->span.end) {
            return use;
        }
        if (offset == use->span.end && before == NULL) {
            before = use;
        }
    }
    return before;
}
