// Completion: what may stand where the user is typing.
#include "cli/json_text.h"
#include "cli/lsp_ask.h"
#include "cli/lsp_complete_internal.h"
#include "cli/lsp_describe.h"
#include "cli/lsp_marked.h"
#include "cli/lsp_repair.h"
#include "support/hash.h"
#include "syntax/scope_table.h"

enum { MAX_ITEMS = 5000, MAX_TYPE_BYTES = 300 };

// ---- items

static bool is_new(Completion *c, Str label)
{
    Hash128 hash = hash128(label);
    void **seen =
        ptr_map_at(&c->seen, (uintptr_t)hash.low, (uintptr_t)hash.high);
    bool is_first = *seen == NULL;
    *seen = c;
    return is_first;
}

void completion_add(Completion *c, Str label, CompletionKind kind, Str detail,
                    Str inserted, int rank)
{
    if (c->count == MAX_ITEMS || label.len == 0 ||
        str_equal(label, STR(LSP_HERE)) || !is_new(c, label)) {
        return;
    }
    StrBuf *out = c->ask->out;
    strbuf_append(out,
                  c->count++ > 0 ? STR(",{\"label\":") : STR("{\"label\":"));
    json_text_append(out, label, SIZE_MAX);
    strbuf_appendf(out, ",\"kind\":%d", (int)kind);
    if (detail.len > 0) {
        strbuf_append(out, STR(",\"detail\":"));
        json_text_append(out, detail, MAX_TYPE_BYTES);
    }
    if (inserted.len > 0) {
        strbuf_append(out, STR(",\"insertText\":"));
        json_text_append(out, inserted, SIZE_MAX);
    }
    StrBuf sort = {0};
    strbuf_appendf(&sort, "%d", rank);
    strbuf_append(&sort, label);
    strbuf_append(out, STR(",\"sortText\":"));
    json_text_append(out, strbuf_str(&sort), SIZE_MAX);
    strbuf_append_char(out, '}');
    strbuf_release(&sort);
}

static Str text_of(const Completion *c, Symbol symbol)
{
    return symbol_text(c->run->program->interner, symbol);
}

// Something that has a declaration, by the name given.
static void add_target(Completion *c, Str label, NameTarget target, int rank)
{
    static const CompletionKind kinds[] = {
        [NAME_VALUE] = COMPLETION_VARIABLE,
        [NAME_LOCAL] = COMPLETION_VARIABLE,
        [NAME_CTOR] = COMPLETION_ENUM_MEMBER,
        [NAME_METHOD] = COMPLETION_METHOD,
        [NAME_TYPE] = COMPLETION_CLASS,
        [NAME_CLASS] = COMPLETION_INTERFACE,
        [NAME_MODULE] = COMPLETION_MODULE,
        [NAME_PRIM] = COMPLETION_CLASS,
        [NAME_FIELD] = COMPLETION_FIELD,
    };
    StrBuf type = {0};
    (void)lsp_append_type(c->run, &target, &type);
    CompletionKind kind = kinds[target.kind];
    bool is_value = target.kind == NAME_VALUE || target.kind == NAME_LOCAL;
    if (is_value && lsp_is_function_type(strbuf_str(&type))) {
        kind = COMPLETION_FUNCTION;
    }
    completion_add(c, label, kind, strbuf_str(&type), STR(""), rank);
    strbuf_release(&type);
}

// ---- what modules offer

static bool is_type_offered(const Module *module, uint32_t type)
{
    const Scope *scope = module->scope;
    return scope->offers_all || scope->type_exported == NULL ||
           scope->type_exported[type];
}

static void add_types(Completion *c, const Module *module, bool all, int rank)
{
    for (uint32_t i = 0; i < module->type_count; i++) {
        if (all || is_type_offered(module, i)) {
            add_target(c, text_of(c, module->types[i].name),
                       (NameTarget){NAME_TYPE, module->id, i, 0}, rank);
        }
    }
}

static void add_classes(Completion *c, const Module *module, int rank)
{
    for (uint32_t i = 0; i < module->class_count; i++) {
        add_target(c, text_of(c, module->classes[i].name),
                   (NameTarget){NAME_CLASS, module->id, i, 0}, rank);
    }
}

static void add_ctors(Completion *c, const Module *module, bool all, int rank)
{
    for (uint32_t i = 0; i < module->ctor_count; i++) {
        if (all || is_type_offered(module, module->ctors[i].type)) {
            add_target(c, text_of(c, module->ctors[i].name),
                       (NameTarget){NAME_CTOR, module->id, i, 0}, rank);
        }
    }
}

static void add_values(Completion *c, const Module *module, bool all, int rank)
{
    for (uint32_t i = 0; i < module->visible_count; i++) {
        const Binding *binding = &module->bindings[i];
        if (binding->kind == BINDING_RESULT ||
            binding->kind == BINDING_HIDDEN || (!all && !binding->exported)) {
            continue;
        }
        Symbol name = all ? binding->name : binding->export_name;
        add_target(c, text_of(c, name != 0 ? name : binding->name),
                   (NameTarget){NAME_VALUE, module->id, i, 0}, rank);
    }
    for (uint32_t i = 0; i < module->method_count; i++) {
        add_target(c, text_of(c, module->methods[i].name),
                   (NameTarget){NAME_METHOD, module->id, i, 0}, rank);
    }
}

// Types of other modules that it exports again.
static void add_exported_again(Completion *c, const Module *module, int rank)
{
    for (uint32_t i = 0; i < module->ast.decl_count; i++) {
        const Decl *decl = &module->ast.decls[i];
        for (uint32_t k = 0;
             decl->kind == DECL_EXPORT && k < decl->as.export_.count; k++) {
            if (decl->as.export_.items[k].is_upper) {
                completion_add(c, text_of(c, decl->as.export_.items[k].alias),
                               COMPLETION_CLASS, STR(""), STR(""), rank);
            }
        }
    }
}

static const Module *module_of(const Completion *c, uint32_t id)
{
    return id < c->run->program->module_count ? c->run->program->modules[id]
                                              : NULL;
}

static void add_exports(Completion *c, uint32_t id)
{
    const Module *module = module_of(c, id);
    if (module == NULL || module->scope == NULL) {
        return;
    }
    add_values(c, module, false, 1);
    add_types(c, module, false, 2);
    add_ctors(c, module, false, 3);
    add_classes(c, module, 4);
    add_exported_again(c, module, 4);
}

// ---- what is in scope

static void add_locals(Completion *c, const Place *place)
{
    for (uint32_t i = place->locals.count; i-- > 0;) {
        NameTarget target = {NAME_LOCAL, c->run->entry->id,
                             place->locals.items[i].binding,
                             place->locals.items[i].local};
        const Binding *binding = &c->run->entry->bindings[target.index];
        if (target.local < binding->local_count) {
            add_target(c, text_of(c, binding->locals[target.local].symbol),
                       target, 1);
        }
    }
}

// What an item brings in; a union its constructors, a class its methods.
static void add_item(Completion *c, const Import *import,
                     const ImportItem *item, bool types)
{
    const Program *program = c->run->program;
    NameSpace space = item->is_upper ? SPACE_TYPE : SPACE_VALUE;
    ScopeRef found =
        scope_find_export(program, import->module, space, item->name);
    Str label = text_of(c, item->alias);
    if (found.ref == REF_TYPE && types) {
        add_target(c, label,
                   (NameTarget){NAME_TYPE, found.module, found.index, 0}, 2);
    } else if (found.ref == REF_TYPE) {
        const Module *module = program->modules[found.module];
        const TypeEntry *type = &module->types[found.index];
        for (uint32_t i = 0; i < type->decl->ctor_count; i++) {
            uint32_t ctor = type->first_ctor + i;
            add_target(c, text_of(c, module->ctors[ctor].name),
                       (NameTarget){NAME_CTOR, found.module, ctor, 0}, 2);
        }
    } else if ((found.ref == REF_GLOBAL || found.ref == REF_METHOD) && !types) {
        NameKind kind = found.ref == REF_GLOBAL ? NAME_VALUE : NAME_METHOD;
        add_target(c, label, (NameTarget){kind, found.module, found.index, 0},
                   2);
    }
}

static void add_imports(Completion *c, bool types)
{
    const Module *entry = c->run->entry;
    for (uint32_t i = 0; i < entry->ast.decl_count; i++) {
        const Decl *decl = &entry->ast.decls[i];
        if (decl->kind != DECL_IMPORT ||
            module_of(c, decl->as.import->module) == NULL) {
            continue;
        }
        const Import *import = decl->as.import;
        for (uint32_t k = 0; k < import->item_count; k++) {
            add_item(c, import, &import->items[k], types);
        }
        Str stem = module_of(c, import->module)->name;
        if (import->alias != 0 || import->item_count == 0) {
            completion_add(
                c, import->alias != 0 ? text_of(c, import->alias) : stem,
                COMPLETION_MODULE, STR(""), STR(""), 2);
        }
    }
}

static void add_words(Completion *c, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        completion_add(c, str_from_c(words[i]), COMPLETION_KEYWORD, STR(""),
                       STR(""), 6);
    }
}

static void add_expressions(Completion *c, const Place *place)
{
    static const char *const words[] = {"let",   "if",   "then",  "else",
                                        "match", "true", "false", "in"};
    const Module *entry = c->run->entry;
    const Module *prelude = c->run->program->modules[MODULE_PRELUDE];
    add_locals(c, place);
    add_values(c, entry, true, 2);
    add_imports(c, false);
    add_ctors(c, entry, true, 2);
    add_values(c, prelude, true, 4);
    add_ctors(c, prelude, true, 4);
    add_words(c, words, sizeof words / sizeof *words);
}

static void add_all_types(Completion *c)
{
    add_types(c, c->run->entry, true, 2);
    add_imports(c, true);
    for (uint32_t i = 0; i < PRIM_COUNT; i++) {
        completion_add(c, str_from_c(prim_type_name((PrimType)i)),
                       COMPLETION_CLASS, STR(""), STR(""), 3);
    }
    add_types(c, c->run->program->modules[MODULE_PRELUDE], true, 3);
}

// ---- by type

static void add_fields(Completion *c, const TypeNote *note, bool is_literal)
{
    uint32_t count;
    Arena arena;
    arena_init(&arena);
    const TypeNoteField *fields =
        note != NULL ? type_note_fields(c->run->program, note, &arena, &count)
                     : NULL;
    for (uint32_t i = 0; fields != NULL && i < count; i++) {
        StrBuf key = {0}, text = {0};
        strbuf_append_key(&key, text_of(c, fields[i].name), 1000);
        strbuf_append(&text, strbuf_str(&key));
        strbuf_append(&text, STR(" = "));
        completion_add(c, strbuf_str(&key), COMPLETION_FIELD, fields[i].type,
                       is_literal ? strbuf_str(&text) : STR(""),
                       is_literal && fields[i].may_be_out);
        strbuf_release(&key);
        strbuf_release(&text);
    }
    arena_release(&arena);
}

// Fields that the literal does not have yet.
static void add_missing_fields(Completion *c, const Place *place)
{
    const Expr *literal = place->literal;
    for (uint32_t i = 0; i < literal->as.record.count; i++) {
        Symbol name = literal->as.record.items[i].name;
        if (name != 0) {
            (void)is_new(c, text_of(c, name));
        }
    }
    add_fields(c,
               type_watch_find(&c->run->watch, TYPE_NOTE_RECORD,
                               c->run->entry->id, literal->span),
               true);
    ptr_map_clear(&c->seen); // values may have the names of fields
}

static void add_members(Completion *c, const Place *place)
{
    add_fields(c,
               type_watch_find(&c->run->watch, TYPE_NOTE_HOLDER,
                               c->run->entry->id, place->span),
               false);
}

// Constructors of what is taken apart come first.
static void add_patterns(Completion *c, const Place *place)
{
    uint32_t module, type;
    const TypeNote *note =
        place->match == NULL
            ? NULL
            : type_watch_find(&c->run->watch, TYPE_NOTE_MATCH,
                              c->run->entry->id, place->match->scrutinee.span);
    if (note != NULL && type_note_union(note, &module, &type)) {
        const Module *home = c->run->program->modules[module];
        const TypeEntry *entry = &home->types[type];
        for (uint32_t i = 0; i < entry->decl->ctor_count; i++) {
            uint32_t ctor = entry->first_ctor + i;
            add_target(c, text_of(c, home->ctors[ctor].name),
                       (NameTarget){NAME_CTOR, module, ctor, 0}, 0);
        }
    }
    add_ctors(c, c->run->entry, true, 2);
    add_imports(c, false);
    add_ctors(c, c->run->program->modules[MODULE_PRELUDE], true, 4);
}

// ---- the whole

static void add_by_place(Completion *c, const Place *place)
{
    switch (place->kind) {
    case PLACE_NONE:
    case PLACE_VALUE:
        add_expressions(c, place);
        return;
    case PLACE_MEMBER:
        add_members(c, place);
        return;
    case PLACE_EXPORT:
    case PLACE_ITEM:
        add_exports(c, place->module);
        return;
    case PLACE_FIELD:
        add_missing_fields(c, place);
        add_expressions(c, place);
        return;
    case PLACE_PATTERN:
        add_patterns(c, place);
        return;
    case PLACE_TYPE:
        add_all_types(c);
        return;
    }
}

// The name before the '.' at the place; len 0: there is none.
static Str qualifier_at(Str text, size_t at)
{
    size_t end = at > 0 && text.data[at - 1] == '.' ? at - 1 : 0;
    size_t start = end;
    while (start > 0 && lsp_is_name_byte(text.data[start - 1])) {
        start--;
    }
    return str_slice(text, start, end);
}

// What the tree does not show: `m.` in a type or a pattern.
static bool add_by_text(Completion *c, Str text, size_t at)
{
    Str qualifier = qualifier_at(text, at);
    if (qualifier.len == 0) {
        return at > 0 && text.data[at - 1] == '.';
    }
    const Program *program = c->run->program;
    const ScopeRef *alias = scope_find_alias(
        program, c->run->entry, intern(program->interner, qualifier));
    if (alias != NULL) {
        add_exports(c, alias->module);
    }
    return true;
}

void lsp_complete(LspAsk *ask)
{
    Completion completion = {.ask = ask};
    LspMarked marked;
    strbuf_append(ask->out, STR("{\"isIncomplete\":false,\"items\":["));
    if (!completion_of_import(&completion) && lsp_marked_begin(&marked, ask)) {
        completion.run = &marked.run;
        if (marked.run.entry != NULL &&
            (marked.place.kind != PLACE_NONE ||
             !add_by_text(&completion, strbuf_str(&marked.text), marked.at))) {
            add_by_place(&completion, &marked.place);
        }
        lsp_marked_end(&marked);
    }
    strbuf_append(ask->out, STR("]}"));
    ptr_map_release(&completion.seen);
}
