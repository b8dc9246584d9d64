// What is written for a person at a terminal, and what for a file.
#include "base/terminal.hpp"

#include <catch2/catch.hpp>
#include <map>

using namespace distd;

namespace {

terminal judged(bool is_terminal, std::map<std::string, std::string> environment,
                colours wanted = colours::when_useful, std::size_t columns = 120) {
    const auto variable = [&](const std::string& name) { return environment[name]; };
    return judge_terminal({is_terminal, columns, variable}, wanted);
}

}  // namespace

TEST_CASE("colours are for terminals, unless NO_COLOR or TERM=dumb say otherwise") {
    CHECK(judged(true, {}).has_colours);
    CHECK(judged(true, {{"NO_COLOR", ""}}).has_colours);
    CHECK_FALSE(judged(true, {{"NO_COLOR", "1"}}).has_colours);
    CHECK_FALSE(judged(true, {{"TERM", "dumb"}}).has_colours);
    CHECK_FALSE(judged(false, {}).has_colours);
    CHECK(judged(false, {{"NO_COLOR", "1"}}, colours::always).has_colours);
    CHECK_FALSE(judged(true, {}, colours::never).has_colours);
}

TEST_CASE("lines are cut at terminals only, to what the terminal or COLUMNS says") {
    CHECK(judged(false, {{"COLUMNS", "40"}}).columns == 0);
    CHECK(judged(true, {{"COLUMNS", "40"}}).columns == 120);
    CHECK(judged(true, {{"COLUMNS", "40"}}, colours::never, 0).columns == 40);
    CHECK(judged(true, {}, colours::never, 0).columns == 80);
}

TEST_CASE("glyphs need a locale of UTF-8; the first variable that is set counts") {
    CHECK(judged(false, {}).has_utf8);
    CHECK_FALSE(judged(true, {}).has_utf8);
    CHECK(judged(true, {{"LANG", "de_DE.UTF-8"}}).has_utf8);
    CHECK(judged(true, {{"LC_CTYPE", "C.utf8"}, {"LANG", "C"}}).has_utf8);
    CHECK_FALSE(judged(true, {{"LC_ALL", "C"}, {"LANG", "de_DE.UTF-8"}}).has_utf8);
}

TEST_CASE("a text's width counts columns, not bytes, and a cut is seen") {
    CHECK(width_of("cart") == 4);
    CHECK(width_of("Größe") == 5);
    CHECK(width_of("日本") == 4);
    CHECK(width_of("e\u0301") == 1);
    CHECK(width_of("\xff\xfe") == 2);
    CHECK(cut_to_width("cart", 4) == "cart");
    CHECK(cut_to_width("checkout", 5) == "chec…");
    CHECK(cut_to_width("checkout", 6, "...") == "che...");
    CHECK(cut_to_width("日本語", 4) == "日…");
    CHECK(cut_to_width("日本語", 0).empty());
}

TEST_CASE("a long text is broken at spaces, and a long word where it must be") {
    using lines = std::vector<std::string>;
    CHECK(wrap_to_width("one two three", 0) == lines{"one two three"});
    CHECK(wrap_to_width("one two three", 8) == lines{"one two", "three"});
    CHECK(wrap_to_width("http://127.0.0.1:3000", 10) == lines{"http://127", ".0.0.1:300", "0"});
    CHECK(wrap_to_width("", 10) == lines{""});
    CHECK(wrap_to_width("日本", 1) == lines{"日", "本"});
}
