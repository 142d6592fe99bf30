// The session of `ligature repl`. Each input that is accepted is a module, in
// which the names of those before it are in scope; a later one may use a name
// again, and what was defined with the earlier one stays as it is.
//
// Every input is checked and evaluated in a Program of its own, made of those
// that it needs, and freed again: a session takes as much memory as the texts
// that were entered and the largest of its inputs. Files that are imported are
// read again, as they are then.
//
// Ownership: a Repl owns its Session and the texts; it borrows the settings.
// Threads:   main thread only; uses the session's pool.
#ifndef LIGATURE_CLI_REPL_H
#define LIGATURE_CLI_REPL_H

#include "cli/repl_needs.h"
#include "cli/session.h"
#include "support/arena.h"

typedef enum ReplMode {
    REPL_EVALUATE,
    REPL_TYPE, // check it, and print types
    REPL_TIME  // evaluate it, and print what that took
} ReplMode;

typedef enum ReplShape {
    REPL_EMPTY, // blanks and comments
    REPL_UNFINISHED,
    REPL_FINISHED // or wrong
} ReplShape;

// What was entered and accepted.
typedef struct ReplLink {
    StrBuf text;
    StrBuf path; // of :load; else empty
    uint32_t lines_before;
} ReplLink;

typedef struct Repl {
    Session session;
    Settings *settings;
    VEC(ReplLink) links;
    ReplNeeds needs;
    Arena texts;        // of settings that were changed
    StrBuf diagnostics; // for --diagnostics-file
    bool is_terminal;
    ExitStatus status; // the worst of the inputs'
    int write_error;   // why standard output cannot be written; 0: it can
    bool wants_end;    // :quit
} Repl;

void repl_init(Repl *repl, Settings *settings, bool is_terminal);
// Writes --diagnostics-file. False where it cannot.
bool repl_end(Repl *repl);
void repl_release(Repl *repl);

// Whether more lines are to be waited for.
ReplShape repl_shape(Repl *repl, Str text);
// Checks and evaluates an input, and prints what becomes of it; declarations
// join the session. `lines_before` of the session stand before it.
void repl_enter(Repl *repl, Str text, uint32_t lines_before, ReplMode mode);
// :load: all names of the file join the session.
void repl_load(Repl *repl, Str path);
// :reload: checks all that was entered, and says what files are warned of.
void repl_reload(Repl *repl);
// Checks the text after all that was entered, of std all that it imports, and
// has `look` see the program; nothing is said, and nothing joins the session.
// Not where a file is missing. `ok`: there was no error.
typedef void LookFunction(const Session *session, bool ok, void *ctx);
void repl_look(Repl *repl, Str text, LookFunction *look, void *ctx);
// The same for a question that was asked: where errors keep `look` from setting
// `*found`, they are said, and it is false.
bool repl_look_or_say(Repl *repl, Str text, LookFunction *look, void *ctx,
                      const bool *found);
// Forgets all that was entered.
void repl_reset(Repl *repl);

// Ends what an input or a command did: writes the diagnostics of the session,
// and `out` to standard output where there is no error among them, and frees
// the program. False where there is one.
bool repl_finish(Repl *repl, Str out);

#endif
