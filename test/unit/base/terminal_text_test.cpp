// What goes to a terminal neither acts on it nor is wider than it.
#include <catch2/catch.hpp>

#include "base/terminal_text.hpp"

using namespace distd;
using std::chrono::microseconds;
using std::chrono::seconds;

namespace {

std::string text_of(const terminal_line& line, std::size_t columns, bool has_colours = false) {
    std::string out;
    line.append_to(out, {true, has_colours, true, columns});
    return out;
}

}  // namespace

TEST_CASE("text from outside reaches a terminal without control characters, and as one line") {
    CHECK(shown("plain, größer, 日本") == "plain, größer, 日本");
    CHECK(shown("a\x1b[31mb") == "a�[31mb");
    CHECK(shown("one\ntwo\tthree\r") == "one two three ");
    CHECK(shown("\xc2\x85 \xe2\x80\xa8 \x7f") == "� � �");
    CHECK(shown("\xe2\x80\xae"
                "gnp.exe") == "�gnp.exe");
    CHECK(shown("a\u200bdmin\u200d") == "a�dmin�");
    CHECK(shown("\xff\xc3") == "��");
}

TEST_CASE("spans of time are shown with one unit") {
    CHECK(span_words(microseconds(0)) == "0.0 ms");
    CHECK(span_words(microseconds(940)) == "0.9 ms");
    CHECK(span_words(microseconds(17'300)) == "17 ms");
    CHECK(span_words(microseconds(999'000)) == "999 ms");
    CHECK(span_words(microseconds(3'140'000)) == "3.1 s");
    CHECK(span_words(seconds(15)) == "15 s");
    CHECK(span_words(seconds(59)) == "59 s");
    CHECK(span_words(seconds(60)) == "1 min");
    CHECK(span_words(std::chrono::minutes(90)) == "1 h");
    CHECK(span_words(std::chrono::hours(47)) == "47 h");
    CHECK(span_words(std::chrono::hours(75)) == "3 d");
    CHECK(span_words(seconds(-1)) == "0.0 ms");
}

TEST_CASE("a line is cut to the width of its terminal, if that is known") {
    terminal_line line;
    line.put("status").go_to(10).put("a sentence about it");
    CHECK(line.columns() == 29);
    CHECK(text_of(line, 0) == "status    a sentence about it\n");
    CHECK(text_of(line, 29) == "status    a sentence about it\n");
    CHECK(text_of(line, 28) == "status    a sentence about …\n");
    CHECK(text_of(line, 11) == "status    …\n");
    CHECK(text_of(line, 10) == "status   …\n");
    CHECK(text_of(line, 6) == "statu…\n");
}

TEST_CASE("columns that are taken push what follows by one space") {
    terminal_line line;
    line.put("abcdef").go_to(4).put("g");
    CHECK(text_of(line, 0) == "abcdef g\n");
}

TEST_CASE("an address is never cut: what follows it goes on in the next line of the terminal") {
    terminal_line line;
    line.put("▲ Book ").put_whole("http://127.0.0.1:8010").put(" lost: connection refused");
    CHECK(text_of(line, 40) == "▲ Book http://127.0.0.1:8010 lost: conn…\n");
    CHECK(text_of(line, 20) == "▲ Book http://127.0.0.1:8010 lost: conn…\n");
}

TEST_CASE("colours are put around the text, and only where they are wanted") {
    terminal_line line;
    line.put("a", tone::well).put(" ").put("bcd", tone::sick);
    CHECK(text_of(line, 0, true) == "\x1b[32ma\x1b[0m \x1b[31mbcd\x1b[0m\n");
    CHECK(text_of(line, 4, true) == "\x1b[32ma\x1b[0m \x1b[31mb…\x1b[0m\n");
    CHECK(text_of(line, 0) == "a bcd\n");
}

TEST_CASE("a terminal without UTF-8 gets signs of ASCII that are as wide") {
    terminal_line line;
    line.put("● ▲ ‖ · 日本 größer and more");
    std::string out;
    line.append_to(out, {true, false, false, 24});
    CHECK(out == "* ! = - ???? gr??er and~\n");
}

TEST_CASE("a window too narrow for lines wraps them") {
    CHECK(for_lines({true, true, true, 20}).columns == 60);
    CHECK(for_lines({true, true, true, 100}).columns == 100);
    CHECK(for_lines({}).columns == 0);
}
