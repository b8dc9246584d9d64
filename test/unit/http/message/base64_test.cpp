#include "http/message/base64.hpp"

#include <catch2/catch.hpp>

using namespace distd::http;
using namespace std::string_view_literals;

TEST_CASE("base64 is written padded and read back") {
    // RFC 4648, section 10, and bytes that are no text.
    const auto [bytes, text] = GENERATE(table<std::string_view, std::string_view>({
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xff\xfe\xfd"sv, "//79"},
        {"\0\0\0\x3e"sv, "AAAAPg=="},
    }));
    CHECK(base64_encode(bytes) == text);
    CHECK(base64_decode(text) == bytes);
    CHECK(base64_decode(text.substr(0, text.find('='))) == bytes);  // without its padding
}

TEST_CASE("a byte that is not of the alphabet makes base64 unreadable") {
    for (const auto text :
         {"Zm9v!"sv, "Zm 9v"sv, "Zm9v\n"sv, "Zg==Zg=="sv, "Zm9-"sv, "Zm9_"sv, "\xff"sv, "Z\0g="sv})
        CHECK_FALSE(base64_decode(text));
}

TEST_CASE("base64 for URLs has - and _ in the place of + and /, and no padding") {
    CHECK(base64url_encode("\xff\xfe\xfd"sv) == "__79");
    CHECK(base64url_encode("\0\0\0\x3e"sv) == "AAAAPg");
    CHECK(base64url_encode("\xfb\xef"sv) == "--8");
    CHECK(base64url_decode("--8") == "\xfb\xef"sv);
    CHECK(base64url_decode("AAAAPg") == "\0\0\0\x3e"sv);
    for (const auto text : {"Zg=="sv, "++8"sv, "//79"sv}) CHECK_FALSE(base64url_decode(text));
}
