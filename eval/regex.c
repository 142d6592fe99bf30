// Patterns and texts to matches, with a cache of compiled patterns. Compiled
// code may be shared by threads; match data may not, so a few are kept for
// reuse.
#include "eval/regex.h"

#include <stdlib.h>
#include <string.h>

#include "concurrent/thread.h"
#include "eval/regex_matcher.h"
#include "support/table.h"

// A program that makes patterns up must not fill the memory with them.
#define CACHED_PATTERNS_MAX  2048
#define SPARE_MATCH_DATA_MAX 16
// Match data that saw a longer text may have grown and is not kept.
#define SPARE_TEXT_MAX 65536
#define MESSAGE_MAX    256

typedef struct RegexEntry {
    UT_hash_handle hh;
    pcre2_code *code; // immutable
    size_t len;
    char pattern[];
} RegexEntry;

struct RegexCache {
    HashKey key; // immutable after init
    pcre2_compile_context *compile_context;
    RwLock lock;
    RegexEntry *entries; // guarded by lock
    RwLock spare_lock;
    uint32_t spare_count;                           // guarded by spare_lock
    pcre2_match_data *spares[SPARE_MATCH_DATA_MAX]; // guarded by spare_lock
};

RegexCache *regex_cache_new(void)
{
    RegexCache *cache = mem_calloc(1, sizeof *cache);
    cache->key = hash_key_random();
    cache->compile_context = pcre2_compile_context_create(NULL);
    if (cache->compile_context == NULL) {
        die_out_of_memory();
    }
    (void)pcre2_set_max_pattern_length(cache->compile_context,
                                       REGEX_PATTERN_MAX_BYTES);
    return cache;
}

void regex_cache_free(RegexCache *cache)
{
    if (cache == NULL) {
        return;
    }
    RegexEntry *entry;
    RegexEntry *next;
    HASH_ITER(hh, cache->entries, entry, next)
    {
        HASH_DEL(cache->entries, entry);
        pcre2_code_free(entry->code);
        free(entry);
    }
    for (uint32_t i = 0; i < cache->spare_count; i++) {
        pcre2_match_data_free(cache->spares[i]);
    }
    pcre2_compile_context_free(cache->compile_context);
    free(cache);
}

static RegexEntry *cache_find(RegexCache *cache, Str pattern, unsigned hash)
{
    RegexEntry *entry;
    HASH_FIND_BYHASHVALUE(hh, cache->entries, pattern.data,
                          (unsigned)pattern.len, hash, entry);
    return entry;
}

// Keeps `code`, or says that another thread's came first or that the cache is
// full: then it is the caller's.
static bool cache_keep(RegexCache *cache, Str pattern, unsigned hash,
                       pcre2_code *code)
{
    RegexEntry *entry = mem_alloc(sizeof *entry + pattern.len);
    entry->code = code;
    entry->len = pattern.len;
    if (pattern.len > 0) {
        memcpy(entry->pattern, pattern.data, pattern.len);
    }
    rwlock_lock(&cache->lock);
    bool kept = HASH_COUNT(cache->entries) < CACHED_PATTERNS_MAX &&
                cache_find(cache, pattern, hash) == NULL;
    if (kept) {
        HASH_ADD_KEYPTR_BYHASHVALUE(hh, cache->entries, entry->pattern,
                                    (unsigned)entry->len, hash, entry);
    }
    rwlock_unlock(&cache->lock);
    if (!kept) {
        free(entry);
    }
    return kept;
}

// The pattern as it stands in messages.
static void append_pattern(StrBuf *out, Str pattern)
{
    strbuf_append(out, STR("'"));
    strbuf_append_printable(out, pattern, 80);
    strbuf_append(out, STR("'"));
}

static bool fail_with(BuiltinContext *ctx, StrBuf *message)
{
    bool result =
        builtin_failf(ctx, DIAG_E0408, "%.*s", STR_ARG(strbuf_str(message)));
    strbuf_release(message);
    return result;
}

static pcre2_code *compile(BuiltinContext *ctx, Str pattern)
{
    uint32_t options =
        PCRE2_UTF | PCRE2_UCP | PCRE2_NO_UTF_CHECK | PCRE2_NEVER_BACKSLASH_C;
    int error;
    PCRE2_SIZE offset;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern.data, pattern.len,
                                     options | PCRE2_AUTO_CALLOUT, &error,
                                     &offset, ctx->regexes->compile_context);
    if (code == NULL && error == PCRE2_ERROR_PATTERN_TOO_LARGE) {
        // The calls take room: a long alternation of words may do without.
        code = pcre2_compile((PCRE2_SPTR)pattern.data, pattern.len, options,
                             &error, &offset, ctx->regexes->compile_context);
    }
    if (code != NULL) {
        return code;
    }
    if (error == PCRE2_ERROR_NOMEMORY) {
        die_out_of_memory();
    }
    char reason[MESSAGE_MAX] = "";
    (void)pcre2_get_error_message(error, (PCRE2_UCHAR *)reason, sizeof reason);
    StrBuf message = {0};
    strbuf_append(&message, STR("the pattern "));
    append_pattern(&message, pattern);
    strbuf_appendf(&message, " is wrong at offset %zu: %s", offset, reason);
    (void)fail_with(ctx, &message);
    return NULL;
}

// The compiled pattern; *out_owned when the caller frees it. NULL: context
// set.
static pcre2_code *find_or_compile(BuiltinContext *ctx, Str pattern,
                                   bool *out_owned)
{
    RegexCache *cache = ctx->regexes;
    unsigned hash = (unsigned)hash_keyed(cache->key, pattern);
    *out_owned = false;
    rwlock_lock_shared(&cache->lock);
    RegexEntry *entry = cache_find(cache, pattern, hash);
    rwlock_unlock_shared(&cache->lock);
    if (entry != NULL) {
        return entry->code; // entries stay
    }
    pcre2_code *code = compile(ctx, pattern);
    *out_owned = code != NULL && !cache_keep(cache, pattern, hash, code);
    return code;
}

static pcre2_match_data *take_match_data(RegexCache *cache)
{
    pcre2_match_data *data = NULL;
    rwlock_lock(&cache->spare_lock);
    if (cache->spare_count > 0) {
        data = cache->spares[--cache->spare_count];
    }
    rwlock_unlock(&cache->spare_lock);
    if (data == NULL) {
        data = pcre2_match_data_create(1, NULL);
        if (data == NULL) {
            die_out_of_memory();
        }
    }
    return data;
}

static void give_match_data(RegexCache *cache, pcre2_match_data *data,
                            size_t text_len)
{
    if (text_len <= SPARE_TEXT_MAX) {
        rwlock_lock(&cache->spare_lock);
        if (cache->spare_count < SPARE_MATCH_DATA_MAX) {
            cache->spares[cache->spare_count++] = data;
            data = NULL;
        }
        rwlock_unlock(&cache->spare_lock);
    }
    pcre2_match_data_free(data);
}

static int match(BuiltinContext *ctx, pcre2_code *code, Str pattern, Str text,
                 bool whole)
{
    Matcher matcher;
    matcher_init(&matcher, ctx, code, pattern, text);
    matcher.data = take_match_data(ctx->regexes);
    uint32_t options = PCRE2_NO_UTF_CHECK;
    if (whole) {
        options |= PCRE2_ANCHORED | PCRE2_ENDANCHORED;
    }
    int result = matcher_next(&matcher, 0, options);
    give_match_data(ctx->regexes, matcher.data, text.len);
    matcher_release(&matcher);
    return result;
}

static bool fail_match(BuiltinContext *ctx, Str pattern, Str text, int result)
{
    if (result == PCRE2_ERROR_NOMEMORY) {
        die_out_of_memory();
    }
    StrBuf message = {0};
    strbuf_append(&message, STR("matching "));
    append_pattern(&message, pattern);
    strbuf_appendf(&message, " against a text of %zu bytes ", text.len);
    if (result == PCRE2_ERROR_MATCHLIMIT || result == PCRE2_ERROR_DEPTHLIMIT) {
        strbuf_appendf(&message, "passes the limit of %u matching steps",
                       (unsigned)matcher_limit(text.len));
    } else if (result == PCRE2_ERROR_HEAPLIMIT) {
        strbuf_appendf(&message, "passes the limit of %d KiB of memory",
                       REGEX_HEAP_LIMIT_KIB);
    } else {
        char reason[MESSAGE_MAX] = "";
        (void)pcre2_get_error_message(result, (PCRE2_UCHAR *)reason,
                                      sizeof reason);
        strbuf_appendf(&message, "fails: %s", reason);
    }
    ctx->error_help = STR("write nested or neighbouring repetitions so that "
                          "they cannot match the same text, or make them "
                          "possessive ('++', '*+')");
    return fail_with(ctx, &message);
}

// ---- plain patterns

static bool starts_at(Str pattern, size_t at, Str text)
{
    return pattern.len - at >= text.len &&
           memcmp(pattern.data + at, text.data, text.len) == 0;
}

// Classes, quoted text and comments are not told apart: what looks like
// look-around in one is taken for it.
static bool has_look_around(Str pattern)
{
    static const Str openings[] = {
        STR_INIT("(?="),     STR_INIT("(?!"),     STR_INIT("(?<="),
        STR_INIT("(?<!"),    STR_INIT("(?*"),     STR_INIT("(?<*"),
        STR_INIT("(*pla:"),  STR_INIT("(*nla:"),  STR_INIT("(*plb:"),
        STR_INIT("(*nlb:"),  STR_INIT("(*napla"), STR_INIT("(*naplb"),
        STR_INIT("(*posit"), STR_INIT("(*negat"), STR_INIT("(*non_a")};
    for (size_t at = 0; at < pattern.len; at++) {
        if (pattern.data[at] == '\\') {
            at++;
        } else if (pattern.data[at] == '(') {
            for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
                if (starts_at(pattern, at, openings[i])) {
                    return true;
                }
            }
        }
    }
    return false;
}

bool regex_check_plain(BuiltinContext *ctx, Str pattern)
{
    bool owned;
    pcre2_code *code = find_or_compile(ctx, pattern, &owned);
    if (code == NULL) {
        return false;
    }
    uint32_t back_references = 0;
    (void)pcre2_pattern_info(code, PCRE2_INFO_BACKREFMAX, &back_references);
    if (owned) {
        pcre2_code_free(code);
    }
    if (back_references == 0 && !has_look_around(pattern)) {
        return true;
    }
    StrBuf message = {0};
    strbuf_append(&message, STR("the pattern "));
    append_pattern(&message, pattern);
    strbuf_appendf(&message,
                   " has %s: with --untrusted, patterns in refinements have "
                   "none",
                   back_references > 0 ? "back-references" : "look-around");
    return fail_with(ctx, &message);
}

// ---- matching

bool regex_match(BuiltinContext *ctx, Str pattern, Str text, bool whole,
                 bool *out_matches)
{
    bool owned;
    pcre2_code *code = find_or_compile(ctx, pattern, &owned);
    if (code == NULL) {
        return false;
    }
    int result = match(ctx, code, pattern, text, whole);
    if (owned) {
        pcre2_code_free(code);
    }
    if (result == PCRE2_ERROR_NOMEMORY) {
        die_out_of_memory();
    }
    if (result == PCRE2_ERROR_CALLOUT) {
        return false;
    }
    if (result < 0 && result != PCRE2_ERROR_NOMATCH) {
        return fail_match(ctx, pattern, text, result);
    }
    *out_matches = result >= 0;
    return true;
}

// What looking for one match costs at least, in steps.
#define FIND_STEPS 8

typedef struct Search {
    BuiltinContext *ctx;
    Str text;
    Matcher matcher;
    size_t from;
    uint32_t options; // of the next try
} Search;

static void search_advance(Search *search, const size_t *offsets)
{
    search->from = offsets[1];
    search->options = PCRE2_NO_UTF_CHECK;
    if (offsets[0] >= offsets[1]) {
        // Empty (or, with \K, backwards): not once more at this place.
        search->options |= PCRE2_NOTEMPTY_ATSTART | PCRE2_ANCHORED;
    }
}

// The next match: its number of groups, or an error of PCRE2's.
static int search_next(Search *search)
{
    for (;;) {
        int result =
            matcher_next(&search->matcher, search->from, search->options);
        if (result != PCRE2_ERROR_NOMATCH ||
            (search->options & PCRE2_ANCHORED) == 0 ||
            search->from >= search->text.len) {
            return result;
        }
        // Behind an empty match: go on at the next code point.
        (void)utf8_decode(search->text, &search->from);
        search->options = PCRE2_NO_UTF_CHECK;
    }
}

static bool search_pay(Search *search, size_t bytes)
{
    return builtin_take_steps(search->ctx,
                              FIND_STEPS + bytes / MATCHER_WORK_PER_STEP) &&
           builtin_goes_on(search->ctx);
}

static bool search_run(Search *search, Str pattern, RegexFound *found,
                       void *found_ctx)
{
    pcre2_match_data *data = search->matcher.data;
    const size_t *offsets = pcre2_get_ovector_pointer(data);
    uint32_t groups = pcre2_get_ovector_count(data);
    for (;;) {
        size_t from = search->from;
        int result = search_next(search);
        if (result == PCRE2_ERROR_CALLOUT) {
            return false;
        }
        if (result < 0) {
            return search_pay(search, search->text.len - from) &&
                   (result == PCRE2_ERROR_NOMATCH ||
                    fail_match(search->ctx, pattern, search->text, result));
        }
        RegexMatch match = {offsets, groups};
        if (!search_pay(search, offsets[1] > from ? offsets[1] - from : 0) ||
            !found(found_ctx, &match)) {
            return false;
        }
        search_advance(search, offsets);
    }
}

bool regex_find(BuiltinContext *ctx, Str pattern, Str text, RegexFound *found,
                void *found_ctx)
{
    bool owned;
    pcre2_code *code = find_or_compile(ctx, pattern, &owned);
    if (code == NULL) {
        return false;
    }
    Search search = {
        .ctx = ctx,
        .text = text,
        .options = PCRE2_NO_UTF_CHECK,
    };
    matcher_init(&search.matcher, ctx, code, pattern, text);
    matcher_look_ahead(&search.matcher);
    search.matcher.data = pcre2_match_data_create_from_pattern(code, NULL);
    if (search.matcher.data == NULL) {
        die_out_of_memory();
    }
    bool ok = search_run(&search, pattern, found, found_ctx);
    pcre2_match_data_free(search.matcher.data);
    matcher_release(&search.matcher);
    if (owned) {
        pcre2_code_free(code);
    }
    return ok;
}
