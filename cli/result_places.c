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
