#include "cli/lsp_inbox.h"

#include <stdlib.h>

enum { STACK_BYTES = 1 << 20 };

void lsp_mail_free(LspMail *mail)
{
    if (mail->root != NULL) {
        lsp_message_release(&mail->message);
    }
    strbuf_release(&mail->body);
    free(mail);
}

// ---- what is cancelled

static Hash128 hash_id(const Expr *id)
{
    Str text;
    int64_t number = 0;
    if (lsp_get_string(id, &text)) {
        return hash128(text);
    }
    (void)lsp_get_integer(id, &number);
    Hash128 hash = hash128(STR("number"));
    hash.low += (uint64_t)number;
    return hash;
}

// Whether it was in the list, in which it is no longer.
static bool take_cancelled(LspInbox *inbox, Hash128 id)
{
    for (uint32_t i = 0; i < inbox->cancelled.count; i++) {
        if (hash128_equal(inbox->cancelled.items[i], id)) {
            inbox->cancelled.items[i] = vec_pop(&inbox->cancelled);
            return true;
        }
    }
    return false;
}

bool lsp_inbox_run(LspInbox *inbox, LspTask task, const Expr *id)
{
    mutex_lock(&inbox->mutex);
    cancel_token_init(&inbox->token, NULL, INT64_MAX);
    inbox->task = task;
    inbox->id = hash_id(id);
    bool cancelled =
        task == LSP_TASK_REQUEST && take_cancelled(inbox, inbox->id);
    mutex_unlock(&inbox->mutex);
    return !cancelled;
}

void lsp_inbox_forget(LspInbox *inbox, const Expr *id)
{
    mutex_lock(&inbox->mutex);
    (void)take_cancelled(inbox, hash_id(id));
    mutex_unlock(&inbox->mutex);
}

// ---- the thread

static void cancel(LspInbox *inbox, Hash128 id)
{
    if (inbox->task == LSP_TASK_REQUEST && hash128_equal(id, inbox->id)) {
        cancel_token_cancel(&inbox->token, CANCEL_INTERRUPTED);
    }
    vec_push(&inbox->cancelled, id);
}

static void put(LspInbox *inbox, LspMail *mail)
{
    Str method = STR("");
    const LspMessage *message = &mail->message;
    const Expr *params = NULL;
    if (mail->root != NULL) {
        (void)lsp_get_string(lsp_member(message, mail->root, STR("method")),
                             &method);
        params = lsp_member(message, mail->root, STR("params"));
    }
    mutex_lock(&inbox->mutex);
    if (str_equal(method, STR("$/cancelRequest"))) {
        cancel(inbox, hash_id(lsp_member(message, params, STR("id"))));
    } else if (inbox->task == LSP_TASK_CHECK) {
        cancel_token_cancel(&inbox->token, CANCEL_INTERRUPTED);
    }
    if (inbox->last != NULL) {
        inbox->last->next = mail;
    } else {
        inbox->first = mail;
    }
    inbox->last = mail;
    cond_signal(&inbox->came);
    mutex_unlock(&inbox->mutex);
}

static LspMail *take(LspInbox *inbox)
{
    LspMail *mail = inbox->first;
    if (mail != NULL) {
        inbox->first = mail->next;
        inbox->last = inbox->first != NULL ? inbox->last : NULL;
    }
    return mail;
}

static bool is_exit(const LspMail *mail)
{
    Str method;
    return mail->root != NULL &&
           lsp_get_string(lsp_member(&mail->message, mail->root, STR("method")),
                          &method) &&
           str_equal(method, STR("exit"));
}

static LspMail *read_mail(LspReader *reader)
{
    LspMail *mail = mem_calloc(1, sizeof *mail);
    Str body;
    mail->status = lsp_read(reader, &body);
    if (mail->status == LSP_READ_MESSAGE) {
        strbuf_append(&mail->body, body);
        mail->root = lsp_message_parse(&mail->message, strbuf_str(&mail->body));
    }
    return mail;
}

static void *read_all(void *argument)
{
    LspInbox *inbox = argument;
    bool is_last = false;
    while (!is_last) {
        LspMail *mail = read_mail(&inbox->reader);
        is_last = mail->status != LSP_READ_MESSAGE || is_exit(mail);
        put(inbox, mail);
    }
    return NULL;
}

// ---- the main thread

void lsp_inbox_open(LspInbox *inbox, int fd)
{
    *inbox = (LspInbox){.reader = {.fd = fd}};
    mutex_init(&inbox->mutex, LOCK_CLIENT);
    cancel_token_init(&inbox->token, NULL, INT64_MAX);
    cond_init(&inbox->came);
    inbox->has_thread =
        thread_start(&inbox->thread, read_all, inbox, STACK_BYTES);
}

void lsp_inbox_close(LspInbox *inbox)
{
    store_relaxed(&inbox->reader.stops, true);
    if (inbox->has_thread) {
        thread_join(&inbox->thread);
    }
    LspMail *mail;
    while ((mail = take(inbox)) != NULL) {
        lsp_mail_free(mail);
    }
    mutex_release(&inbox->mutex);
    vec_release(&inbox->cancelled);
    lsp_reader_release(&inbox->reader);
}

LspMail *lsp_inbox_receive(LspInbox *inbox)
{
    if (!inbox->has_thread) {
        return read_mail(&inbox->reader);
    }
    mutex_lock(&inbox->mutex);
    while (inbox->first == NULL) {
        cond_wait(&inbox->came, &inbox->mutex);
    }
    LspMail *mail = take(inbox);
    mutex_unlock(&inbox->mutex);
    return mail;
}

bool lsp_inbox_is_empty(LspInbox *inbox)
{
    if (!inbox->has_thread) {
        return !lsp_reader_is_ready(&inbox->reader);
    }
    mutex_lock(&inbox->mutex);
    bool is_empty = inbox->first == NULL;
    mutex_unlock(&inbox->mutex);
    return is_empty;
}
