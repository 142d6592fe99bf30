// Interning: 64 tables of open addressing. Nothing is ever removed, so neither
// readers nor, mostly, those who add need a lock:
//
// - A slot goes once from 0 to (tag, symbol), by a compare-and-swap; a reader
//   that acquires it sees the entry and the text behind it.
// - A name lies at most `reach` slots behind its home: where there is none free
//   up to there, the table is replaced by a larger copy. Whoever makes that
//   closes the free slots first, so that nobody adds to the old one, and
//   publishes it with release. A reader that still probes the old one may miss
//   what came later; who wants to add comes to a closed slot and goes on in the
//   new table. Old tables live until interner_free() and weigh less than the
//   newest one together.
// - A hand takes numbers by the run, and memory for texts by the block: so what
//   one thread writes is rarely in a cache line that another one writes, but
//   for the slot. Those who have no hand share one.
// - Entries lie in chunks that never move: chunk c holds CHUNK_BASE << c of
//   them, so that symbol_text() is two loads.
#include "concurrent/intern.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "concurrent/atomics.h"
#include "concurrent/thread.h"
#include "support/die.h"
#include "support/hash.h"

#define TABLE_BITS      6
#define TABLE_COUNT     (1 << TABLE_BITS)
#define FIRST_CAPACITY  16
#define CHUNK_BASE_BITS 10
#define CHUNK_BASE      (UINT32_C(1) << CHUNK_BASE_BITS)
#define CHUNK_COUNT     (32 - CHUNK_BASE_BITS + 1)

// A slot that will never hold a name.
#define CLOSED UINT64_MAX

typedef struct InternTable InternTable;
struct InternTable {
    InternTable *older; // immutable after init; retired
    uint32_t mask;      // immutable after init; capacity - 1
    uint32_t reach;     // immutable after init
    // Low half of the hash above, symbol below; 0 is empty.
    _Atomic(uint64_t) slots[];
};

// Texts of names.
typedef struct InternBlock InternBlock;
struct InternBlock {
    InternBlock *older;
    char text[];
};

struct Interner {
    _Atomic(InternTable *) tables[TABLE_COUNT];
    HashKey key;                   // immutable after init
    _Atomic(InternBlock *) blocks; // newest first; pushed only
    // Entries are written once, before their symbol is published.
    _Atomic(Str *) chunks[CHUNK_COUNT];
    Mutex growth[TABLE_COUNT]; // held by who replaces the table
    Mutex lock;                // held by who adds without a hand
    InternHand common;
    _Atomic(uint32_t) next;
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

static uint32_t table_of(uint64_t hash)
{
    return (uint32_t)(hash >> (64 - TABLE_BITS));
}

// How far *io_slot, where the search goes on, is behind the home.
static uint32_t distance_of(const InternTable *table, uint32_t tag,
                            uint32_t slot)
{
    return (slot - tag) & table->mask;
}

// The symbol in `table`, or 0; *io_slot is where the search goes on and where
// it has ended: for what is not there at a slot without a name, or out of
// reach.
static Symbol table_find(const Interner *interner, InternTable *table,
                         uint32_t tag, Str text, uint32_t *io_slot)
{
    uint32_t slot = *io_slot & table->mask;
    uint32_t left = table->reach - distance_of(table, tag, slot);
    for (; left > 0; left--, slot = (slot + 1) & table->mask) {
        // Acquire: pairs with the release in add().
        uint64_t word = load_acquire(&table->slots[slot]);
        if (word == 0 || word == CLOSED) {
            break;
        }
        if ((uint32_t)(word >> 32) == tag &&
            str_equal(symbol_text(interner, (Symbol)word), text)) {
            *io_slot = slot;
            return (Symbol)word;
        }
    }
    *io_slot = slot;
    return 0;
}

// ---- growing

static InternTable *table_new(uint32_t capacity, InternTable *older)
{
    InternTable *table = mem_calloc(
        1, sizeof *table + (size_t)capacity * sizeof table->slots[0]);
    uint32_t bits = 31 - (uint32_t)__builtin_clz(capacity);
    table->mask = capacity - 1;
    // Tables become about half full, which keeps searches short.
    table->reach = 4 + 2 * bits;
    table->older = older;
    return table;
}

// False where there is no room within reach. `table` is not published yet.
static bool table_put(InternTable *table, uint64_t word)
{
    uint32_t slot = (uint32_t)(word >> 32) & table->mask;
    for (uint32_t left = table->reach; left > 0; left--) {
        if (load_relaxed(&table->slots[slot]) == 0) {
            store_relaxed(&table->slots[slot], word);
            return true;
        }
        slot = (slot + 1) & table->mask;
    }
    return false;
}

// Copies all names; closes the slots that have none.
static bool table_move(InternTable *from, InternTable *to)
{
    for (uint32_t i = 0; i <= from->mask; i++) {
        // Acquire: who sees the new table sees all entries in it.
        uint64_t word = load_acquire(&from->slots[i]);
        // acq_rel: the same for a name that was faster.
        if (word == 0 && cas_acq_rel(&from->slots[i], &word, CLOSED)) {
            continue;
        }
        if (word != CLOSED && !table_put(to, word)) {
            return false;
        }
    }
    return true;
}

// The table behind `table`, which has no room or is closed. NULL: there was
// none.
static InternTable *next_table(Interner *interner, uint32_t number,
                               InternTable *table)
{
    mutex_lock(&interner->growth[number]);
    // Relaxed: only holders of the lock store it.
    InternTable *larger = load_relaxed(&interner->tables[number]);
    if (larger == table) {
        uint32_t capacity =
            table == NULL ? FIRST_CAPACITY : (table->mask + 1) * 2;
        larger = table_new(capacity, table);
        while (table != NULL && !table_move(table, larger)) {
            free(larger); // which hardly ever happens
            larger = table_new(capacity *= 2, table);
        }
        // Release: pairs with the acquire in find_hashed().
        store_release(&interner->tables[number], larger);
    }
    mutex_unlock(&interner->growth[number]);
    return larger;
}

// ---- hands

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

static uint32_t doubled(uint32_t before, uint32_t least, uint32_t most)
{
    return before == 0 ? least : before < most ? before * 2 : most;
}

// The number of the next name, which it has once the name is published.
static Symbol hand_symbol(Interner *interner, InternHand *hand)
{
    enum { FIRST_RUN = 8, MOST_RUN = 128 };
    if (hand->next == hand->end) {
        bool is_common = hand == &interner->common;
        hand->run = is_common ? 1 : doubled(hand->run, FIRST_RUN, MOST_RUN);
        hand->next = next_symbols(interner, hand->run);
        hand->end = hand->next + hand->run;
    }
    return hand->next;
}

static char *new_block(Interner *interner, size_t bytes)
{
    InternBlock *block = mem_alloc(sizeof *block + bytes);
    block->older = load_relaxed(&interner->blocks);
    while (!cas_acq_rel(&interner->blocks, &block->older, block)) {
    }
    return block->text;
}

// A copy; as long as the hand's cursor stays, the next one takes its place.
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
    }
    memcpy(copy, text.data, text.len);
    return str_make(copy, text.len);
}

// The name is published: number and text are its own.
static void hand_settle(InternHand *hand, Str text)
{
    hand->next++;
    if (text.data == hand->cursor) {
        hand->cursor += text.len;
    }
}

// ---- adding

// Where a search has ended that found nothing.
typedef struct Missed {
    InternTable *table;
    uint32_t slot;
} Missed;

// Goes on where the search ended; copies the text.
static Symbol add(Interner *interner, InternHand *hand, uint64_t hash, Str text,
                  Missed missed)
{
    const uint32_t tag = (uint32_t)hash;
    InternTable *table = missed.table;
    uint32_t slot = missed.slot;
    Symbol fresh = 0;
    Str *entry = NULL;
    for (;;) {
        if (table != NULL) {
            // Again, too, where another name came into the slot.
            Symbol found = table_find(interner, table, tag, text, &slot);
            if (found != 0) {
                return found; // another thread was faster
            }
        }
        if (table == NULL || distance_of(table, tag, slot) >= table->reach) {
            table = next_table(interner, table_of(hash), table);
            slot = tag;
            continue;
        }
        if (fresh == 0) {
            fresh = hand_symbol(interner, hand);
            entry = entry_of(interner, fresh);
            *entry = hand_text(interner, hand, text);
        }
        uint64_t word = 0;
        // Release: whoever sees the symbol sees the entry and its text. Pairs
        // with table_find() and table_move().
        if (cas_acq_rel(&table->slots[slot], &word,
                        (uint64_t)tag << 32 | fresh)) {
            hand_settle(hand, *entry);
            return fresh;
        }
        if (word == CLOSED) {
            table = next_table(interner, table_of(hash), table);
            slot = tag;
        }
    }
}

static Symbol find_hashed(Interner *interner, uint64_t hash, Str text,
                          Missed *out_missed)
{
    // Acquire: pairs with the release in next_table().
    InternTable *table = load_acquire(&interner->tables[table_of(hash)]);
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
    return symbol != 0 ? symbol : add(interner, hand, hash, text, missed);
}

Symbol intern(Interner *interner, Str text)
{
    Symbol symbol = intern_find(interner, text);
    if (symbol == 0) {
        mutex_lock(&interner->lock);
        symbol = intern_by(interner, &interner->common, text);
        mutex_unlock(&interner->lock);
    }
    return symbol;
}

uint32_t interner_count(const Interner *interner)
{
    return load_relaxed(&interner->next) - 1;
}

Interner *interner_new(const Str *fixed, uint32_t fixed_count)
{
    Interner *interner = mem_calloc(1, sizeof *interner);
    interner->key = hash_key_random();
    atomic_init(&interner->next, 1);
    mutex_init(&interner->lock, LOCK_INTERN);
    for (uint32_t i = 0; i < TABLE_COUNT; i++) {
        mutex_init(&interner->growth[i], LOCK_INTERN_GROWTH);
    }
    for (uint32_t i = 0; i < fixed_count; i++) {
        Symbol symbol = intern_by(interner, &interner->common, fixed[i]);
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
    for (uint32_t i = 0; i < TABLE_COUNT; i++) {
        InternTable *table = load_relaxed(&interner->tables[i]);
        while (table != NULL) {
            InternTable *older = table->older;
            free(table);
            table = older;
        }
        mutex_release(&interner->growth[i]);
    }
    mutex_release(&interner->lock);
    for (uint32_t i = 0; i < CHUNK_COUNT; i++) {
        free(load_relaxed(&interner->chunks[i]));
    }
    InternBlock *block = load_relaxed(&interner->blocks);
    while (block != NULL) {
        InternBlock *older = block->older;
        free(block);
        block = older;
    }
    free(interner);
}
