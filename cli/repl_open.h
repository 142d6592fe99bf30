// Whether a long input can be finished yet, from the tokens of its last line:
// to parse it anew at each of a hundred thousand lines would take hours. Short
// ones are not asked about: the parser knows better what is wrong already.
//
// Ownership: a ReplOpen owns its stack.
// Threads:   one owner.
#ifndef LIGATURE_CLI_REPL_OPEN_H
#define LIGATURE_CLI_REPL_OPEN_H

#include "support/str.h"
#include "support/vec.h"
#include "syntax/lexer.h"

// Zero-initialised is ready for a new input.
typedef struct ReplOpen {
    VEC(TokenKind) closers; // of the brackets that are open
    size_t taken;           // bytes of the input that were looked at
    bool in_block;          // a block string or a comment goes on behind them
    bool goes_on;           // behind the last token something must follow
    bool is_odd;            // brackets do not match, or there are no tokens
} ReplOpen;

void repl_open_release(ReplOpen *open);
// True where `text`, an input up to the end of a line, is certain to go on.
// It begins with what it was when it was asked about before.
bool repl_open_goes_on(ReplOpen *open, Str text);

#endif
