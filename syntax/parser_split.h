// Parsing ahead: a long text is cut into pieces, and several workers guess
// what stands in each: items of a list, fields of a record, declarations. What
// they parse without any diagnostic are runs of finished nodes. The parser
// proper then goes over the text from its start. Where it is about to read an
// item, field or declaration at the very token at which a run of that kind
// starts, it takes the run's nodes and goes on behind them; all else it reads
// itself, and runs that it does not come by are dropped.
//
// This is right whatever was guessed: what such a production yields depends
// only on its text (the parser proves that a token starts there, outside of
// strings and comments) and on how deep it stands, for which both sides keep
// half of --max-nesting. Diagnostics come from the parser proper alone. Compare
// the memo of packrat parsing (Ford 2002), and speculative lexing (Luchaup
// et al. 2009).
//
// Ownership: a Split owns its runs, which borrow nodes from arenas.
// Threads:   a Split belongs to one parser. The pieces are parsed by tasks,
//            each with a parser and arena of its worker's.
#ifndef LIGATURE_SYNTAX_PARSER_SPLIT_H
#define LIGATURE_SYNTAX_PARSER_SPLIT_H

#include "syntax/parser_internal.h"

// Productions of one kind that follow each other, complete with what separates
// them.
typedef struct Run {
    RunKind kind;
    unsigned closed; // EXPR_CLOSED when all are; see list and record literals
    uint32_t start;  // of the first token
    uint32_t resume; // the end of the last one
    uint32_t height; // of the highest
    uint32_t count;
    uint32_t local_rec_count;
    uint64_t node_count;
    Span doc;          // of the first token
    const void *nodes; // Expr, RecordItem or Decl, by kind
} Run;

typedef struct RunStart {
    uint64_t node_count;
    uint32_t local_rec_count;
    uint32_t start;
    Span doc;
} RunStart;

// A loop over items, fields or declarations: what was read up to the last time
// that another one was about to be.
struct RunLoop {
    RunKind kind;
    size_t mark; // of the stack, before the first one
    RunStart first;
    size_t used; // of the stack
    uint64_t node_count;
    uint32_t local_rec_count;
    uint32_t resume;
    uint32_t height;
};

struct Split {
    bool is_ahead;      // makes runs; else takes them
    bool has_dollar;    // as ModuleAst has it
    VEC(Run) runs;      // when they are taken: by start
    uint32_t next;      // the first that the parser may still come by
    uint64_t taken;     // nodes
    uint32_t decl_room; // for declarations, in ModuleAst.decls
    Arena arena;        // holds the nodes of runs that are made
};

// What parses pieces of a text, by worker.
typedef struct Pieces Pieces;

// Checks the encoding of the module's text and parses it ahead, in pieces of
// at least `piece_bytes`, which fills `out_split` with the runs. The result is
// kept until the parser is done; then the module gets the memory of the nodes.
// NULL where the text is too short, or not clean.
Pieces *split_parse_ahead(const Module *module, Interner *interner,
                          uint32_t max_nesting, Worker *worker,
                          uint32_t piece_bytes, Split *out_split);
void split_free(Pieces *pieces, Split *split, Module *module);

// Nodes of a kind in all runs.
uint32_t split_count(const Split *split, RunKind kind);
// Bytes of the nodes of all runs but those of declarations.
size_t split_bytes(const Split *split);
// The run of `kind` that starts with the next token, or NULL; the parser goes
// on behind it.
const Run *split_take(Parser *parser, RunKind kind);

#endif
