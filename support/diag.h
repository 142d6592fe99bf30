// Diagnostics: what is said about the user's input. This module collects and
// sorts; only cli/ prints.
//
// Ownership: everything in a Diag lives in its sink's arena; sources are
//            borrowed and must outlive the sink.
// Threads:   a sink has one owner at a time. Parallel work uses one sink per
//            task and merges them afterwards.
#ifndef LIGATURE_SUPPORT_DIAG_H
#define LIGATURE_SUPPORT_DIAG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "support/arena.h"
#include "support/source.h"
#include "support/str.h"
#include "support/vec.h"

typedef enum Severity {
    SEVERITY_ERROR,
    SEVERITY_WARNING,
    SEVERITY_NOTE
} Severity;

// One enumerator per row of diags.def: DIAG_E0101 ...
typedef enum DiagCode {
#define DIAG(code, severity, summary) DIAG_##code,
#include "support/diags.def"
    DIAG_CODE_COUNT
} DiagCode;

typedef struct DiagLabel {
    const Source *source;
    Span span;
    Str message;
} DiagLabel;

// One step of a call chain, innermost first.
typedef struct DiagFrame {
    Str function;
    const Source *source;
    Span span; // of the call
} DiagFrame;

// A change of the diagnostic's source that cures it.
typedef struct DiagFix {
    Str title;
    Span span; // that is replaced
    Str text;
} DiagFix;

// What most diagnostics have none of.
typedef struct DiagMore {
    VEC(DiagLabel) labels;
    VEC(Str) notes;
    VEC(Str) helps;
    VEC(DiagFrame) trace;
    VEC(DiagFix) fixes;    // each by itself
    uint32_t trace_hidden; // further calls, in the middle of the trace
} DiagMore;

// A message about a name, with a help: what may be said of each of a hundred
// thousand names, of which few are shown, is spelled out by diag_at().
typedef struct DiagForm {
    Str before, after;           // of the name in the message,
    Str help_before, help_after; // and in the help
    Str mark;                    // in front of the name this cures it; or empty
} DiagForm;

typedef struct Diag {
    DiagCode code;
    const Source *source; // NULL for what has no place (the command line)
    Span span;
    Str message;          // with a form, the name
    const DiagForm *form; // NULL: all is spelled out
    const DiagMore *more; // not NULL; shared by those that have nothing
} Diag;

typedef struct DiagSink {
    Arena arena;
    VEC(Diag *) diags;
    uint32_t error_count;
    bool gave_up; // a file had so many that the rest of it was not looked at
} DiagSink;

void diag_sink_init(DiagSink *sink);
void diag_sink_release(DiagSink *sink);

// Adds a diagnostic; the returned pointer is good for adding labels, notes,
// helps and trace frames. Text is lower case, without a full stop, names
// quoted as 'name', and says what was expected and what was found.
Diag *diag_add(DiagSink *sink, DiagCode code, const Source *source, Span span,
               const char *format, ...) PRINTF_LIKE(5, 6);
Diag *diag_addv(DiagSink *sink, DiagCode code, const Source *source, Span span,
                const char *format, va_list args) PRINTF_LIKE(5, 0);
// The same by a form, which is borrowed for good, and a name, which is borrowed
// until diag_at().
Diag *diag_add_form(DiagSink *sink, DiagCode code, const Source *source,
                    Span span, const DiagForm *form, Str name);
// Adds `count` of them to be filled, which several workers may do.
Diag *diag_extend(DiagSink *sink, DiagCode code, uint32_t count);
void diag_fill_form(Diag *diag, DiagCode code, const Source *source, Span span,
                    const DiagForm *form, Str name);
// A diagnostic to be read: without this, only code and place may be looked at.
Diag *diag_at(const DiagSink *sink, uint32_t index);
void diag_label(DiagSink *sink, Diag *diag, const Source *source, Span span,
                const char *format, ...) PRINTF_LIKE(5, 6);
void diag_labelv(DiagSink *sink, Diag *diag, const Source *source, Span span,
                 const char *format, va_list args) PRINTF_LIKE(5, 0);
void diag_note(DiagSink *sink, Diag *diag, const char *format, ...)
    PRINTF_LIKE(3, 4);
void diag_help(DiagSink *sink, Diag *diag, const char *format, ...)
    PRINTF_LIKE(3, 4);
// "did you mean 'name'?", with the fix: the name ends where the span does.
void diag_did_you_mean(DiagSink *sink, Diag *diag, Str name);
// `title` is a command, such as "insert ';'".
void diag_fix(DiagSink *sink, Diag *diag, Span span, Str text,
              const char *title, ...) PRINTF_LIKE(5, 6);
void diag_helpv(DiagSink *sink, Diag *diag, const char *format, va_list args)
    PRINTF_LIKE(3, 0);
// `function` is copied into the sink's arena.
void diag_trace(DiagSink *sink, Diag *diag, Str function, const Source *source,
                Span span);
// Notes that so many more calls are in the middle of the trace.
void diag_trace_hidden(DiagSink *sink, Diag *diag, uint32_t count);

// Moves everything of `from` into `into`; `from` is empty afterwards.
void diag_sink_merge(DiagSink *into, DiagSink *from);
// Forgets all but the first `count`.
void diag_sink_cut(DiagSink *sink, uint32_t count);
// Forgets all but the first error, if there is one.
void diag_sink_keep_first_error(DiagSink *sink);
// Sorts by (file order, offset, code, message) and keeps one of equal (code,
// place): trace of a second one becomes a note.
void diag_sink_sort(DiagSink *sink);

const char *diag_code_name(DiagCode code);    // "E0203"
const char *diag_code_summary(DiagCode code); // its row in diags.def
Severity diag_code_severity(DiagCode code);
const char *severity_name(Severity severity); // "error", "warning" or "note"
// False when `name` is no code.
bool diag_code_from_name(Str name, DiagCode *out_code);

#endif
