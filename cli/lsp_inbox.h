// Messages of the client, read by a thread of its own, so that what nobody
// waits for any more is given up.
//
// Ownership: an inbox owns the messages that are not received yet; who receives
//            one frees it.
// Threads:   the main thread, but for the inbox's own.
#ifndef LIGATURE_CLI_LSP_INBOX_H
#define LIGATURE_CLI_LSP_INBOX_H

#include "cli/lsp_message.h"
#include "concurrent/deadline.h"
#include "concurrent/thread.h"
#include "support/hash.h"
#include "support/vec.h"

typedef struct LspMail {
    struct LspMail *next; // in the inbox
    LspRead status;
    StrBuf body;
    LspMessage message;
    const Expr *root; // NULL: no message, or no JSON
} LspMail;

typedef enum LspTask {
    LSP_TASK_NONE,
    LSP_TASK_CHECK,  // ends where a message comes: it would be done again
    LSP_TASK_REQUEST // ends where its client cancels it
} LspTask;

typedef struct LspInbox {
    LspReader reader;
    bool has_thread; // else messages are read where they are received, and
                     // nothing that runs is given up
    Thread thread;
    Mutex mutex; // guards all below but the token
    Cond came;
    LspMail *first, *last;  // a client may write as much as it likes, lest it
                            // waits for us while we wait for it
    CancelToken token;      // of what runs
    LspTask task;           // that runs
    Hash128 id;             // of the request
    VEC(Hash128) cancelled; // requests that may be waiting
} LspInbox;

void lsp_inbox_open(LspInbox *inbox, int fd);
// Waits up to a second for the thread.
void lsp_inbox_close(LspInbox *inbox);
// Waits for a message.
LspMail *lsp_inbox_receive(LspInbox *inbox);
bool lsp_inbox_is_empty(LspInbox *inbox);
void lsp_mail_free(LspMail *mail);

// A task runs from now on, until the next call; `id` is the request's. False
// where it is cancelled already.
bool lsp_inbox_run(LspInbox *inbox, LspTask task, const Expr *id);
// What is to be cancelled has had its answer.
void lsp_inbox_forget(LspInbox *inbox, const Expr *id);

#endif
