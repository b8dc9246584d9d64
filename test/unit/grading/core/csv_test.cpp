// Tables as text: what is written is read back, however it arrives, and no cell is a formula.
#include <catch2/catch.hpp>

#include "role/grading/core/csv.hpp"
#include "role/grading/core/grade_table.hpp"

using namespace distd::grading;

namespace {

std::string shown(const std::vector<csv_reader::record>& records) {
    std::string text;
    for (const auto& r : records) {
        text += std::to_string(r.line) + ":";
        for (const auto& c : r.cells) text += "[" + c + "]";
        text += ' ';
    }
    return text;
}

// Read in pieces of `step` bytes; ends with the error, if there is one.
std::string read(const std::string& text, std::size_t step = 1, std::size_t longest = 1000) {
    csv_reader reader(longest);
    std::string got;
    for (std::size_t i = 0; i < text.size(); i += step) got += shown(reader.feed(text.substr(i, step)));
    got += shown(reader.finish());
    return got + reader.error();
}

std::string cell(std::string_view text) {
    std::string out;
    append_text_cell(out, text);
    return out;
}

}  // namespace

TEST_CASE("records are split as RFC 4180 says, in pieces of any size") {
    const std::string text =
        "\xef\xbb\xbf"
        "a,b\r\n\r\n\"x,\"\"y\"\"\r\nz\",\n,\"\"\rlast";
    for (const std::size_t step : {1, 2, 3, 100})
        CHECK(read(text, step) == "1:[a][b] 3:[x,\"y\"\r\nz][] 5:[][] 6:[last] ");
    CHECK(read("") == "");
    CHECK(read("\xef\xbb") == "");
    CHECK(read("\xc3\xa9") == "1:[\xc3\xa9] ");
}

TEST_CASE("what is no table is refused with its line") {
    CHECK(read("a\nb\"c\n") == "1:[a] line 2: a cell that does not begin with a quote contains one");
    CHECK(read("\"a\"b") == "line 1: there is text after the closing quote of a cell");
    CHECK(read("a\n\"b\nc") == "1:[a] line 2: a quoted cell is not closed");
    CHECK(read("abcdef", 1, 5) == "line 1: a record is too long");
}

TEST_CASE("no cell is taken for a formula, and reading gives back what was written") {
    CHECK(cell("=1+1") == "'=1+1");
    CHECK(cell("@x,\"y\"") == "\"'@x,\"\"y\"\"\"");
    for (const auto* text :
         {"=1", "+1", "-1", "@a", "'=1", "''=1", "'", "''", "'a", "a=1", "", "\t", "a,\"b\"\r\nc"}) {
        csv_reader reader(1000);
        auto records = reader.feed("x," + cell(text) + "\n");
        REQUIRE(records.size() == 1);
        CHECK(plain_cell(records[0].cells[1]) == text);
    }
}

TEST_CASE("a table has a line per grade, and one for a student without any") {
    std::string text;
    append_table_head(text);
    append_table_lines(text,
                       {1, "Nick", "-Carter", {{"Quiz, 1", "Quiz", 87.5, 3}, {"Final", "Exam", 94, 4}}, 1});
    append_table_lines(text, {2, "Zoë", "X", {}, 1});
    CHECK(text ==
          "StudentID,FirstName,LastName,GradeID,Title,Type,Score\r\n"
          "1,Nick,'-Carter,3,\"Quiz, 1\",Quiz,87.5\r\n"
          "1,Nick,'-Carter,4,Final,Exam,94\r\n"
          "2,Zoë,X,,,,\r\n");
}
