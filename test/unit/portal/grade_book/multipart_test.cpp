// Forms with files in them.
#include "role/portal/grade_book/multipart.hpp"

#include <catch2/catch.hpp>

#include "role/portal/grade_book/table_text.hpp"

using namespace distd::portal;

namespace {
constexpr auto type = "multipart/form-data; boundary=----x1";
}

TEST_CASE("multipart forms of browsers are parsed") {
    const auto parts =
        split_multipart(type,
                        "------x1\r\nContent-Disposition: form-data; name=\"Token\"\r\n\r\nabc\r\n"
                        "------x1\r\ncontent-disposition: form-data; name=\"Table\"; "
                        "filename=\"name=b.csv\"\r\nContent-Type: text/csv\r\n\r\n"
                        "a,b\r\n\r\n--x\r\n1,2\r\n\r\n------x1--\r\n");
    REQUIRE(parts);
    REQUIRE(parts->size() == 2);
    CHECK((*parts)[0] == std::pair<std::string, std::string>("Token", "abc"));
    CHECK((*parts)[1].first == "Table");
    CHECK((*parts)[1].second == "a,b\r\n\r\n--x\r\n1,2\r\n");
    CHECK(split_multipart("Multipart/Form-Data; Boundary=\"----x1\"", "------x1--")->empty());
}

TEST_CASE("incomplete multipart forms are refused") {
    const std::string part = "------x1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n";
    CHECK_FALSE(split_multipart("application/x-www-form-urlencoded", part + "------x1--"));
    CHECK_FALSE(split_multipart("multipart/form-data", part + "------x1--"));
    CHECK_FALSE(split_multipart("multipart/form-data; boundary=", part + "------x1--"));
    for (const auto& body :
         {std::string(), std::string("------x1"), part, part + "------x1", part.substr(0, 30),
          std::string("------x1\r\nContent-Disposition: form-data\r\n\r\nb\r\n------x1--"),
          std::string("------x1\r\nContent-Disposition: form-data; name=\"a\"\r\n------x1--")}) {
        INFO(body);
        CHECK_FALSE(split_multipart(type, body));
    }
}

TEST_CASE("line breaks of a table are normalised like in a hidden form field") {
    CHECK(with_form_lines("a\nb\r\nc\rd\r\r\n\n") == "a\r\nb\r\nc\r\nd\r\n\r\n\r\n");
    const auto once = with_form_lines("a\n\"b\rc\"\n");
    CHECK(with_form_lines(once) == once);
}

TEST_CASE("a table that is empty, too large or not UTF-8 is refused with an explanation") {
    CHECK(table_problem("Title,Score\r\nZo\xc3\xab,\t1\r\n").empty());
    CHECK(table_problem("") == "Choose a file with a table in it.");
    CHECK(table_problem("Zo\xeb").find("UTF-8") != std::string::npos);
    CHECK(table_problem(std::string("a\0b", 3)).find("UTF-8") != std::string::npos);
    CHECK(table_problem(std::string(max_table + 1, 'a')).find("2097152") != std::string::npos);
}
