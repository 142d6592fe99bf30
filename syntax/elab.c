// Where notes are kept.
#include "syntax/elab.h"

#include <stdlib.h>

#include "support/die.h"

void notes_release(Notes *notes)
{
    for (uint32_t i = 0; i < NOTE_SEGMENTS; i++) {
        free(load_relaxed(&notes->segments[i])); // no writer is left
        store_relaxed(&notes->segments[i], NULL);
    }
    store_relaxed(&notes->runs, 0);
}

// The first writer that comes to a segment makes it.
static void need_segment(Notes *notes, uint32_t number)
{
    uint32_t segment = note_segment(number);
    // Acquire: pairs with the exchange below in another writer.
    if (load_acquire(&notes->segments[segment]) != NULL) {
        return;
    }
    Note *made = mem_alloc(note_segment_size(segment) * sizeof *made);
    Note *none = NULL;
    if (!cas_acq_rel(&notes->segments[segment], &none, made)) {
        free(made);
    }
}

uint32_t note_write(NoteWriter *writer, const Note *note)
{
    if (writer->next == writer->end) {
        // Relaxed: only the number counts.
        uint32_t run = fetch_add_relaxed(&writer->notes->runs, 1);
        if (run >= UINT32_MAX / NOTE_RUN - 1) {
            die_out_of_memory((size_t)run * NOTE_RUN * sizeof *note);
        }
        writer->next = NOTE_FIRST + run * NOTE_RUN;
        writer->end = writer->next + NOTE_RUN;
        need_segment(writer->notes, writer->next);
    }
    uint32_t number = writer->next++;
    *note_at(writer->notes, number) = *note;
    return number;
}
