// Interning: 64 shards of open addressing. Nothing is ever removed, so a
// reader needs no lock:
//
// - A slot goes once from 0 to (tag, symbol), with release; a reader that
//   acquires it sees the entry and the text behind it.
// - A full table is replaced by a larger copy, published with release. A
//   reader that still probes the old one may miss what came later; it then
//   takes the lock and probes again. Old tables live until interner_free()
//   and weigh less than the newest one together.
// - A hand takes numbers by the run, and memory for texts by the block: then
//   what one thread writes is rarely in a cache line that another one writes.
// - Entries lie in chunks that never move: chunk c holds CHUNK_BASE << c of
//   them, so that symbol_text() is two loads.
#include "concurrent/intern.h"

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>

#include "concurrent/aligned.h"
#include "concurrent/atomics.h"
#include "concurrent/thread.h"
#include "support/arena.h"
#include "support/die.h"
#include "support/hash.h"

#define SHARD_BITS      6
#define SHARD_COUNT     (1 << SHARD_BITS)
#define FIRST_CAPACITY  16
#define CHUNK_BASE_BITS 10
#define CHUNK_BASE      (UINT32_C(1) << CHUNK_BASE_BITS)
#define CHUNK_COUNT     (32 - CHUNK_BASE_BITS + 1)

typedef struct InternTable InternTable;
struct InternTable {
    InternTable *older; // guarded by the shard's lock; retired
    uint32_t mask;      // immutable after init; capacity - 1
    // Low half of the hash above, symbol below; 0 is empty.
    _Atomic(uint64_t) slots[];
};

typedef struct InternShard {
    alignas(CACHE_LINE) Mutex lock;
    uint32_t count; // guarded by lock
    Arena texts;    // guarded by lock
} InternShard;

// Texts of names that hands have added.
typedef struct InternBlock InternBlock;
struct InternBlock {
    InternBlock *older;
    char text[];
};

struct Interner {
    InternShard shards[SHARD_COUNT];
    // By shard, apart from the locks: readers share these lines.
    _Atomic(InternTable *) tables[SHARD_COUNT];
    HashKey key;                   // immutable after init
    _Atomic(InternBlock *) blocks; // newest first; pushed only
    // Entries are written once, before their symbol is published.
    _Atomic(Str *) chunks[CHUNK_COUNT];
    Arena fixed_texts; // immutable after init; one, so that a start touches
                       // few pages
    alignas(CACHE_LINE) _Atomic(uint32_t) next;
};

// Chunk and place in it. Symbol s lies at s + CHUNK_BASE, counted from the
// start of a chunk "-1" that does not exist: its highest bit is the chunk.
typedef struct Place {
    uint32_t chunk;
    uint64_t index;
} Place;

static Place symbol_place(Symbol symbol)
{
    uint64_t at = (uint64_t)symbol + CHUNK_BASE;
    uint32_t high = 63 - (uint32_t)__builtin_clzll(at);
    return (Place){high - CHUNK_BASE_BITS, at - (UINT64_C(1) << high)};
}

Str symbol_text(const Interner *interner, Symbol symbol)
{
    Place place = symbol_place(symbol);
    // Acquire: pairs with the publication in entry_of().
    Str *chunk = load_acquire(&interner->chunks[place.chunk]);
    assert(chunk != NULL);
    return chunk[place.index];
}

// The entry of a new symbol; adds its chunk when this is the first.
static Str *entry_of(Interner *interner, Symbol symbol)
{
    Place place = symbol_place(symbol);
    _Atomic(Str *) *home = &interner->chunks[place.chunk];
    Str *chunk = load_acquire(home);
    if (chunk == NULL) {
        Str *fresh = mem_calloc((size_t)CHUNK_BASE << place.chunk, sizeof(Str));
        // Release: readers see the zeroes. Another shard may have won.
        if (cas_acq_rel(home, &chunk, fresh)) {
            chunk = fresh;
        } else {
            free(fresh);
        }
    }
    return &chunk[place.index];
}

static uint32_t shard_of(uint64_t hash)
{
    return (uint32_t)(hash >> (64 - SHARD_BITS));
}

// The symbol in `table`, or 0; *io_slot is where the probe begins and has
// ended.
static Symbol table_find(const Interner *interner, InternTable *table,
                         uint32_t tag, Str text, uint32_t *io_slot)
{
    for (uint32_t slot = *io_slot & table->mask;;
         slot = (slot + 1) & table->mask) {
        // Acquire: pairs with the release in shard_add().
        uint64_t word = load_acquire(&table->slots[slot]);
        if (word == 0) {
            *io_slot = slot;
            return 0;
        }
        if ((uint32_t)(word >> 32) == tag &&
            str_equal(symbol_text(interner, (Symbol)word), text)) {
            *io_slot = slot;
            return (Symbol)word;
        }
    }
}

static InternTable *table_new(uint32_t capacity, InternTable *older)
{
    InternTable *table = mem_calloc(
        1, sizeof *table + (size_t)capacity * sizeof table->slots[0]);
    table->mask = capacity - 1;
    table->older = older;
    return table;
}

// Keeps the load below 3/4. Called with the shard's lock held.
static InternTable *shard_reserve(Interner *interner, uint32_t shard)
{
    // Relaxed: only holders of the lock store it.
    InternTable *table = load_relaxed(&interner->tables[shard]);
    if (table != NULL && interner->shards[shard].count < table->mask / 4 * 3) {
        return table;
    }
    uint32_t capacity = table == NULL ? FIRST_CAPACITY : (table->mask + 1) * 2;
    InternTable *larger = table_new(capacity, table);
    for (uint32_t i = 0; table != NULL && i <= table->mask; i++) {
        uint64_t word = load_relaxed(&table->slots[i]);
        if (word == 0) {
            continue;
        }
        uint32_t slot = (uint32_t)(word >> 32) & larger->mask;
        while (load_relaxed(&larger->slots[slot]) != 0) {
            slot = (slot + 1) & larger->mask;
        }
        store_relaxed(&larger->slots[slot], word);
    }
    // Release: pairs with the acquire in intern_find().
    store_release(&interner->tables[shard], larger);
    return larger;
}

// The first of `count` numbers.
static Symbol next_symbols(Interner *interner, uint32_t count)
{
    // Relaxed: only uniqueness matters.
    uint32_t symbol = fetch_add_relaxed(&interner->next, count);
    if (symbol > UINT32_MAX - count) {
        die_bug(__FILE__, __LINE__, "more than 2^32 names");
    }
    return symbol;
}

// ---- hands

static uint32_t doubled(uint32_t before, uint32_t least, uint32_t most)
{
    return before == 0 ? least : before < most ? before * 2 : most;
}

static Symbol hand_symbol(Interner *interner, InternHand *hand)
{
    enum { FIRST_RUN = 8, MOST_RUN = 128 };
    if (hand->next == hand->end) {
        hand->run = doubled(hand->run, FIRST_RUN, MOST_RUN);
        hand->next = next_symbols(interner, hand->run);
        hand->end = hand->next + hand->run;
    }
    return hand->next++;
}

static char *new_block(Interner *interner, size_t bytes)
{
    InternBlock *block = mem_alloc(sizeof *block + bytes);
    block->older = load_relaxed(&interner->blocks);
    while (!cas_acq_rel(&interner->blocks, &block->older, block)) {
    }
    return block->text;
}

static Str hand_text(Interner *interner, InternHand *hand, Str text)
{
    enum { FIRST_BYTES = 256, MOST_BYTES = 8192 };
    if (text.len == 0) {
        return (Str){0};
    }
    char *copy;
    if (EXACT_MEMORY || text.len > FIRST_BYTES) {
        copy = new_block(interner, text.len);
    } else {
        if ((size_t)(hand->limit - hand->cursor) < text.len) {
            hand->block_bytes =
                doubled(hand->block_bytes, FIRST_BYTES, MOST_BYTES);
            hand->cursor = new_block(interner, hand->block_bytes);
            hand->limit = hand->cursor + hand->block_bytes;
        }
        copy = hand->cursor;
        hand->cursor += text.len;
    }
    memcpy(copy, text.data, text.len);
    return str_make(copy, text.len);
}

// ---- adding

// Where a search has ended that found nothing.
typedef struct Missed {
    const InternTable *table;
    uint32_t slot;
} Missed;

// Called with the shard's lock held; copies the text. Without a hand it goes
// into `texts`.
static Symbol shard_add(Interner *interner, uint32_t shard, uint32_t tag,
                        Str text, Missed missed, Arena *texts, InternHand *hand)
{
    InternTable *table = shard_reserve(interner, shard);
    // Nothing is ever removed: in the same table the search goes on.
    uint32_t slot = table == missed.table ? missed.slot : tag;
    Symbol symbol = table_find(interner, table, tag, text, &slot);
    if (symbol != 0) {
        return symbol; // another thread was faster
    }
    symbol =
        hand != NULL ? hand_symbol(interner, hand) : next_symbols(interner, 1);
    *entry_of(interner, symbol) =
        hand != NULL ? hand_text(interner, hand, text) : arena_str(texts, text);
    interner->shards[shard].count++;
    // Release: whoever sees the symbol sees the entry and its text.
    store_release(&table->slots[slot], (uint64_t)tag << 32 | symbol);
    return symbol;
}

static Symbol find_hashed(Interner *interner, uint64_t hash, Str text,
                          Missed *out_missed)
{
    // Acquire: pairs with the release in shard_reserve().
    InternTable *table = load_acquire(&interner->tables[shard_of(hash)]);
    *out_missed = (Missed){table, (uint32_t)hash};
    return table == NULL ? 0
                         : table_find(interner, table, (uint32_t)hash, text,
                                      &out_missed->slot);
}

Symbol intern_find(Interner *interner, Str text)
{
    Missed missed;
    return find_hashed(interner, hash_keyed(interner->key, text), text,
                       &missed);
}

Symbol intern_by(Interner *interner, InternHand *hand, Str text)
{
    uint64_t hash = hash_keyed(interner->key, text);
    Missed missed;
    Symbol symbol = find_hashed(interner, hash, text, &missed);
    if (symbol == 0) {
        uint32_t number = shard_of(hash);
        InternShard *shard = &interner->shards[number];
        mutex_lock(&shard->lock);
        symbol = shard_add(interner, number, (uint32_t)hash, text, missed,
                           &shard->texts, hand);
        mutex_unlock(&shard->lock);
    }
    return symbol;
}

Symbol intern(Interner *interner, Str text)
{
    return intern_by(interner, NULL, text);
}

uint32_t interner_count(const Interner *interner)
{
    return load_relaxed(&interner->next) - 1;
}

Interner *interner_new(const Str *fixed, uint32_t fixed_count)
{
    Interner *interner = aligned_zalloc(1, sizeof *interner);
    interner->key = hash_key_random();
    atomic_init(&interner->next, 1);
    for (uint32_t i = 0; i < SHARD_COUNT; i++) {
        mutex_init(&interner->shards[i].lock, LOCK_INTERN_SHARD);
        arena_init(&interner->shards[i].texts);
    }
    arena_init(&interner->fixed_texts);
    for (uint32_t i = 0; i < fixed_count; i++) {
        uint64_t hash = hash_keyed(interner->key, fixed[i]);
        // No other thread knows the interner yet; hence without the lock.
        Symbol symbol =
            shard_add(interner, shard_of(hash), (uint32_t)hash, fixed[i],
                      (Missed){0}, &interner->fixed_texts, NULL);
        assert(symbol == i + 1 && "a fixed name is listed twice");
        (void)symbol;
    }
    return interner;
}

void interner_free(Interner *interner)
{
    if (interner == NULL) {
        return;
    }
    for (uint32_t i = 0; i < SHARD_COUNT; i++) {
        InternShard *shard = &interner->shards[i];
        InternTable *table = load_relaxed(&interner->tables[i]);
        while (table != NULL) {
            InternTable *older = table->older;
            free(table);
            table = older;
        }
        arena_release(&shard->texts);
        mutex_release(&shard->lock);
    }
    for (uint32_t i = 0; i < CHUNK_COUNT; i++) {
        free(load_relaxed(&interner->chunks[i]));
    }
    InternBlock *block = load_relaxed(&interner->blocks);
    while (block != NULL) {
        InternBlock *older = block->older;
        free(block);
        block = older;
    }
    arena_release(&interner->fixed_texts);
    free(interner);
}
