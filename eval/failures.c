#include "eval/failures.h"

Slot *failure_cause(Slot *slot)
{
    Slot *cause = slot;
    while (cause->failed_dependency && cause->failed_on != NULL) {
        cause = cause->failed_on;
    }
    // Chains of demands are long: the next one to ask finds it at once.
    while (slot != cause) {
        Slot *next = slot->failed_on;
        slot->failed_on = cause;
        slot = next;
    }
    return cause;
}

static void copy_diag(DiagSink *into, const Diag *from)
{
    Diag *copy = diag_add(into, from->code, from->source, from->span, "%.*s",
                          STR_ARG(from->message));
    for (uint32_t i = 0; i < from->more->labels.count; i++) {
        const DiagLabel *label = &from->more->labels.items[i];
        diag_label(into, copy, label->source, label->span, "%.*s",
                   STR_ARG(label->message));
    }
    for (uint32_t i = 0; i < from->more->notes.count; i++) {
        diag_note(into, copy, "%.*s", STR_ARG(from->more->notes.items[i]));
    }
    for (uint32_t i = 0; i < from->more->helps.count; i++) {
        diag_help(into, copy, "%.*s", STR_ARG(from->more->helps.items[i]));
    }
    if (from->more->trace_hidden > 0) {
        diag_trace_hidden(into, copy, from->more->trace_hidden);
    }
    for (uint32_t i = 0; i < from->more->trace.count; i++) {
        const DiagFrame *frame = &from->more->trace.items[i];
        diag_trace(into, copy, frame->function, frame->source, frame->span);
    }
}

void failure_report(Slot *slot, DiagSink *diags)
{
    Slot *cause = failure_cause(slot);
    if (cause->diags == NULL || cause->reported) {
        return;
    }
    cause->reported = true;
    for (uint32_t i = 0; i < cause->diags->diags.count; i++) {
        copy_diag(diags, diag_at(cause->diags, i));
    }
}
