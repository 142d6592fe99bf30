// Diagnostics by content.
#include "typecheck/cached_verdict.h"

#include <stdlib.h>

// A diagnostic whose places are all in the module itself.
typedef struct CachedLabel {
    Span span;
    Str message;
} CachedLabel;

struct CachedDiag {
    DiagCode code;
    Span span;
    Str message;
    CachedLabel *labels;
    uint32_t label_count;
    Str *notes;
    uint32_t note_count;
    Str *helps;
    uint32_t help_count;
};

static bool is_own(const Module *module, const Diag *diag)
{
    bool own = diag->source == &module->source && diag->more->trace.count == 0;
    for (uint32_t i = 0; i < diag->more->labels.count; i++) {
        own = own && diag->more->labels.items[i].source == &module->source;
    }
    return own;
}

static Str *copy_texts(Arena *arena, const Str *texts, uint32_t count)
{
    Str *copies = arena_array(arena, count, sizeof *copies);
    for (uint32_t i = 0; i < count; i++) {
        copies[i] = arena_str(arena, texts[i]);
    }
    return copies;
}

static void copy_diag(Arena *arena, const Diag *diag, CachedDiag *out)
{
    *out = (CachedDiag){.code = diag->code,
                        .span = diag->span,
                        .message = arena_str(arena, diag->message),
                        .label_count = diag->more->labels.count,
                        .note_count = diag->more->notes.count,
                        .help_count = diag->more->helps.count};
    out->labels =
        arena_array(arena, diag->more->labels.count, sizeof *out->labels);
    for (uint32_t i = 0; i < diag->more->labels.count; i++) {
        out->labels[i].span = diag->more->labels.items[i].span;
        out->labels[i].message =
            arena_str(arena, diag->more->labels.items[i].message);
    }
    out->notes =
        copy_texts(arena, diag->more->notes.items, diag->more->notes.count);
    out->helps =
        copy_texts(arena, diag->more->helps.items, diag->more->helps.count);
}

CachedVerdict *cached_verdict_new(void)
{
    CachedVerdict *verdict = mem_calloc(1, sizeof *verdict);
    arena_init(&verdict->arena);
    return verdict;
}

void cached_verdict_free(CachedVerdict *verdict)
{
    arena_release(&verdict->arena);
    free(verdict);
}

CachedVerdict *cached_verdict_make(const Module *module, uint32_t first)
{
    uint32_t end = module->diags.diags.count;
    for (uint32_t i = first; i < end; i++) {
        if (!is_own(module, diag_at(&module->diags, i))) {
            return NULL;
        }
    }
    CachedVerdict *verdict = cached_verdict_new();
    verdict->diag_count = end - first;
    if (verdict->diag_count > 0) {
        verdict->path = arena_str(&verdict->arena, module->source.path);
    }
    verdict->diags = arena_array(&verdict->arena, verdict->diag_count,
                                 sizeof *verdict->diags);
    for (uint32_t i = 0; i < verdict->diag_count; i++) {
        const Diag *diag = diag_at(&module->diags, first + i);
        copy_diag(&verdict->arena, diag, &verdict->diags[i]);
    }
    return verdict;
}

void cached_verdict_replay(const CachedVerdict *verdict, Module *module)
{
    DiagSink *sink = &module->diags;
    for (uint32_t i = 0; i < verdict->diag_count; i++) {
        const CachedDiag *from = &verdict->diags[i];
        Diag *diag = diag_add(sink, from->code, &module->source, from->span,
                              "%.*s", STR_ARG(from->message));
        for (uint32_t j = 0; j < from->label_count; j++) {
            diag_label(sink, diag, &module->source, from->labels[j].span,
                       "%.*s", STR_ARG(from->labels[j].message));
        }
        for (uint32_t j = 0; j < from->note_count; j++) {
            diag_note(sink, diag, "%.*s", STR_ARG(from->notes[j]));
        }
        for (uint32_t j = 0; j < from->help_count; j++) {
            diag_help(sink, diag, "%.*s", STR_ARG(from->helps[j]));
        }
    }
}
