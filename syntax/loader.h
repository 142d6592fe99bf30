// The import closure of the entry files: reads, lexes and parses modules in
// parallel, refuses what must not be read, reports import cycles, and puts
// the modules in canonical order.
//
// Ownership: loaded modules belong to the program.
// Threads:   called by the main worker; uses the program's pool.
#ifndef LIGATURE_SYNTAX_LOADER_H
#define LIGATURE_SYNTAX_LOADER_H

#include "syntax/module.h"

// Loads the prelude, `paths` (`-` is standard input) and all that they
// import. Problems are diagnostics of the importing module (at the import) or
// of the program. False when an entry file could not be read at all (exit
// status 3; the diagnostic is E0002).
bool loader_load(Program *program, const Str *paths, uint32_t path_count);
// Loads `text` as the only entry, under the display name `name`; its imports
// are relative to `dir`.
bool loader_load_text(Program *program, Str name, Str dir, Str text);
// After loader_load() of one file, with Program.opens_entry set: makes `text`
// the program's only entry, a module "<expr>" in which the names of that file
// are in scope (Module.outer).
bool loader_load_expr(Program *program, Str text);
// Loads the inputs of a session, of which each sees the names of those before
// it, the latest first. The last one is the only entry. Their imports are
// relative to the working directory.
typedef struct SessionInput {
    Str text;
    Str path; // of a file instead: all of its names; else empty
    uint32_t lines_before;
} SessionInput;
bool loader_load_session(Program *program, const SessionInput *inputs,
                         uint32_t count);
// After the program is loaded: reads what the options give for inputs into
// further data modules, and fills program->inputs. What is wrong is E0504.
// False when a file could not be read (E0002).
bool loader_load_inputs(Program *program);
// The same in two steps: what is given is known before the program is loaded
// (*out_okay: all could be read), and becomes part of it afterwards.
typedef struct LoadedInputs LoadedInputs;
LoadedInputs *loader_read_inputs(Program *program, bool *out_okay);
bool loader_add_inputs(LoadedInputs *inputs);
// Instead of loader_load(): the file `schema` and, as checks against `type`
// as that file understands it, every document of the data files. *out_type
// is the module in which the type stands. False when a file could not be read
// or is no data.
bool loader_load_validation(Program *program, Str schema, Str type,
                            const Str *paths, uint32_t path_count,
                            Module **out_type);
// Reads and parses one file alone. NULL when it could not be read (E0002 in
// program->diags); else the caller owns the module, which may be broken. Data
// is a tree, however long (no tape: syntax/data_tape.h).
Module *loader_parse_file(Program *program, Str path);
// The same of a text, as a file of that name.
Module *loader_parse_text(Program *program, Str name, Str text);

#endif
