#include "tests/unit/eval/builtin_calls.h"

TEST(durations)
{
    Calls c;
    calls_init(&c);
    CALL("time_parse_duration", "Some 5400000", S("1h30m"));
    CALL("time_parse_duration", "Some 500", S("500ms"));
    CALL("time_parse_duration", "Some 694861001", S("1w1d1h1m1s1ms"));
    CALL("time_parse_duration", "Some 90000", S("1.5m"));
    CALL("time_parse_duration", "Some 3024", S("0.000005w"));
    CALL("time_parse_duration", "Some (-1500)", S("-1.5s"));
    CALL("time_parse_duration", "Some 0", S("0"));
    CALL("time_parse_duration", "None", S("0.5ms"));
    CALL("time_parse_duration", "None", S(""));
    CALL("time_parse_duration", "None", S("-"));
    CALL("time_parse_duration", "None", S("5"));
    CALL("time_parse_duration", "None", S("1.h"));
    CALL("time_parse_duration", "None", S("1h "));
    CALL("time_parse_duration", "None", S("99999999999999999999h"));
    CALL("time_parse_duration", "None", S("9223372036854775808ms"));
    CALL("time_parse_duration", "Some (-9223372036854775808)",
         S("-9223372036854775808ms"));
    CALL("time_format_duration", "\"1h30m\"", I(5400000));
    CALL("time_format_duration", "\"-1d2ms\"", I(-86400002));
    CALL("time_format_duration", "\"0s\"", I(0));
    CALL("time_format_duration", "\"-106751991167d7h12m55s808ms\"",
         I(INT64_MIN));
    calls_release(&c);
}

// Each place at which a point in time may go wrong.
TEST(no_points_in_time)
{
    Calls c;
    calls_init(&c);
    static const char *const wrong[] = {
        "",
        "2020",
        "202a-01-01T00:00:00Z",
        "2020\r01-01T00:00:00Z",
        "2020-1-01T00:00:00Z",
        "2020-01/01T00:00:00Z",
        "2020-01-",
        "2020-01-0",
        "2020-00-01T00:00:00Z",
        "2020-01-00T00:00:00Z",
        "2020-01-32T00:00:00Z",
        "2020-04-31T00:00:00Z",
        "2020-01-01",
        "2020-01-01x00:00:00Z",
        "2020-01-01T",
        "2020-01-01T0a:00:00Z",
        "2020-01-01T00",
        "2020-01-01T00\x1A"
        "00:00Z",
        "2020-01-01T00:0",
        "2020-01-01T00:00",
        "2020-01-01T00:00;00Z",
        "2020-01-01T00:00:0",
        "2020-01-01T00:60:00Z",
        "2020-01-01T00:00:61Z",
        "2020-01-01T00:00:00.",
        "2020-01-01T00:00:00*01:00",
        "2020-01-01T00:00:00+1",
        "2020-01-01T00:00:00+01",
        "2020-01-01T00:00:00+01.00",
        "2020-01-01T00:00:00+01:0",
        "2020-01-01T00:00:00+24:00",
        "2020-01-01T00:00:00+00:60",
        "2020-01-01T00:00:60Z",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CALL("time_parse_rfc3339", "None", S(wrong[i]));
    }
    CALL("time_parse_rfc3339", "Some 3600000", S("1970-01-01t00:00:00-01:00"));
    CALL("time_parse_rfc3339", "Some 78796800500", S("1972-06-30T23:59:60.5z"));
    CALL("time_parse_duration", "Some 1500", S("1.50000000000000000000s"));
    CALL("time_parse_duration", "None", S("1.0000000000000000001s"));
    CALL("time_parse_duration", "None", S("1.x"));
    CALL("time_parse_duration", "None", S("18446744073709551616ms"));
    CALL("time_parse_duration", "None", S("18446744073709551615s"));
    CALL("time_parse_duration", "None", S("18446744073709551615ms1ms"));
    CALL("time_parse_duration", "None", S("1x"));
    calls_release(&c);
}

TEST(encoded_characters)
{
    Calls c;
    calls_init(&c);
    CALL("url_encode", "\"AZaz09-._~%2F%40%5B%60%7B%3A%C3%A9\"",
         S("AZaz09-._~/@[`{:\xC3\xA9"));
    CALL("url_decode", "(\"a b\", \"\")", S("a%20b"));
    CALL("base64_decode", "(\"ÿÿ\", \"\")", S("w7/Dvw=="));
    calls_release(&c);
}

TEST(points_in_time)
{
    Calls c;
    calls_init(&c);
    CALL("time_parse_rfc3339", "Some 0", S("1970-01-01T00:00:00Z"));
    CALL("time_parse_rfc3339", "Some 1582934400123",
         S("2020-02-29t01:00:00.1239+01:00"));
    CALL("time_parse_rfc3339", "Some (-1)", S("1969-12-31 23:59:59.999z"));
    CALL("time_parse_rfc3339", "Some 1483228800000", S("2016-12-31T23:59:60Z"));
    CALL("time_parse_rfc3339", "Some (-62167219200000)",
         S("0000-01-01T00:00:00Z"));
    CALL("time_parse_rfc3339", "None", S("2016-12-30T23:59:60Z"));
    CALL("time_parse_rfc3339", "None", S("2021-02-29T00:00:00Z"));
    CALL("time_parse_rfc3339", "None", S("1900-02-29T00:00:00Z"));
    CALL("time_parse_rfc3339", "None", S("2021-13-01T00:00:00Z"));
    CALL("time_parse_rfc3339", "None", S("2021-01-01T24:00:00Z"));
    CALL("time_parse_rfc3339", "None", S("2021-01-01T00:00:00"));
    CALL("time_parse_rfc3339", "None", S("2021-01-01T00:00:00.Z"));
    CALL("time_parse_rfc3339", "None", S("2021-01-01T00:00:00Zx"));
    CALL("time_parse_rfc3339", "None", S("2021-01-01T00:00:00+0100"));
    CALL("time_parse_rfc3339", "None", S(""));
    CALL("time_format_rfc3339", "\"1970-01-01T00:00:00Z\"", I(0));
    CALL("time_format_rfc3339", "\"1969-12-31T23:59:59.999Z\"", I(-1));
    CALL("time_format_rfc3339", "\"2020-02-29T00:00:00.123Z\"",
         I(1582934400123));
    CALL("time_format_rfc3339", "\"+292278994-08-17T07:12:55.807Z\"",
         I(INT64_MAX));
    CALL("time_format_rfc3339", "\"-292275055-05-16T16:47:04.192Z\"",
         I(INT64_MIN));
    calls_release(&c);
}

TEST(addresses)
{
    Calls c;
    calls_init(&c);
    CALL("ip_parse", "Some [3232235777]", S("192.168.1.1"));
    CALL("ip_parse", "None", S("192.168.1"));
    CALL("ip_parse", "None", S("192.168.1.256"));
    CALL("ip_parse", "None", S("192.168.01.1"));
    CALL("ip_parse", "None", S("192.168.1.1 "));
    CALL("ip_parse", "None", S(""));
    CALL("ip_parse", "Some [0, 0, 0, 1]", S("::1"));
    CALL("ip_parse", "Some [0, 0, 0, 0]", S("::"));
    CALL("ip_parse", "Some [536939960, 0, 0, 65538]", S("2001:db8::1:2"));
    CALL("ip_parse", "Some [65536, 0, 0, 0]", S("1::"));
    CALL("ip_parse", "Some [0, 0, 65535, 16909060]", S("::ffff:1.2.3.4"));
    CALL("ip_parse", "Some [65538, 196612, 327686, 458760]",
         S("1:2:3:4:5:6:7:8"));
    CALL("ip_parse", "None", S("1:2:3:4:5:6:7:8:9"));
    CALL("ip_parse", "None", S("1:2:3:4:5:6:7"));
    CALL("ip_parse", "None", S("1:2:3:4::5:6:7:8"));
    CALL("ip_parse", "None", S("1::2::3"));
    CALL("ip_parse", "None", S(":1:2:3:4:5:6:7"));
    CALL("ip_parse", "None", S("1:2:3:4:5:6:7:"));
    CALL("ip_parse", "None", S("12345::"));
    CALL("ip_parse", "None", S(":::"));
    CALL("ip_parse", "None", S("::1%eth0"));
    CALL("ip_format", "\"10.0.0.255\"", LIST(I(0x0A0000FF)));
    CALL("ip_format", "\"::\"", LIST(I(0), I(0), I(0), I(0)));
    CALL("ip_format", "\"::1\"", LIST(I(0), I(0), I(0), I(1)));
    CALL("ip_format", "\"1::\"", LIST(I(0x10000), I(0), I(0), I(0)));
    CALL("ip_format", "\"2001:db8:0:1:1:1:1:1\"",
         LIST(I(0x20010DB8), I(1), I(0x10001), I(0x10001)));
    CALL("ip_format", "\"2001:0:0:1::1\"",
         LIST(I(0x20010000), I(1), I(0), I(1)));
    CALL("ip_format", "\"::ffff:1.2.3.4\"",
         LIST(I(0), I(0), I(0xFFFF), I(0x01020304)));
    CALL("ip_mask", "[4294901760]", I(16), LIST(I(0xFFFFFFFF)));
    CALL("ip_mask", "[0]", I(0), LIST(I(0xFFFFFFFF)));
    CALL("ip_mask", "[4294967295, 2147483648, 0, 0]", I(33),
         LIST(I(0xFFFFFFFF), I(0xFFFFFFFF), I(0xFFFFFFFF), I(0xFFFFFFFF)));
    CALL("ip_offset", "Some [167772416]", I(8), I(1), LIST(I(0x0A000000)));
    CALL("ip_offset", "None", I(0), I(1), LIST(I(0xFFFFFFFF)));
    CALL("ip_offset", "None", I(8), I(1 << 24), LIST(I(0)));
    CALL("ip_offset", "None", I(200), I(1), LIST(I(0), I(0), I(0), I(0)));
    CALL("ip_offset", "Some [0]", I(200), I(0), LIST(I(0)));
    CALL("ip_offset", "Some [1, 0, 0, 0]", I(1), I(0),
         LIST(I(1), I(0), I(0), I(0)));
    CALL("ip_offset", "Some [0, 1, 0, 0]", I(64), I(1),
         LIST(I(0), I(0), I(0), I(0)));
    CALL("ip_offset", "Some [0, 8, 1, 0]", I(3), I(INT64_C(1) << 61),
         LIST(I(0), I(7), I(1), I(0)));
    calls_release(&c);
}

TEST(encodings)
{
    Calls c;
    calls_init(&c);
    CALL("base64_encode", "\"\"", S(""));
    CALL("base64_encode", "\"Zg==\"", S("f"));
    CALL("base64_encode", "\"Zm8=\"", S("fo"));
    CALL("base64_encode", "\"Zm9v\"", S("foo"));
    CALL("base64_decode", "(\"foob\", \"\")", S("Zm9vYg=="));
    CALL("base64_decode", "(\"fo\", \"\")", S("Zm8="));
    CALL("base64_decode", "(\"\", \"\")", S(""));
    CALL("base64_decode",
         "(\"\", \"the length is no multiple of 4 at offset 3\")", S("Zm8"));
    CALL("base64_decode", "(\"\", \"bits are left over at offset 2\")",
         S("Zm9="));
    CALL("base64_decode", "(\"\", \"no digit of base 64 at offset 1\")",
         S("Z==="));
    CALL("base64_decode", "(\"\", \"no digit of base 64 at offset 2\")",
         S("Zm-v"));
    CALL("base64_decode",
         "(\"\", \"the decoded bytes are not UTF-8 at offset 0\")", S("/w=="));
    CALL("hex_encode", "\"c3a9\"", S("é"));
    CALL("hex_decode", "(\"é\", \"\")", S("C3a9"));
    CALL("hex_decode", "(\"\", \"half a byte at offset 2\")", S("c3a"));
    CALL("hex_decode", "(\"\", \"no hexadecimal digit at offset 1\")", S("cx"));
    CALL("url_encode", "\"a%20b%C3%A9-._~%2F\"", S("a bé-._~/"));
    CALL("url_decode", "(\"a b+é\", \"\")", S("a%20b+%c3%A9"));
    CALL("url_decode",
         "(\"\", \"no two hexadecimal digits follow '%' at offset 1\")",
         S("a%2"));
    CALL("sha256",
         "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a"
         "d\"",
         S("abc"));
    calls_release(&c);
}

TEST(json)
{
    Calls c;
    calls_init(&c);
    Value record = make_record(&c.f, "a b", (Value[]){I(1), S("x")});
    CALL("to_json", "\"{\\\"a\\\":1,\\\"b\\\":\\\"x\\\"}\"", record);
    CALL("to_json_pretty", "\"[\\n  1,\\n  2\\n]\"", LIST(I(1), I(2)));
    Value none = make_union(&c.f, &c.f.none, NULL);
    CALL("to_json", "\"null\"", none);
    Value result;
    CHECK(!builtin_function(BUILTIN_TO_JSON)(
        &c.ctx, (Value[]){make_union(&c.f, &c.f.some, &none)}, &result));
    CHECK_EQ_INT(c.ctx.error_code, DIAG_E0407);
    c.f.budget.limit_bytes = load_relaxed(&c.f.budget.bytes) + 100;
    CALL("to_json", "E0604: ", value_list_range(&c.f.heap, 0, 1000000));
    calls_release(&c);
}

TEST_MAIN(RUN(json), RUN(durations), RUN(points_in_time),
          RUN(no_points_in_time), RUN(encoded_characters), RUN(addresses),
          RUN(encodings))
