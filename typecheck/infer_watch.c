// What is noted for a TypeWatch. Types are still being found then: they are
// printed when the check is over.
#include "typecheck/infer_internal.h"

void infer_watch_slow(Infer *c, TypeNoteKind kind, Span span, Type *type)
{
    vec_push(&c->watch->notes, (TypeNote){.kind = kind,
                                          .module = c->module->id,
                                          .span = span,
                                          .type = type});
}

void infer_watch_local(Infer *c, uint32_t local, Type *type,
                       const Scheme *scheme)
{
    vec_push(&c->watch->notes,
             (TypeNote){.kind = TYPE_NOTE_LOCAL,
                        .module = c->module->id,
                        .binding = (uint32_t)(c->binding - c->module->bindings),
                        .local = local,
                        .type = type,
                        .scheme = scheme});
}
