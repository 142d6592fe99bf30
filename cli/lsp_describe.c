#include "cli/lsp_describe.h"

#include "cli/doc_page.h"
#include "cli/lsp_fields.h"
#include "syntax/byte_class.h"
#include "typecheck/check.h"
#include "typecheck/type_places.h"

enum { MAX_DECLARATION_BYTES = 2000 };

// ---- types

// A type that was not found, for it has an error, says nothing.
static bool has_type(const Module *module, const Binding *binding)
{
    return binding->group < module->group_count &&
           !module->groups[binding->group].failed;
}

static Str type_of(const LspProgram *run, const NameTarget *target,
                   Arena *arena)
{
    const Program *program = run->program;
    const Module *module = program->modules[target->module];
    const TypeNote *note;
    switch (target->kind) {
    case NAME_VALUE:
        return has_type(module, &module->bindings[target->index])
                   ? check_binding_type(program, target->module, target->index,
                                        arena)
                   : STR("");
    case NAME_LOCAL:
        note = type_watch_local(&run->watch, target->module, target->index,
                                target->local);
        return note != NULL ? type_note_print(program, note, arena) : STR("");
    case NAME_CTOR:
        return check_ctor_type(program, target->module, target->index, arena);
    case NAME_METHOD:
        return check_method_type(program, target->module, target->index, arena);
    case NAME_TYPE:
    case NAME_CLASS:
    case NAME_MODULE:
    case NAME_PRIM:
    case NAME_TYPE_VAR:
    case NAME_FIELD:
        break;
    }
    return STR("");
}

bool lsp_append_type(const LspProgram *run, const NameTarget *target,
                     StrBuf *out)
{
    Arena arena;
    arena_init(&arena);
    Str type = type_of(run, target, &arena);
    bool known = type.len > 0 && !str_equal(type, STR("?"));
    if (known) {
        strbuf_append(out, type);
    }
    arena_release(&arena);
    return known;
}

bool lsp_is_function_type(Str type)
{
    uint32_t depth = 0;
    for (size_t i = 0; i + 1 < type.len; i++) {
        char c = type.data[i];
        depth += c == '(' || c == '{' || c == '[';
        depth -= c == ')' || c == '}' || c == ']';
        if (depth == 0 && c == '-' && type.data[i + 1] == '>') {
            return true;
        }
    }
    return false;
}

// ---- comments

static void append_doc_text(Str text, StrBuf *out)
{
    for (size_t at = 0; at < text.len;) {
        size_t end = str_find_byte(text, '\n', at);
        while (at < end && byte_is(text.data[at], BYTE_BLANK)) {
            at++;
        }
        Str line = str_slice(text, at, end);
        line.len -= str_ends_with(line, STR("\r"));
        if (str_starts_with(line, STR("///"))) {
            line = str_slice(line, 3, line.len);
            line = str_slice(line, str_starts_with(line, STR(" ")), line.len);
        }
        strbuf_append(out, line);
        strbuf_append_char(out, '\n');
        at = end + 1;
    }
}

void lsp_append_doc(const LspProgram *run, const NameTarget *target,
                    StrBuf *out)
{
    const Module *module = run->program->modules[target->module];
    if (target->kind == NAME_MODULE) {
        if (!module->is_data) {
            doc_page_about(module, out);
        }
        return;
    }
    Span doc = lsp_target_doc(run->program, target);
    append_doc_text(str_slice(module->source.text, doc.start, doc.end), out);
}

// ---- the whole

static const Decl *declaration_at(const Module *module, Span name)
{
    for (uint32_t i = 0; i < module->ast.decl_count; i++) {
        const Decl *decl = &module->ast.decls[i];
        if (decl->span.start <= name.start && name.end <= decl->span.end) {
            return decl;
        }
    }
    return NULL;
}

// Types and classes are shown as they are written.
static bool append_declaration(const LspProgram *run, const NameTarget *target,
                               StrBuf *out)
{
    Span name;
    const Module *module = run->program->modules[target->module];
    if (!lsp_target_place(run->program, target, &name)) {
        return false;
    }
    const Decl *decl = declaration_at(module, name);
    if (decl == NULL) {
        return false;
    }
    Str text = str_slice(module->source.text, decl->span.start, decl->span.end);
    if (text.len > MAX_DECLARATION_BYTES) {
        text.len = utf8_offset(text, 0, MAX_DECLARATION_BYTES / 4);
        strbuf_append(out, text);
        strbuf_append(out, STR(" …"));
    } else {
        strbuf_append(out, text);
    }
    return true;
}

static bool append_module(const LspProgram *run, const NameTarget *target,
                          StrBuf *out)
{
    const Module *module = run->program->modules[target->module];
    strbuf_append(out, STR("module "));
    strbuf_append_printable(out, module->source.path, 1000);
    if (module->ast.result != NULL) {
        NameTarget value = {NAME_VALUE, target->module,
                            module->visible_count - 1, 0};
        StrBuf type = {0};
        if (lsp_append_type(run, &value, &type)) {
            strbuf_append(out, STR(" : "));
            strbuf_append(out, strbuf_str(&type));
        }
        strbuf_release(&type);
    }
    return true;
}

// What is read of a record, or what a literal is to have there.
static const TypeNote *field_note(const LspProgram *run, const NameUse *use)
{
    return type_watch_find(&run->watch, TYPE_NOTE_FIELD, use->target.module,
                           use->span);
}

static bool append_field_of(const LspProgram *run, const NameUse *use,
                            const TypeNote *literal, StrBuf *out)
{
    uint32_t count;
    Arena arena;
    arena_init(&arena);
    bool found = false;
    const TypeNoteField *fields =
        type_note_fields(run->program, literal, &arena, &count);
    for (uint32_t i = 0; i < count && !found; i++) {
        if (fields[i].name == use->target.index) {
            strbuf_append(out, fields[i].type);
            found = true;
        }
    }
    arena_release(&arena);
    return found;
}

// As it is written in the one type that declares the field.
static bool append_declared_type(const LspProgram *run, const NameUse *use,
                                 StrBuf *out)
{
    FieldPlaces places = {0};
    lsp_fields_declared(run, use, &places);
    TypePlaces *types = type_places_new(run->program);
    const TypeField *field =
        places.count == 1 ? type_places_field(types, places.items[0].module,
                                              places.items[0].span.start)
                          : NULL;
    if (field != NULL) {
        const Module *module = run->program->modules[places.items[0].module];
        Span span = field->type->span;
        strbuf_append(out,
                      str_slice(module->source.text, span.start, span.end));
    }
    type_places_free(types);
    vec_release(&places);
    return field != NULL;
}

static bool append_field_type(const LspProgram *run, const NameUse *use,
                              StrBuf *out)
{
    const TypeNote *note = field_note(run, use);
    if (note != NULL) {
        Arena arena;
        arena_init(&arena);
        Str type = type_note_print(run->program, note, &arena);
        strbuf_append(out, type);
        bool known = type.len > 0;
        arena_release(&arena);
        return known;
    }
    if (use->writes && !use->declares) {
        const TypeNote *literal = type_watch_find(
            &run->watch, TYPE_NOTE_RECORD, use->target.module, use->record);
        return literal != NULL && append_field_of(run, use, literal, out);
    }
    return append_declared_type(run, use, out);
}

bool lsp_append_head(const LspProgram *run, const NameUse *use, StrBuf *out)
{
    const NameTarget *target = &use->target;
    switch (target->kind) {
    case NAME_TYPE:
    case NAME_CLASS:
        return append_declaration(run, target, out);
    case NAME_MODULE:
        return append_module(run, target, out);
    case NAME_PRIM:
        strbuf_append(out, STR("type "));
        strbuf_append(out, lsp_target_name(run->program, target));
        return true;
    case NAME_TYPE_VAR:
        return false;
    case NAME_VALUE:
    case NAME_LOCAL:
    case NAME_CTOR:
    case NAME_METHOD:
    case NAME_FIELD:
        break;
    }
    strbuf_append(out, lsp_target_name(run->program, target));
    strbuf_append(out, STR(" : "));
    return target->kind == NAME_FIELD ? append_field_type(run, use, out)
                                      : lsp_append_type(run, target, out);
}

bool lsp_describe(const LspProgram *run, const NameUse *use, StrBuf *out)
{
    StrBuf head = {0};
    bool known = lsp_append_head(run, use, &head);
    if (known) {
        strbuf_append(out, STR("```ligature\n"));
        strbuf_append(out, strbuf_str(&head));
        strbuf_append(out, STR("\n```\n"));
        lsp_append_doc(run, &use->target, out);
    }
    strbuf_release(&head);
    return known;
}
