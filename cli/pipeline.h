// The road that data takes, one call and one timer per pass.
//
// Threads: main thread only.
#ifndef LIGATURE_CLI_PIPELINE_H
#define LIGATURE_CLI_PIPELINE_H

#include <stdbool.h>

#include "cli/session.h"
#include "syntax/loader.h"

// load -> resolve -> check. False when there are errors; they are in the
// session's modules and sinks. `paths` are the entry files.
bool pipeline_check(Session *session, const Str *paths, uint32_t path_count);
// The same of the inputs of a session, of which the last is the entry.
bool pipeline_check_session(Session *session, const SessionInput *inputs,
                            uint32_t count);
// The data files of the operands against `type`, which stands in `schema`.
void pipeline_validate(Session *session, Str schema, Str type);
// Starts the evaluation (where checking has not done so) and gives the phase
// to `run`, once more where one worker alone has the last word. False when
// `run` or the token said so.
bool pipeline_evaluate(Session *session,
                       bool (*run)(Session *session, void *ctx), void *ctx);
// Prints what an earlier run has printed, where all is as it was then; false
// where it is not, or nothing is known.
bool pipeline_again(Session *session, const Str *paths, uint32_t path_count);
// load -> resolve -> check -> evaluate: the session has the results, or false.
bool pipeline_results(Session *session, const Str *paths, uint32_t path_count);
// load -> resolve -> check -> evaluate -> print; or again.
void pipeline_eval(Session *session, const Str *paths, uint32_t path_count);
// load -> resolve; with --timed all up to the evaluation. Unless it failed, the
// session then has what cli/run_graph.h needs.
void pipeline_graph(Session *session, const Str *paths, uint32_t path_count);

#endif
