// --untrusted: programs, data and project files of strangers. The limits are
// tighter, one folder is readable, the process is confined.
//
// What the command line and the environment ask for beyond that is an error:
// they are the user's. What ligature.toml asks for is the stranger's: it may
// lower limits, not raise them, and may not name files to write or folders to
// read.
//
// Threads: main thread only, before there are others.
#ifndef LIGATURE_CLI_UNTRUSTED_H
#define LIGATURE_CLI_UNTRUSTED_H

#include "cli/command.h"
#include "support/diag.h"
#include "support/limits.h"

// Between the environment and the project file: looks for contradictions,
// settles settings->root (`project_dir`, which is canonical; NULL: there is no
// project file) and confines the process. False after reporting.
MUST_USE bool untrusted_enter(const Command *command, const char *project_dir,
                              Settings *settings, DiagSink *diags);
// Whether ligature.toml may say it. What it may not is not looked at.
bool untrusted_may_configure(const Option *option);
// After the project file: lowers limits that are higher than those of
// untrusted_limits(). False after reporting folders that may not be read.
MUST_USE bool untrusted_settle(Settings *settings, DiagSink *diags);

// The defaults, which are the most that can be had; after untrusted_enter().
Limits untrusted_limits(const Settings *settings);
#define UNTRUSTED_TIMEOUT_NS  INT64_C(20000000000)
#define UNTRUSTED_CACHE_BYTES (UINT64_C(64) << 20)
// Appends the default of a limit; false where the option is none.
bool untrusted_append_default(const Option *option, StrBuf *out);

#endif
