#include "cli/result_places.h"

Span result_span(const Module *module)
{
    return module->ast.result != NULL ? module->ast.result->span : (Span){0, 0};
}

void result_locate(void *ctx, Str field, const Source **out_source,
                   Span *out_span)
{
    const ResultPlaces *places = ctx;
    const Module *module = places->module;
    const Interner *interner = places->program->interner;
    for (uint32_t i = 0; i < module->visible_count; i++) {
        const Binding *binding = &module->bindings[i];
        if (binding->exported &&
            str_equal(symbol_text(interner, binding->export_name), field)) {
            *out_source = &module->source;
            *out_span = binding->name_span;
            return;
        }
    }
}

SelectFrom result_select_from(const Session *session, const Module *module,
                              Value value)
{
    SelectFrom from = {value, &module->source, result_span(module)};
    const SelectPath *path = &session->select;
    if (module->ast.result == NULL && path->count > 0 &&
        !path->steps[0].is_index) {
        ResultPlaces places = {session->program, module};
        result_locate(&places, path->steps[0].name, &from.source, &from.span);
    }
    return from;
}
