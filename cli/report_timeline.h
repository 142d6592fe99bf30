// The timeline of a report: a lane per worker, as an <svg> element.
//
// Ownership: borrows the slices.
// Threads:   pure, apart from the buffer written to.
#ifndef LIGATURE_CLI_REPORT_TIMELINE_H
#define LIGATURE_CLI_REPORT_TIMELINE_H

#include "cli/run_trace.h"

// `slices` are sorted as run_trace_slices() leaves them. Those that are too
// narrow to be seen beside the one before are left out.
void report_timeline_append(StrBuf *out, const SliceVec *slices,
                            uint32_t workers);

#endif
