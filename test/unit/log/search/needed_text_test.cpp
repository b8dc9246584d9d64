// What a regular expression needs: known where it can be, and never more than the expression asks for.
#include <re2/re2.h>
#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "role/log/search/needed_text.hpp"

using distd::logs::text_needed_by;

TEST_CASE("the longest text that a regular expression needs is found") {
    CHECK(text_needed_by("deadlock.*txid=9") == "deadlock");
    CHECK(text_needed_by("(time)?out after") == "out after");
    CHECK(text_needed_by("10\\.0\\.0\\.1\\b") == "10.0.0.1");
    CHECK(text_needed_by("GET /api.*status=5\\d\\d") == "GET /api");
    CHECK(text_needed_by("(get|put).* /students") == " /students");
}

TEST_CASE("an expression without a certain literal needs no text") {
    for (const auto* pattern : {"", "a.b", "timeout|refused", "(?i)deadlock", "(GET|get) /api", "[Gg]et|GET",
                                "\\x44eadlock", "(ABCD)?x", "ab(c)d(ABCD)?", "ab{1}cd.*ABCD?", "(Über)?"})
        CHECK(text_needed_by(pattern).empty());
}

TEST_CASE("every text that a regular expression fits has what the expression needs") {
    std::mt19937 random(4711);
    const auto one_of = [&](auto... choices) {
        const std::string all[] = {choices...};
        return all[random() % std::size(all)];
    };
    int known = 0;
    int fits = 0;
    for (int i = 0; i < 3000; ++i) {
        std::string pattern;
        for (auto n = random() % 6 + 1; n > 0; --n)
            pattern += one_of("abc", "ABC", "abC", "a", "B", "c", ".", ".*", "?", "|", "[aB]", "(abc)",
                              "(ABc)?", "(a|bc)", "{2}", "\\.", "\\d", "b+", "^", "$");
        RE2::Options quiet;
        quiet.set_log_errors(false);
        const RE2 regex(pattern, quiet);
        if (!regex.ok()) continue;
        const auto needed = text_needed_by(pattern);
        if (!needed.empty()) ++known;
        for (int n = 0; n < 40; ++n) {
            std::string text;
            for (auto length = random() % 7; length > 0; --length)
                text += one_of("abc", "ABC", "aBc", "a", "b", "B", "C", "c", ".", "7", "abcabc");
            if (!RE2::PartialMatch(text, regex)) continue;
            ++fits;
            INFO(pattern << " fits " << text << " and needs " << needed);
            REQUIRE(text.find(needed) != std::string::npos);
        }
    }
    CHECK(known > 300);
    CHECK(fits > 10'000);
}
