// The project file, ligature.toml: where the project's root is, what its
// dotted imports mean, and defaults of options.
//
//     [imports]
//     "corp.net" = "vendor/net"     # a folder or a file; the same as
//     corp.net = "vendor/net"
//
// The other tables are for cli/ to make sense of.
//
// Ownership: a project owns its text and tree.
// Threads:   immutable once found.
#ifndef LIGATURE_SYNTAX_PROJECT_H
#define LIGATURE_SYNTAX_PROJECT_H

#include "support/attributes.h"
#include "syntax/module.h"

#define PROJECT_FILE "ligature.toml"

typedef struct Project {
    Module *module; // its text and, in ast.result, its tables
    Interner *interner;
    Str dir; // canonical
    ProjectImport *imports;
    uint32_t import_count;
} Project;

// The file, opened and not read yet.
typedef struct ProjectFile {
    int descriptor;
    char *dir; // canonical; NULL: there is none
} ProjectFile;

// Looks for ligature.toml in the folder that `start` is or stands in, and
// upwards. A file in a folder that everybody may write to is passed over
// unless it is the user's or root's; a link that leads out of its folder is
// refused. Each place that is looked at is told of (syntax/file_notice.h).
// False after reporting into `diags` (E0002).
MUST_USE bool project_locate(Str start, int notice_pipe, DiagSink *diags,
                             ProjectFile *out_file);
void project_file_close(ProjectFile *file);
// Reads a file that was found, and closes it. False after reporting into
// `diags` (E0001 with a place, E0002); the project is to be freed then too,
// after the diagnostics.
MUST_USE bool project_read(ProjectFile *file, DiagSink *diags,
                           Project **out_project);
void project_free(Project *project);

// The name of a field of a table.
static inline Str project_key(const Project *project, const RecordItem *item)
{
    return symbol_text(project->interner, item->name);
}

// Where it stands.
Span project_key_span(const Project *project, const RecordItem *item);

#endif
