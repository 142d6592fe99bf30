#include "cli/provenance.h"

#include <stdlib.h>
#include <string.h>

#include "cli/result_places.h"
#include "eval/write_json.h"
#include "support/die.h"
#include "syntax/byte_class.h"

#define SHORT_VALUE_BYTES 120

// ---- parts

uint32_t provenance_part_count(Value value)
{
    value = value_without_some(value);
    if (value.tag == VALUE_RECORD) {
        return value.as.record->shape->count;
    }
    if (value.tag == VALUE_MAP) {
        return value.as.map->count;
    }
    if (value.tag == VALUE_LIST) {
        return value_list_count(value);
    }
    if (value.tag == VALUE_TUPLE) {
        return value.as.tuple->count;
    }
    return value.tag == VALUE_UNION && value.arity > 0 ? 1 : 0;
}

static Value payload(Session *session, Value value)
{
    if (value.arity == 1) {
        return value.as.object->fields[0];
    }
    Value *items;
    Heap *heap =
        evaluation_heap(session->evaluation, pool_main_worker(session->pool));
    Value tuple = value_tuple(heap, value.arity, &items);
    memcpy(items, value.as.object->fields, value.arity * sizeof *items);
    return tuple;
}

bool provenance_part(Session *session, Value value, uint32_t i,
                     SelectStep *out_step, Value *out)
{
    value = value_without_some(value);
    if (value.tag == VALUE_RECORD) {
        *out_step = (SelectStep){.name = value.as.record->shape->texts[i]};
        *out = value.as.record->fields[i];
        return out->tag != VALUE_UNION || value_ctor(*out)->role != CTOR_NONE;
    }
    if (value.tag == VALUE_MAP) {
        *out_step =
            (SelectStep){.name = value_str(value_map_key(value.as.map, i))};
        *out = value_map_value(value.as.map, i);
        return true;
    }
    if (value.tag == VALUE_UNION) {
        *out_step = (SelectStep){.name = value_ctor(value)->name};
        *out = payload(session, value);
        return true;
    }
    *out_step = (SelectStep){.is_index = true, .index = i};
    *out = value.tag == VALUE_LIST ? value_list_at(value, i)
                                   : value.as.tuple->items[i];
    return true;
}

// ---- paths and values as text

static bool is_plain_name(Str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        if (!byte_is(c, BYTE_IDENT) && c != '\'' && c != '-') {
            return false;
        }
    }
    return name.len > 0;
}

void provenance_append_step(StrBuf *out, const SelectStep *step)
{
    if (step->is_index) {
        strbuf_appendf(out, "[%llu]", (unsigned long long)step->index);
        return;
    }
    strbuf_append_char(out, '.');
    if (is_plain_name(step->name)) {
        strbuf_append(out, step->name);
        return;
    }
    strbuf_append_char(out, '"');
    for (size_t i = 0; i < step->name.len; i++) {
        char c = step->name.data[i];
        if (c == '"' || c == '\\') {
            strbuf_append_char(out, '\\');
        }
        strbuf_append_char(out, c);
    }
    strbuf_append_char(out, '"');
}

void provenance_append_path(StrBuf *out, const SelectPath *path, uint32_t count)
{
    if (count == 0) {
        strbuf_append_char(out, '.');
    }
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 && path->steps[0].is_index) {
            strbuf_append_char(out, '.');
        }
        provenance_append_step(out, &path->steps[i]);
    }
}

bool provenance_append_value(StrBuf *out, Value value)
{
    JsonOptions options = {.compact = true, .max_bytes = SHORT_VALUE_BYTES};
    Value whole = value_without_some(value);
    uint32_t parts = provenance_part_count(value);
    bool is_container = whole.tag != VALUE_STRING && parts > 0;
    StrBuf text = {0};
    bool is_short = !is_container && json_append(&options, value, 0, &text);
    if (is_short) {
        strbuf_append(out, strbuf_str(&text));
    } else if (whole.tag == VALUE_STRING) {
        strbuf_appendf(out, "a string of %u bytes",
                       (unsigned)whole.as.string->len);
    } else if (whole.tag == VALUE_UNION) {
        strbuf_appendf(out, "a %.*s", STR_ARG(value_ctor(whole)->name));
    } else {
        const char *what = whole.tag == VALUE_RECORD ? "record"
                           : whole.tag == VALUE_MAP  ? "map"
                           : whole.tag == VALUE_LIST ? "list"
                                                     : "tuple";
        strbuf_appendf(out, "a %s of %u", what, (unsigned)parts);
    }
    strbuf_release(&text);
    return is_short;
}

// ---- kinds

const char *provenance_kind(OriginKind kind)
{
    switch (kind) {
    case FROM_LITERAL:
        return "literal";
    case FROM_DATA:
        return "data";
    case FROM_INPUT:
        return "input";
    case FROM_BUILT:
        return "built";
    case FROM_OPERATOR:
        return "operator";
    case FROM_CALL:
        return "call";
    case FROM_NAME:
        return "name";
    case FROM_SELECTED:
        return "selected";
    case FROM_BINDING:
        return "binding";
    case FROM_FIELD:
        return "field";
    case FROM_SPREAD:
        return "spread";
    case FROM_REPLACED:
        return "replaced";
    case FROM_CHOSEN:
        return "chosen";
    case FROM_DEFAULT:
        return "default";
    case FROM_CHECK:
        return "check";
    }
    UNREACHABLE();
}

static const char *phrase(const Origin *origin)
{
    bool made = origin->before == 0;
    switch (origin->site->kind) {
    case FROM_LITERAL:
        return "written";
    case FROM_DATA:
        return "read from data";
    case FROM_INPUT:
        return "given for the input";
    case FROM_BUILT:
        return made ? "built as a" : "put into a value";
    case FROM_OPERATOR:
        return made ? "computed by" : "returned by";
    case FROM_CALL:
        return made ? "made by the call of" : "returned by the call of";
    case FROM_NAME:
    case FROM_SELECTED:
        return "read as";
    case FROM_BINDING:
        return "bound to";
    case FROM_FIELD:
        return "became the field";
    case FROM_SPREAD:
        return "copied by the spread";
    case FROM_REPLACED:
        return "took the place of";
    case FROM_CHOSEN:
        return "chosen by";
    case FROM_DEFAULT:
        return "filled in as the default of";
    case FROM_CHECK:
        return "checked by the annotation";
    }
    UNREACHABLE();
}

void provenance_append_phrase(StrBuf *out, const Origin *origin)
{
    const OriginSite *site = origin->site;
    Str name = site->name;
    strbuf_append(out, str_from_c(phrase(origin)));
    if (site->kind == FROM_BUILT && origin->before == 0) {
        strbuf_append_char(out, ' ');
        strbuf_append(out, name.len > 0 ? name : STR("value"));
    } else if (site->kind == FROM_REPLACED) {
        Str old = origin->part_count > 0 ? origin->parts[0].text : (Str){0};
        strbuf_append_char(out, ' ');
        strbuf_append(out, old.len > 0 ? old : STR("another value"));
    } else if (name.len > 0 && site->kind != FROM_BUILT) {
        strbuf_append(out, STR(" '"));
        strbuf_append(out, name);
        strbuf_append_char(out, '\'');
    }
}

uint32_t provenance_steps(const Origins *origins, uint32_t origin,
                          const Origin ***out_steps)
{
    uint32_t count = 0;
    for (uint32_t at = origin; at != 0; at = origin_at(origins, at)->before) {
        count++;
    }
    const Origin **steps = mem_calloc((size_t)count + 1, sizeof(Origin *));
    uint32_t left = count;
    for (uint32_t at = origin; at != 0; at = origin_at(origins, at)->before) {
        steps[--left] = origin_at(origins, at);
    }
    *out_steps = steps;
    return count;
}

// ---- refinements of the part

// The argument of the constructor that `value` has.
static const CheckShape *union_part(const Program *program,
                                    const CheckShape *shape, Value value,
                                    uint64_t index)
{
    const Module *module = program->modules[shape->module];
    uint64_t at = index;
    for (uint32_t i = 0; i < value.ctor; i++) {
        uint32_t ctor = module->types[shape->type].first_ctor + i;
        at += module->ctors[ctor].decl->arg_count;
    }
    return at < shape->count ? shape->parts[at] : NULL;
}

static const CheckShape *field_part(const Provenance *p,
                                    const CheckShape *shape, Str name)
{
    for (uint32_t i = 0; i < shape->count; i++) {
        if (str_equal(
                symbol_text(p->session->program->interner, shape->fields[i]),
                name)) {
            return shape->parts[i];
        }
    }
    return NULL;
}

// What is asked of the value, without its refinements and Some; those of
// `site` are added where this is the part.
static const CheckShape *bare_shape(Provenance *p, const CheckShape *shape,
                                    Value *value, const OriginSite *site)
{
    for (;;) {
        if (shape != NULL && shape->kind == CHECK_REFINED) {
            if (site != NULL) {
                vec_push(&p->checks, (ProvenanceCheck){shape->refined, site});
            }
            shape = shape->parts[0];
        } else if (value->tag == VALUE_UNION &&
                   value_ctor(*value)->role == CTOR_SOME) {
            shape = shape != NULL && shape->kind == CHECK_UNION
                        ? union_part(p->session->program, shape, *value, 0)
                        : NULL;
            *value = value->as.object->fields[0];
        } else {
            return shape;
        }
    }
}

// Whether it is known already: a part that stands behind an alias of YAML has
// been checked with each of the values that it is in.
static bool has_check(const Provenance *p, const Refined *refined,
                      const OriginSite *site)
{
    for (uint32_t i = 0; i < p->checks.count; i++) {
        const ProvenanceCheck *known = &p->checks.items[i];
        if (known->refined == refined && known->site->source == site->source &&
            known->site->span.start == site->span.start) {
            return true;
        }
    }
    return false;
}

static void add_checks(Provenance *p, const OriginSite *site, uint32_t from)
{
    const CheckShape *shape = site->check->shape;
    bool in_payload = false; // of several: the next step is a number
    Value value = p->values[from];
    for (uint32_t i = from; i < p->path.count && shape != NULL; i++) {
        const SelectStep *step = &p->path.steps[i];
        if (!in_payload) {
            shape = bare_shape(p, shape, &value, NULL);
        }
        if (shape == NULL) {
            return;
        }
        if (shape->kind == CHECK_UNION && value.tag != VALUE_UNION) {
            return; // it was printed as Json since
        }
        if (shape->kind == CHECK_UNION && !in_payload && value.arity > 1) {
            in_payload = true;
            continue;
        }
        if (shape->kind == CHECK_UNION) {
            shape = union_part(p->session->program, shape, value,
                               in_payload ? step->index : 0);
        } else if (shape->kind == CHECK_RECORD) {
            shape = field_part(p, shape, step->name);
        } else if (shape->kind == CHECK_TUPLE) {
            shape =
                step->index < shape->count ? shape->parts[step->index] : NULL;
        } else if (shape->kind == CHECK_LIST || shape->kind == CHECK_MAP) {
            shape = shape->parts[0];
        } else {
            return;
        }
        in_payload = false;
        value = p->values[i + 1];
    }
    if (!in_payload) {
        (void)bare_shape(p, shape, &value, site);
    }
}

static void collect_checks(Provenance *p)
{
    const Origins *origins = p->session->evaluation->origins;
    for (uint32_t i = 0; i <= p->path.count; i++) {
        const Origin **steps;
        uint32_t count =
            provenance_steps(origins, value_origin(p->values[i]), &steps);
        for (uint32_t s = 0; s < count; s++) {
            if (steps[s]->site->kind == FROM_CHECK) {
                add_checks(p, steps[s]->site, i);
            }
        }
        free(steps);
    }
}

// Imported data and inputs have been checked with their types, before anything
// was evaluated: those of the literal that the part is.
static void collect_data_checks(Provenance *p)
{
    const Program *program = p->session->program;
    uint32_t at = value_origin(p->values[p->path.count]);
    const Origins *origins = p->session->evaluation->origins;
    while (at != 0 && origin_at(origins, at)->before != 0) {
        at = origin_at(origins, at)->before;
    }
    const OriginSite *made = at != 0 ? origin_at(origins, at)->site : NULL;
    if (made == NULL || (made->kind != FROM_DATA && made->kind != FROM_INPUT)) {
        return;
    }
    for (uint32_t m = 0; m < program->module_count; m++) {
        const Module *module = program->modules[m];
        for (uint32_t i = 0; i < module->data_checks.count; i++) {
            const DataCheck *check = &module->data_checks.items[i];
            const Binding *binding = &module->bindings[check->binding];
            if (!binding->value_is_data ||
                &binding->data->module->source != made->source ||
                check->value.span.start != made->span.start ||
                check->value.span.end != made->span.end) {
                continue;
            }
            OriginSite *site = ARENA_NEW(&p->arena, OriginSite);
            site->kind = FROM_CHECK;
            site->source = &module->source;
            site->span = binding->type != NULL ? binding->type->span
                                               : binding->name_span;
            if (!has_check(p, check->refined, site)) {
                vec_push(&p->checks, (ProvenanceCheck){check->refined, site});
            }
        }
    }
}

// ---- the answer

bool provenance_find(Provenance *out, Session *session, uint32_t entry)
{
    *out = (Provenance){
        .session = session,
        .module = session->program->modules[session->program->entries[entry]],
        .path = session->select};
    arena_init(&out->arena);
    Heap *heap =
        evaluation_heap(session->evaluation, pool_main_worker(session->pool));
    out->values = arena_array(&out->arena, (size_t)out->path.count + 1,
                              sizeof *out->values);
    out->values[0] = session->results[entry];
    SelectFrom from = result_select_from(session, out->module, out->values[0]);
    for (uint32_t i = 0; i < out->path.count; i++) {
        SelectPath so_far = out->path;
        so_far.count = i + 1;
        if (!select_apply(&so_far, &from, heap, &session->diags,
                          &out->values[i + 1])) {
            return false;
        }
    }
    collect_checks(out);
    collect_data_checks(out);
    return true;
}

void provenance_release(Provenance *provenance)
{
    vec_release(&provenance->checks);
    source_index_release(&provenance->index);
    arena_release(&provenance->arena);
}
