// Tapes against trees, whoever reads them and wherever the pieces begin.
#ifndef LIGATURE_TESTS_TAPE_READERS_H
#define LIGATURE_TESTS_TAPE_READERS_H

#include <dirent.h>

#include "tests/harness.h"
#include "tests/tape_twice.h"
#include "tests/unit/syntax/data.h"

#define MAX_NESTING 60

typedef struct Readers {
    Pool *one, *three;
    uint64_t ahead;
} Readers;

static inline Readers readers_new(void)
{
    return (Readers){.one = pool_new(1, 0), .three = pool_new(3, 0)};
}

static inline void readers_free(Readers *readers)
{
    pool_free(readers->one);
    pool_free(readers->three);
}

// TWICE_DIFFER: whatever comes of it.
static inline void check_format(Readers *readers, const char *name,
                                DataFormat format, Str text, TapeTwice expected)
{
    static const uint32_t sizes[] = {8, 16, 61, 256, 4096};
    Interner *interner = symbols_new();
    TapeTwice alone =
        tape_twice(text, format, NULL, MAX_NESTING, 64, interner, NULL);
    bool same = alone != TWICE_DIFFER &&
                tape_twice(text, format, pool_main_worker(readers->one),
                           MAX_NESTING, 64, interner, NULL) == alone;
    harness_check(same, name, 0, "differs from the tree");
    harness_check(expected == TWICE_DIFFER || alone == expected, name,
                  (int)alone, "has another reader than it should");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        same = tape_twice(text, format, pool_main_worker(readers->three),
                          MAX_NESTING, sizes[i], interner,
                          &readers->ahead) == alone;
        harness_check(same, name, (int)sizes[i], "differs from the tree");
    }
    interner_free(interner);
}

static inline void check_texts(DataFormat format, const Str *texts,
                               size_t count, TapeTwice expected)
{
    Readers readers = readers_new();
    for (size_t i = 0; i < count; i++) {
        check_format(&readers, texts[i].data, format, texts[i], expected);
    }
    readers_free(&readers);
}

// Most of the text's `items` is read ahead; each of them counts once or more.
static inline void check_mostly_ahead(DataFormat format, Str text, int items)
{
    Pool *pool = pool_new(2, 0);
    Interner *interner = symbols_new();
    uint64_t ahead = 0;
    CHECK(tape_twice(text, format, pool_main_worker(pool), MAX_NESTING, 1024,
                     interner, &ahead) == TWICE_BOTH);
    CHECK(ahead > (uint64_t)items * 8 / 10);
    interner_free(interner);
    pool_free(pool);
}

// All files of a folder with the ending, where the folder is at hand.
static inline void check_corpus(const char *corpus, const char *ending,
                                DataFormat format)
{
    DIR *folder = opendir(corpus);
    if (folder == NULL) {
        harness_skip(corpus);
        return;
    }
    Readers readers = readers_new();
    int files = 0;
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        if (!str_ends_with(str_from_c(entry->d_name), str_from_c(ending))) {
            continue;
        }
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", corpus, entry->d_name);
        StrBuf text = {0};
        CHECK(data_file(path, &text));
        check_format(&readers, entry->d_name, format, strbuf_str(&text),
                     TWICE_DIFFER);
        strbuf_release(&text);
        files++;
    }
    closedir(folder);
    CHECK(files > 0);
    readers_free(&readers);
}

static inline uint32_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

// One byte of a text is another one, of `bytes`, or gone.
static inline void break_text(StrBuf *text, const char *bytes, uint64_t *state)
{
    uint32_t at = next_random(state) % (uint32_t)text->len;
    if (next_random(state) % 4 == 0) {
        memmove(text->data + at, text->data + at + 1, text->len - at - 1);
        text->len--;
    } else {
        text->data[at] = bytes[next_random(state) % strlen(bytes)];
    }
}

#endif
