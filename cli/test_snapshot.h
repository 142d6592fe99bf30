// Snapshots: the JSON of a binding of X_test.lig, kept beside the file in
// __snapshots__/X_test/NAME.json.
//
// Threads: main thread only.
#ifndef LIGATURE_CLI_TEST_SNAPSHOT_H
#define LIGATURE_CLI_TEST_SNAPSHOT_H

#include "cli/test_run.h"

bool test_is_snapshot(Str name);
// Compares the value with its file, or rewrites that with --update. The case
// says how it went; a value that has no JSON is reported in `diags` (E0406).
void test_snapshot(Session *session, const Module *module,
                   const Binding *binding, Value value, TestReport *report,
                   TestCase *test);
// --update: removes the files of snapshots that the module no longer has. False
// where that cannot be done, or known (E0002).
bool test_snapshot_prune(Session *session, const Module *module);

#endif
