// Settings that are not on the command line: LIGATURE_NAME in the environment
// and, below that, the tables of ligature.toml. The command line wins over the
// environment, and that over the project file.
//
//     [all]              # of every verb that has the option
//     include = ["lib"]
//     [eval]             # of one verb
//     workers = 8
//     timeout = "30s"
//
// Ownership: the settings own the project that was found; their texts borrow
//            from it and from the environment.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_CONFIG_H
#define LIGATURE_CLI_CONFIG_H

#include "cli/command.h"
#include "support/diag.h"

// Completes what the command line gave. A language server that trusts its
// clients gets no project file at first: each document has its own, which is
// found where its folder is the operand. False after reporting into `diags`
// (E0001, with a place where the project file is wrong; E0002).
bool config_complete(const Command *command, Settings *settings,
                     DiagSink *diags);
// --show-config: each setting of the verb and where it comes from, as TOML.
void config_show(const Command *command, const Settings *settings, StrBuf *out);

#endif
