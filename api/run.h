// One run for the library: the road of cli/pipeline.c without a command line,
// signals or files to write.
//
// Ownership: an ApiRun borrows its options and texts, and owns `output`,
//            `diagnostics` and `message` until api_run_release().
// Threads:   one thread, on whose stack the passes recurse; several runs may
//            go on at once.
#ifndef LIGATURE_API_RUN_H
#define LIGATURE_API_RUN_H

#include "concurrent/deadline.h"
#include "include/ligature.h"
#include "support/str.h"

typedef struct ApiRun {
    const LigatureOptions *options;
    CancelToken *cancel; // of the context
    bool evaluate;       // else it is only checked
    const char *path;    // NULL: a text
    const char *name;
    const char *dir;
    Str text;

    LigatureStatus status;
    StrBuf output, diagnostics, message; // what results hold; NUL-terminated
} ApiRun;

void api_run(ApiRun *run);
// Instead of api_run(), where no thread is to be had for it.
void api_run_refuse(ApiRun *run);
void api_run_release(ApiRun *run);

#endif
