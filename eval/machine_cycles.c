// Bindings that wait for each other. Cycles of names are found before anything
// runs; through instances of classes, which no name shows, a binding may still
// come to need itself. Each slot that is held up says by which (Slot.demands);
// whoever would close a cycle of those fails instead of waiting for ever. Which
// cycles there are follows from the program: machine_bindings.c.
//
// Why it is exact: a slot is held up until what it demands has ended, so of a
// chain read from S to oneself every link still holds when its end is read,
// oneself being held up all along. Why none is missed: each says so before it
// looks, in one order for all (seq_cst), so that the last one sees them all.
// Two may see it at once; what they report is the same.
#include "eval/machine_internal.h"

bool machine_closes_cycle(const Slot *self, Slot *slot)
{
    // A cycle without oneself is somebody else's (Brent 1980).
    const Slot *seen = NULL;
    for (uint64_t i = 1; slot != NULL && slot != seen; i++) {
        if (slot == self) {
            return true;
        }
        seen = (i & (i - 1)) == 0 ? slot : seen;
        slot = load_seq_cst(&slot->demands);
    }
    return false;
}

static bool is_before(const Slot *a, const Slot *b)
{
    return a->module != b->module ? a->module < b->module : a->index < b->index;
}

// The cycle is told from its first binding on, whoever finds it.
static Slot *first_slot(Slot *self)
{
    Slot *first = self;
    for (Slot *slot = load_seq_cst(&self->demands); slot != self;
         slot = load_seq_cst(&slot->demands)) {
        first = is_before(slot, first) ? slot : first;
    }
    return first;
}

static Str slot_name(const Machine *m, const Slot *slot)
{
    const Program *program = m->evaluation->program;
    const Binding *binding =
        program_binding(program, slot->module, slot->index);
    return binding->name == 0 ? STR("the result")
                              : symbol_text(program->interner, binding->name);
}

void machine_report_cycle(Machine *m, Slot *self)
{
    Slot *first = first_slot(self);
    const Program *program = m->evaluation->program;
    const Binding *binding =
        program_binding(program, first->module, first->index);
    enum { SHOWN = 12 };
    StrBuf path = {0};
    Slot *slot = first;
    for (uint32_t i = 0; i == 0 || slot != first; i++) {
        if (i < SHOWN) {
            strbuf_appendf(&path, "%.*s -> ", STR_ARG(slot_name(m, slot)));
        } else if (i == SHOWN) {
            strbuf_append(&path, STR("... -> "));
        }
        slot = load_seq_cst(&slot->demands);
    }
    DiagSink *sink = slot_diags(self);
    Diag *diag = diag_add(
        sink, DIAG_E0204, &program->modules[first->module]->source,
        binding->name != 0 ? binding->name_span : binding->value->span,
        "'%.*s' depends on itself: %.*s%.*s", STR_ARG(slot_name(m, first)),
        STR_ARG(strbuf_str(&path)), STR_ARG(slot_name(m, first)));
    strbuf_release(&path);
    diag_note(sink, diag,
              "no name shows this cycle: it goes through an instance of a "
              "class");
    m->status = MACHINE_FAILED;
    m->failed_on = NULL;
}
