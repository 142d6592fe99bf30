// ligature lsp: requests and notifications of an editor, one after the other.
// Where several changes wait, documents are checked after the last of them.
#include <signal.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/exit_status.h"
#include "cli/json_text.h"
#include "cli/lsp_ask.h"
#include "cli/lsp_inbox.h"
#include "cli/lsp_library.h"
#include "cli/lsp_workspace.h"
#include "cli/usage.h"
#include "cli/version.h"

typedef enum LspState {
    LSP_STARTED,
    LSP_INITIALIZED,
    LSP_SHUT_DOWN, // asked to end
    LSP_EXITED
} LspState;

typedef struct LspServer {
    LspState state;
    LspInbox inbox;
    LspDocuments documents;
    LspChecker checker;
    bool watches; // the client tells of files where it is asked to
    bool refreshes_tokens, refreshes_hints; // it asks again where it is told
    bool others_changed; // what documents import has, since it was told
    uint32_t told;       // requests that told it
    bool needs_check;
    bool cannot_write;
    bool is_fine; // ended as the protocol wants it
} LspServer;

// Of JSON-RPC and LSP.
typedef enum LspError {
    LSP_PARSE_ERROR = -32700,
    LSP_INVALID_REQUEST = -32600,
    LSP_METHOD_NOT_FOUND = -32601,
    LSP_INVALID_PARAMS = -32602,
    LSP_NOT_INITIALIZED = -32002,
    LSP_REQUEST_FAILED = -32803,
    LSP_REQUEST_CANCELLED = -32800
} LspError;

typedef struct LspCall {
    LspServer *server;
    const LspMessage *message;
    const Expr *id;     // NULL: a notification
    const Expr *params; // may be NULL
} LspCall;

// ---- answers

static void append_id(const Expr *id, StrBuf *out)
{
    Str text;
    int64_t number;
    if (lsp_get_string(id, &text)) {
        json_text_append(out, text, SIZE_MAX);
    } else if (lsp_get_integer(id, &number)) {
        strbuf_append_i64(out, number);
    } else {
        strbuf_append(out, STR("null"));
    }
}

static void answer(LspServer *server, const Expr *id, const char *kind,
                   Str value)
{
    StrBuf body = {0};
    strbuf_append(&body, STR("{\"jsonrpc\":\"2.0\",\"id\":"));
    append_id(id, &body);
    strbuf_appendf(&body, ",\"%s\":", kind);
    strbuf_append(&body, value);
    strbuf_append_char(&body, '}');
    server->cannot_write |= !lsp_write(strbuf_str(&body));
    strbuf_release(&body);
}

static void answer_result(const LspCall *call, Str result)
{
    answer(call->server, call->id, "result", result);
}

static void answer_error(LspServer *server, const Expr *id, LspError code,
                         Str message)
{
    StrBuf error = {0};
    strbuf_appendf(&error, "{\"code\":%d,\"message\":", (int)code);
    json_text_append(&error, message, 500);
    strbuf_append_char(&error, '}');
    answer(server, id, "error", strbuf_str(&error));
    strbuf_release(&error);
}

// ---- the life of the server

// The first of the client's encodings that we know, else UTF-16.
static LspEncoding choose_encoding(const LspMessage *message,
                                   const Expr *capabilities)
{
    const Expr *general = lsp_member(message, capabilities, STR("general"));
    const Expr *offered =
        lsp_member(message, general, STR("positionEncodings"));
    bool is_list = offered != NULL && offered->kind == EXPR_LIST;
    for (uint32_t i = 0; is_list && i < offered->as.list.count; i++) {
        Str name;
        if (!lsp_get_string(&offered->as.list.items[i], &name)) {
            continue;
        }
        if (str_equal(name, STR("utf-8"))) {
            return LSP_UTF8;
        }
        if (str_equal(name, STR("utf-16"))) {
            return LSP_UTF16;
        }
    }
    return LSP_UTF16;
}

static void answer_capabilities(const LspCall *call)
{
    LspEncoding encoding = call->server->checker.encoding;
    StrBuf result = {0};
    strbuf_appendf(
        &result,
        "{\"capabilities\":{\"positionEncoding\":\"%s\","
        "\"textDocumentSync\":{\"openClose\":true,\"change\":2,\"save\":true},"
        "\"documentFormattingProvider\":true,\"hoverProvider\":true,"
        "\"definitionProvider\":true,\"referencesProvider\":true,"
        "\"documentHighlightProvider\":true,"
        "\"renameProvider\":{\"prepareProvider\":true},"
        "\"codeActionProvider\":{\"codeActionKinds\":[\"quickfix\"]},"
        "\"inlayHintProvider\":true,\"foldingRangeProvider\":true,"
        "\"selectionRangeProvider\":true,"
        "\"signatureHelpProvider\":{\"triggerCharacters\":[\"(\",\",\"]},"
        "\"documentSymbolProvider\":true,\"workspaceSymbolProvider\":true,"
        "\"completionProvider\":{\"triggerCharacters\":[\".\",\"/\",\"\\\"\"]},"
        "\"workspace\":{\"workspaceFolders\":{\"supported\":true,"
        "\"changeNotifications\":true}%s},"
        "\"semanticTokensProvider\":{\"range\":true,\"full\":{\"delta\":true},"
        "\"legend\":",
        encoding == LSP_UTF8 ? "utf-8" : "utf-16",
        call->server->checker.takes_library
            ? ",\"textDocumentContent\":{\"schemes\":[\"" LSP_LIBRARY_SCHEME
              "\"]}"
            : "");
    lsp_tokens_append_legend(&result);
    strbuf_appendf(&result,
                   "}},\"serverInfo\":{\"name\":\"ligature\","
                   "\"version\":\"%s\"}}",
                   LIGATURE_VERSION);
    answer_result(call, strbuf_str(&result));
    strbuf_release(&result);
}

static bool can_refresh(const LspCall *call, const Expr *workspace, Str what)
{
    return lsp_is_true(lsp_member(call->message,
                                  lsp_member(call->message, workspace, what),
                                  STR("refreshSupport")));
}

static void initialize(LspCall *call)
{
    LspServer *server = call->server;
    if (server->state != LSP_STARTED) {
        answer_error(server, call->id, LSP_INVALID_REQUEST,
                     STR("the server is initialized"));
        return;
    }
    const Expr *capabilities =
        lsp_member(call->message, call->params, STR("capabilities"));
    const Expr *publishes =
        lsp_member(call->message,
                   lsp_member(call->message, capabilities, STR("textDocument")),
                   STR("publishDiagnostics"));
    server->checker.takes_related = lsp_is_true(
        lsp_member(call->message, publishes, STR("relatedInformation")));
    const Expr *workspace =
        lsp_member(call->message, capabilities, STR("workspace"));
    server->refreshes_tokens =
        can_refresh(call, workspace, STR("semanticTokens"));
    server->refreshes_hints = can_refresh(call, workspace, STR("inlayHint"));
    server->watches = lsp_is_true(lsp_member(
        call->message,
        lsp_member(call->message, workspace, STR("didChangeWatchedFiles")),
        STR("dynamicRegistration")));
    server->checker.takes_library =
        lsp_member(call->message, workspace, STR("textDocumentContent")) !=
        NULL;
    server->checker.encoding = choose_encoding(call->message, capabilities);
    lsp_folders_begin(&server->checker, call->message, call->params);
    server->state = LSP_INITIALIZED;
    answer_capabilities(call);
}

// All that a check may read. Whatever the client answers, nothing else can be
// done about it.
static void initialized(LspCall *call)
{
    LspServer *server = call->server;
    if (server->watches) {
        server->watches = false; // once is enough
        server->cannot_write |= !lsp_write(
            STR("{\"jsonrpc\":\"2.0\",\"id\":\"watch\","
                "\"method\":\"client/registerCapability\",\"params\":"
                "{\"registrations\":[{\"id\":\"watch\","
                "\"method\":\"workspace/didChangeWatchedFiles\","
                "\"registerOptions\":{\"watchers\":[{\"globPattern\":"
                "\"**/*.{lig,json,yaml,yml,toml,txt}\"}]}}]}}"));
    }
}

static void shutdown_server(LspCall *call)
{
    call->server->state = LSP_SHUT_DOWN;
    answer_result(call, STR("null"));
}

static void exit_server(LspCall *call)
{
    call->server->is_fine = call->server->state == LSP_SHUT_DOWN;
    call->server->state = LSP_EXITED;
}

// ---- documents

static const Expr *text_document(const LspCall *call)
{
    return lsp_member(call->message, call->params, STR("textDocument"));
}

static bool get_uri(const LspCall *call, Str *out)
{
    return lsp_get_string(
        lsp_member(call->message, text_document(call), STR("uri")), out);
}

static LspDocument *find_document(const LspCall *call)
{
    Str uri;
    return get_uri(call, &uri)
               ? lsp_documents_find(&call->server->documents, uri)
               : NULL;
}

static int64_t get_version(const LspCall *call)
{
    int64_t version = 0;
    (void)lsp_get_integer(
        lsp_member(call->message, text_document(call), STR("version")),
        &version);
    return version;
}

// Something is about to change, or has.
static void touch(LspServer *server)
{
    lsp_program_forget(&server->checker);
    server->needs_check = true;
}

static void did_open(LspCall *call)
{
    Str uri, text;
    if (get_uri(call, &uri) &&
        lsp_get_string(
            lsp_member(call->message, text_document(call), STR("text")),
            &text)) {
        touch(call->server);
        (void)lsp_documents_open(&call->server->documents, uri, text,
                                 get_version(call));
    }
}

static void did_change(LspCall *call)
{
    LspDocument *document = find_document(call);
    if (document != NULL) {
        touch(call->server);
        lsp_document_change(
            document, call->message,
            lsp_member(call->message, call->params, STR("contentChanges")),
            call->server->checker.encoding);
        document->version = get_version(call);
    }
}

static void did_close(LspCall *call)
{
    Str uri;
    if (get_uri(call, &uri)) {
        touch(call->server);
        lsp_documents_close(&call->server->documents, uri);
    }
}

// Files may have changed, by whomever. While somebody types, only what is
// typed in is coloured anew; the documents that import it wait for this.
static void check_again(LspCall *call)
{
    touch(call->server);
    call->server->others_changed = true;
}

static void cancel_request(LspCall *call)
{
    lsp_inbox_forget(&call->server->inbox,
                     lsp_member(call->message, call->params, STR("id")));
}

static void change_folders(LspCall *call)
{
    lsp_folders_change(&call->server->checker, call->message, call->params);
}

// ---- questions

// What a question is about: a document that is open, a place in it.
typedef enum LspSubject { ABOUT_ALL, ABOUT_DOCUMENT, ABOUT_PLACE } LspSubject;

static bool find_subject(const LspCall *call, LspSubject subject, LspAsk *ask)
{
    if (subject == ABOUT_ALL) {
        return true;
    }
    ask->document = find_document(call);
    if (ask->document == NULL) {
        answer_error(call->server, call->id, LSP_INVALID_PARAMS,
                     STR("no such document is open"));
        return false;
    }
    const Expr *position =
        lsp_member(call->message, call->params, STR("position"));
    if (subject == ABOUT_PLACE &&
        !lsp_get_offset(call->message, position,
                        strbuf_str(&ask->document->text),
                        call->server->checker.encoding, &ask->offset)) {
        answer_error(call->server, call->id, LSP_INVALID_PARAMS,
                     STR("there is no position"));
        return false;
    }
    return true;
}

static bool is_interrupted(const LspServer *server)
{
    return cancel_token_reason(server->checker.interrupt) != CANCEL_NONE;
}

static void answer_question(const LspCall *call, LspSubject subject,
                            LspQuestion *question)
{
    LspServer *server = call->server;
    if (!lsp_inbox_run(&server->inbox, LSP_TASK_REQUEST, call->id)) {
        answer_error(server, call->id, LSP_REQUEST_CANCELLED,
                     STR("the request is cancelled"));
        return;
    }
    StrBuf result = {0};
    LspAsk ask = {.checker = &server->checker,
                  .documents = &server->documents,
                  .message = call->message,
                  .params = call->params,
                  .out = &result};
    if (find_subject(call, subject, &ask)) {
        question(&ask);
        if (is_interrupted(server)) {
            answer_error(server, call->id, LSP_REQUEST_CANCELLED,
                         STR("the request is cancelled"));
        } else if (ask.refusal != NULL) {
            answer_error(server, call->id, LSP_REQUEST_FAILED,
                         str_from_c(ask.refusal));
        } else {
            answer_result(call, strbuf_str(&result));
        }
    }
    strbuf_release(&result);
}

static const struct {
    const char *name;
    LspSubject subject;
    LspQuestion *question;
} questions[] = {
    {"textDocument/formatting", ABOUT_DOCUMENT, lsp_format},
    {"textDocument/hover", ABOUT_PLACE, lsp_hover},
    {"textDocument/definition", ABOUT_PLACE, lsp_definition},
    {"textDocument/documentHighlight", ABOUT_PLACE, lsp_highlight},
    {"textDocument/references", ABOUT_PLACE, lsp_references},
    {"textDocument/prepareRename", ABOUT_PLACE, lsp_prepare_rename},
    {"textDocument/rename", ABOUT_PLACE, lsp_rename},
    {"textDocument/documentSymbol", ABOUT_DOCUMENT, lsp_document_symbols},
    {"textDocument/codeAction", ABOUT_DOCUMENT, lsp_code_actions},
    {"textDocument/inlayHint", ABOUT_DOCUMENT, lsp_inlay_hints},
    {"textDocument/signatureHelp", ABOUT_PLACE, lsp_signature_help},
    {"textDocument/foldingRange", ABOUT_DOCUMENT, lsp_folding_ranges},
    {"textDocument/selectionRange", ABOUT_DOCUMENT, lsp_selection_ranges},
    {"textDocument/completion", ABOUT_PLACE, lsp_complete},
    {"textDocument/semanticTokens/full", ABOUT_DOCUMENT, lsp_semantic_tokens},
    {"textDocument/semanticTokens/full/delta", ABOUT_DOCUMENT,
     lsp_semantic_tokens_delta},
    {"textDocument/semanticTokens/range", ABOUT_DOCUMENT,
     lsp_semantic_tokens_range},
    {"workspace/symbol", ABOUT_ALL, lsp_workspace_symbols},
    {"workspace/textDocumentContent", ABOUT_ALL, lsp_library_text},
};

// ---- messages

static const struct {
    const char *name;
    bool is_request;
    void (*run)(LspCall *call);
} methods[] = {
    {"initialize", true, initialize},
    {"initialized", false, initialized},
    {"shutdown", true, shutdown_server},
    {"exit", false, exit_server},
    {"$/cancelRequest", false, cancel_request},
    {"textDocument/didOpen", false, did_open},
    {"textDocument/didChange", false, did_change},
    {"textDocument/didSave", false, check_again},
    {"textDocument/didClose", false, did_close},
    {"workspace/didChangeWatchedFiles", false, check_again},
    {"workspace/didChangeWorkspaceFolders", false, change_folders},
};

// Before `initialize` and after `shutdown` little is allowed. Notifications
// are ignored then, apart from `exit`.
static bool is_allowed(const LspCall *call, Str method)
{
    LspServer *server = call->server;
    if (server->state == LSP_INITIALIZED || str_equal(method, STR("exit")) ||
        (server->state == LSP_STARTED &&
         str_equal(method, STR("initialize")))) {
        return true;
    }
    if (call->id != NULL && server->state == LSP_STARTED) {
        answer_error(server, call->id, LSP_NOT_INITIALIZED,
                     STR("the first request is 'initialize'"));
    } else if (call->id != NULL) {
        answer_error(server, call->id, LSP_INVALID_REQUEST,
                     STR("the server is shut down"));
    }
    return false;
}

static void run_method(LspCall *call, Str method)
{
    if (!is_allowed(call, method)) {
        return;
    }
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (str_equal(method, str_from_c(methods[i].name)) &&
            methods[i].is_request == (call->id != NULL)) {
            methods[i].run(call);
            return;
        }
    }
    for (size_t i = 0;
         call->id != NULL && i < sizeof questions / sizeof *questions; i++) {
        if (str_equal(method, str_from_c(questions[i].name))) {
            answer_question(call, questions[i].subject, questions[i].question);
            return;
        }
    }
    if (call->id != NULL) {
        StrBuf text = {0};
        strbuf_append(&text, STR("there is no request '"));
        strbuf_append_printable(&text, method, 200);
        strbuf_append_char(&text, '\'');
        answer_error(call->server, call->id, LSP_METHOD_NOT_FOUND,
                     strbuf_str(&text));
        strbuf_release(&text);
    }
}

static void handle_message(LspServer *server, const LspMail *mail)
{
    const LspMessage *message = &mail->message;
    const Expr *root = mail->root;
    if (root == NULL) {
        answer_error(server, NULL, LSP_PARSE_ERROR,
                     STR("the message is no JSON"));
        return;
    }
    LspCall call = {.server = server,
                    .message = message,
                    .id = lsp_member(message, root, STR("id")),
                    .params = lsp_member(message, root, STR("params"))};
    Str method;
    bool is_answer = lsp_member(message, root, STR("result")) != NULL ||
                     lsp_member(message, root, STR("error")) != NULL;
    if (lsp_get_string(lsp_member(message, root, STR("method")), &method)) {
        run_method(&call, method);
    } else if (!is_answer) {
        answer_error(server, call.id, LSP_INVALID_REQUEST,
                     STR("the message names no method"));
    }
}

// Tokens and hints of a document depend on what it imports, too.
static void tell(LspServer *server, bool listens, const char *method)
{
    if (listens) {
        StrBuf body = {0};
        strbuf_appendf(&body,
                       "{\"jsonrpc\":\"2.0\",\"id\":\"refresh%u\","
                       "\"method\":\"workspace/%s/refresh\"}",
                       ++server->told, method);
        server->cannot_write |= !lsp_write(strbuf_str(&body));
        strbuf_release(&body);
    }
}

static void tell_of_others(LspServer *server)
{
    if (server->others_changed && server->documents.items.count > 0) {
        tell(server, server->refreshes_tokens, "semanticTokens");
        tell(server, server->refreshes_hints, "inlayHint");
    }
    server->others_changed = false;
}

// Where something comes meanwhile, the check is done again after that.
static void check_documents(LspServer *server)
{
    (void)lsp_inbox_run(&server->inbox, LSP_TASK_CHECK, NULL);
    bool begins = lsp_inbox_is_empty(&server->inbox);
    if (begins) {
        server->cannot_write |=
            !lsp_check(&server->checker, &server->documents);
    }
    server->needs_check = !begins || is_interrupted(server);
    if (!server->needs_check) {
        tell_of_others(server);
    }
}

// False at the end.
static bool take_message(LspServer *server)
{
    LspMail *mail = lsp_inbox_receive(&server->inbox);
    LspRead status = mail->status;
    if (status == LSP_READ_MESSAGE) {
        handle_message(server, mail);
    } else if (status == LSP_READ_BAD) {
        answer_error(server, NULL, LSP_PARSE_ERROR,
                     STR("a message begins with 'Content-Length: N' and an "
                         "empty line"));
    }
    lsp_mail_free(mail);
    return status == LSP_READ_MESSAGE;
}

static ExitStatus serve(LspServer *server)
{
    bool goes_on = true;
    while (goes_on && server->state != LSP_EXITED && !server->cannot_write) {
        if (server->needs_check && lsp_inbox_is_empty(&server->inbox)) {
            check_documents(server);
        } else {
            goes_on = take_message(server);
        }
    }
    return server->cannot_write ? EXIT_STATUS_IO
           : server->is_fine    ? EXIT_STATUS_OK
                                : EXIT_STATUS_FAILED;
}

int cmd_lsp(Settings *settings)
{
    if (settings->operands.count > 0) {
        return usage_wrong_operands(settings, STR("'lsp' takes no operands"),
                                    "lsp");
    }
    (void)signal(SIGPIPE, SIG_IGN); // EPIPE as an error of write
    LspServer server = {0};
    lsp_checker_init(&server.checker, settings);
    server.checker.interrupt = &server.inbox.token;
    lsp_inbox_open(&server.inbox, STDIN_FILENO);
    ExitStatus status = serve(&server);
    lsp_inbox_close(&server.inbox);
    lsp_documents_release(&server.documents);
    lsp_checker_release(&server.checker);
    return status;
}
