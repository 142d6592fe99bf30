// Where notes are kept.
#include "syntax/elab.h"

#include "support/die.h"

enum { NOTE_MORE_SEGMENTS = NOTE_SEGMENTS - NOTE_FEW_SEGMENTS };

// What a writer has made for nothing, because another one was faster, stays in
// its arena.
static NoteSegment *more_segments(Notes *notes, Arena *arena)
{
    // Acquire: pairs with the exchange below in another writer.
    NoteSegment *more = load_acquire(&notes->more);
    if (more != NULL) {
        return more;
    }
    NoteSegment *made = arena_zalloc(arena, NOTE_MORE_SEGMENTS * sizeof *made);
    return cas_acq_rel(&notes->more, &more, made) ? made : more;
}

// The first writer that comes to a segment makes it.
static void need_segment(Notes *notes, Arena *arena, uint32_t number)
{
    uint32_t segment = note_segment(number);
    NoteSegment *home =
        segment < NOTE_FEW_SEGMENTS
            ? &notes->few[segment]
            : more_segments(notes, arena) + segment - NOTE_FEW_SEGMENTS;
    // Acquire: pairs with the exchange below in another writer.
    if (load_acquire(home) != NULL) {
        return;
    }
    Note *made = arena_array(arena, note_segment_size(segment), sizeof *made);
    Note *none = NULL;
    (void)cas_acq_rel(home, &none, made);
}

uint32_t note_write(NoteWriter *writer, const Note *note)
{
    if (writer->next == writer->end) {
        // Relaxed: only the number counts.
        uint32_t run = fetch_add_relaxed(&writer->notes->runs, 1);
        if (run >= UINT32_MAX / NOTE_RUN - 1) {
            die_out_of_memory();
        }
        writer->next = NOTE_FIRST + run * NOTE_RUN;
        writer->end = writer->next + NOTE_RUN;
        need_segment(writer->notes, writer->arena, writer->next);
    }
    uint32_t number = writer->next++;
    *note_at(writer->notes, number) = *note;
    return number;
}
