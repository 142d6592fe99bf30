// Numbers and texts as bytes.
#include "support/pack.h"
#include "tests/harness.h"

TEST(what_is_written_is_read)
{
    static const uint64_t numbers[] = {0,          1,         127,
                                       128,        16383,     16384,
                                       UINT32_MAX, INT64_MAX, UINT64_MAX - 1,
                                       UINT64_MAX};
    StrBuf bytes = {0};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        pack_number(&bytes, numbers[i]);
        pack_word(&bytes, numbers[i]);
    }
    pack_text(&bytes, STR("a\0b"));
    pack_text(&bytes, STR(""));
    PackReader reader = pack_reader(strbuf_str(&bytes));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        CHECK(unpack_number(&reader) == numbers[i]);
        CHECK(unpack_word(&reader) == numbers[i]);
    }
    CHECK_EQ_STR(unpack_text(&reader), STR("a\0b"));
    CHECK(!pack_ended(&reader));
    CHECK_EQ_STR(unpack_text(&reader), STR(""));
    CHECK(pack_ended(&reader));
    // Cut anywhere, it fails and stays failed.
    for (size_t len = 0; len < bytes.len; len++) {
        PackReader cut = pack_reader(str_make(bytes.data, len));
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
            (void)unpack_number(&cut);
            (void)unpack_word(&cut);
        }
        (void)unpack_text(&cut);
        (void)unpack_text(&cut);
        CHECK(!pack_ended(&cut) && cut.failed);
        CHECK(unpack_number(&cut) == 0 && unpack_text(&cut).len == 0);
    }
    strbuf_release(&bytes);
}

TEST(odd_bytes_fail)
{
    static const Str odd[] = {
        STR_INIT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), // 2^64
        STR_INIT("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"),
        STR_INIT("\x80"),
        STR_INIT(""),
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        PackReader reader = pack_reader(odd[i]);
        CHECK(unpack_number(&reader) == 0 && reader.failed);
    }
    PackReader reader = pack_reader(STR("\x05"
                                        "abcd"));
    CHECK(unpack_text(&reader).len == 0 && reader.failed);
    // No count can be more than there are bytes.
    reader = pack_reader(STR("\x05"
                             "abcd"));
    CHECK(unpack_count(&reader) == 0 && reader.failed);
    reader = pack_reader(STR("\x04"
                             "abcd"));
    CHECK(unpack_count(&reader) == 4 && !reader.failed);
    reader = pack_reader(STR("\x07"));
    CHECK(unpack_up_to(&reader, 6) == 0 && reader.failed);
}

TEST_MAIN(RUN(what_is_written_is_read), RUN(odd_bytes_fail))
