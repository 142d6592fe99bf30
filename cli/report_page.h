// The report of a run as one HTML page for people: no script, nothing from
// outside, everything from the program escaped.
//
// Ownership: borrows the session.
// Threads:   main thread only, after the workers are done.
#ifndef LIGATURE_CLI_REPORT_PAGE_H
#define LIGATURE_CLI_REPORT_PAGE_H

#include "cli/session.h"

// What the run came to.
typedef struct ReportFacts {
    const char *verdict;
    int exit_code;
    const char *fallback; // NULL: it ran in parallel
    EvaluationStats stats;
    double parallelism; // of the evaluation
    double whole_parallelism;
    uint64_t peak_memory_bytes;
} ReportFacts;

void report_page_write(StrBuf *out, const Session *session,
                       const ReportFacts *facts);

#endif
