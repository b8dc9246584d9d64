// The rules for grades: averages, how numbers are written, what may be typed.
#include "role/portal/grade_book/grade_book.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <distd/json.hpp>
#include <limits>

using namespace distd;
using namespace distd::portal;

TEST_CASE("the average is the mean of the scores, and missing without grades") {
    CHECK(average({{"Quiz 1", "Quiz", 85}, {"Final Exam", "Exam", 94}, {"Quiz 2", "Quiz", 82}}) == 87.0);
    CHECK(average({{"Quiz 1", "Quiz", 0}}) == 0.0);
    CHECK_FALSE(average({}));
}

TEST_CASE("a percentage has one decimal, whatever its size") {
    CHECK(as_percent(87) == "87.0%");
    CHECK(as_percent(281.0 / 3) == "93.7%");
    CHECK(as_percent(0) == "0.0%");
    CHECK(as_percent(std::numeric_limits<double>::max()).size() > 300);
    CHECK(as_percent(std::numeric_limits<double>::lowest()).size() > 300);
}

TEST_CASE("a score is shown in its shortest form") {
    CHECK(as_score(85) == "85");
    CHECK(as_score(87.5) == "87.5");
    CHECK(as_score(0.1) == "0.1");
    CHECK(as_score(-std::numeric_limits<double>::denorm_min()).size() <= 32);
}

TEST_CASE("a student ID is decimal digits only") {
    CHECK(parse_student_id("1") == 1);
    CHECK(parse_student_id("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
    for (const auto* wrong : {"", "abc", "-1", "+1", "1 ", "1.0", "0x1", "9223372036854775808"}) {
        INFO(wrong);
        CHECK_FALSE(parse_student_id(wrong));
    }
}

TEST_CASE(
    "a grade that follows the rules is taken, its blanks trimmed and its type spelled as the form does") {
    const auto verdict = validate({"  Quiz 3 ", "quiz", " 87.5\r\n"});
    REQUIRE(verdict.accepted);
    CHECK_FALSE(verdict.errors.any());
    CHECK(verdict.accepted->title == "Quiz 3");
    CHECK(verdict.accepted->type == "Quiz");
    CHECK(verdict.accepted->score == 87.5);
}

TEST_CASE("every grade type of the protocol is accepted") {
    for (const auto* type : {"Test", "Quiz", "Homework", "Exam"}) CHECK(validate({"T", type, "1"}).accepted);
}

TEST_CASE("a score is a number from 0 to 100 and nothing else") {
    for (const auto* right : {"0", "100", "99.99", "-0", "1e1"}) {
        INFO(right);
        CHECK(validate({"T", "Quiz", right}).accepted);
    }
    CHECK_FALSE(std::signbit(validate({"T", "Quiz", "-0"}).accepted->score));
    for (const auto* wrong :
         {"", "ninety", "-1", "100.01", "nan", "inf", "1e999", "85 %", "8 5", "0x10", "87,5"}) {
        INFO(wrong);
        const auto verdict = validate({"T", "Quiz", wrong});
        CHECK_FALSE(verdict.accepted);
        CHECK_FALSE(verdict.errors.score.empty());
        CHECK(verdict.errors.title.empty());
    }
}

TEST_CASE("with another highest score, scores up to it are valid, and means are no percentages") {
    CHECK(validate({"T", "Quiz", "120"}, 120).accepted);
    CHECK(validate({"T", "Quiz", "121"}, 120).errors.score ==
          "The score is a number from 0 to 120, such as 85 or 87.5.");
    CHECK(validate({"T", "Quiz", "16"}, 15).errors.score == "The score is a number from 0 to 15.");
    CHECK(as_mean(87, 100) == "87.0%");
    CHECK(as_mean(14.25, 20) == "14.2");
}

TEST_CASE("each invalid field has its own message") {
    const auto verdict = validate({" ", "Essay", "many"});
    CHECK_FALSE(verdict.accepted);
    CHECK_FALSE(verdict.errors.title.empty());
    CHECK_FALSE(verdict.errors.type.empty());
    CHECK_FALSE(verdict.errors.score.empty());
}

TEST_CASE("a title is counted in characters, not bytes") {
    std::string wide;
    for (int i = 0; i < 200; ++i) wide += "é";
    CHECK(validate({wide, "Quiz", "1"}).accepted);
    CHECK_FALSE(validate({wide + "é", "Quiz", "1"}).accepted);
    CHECK(validate({"測驗 😀", "Quiz", "1"}).accepted);
}

TEST_CASE("a title with invalid characters is refused") {
    for (const std::string wrong :
         {"\xff", "a\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf0\x80\x80\x80",
          "bell\a", "line\nbreak", "\x7f"}) {
        INFO(wrong);
        CHECK_FALSE(validate({wrong, "Quiz", "1"}).errors.title.empty());
    }
}

TEST_CASE("students of a third-party service are read in any spelling, with grades or null") {
    json_error error;
    const auto read =
        from_json<std::vector<student>>(std::string_view(R"([{"ID":1,"FirstName":"Nick","LastName":"Carter",
                              "Grades":[{"Title":"Quiz 1","Type":"Quiz","Score":85}]},
                             {"id":2,"firstName":"Emma","last_name":"Stone","grades":null,"Year":3}])"),
                                        error);
    REQUIRE(read);
    REQUIRE(read->size() == 2);
    CHECK((*read)[0].last_name == "Carter");
    REQUIRE((*read)[0].grades.size() == 1);
    CHECK((*read)[0].grades[0].score == 85);
    CHECK((*read)[1].id == 2);
    CHECK((*read)[1].first_name == "Emma");
    CHECK((*read)[1].grades.empty());
}

TEST_CASE("a grade is sent with the protocol's names, and an integral score as an integer") {
    CHECK(to_wire({"Quiz \"3\"", "Quiz", 85}) == R"({"Title":"Quiz \"3\"","Type":"Quiz","Score":85})");
    json_error error;
    const auto read = from_json<grade>(std::string_view(to_wire({"T", "Exam", 87.5})), error);
    REQUIRE(read);
    CHECK(read->score == 87.5);
}

TEST_CASE("a text is truncated between characters, with an ellipsis") {
    CHECK(first_characters("Zoë", 3) == "Zoë");
    CHECK(first_characters("Zoë!", 3) == "Zoë…");
    CHECK(first_characters("", 0).empty());
    CHECK(first_characters("\xc3", 1) == "\xc3");
}

TEST_CASE("a version or ID of another type counts as missing") {
    json_error error;
    const std::string text = R"({"ID":1,"FirstName":"A","LastName":"B","Average":"good","Version":{},)"
                             R"("Grades":[{"ID":"a","Score":1}]})";
    const auto s = from_json<student>(std::string_view(text), error);
    REQUIRE(s);
    CHECK_FALSE(s->average.value);
    CHECK_FALSE(s->version.value);
    CHECK_FALSE(s->grades.at(0).id.value);
    CHECK(average_of(*s) == 1.0);
}

TEST_CASE("a name has 1 to 100 characters, blanks around it not counted") {
    typed_name name{" Zoë ", std::string(101, 'a')};
    const auto errors = validate(name);
    CHECK(name.first == "Zoë");
    CHECK(errors.first.empty());
    CHECK(errors.last == "The last name has 1 to 100 characters.");
    typed_name blank{" ", "\x01"};
    CHECK_FALSE(validate(blank).first.empty());
    CHECK_FALSE(validate(blank).last.empty());
}
