// ligature cache: what is on disk between runs.
#include <inttypes.h>
#include <unistd.h>

#include "cli/cache_folder.h"
#include "cli/command.h"
#include "cli/exit_status.h"
#include "cli/json_text.h"
#include "cli/output.h"
#include "cli/usage.h"

typedef enum CacheAction {
    ACTION_STATS,
    ACTION_CLEAR,
    ACTION_VERIFY,
    ACTION_COUNT
} CacheAction;

typedef struct Tally {
    uint64_t entries, bytes;
} Tally;

typedef struct CacheCommand {
    CacheAction action;
    CacheFolder folder;
    Tally kinds[CACHE_KIND_COUNT];
    Tally all, broken; // verify
    uint64_t kept;     // what could not be removed
} CacheCommand;

static void add(Tally *tally, const CacheFolderEntry *entry)
{
    tally->entries++;
    tally->bytes += entry->bytes;
}

static void visit(CacheFolder *folder, const CacheFolderEntry *entry, void *ctx)
{
    CacheCommand *command = ctx;
    if (entry->is_temporary && command->action != ACTION_CLEAR) {
        return;
    }
    if (!entry->is_temporary) {
        add(&command->kinds[entry->kind], entry);
    }
    add(&command->all, entry);
    if (command->action == ACTION_CLEAR &&
        !cache_folder_remove(folder, entry)) {
        command->kept++;
    }
    if (command->action == ACTION_VERIFY &&
        !cache_folder_check(folder, entry)) {
        add(&command->broken, entry);
        command->kept += !cache_folder_remove(folder, entry);
    }
}

// ---- what is said about it

static void write_json(const CacheCommand *command, StrBuf *out)
{
    static const char *const actions[ACTION_COUNT] = {"stats", "clear",
                                                      "verify"};
    strbuf_appendf(out, "{\"version\":1,\"action\":\"%s\",\"folder\":",
                   actions[command->action]);
    json_text_append(out, command->folder.path, SIZE_MAX);
    strbuf_appendf(out,
                   ",\"limit\":%" PRIu64 ",\"entries\":%" PRIu64
                   ",\"bytes\":%" PRIu64 ",\"broken\":%" PRIu64 ",\"kinds\":{",
                   command->folder.max_bytes, command->all.entries,
                   command->all.bytes, command->broken.entries);
    for (uint32_t i = 0; i < CACHE_KIND_COUNT; i++) {
        strbuf_appendf(
            out, "%s\"%s\":{\"entries\":%" PRIu64 ",\"bytes\":%" PRIu64 "}",
            i == 0 ? "" : ",", cache_kind_name((CacheKind)i),
            command->kinds[i].entries, command->kinds[i].bytes);
    }
    strbuf_append(out, STR("}}\n"));
}

static void write_text(const CacheCommand *command, StrBuf *out)
{
    const Tally *all = &command->all;
    switch (command->action) {
    case ACTION_STATS:
        strbuf_append(out, STR("folder: "));
        strbuf_append_printable(out, command->folder.path, SIZE_MAX);
        strbuf_append_char(out, '\n');
        for (uint32_t i = 0; i < CACHE_KIND_COUNT; i++) {
            strbuf_appendf(out,
                           "%-8s%8" PRIu64 " entries, %12" PRIu64 " bytes\n",
                           cache_kind_name((CacheKind)i),
                           command->kinds[i].entries, command->kinds[i].bytes);
        }
        strbuf_appendf(out,
                       "in all  %8" PRIu64 " entries, %12" PRIu64
                       " bytes of %" PRIu64 "\n",
                       all->entries, all->bytes, command->folder.max_bytes);
        return;
    case ACTION_CLEAR:
        strbuf_appendf(out, "removed %" PRIu64 " entries, %" PRIu64 " bytes\n",
                       all->entries, all->bytes);
        return;
    case ACTION_VERIFY:
        strbuf_appendf(out,
                       "%" PRIu64 " entries, %" PRIu64
                       " broken, which were removed\n",
                       all->entries, command->broken.entries);
        return;
    case ACTION_COUNT:
        return;
    }
}

static int cannot_read(const Settings *settings, const CacheFolder *folder)
{
    DiagSink diags;
    diag_sink_init(&diags);
    StrBuf shown = {0};
    strbuf_append_printable(&shown, folder->path, 4096);
    (void)diag_add(&diags, DIAG_E0002, NULL, (Span){0, 0},
                   "folder '%.*s' cannot be read: %s",
                   STR_ARG(strbuf_str(&shown)), folder->off);
    int status = usage_diags(settings, &diags);
    strbuf_release(&shown);
    diag_sink_release(&diags);
    return status;
}

static int cannot_remove(const Settings *settings, const CacheCommand *command)
{
    DiagSink diags;
    diag_sink_init(&diags);
    StrBuf shown = {0};
    strbuf_append_printable(&shown, command->folder.path, 4096);
    (void)diag_add(&diags, DIAG_E0002, NULL, (Span){0, 0},
                   "%" PRIu64 " of the entries in '%.*s' cannot be removed",
                   command->kept, STR_ARG(strbuf_str(&shown)));
    int status = usage_diags(settings, &diags);
    strbuf_release(&shown);
    diag_sink_release(&diags);
    return status;
}

static int run(const Settings *settings, CacheCommand *command)
{
    bool ok = cache_folder_each(&command->folder, visit, command);
    if (!ok && command->folder.off != NULL) {
        return cannot_read(settings, &command->folder);
    }
    if (command->kept > 0) {
        return cannot_remove(settings, command);
    }
    StrBuf text = {0};
    if ((CacheFormat)settings->cache_format == CACHE_FORMAT_JSON) {
        write_json(command, &text);
    } else {
        write_text(command, &text);
    }
    bool written = output_write_fd(STDOUT_FILENO, strbuf_str(&text), NULL);
    strbuf_release(&text);
    if (!written) {
        return usage_io_error(settings, "standard output cannot be written");
    }
    return EXIT_STATUS_OK;
}

static bool parse_action(const Settings *settings, CacheAction *out)
{
    static const Str names[ACTION_COUNT] = {
        STR_INIT("stats"), STR_INIT("clear"), STR_INIT("verify")};
    for (int i = 0; i < ACTION_COUNT; i++) {
        if (settings->operands.count == 1 &&
            str_equal(settings->operands.items[0], names[i])) {
            *out = (CacheAction)i;
            return true;
        }
    }
    return false;
}

int cmd_cache(Settings *settings)
{
    CacheCommand command = {0};
    if (!parse_action(settings, &command.action)) {
        return usage_error(settings,
                           STR("'cache' takes one of stats, clear, verify"),
                           "cache");
    }
    StrBuf path = {0};
    if (settings->cache_dir.len > 0) {
        strbuf_append(&path, settings->cache_dir);
    } else if (!cache_folder_default(&path)) {
        return usage_error(settings,
                           STR("there is no cache folder: name one with "
                               "--cache-dir, or set HOME"),
                           "cache");
    }
    cache_folder_init(&command.folder, strbuf_str(&path),
                      settings->cache_size != 0 ? settings->cache_size
                                                : CACHE_FOLDER_BYTES);
    int status = run(settings, &command);
    cache_folder_release(&command.folder);
    strbuf_release(&path);
    return status;
}
