// What is noted for a TypeWatch. Types are still being found then: they are
// printed when the check is over.
#include "typecheck/infer_internal.h"

static void add_note(TypeWatch *watch, TypeNote note)
{
    mutex_lock(&watch->mutex);
    vec_push(&watch->notes, note);
    mutex_unlock(&watch->mutex);
}

void infer_watch_slow(Infer *c, TypeNoteKind kind, Span span, Type *type)
{
    add_note(c->watch, (TypeNote){.kind = kind,
                                  .module = c->module->id,
                                  .span = span,
                                  .type = type});
}

void infer_watch_local(Infer *c, uint32_t local, Type *type,
                       const Scheme *scheme)
{
    add_note(c->watch,
             (TypeNote){.kind = TYPE_NOTE_LOCAL,
                        .module = c->module->id,
                        .binding = (uint32_t)(c->binding - c->module->bindings),
                        .local = local,
                        .type = type,
                        .scheme = scheme});
}
