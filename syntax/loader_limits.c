// What a whole program may have: modules, bytes of source, memory.
#include "syntax/loader_internal.h"

// What all passes take, as measured; that it is the same at every number of
// workers matters more than that it is exact. The sum is the same in every
// order, so is whether it passes the limit.
#define BYTES_PER_NODE        96
#define BYTES_PER_DECLARATION 1024

bool loader_is_over_limit(Loader *loader)
{
    return load_relaxed(&loader->is_over_limit);
}

void loader_charge(Loader *loader, const Module *module)
{
    if (module->is_std) {
        return;
    }
    uint64_t most = loader->program->options.limits.max_memory_bytes;
    uint64_t bytes = module->source.text.len +
                     module->ast.node_count * BYTES_PER_NODE +
                     module->ast.decl_count * (uint64_t)BYTES_PER_DECLARATION;
    if (fetch_add_relaxed(&loader->tree_bytes, bytes) + bytes > most) {
        store_relaxed(&loader->is_over_limit, true);
    }
}

// What was found of a program over its limits depends on the scheduling, so
// nothing else is said about it.
void loader_report_limit(Loader *loader, Module *entry)
{
    const Limits *limits = &loader->program->options.limits;
    for (uint32_t i = 0; i < loader->loaded.count; i++) {
        DiagSink *diags = &loader->loaded.items[i]->module->diags;
        diag_sink_release(diags);
        diag_sink_init(diags);
    }
    Diag *diag;
    DiagSink *diags = &loader->program->diags;
    if (loader->too_many) {
        diag = diag_add(diags, DIAG_E0606, &entry->source, (Span){0, 0},
                        "the program has more than %u modules",
                        limits->max_modules);
        diag_help(diags, diag, "raise --max-modules");
    } else if (load_relaxed(&loader->tree_bytes) > limits->max_memory_bytes) {
        diag = diag_add(diags, DIAG_E0604, &entry->source, (Span){0, 0},
                        "the program takes more than %llu bytes of memory",
                        (unsigned long long)limits->max_memory_bytes);
        diag_help(diags, diag, "raise --max-memory");
    } else {
        diag = diag_add(diags, DIAG_E0606, &entry->source, (Span){0, 0},
                        "the sources have more than %llu bytes in all",
                        (unsigned long long)limits->max_sources_bytes);
        diag_help(diags, diag, "raise --max-sources");
    }
}
