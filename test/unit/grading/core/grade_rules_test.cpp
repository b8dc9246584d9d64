// What a sent grade must look like, and what its sender is told when it does not.
#include <catch2/catch.hpp>

#include "role/grading/core/grade_rules.hpp"

using namespace distd::grading;

namespace {

template <class T>
std::string fields_of(const judged<T>& j) {
    std::string names;
    for (const auto& e : j.errors) names += e.field + " " + e.detail + "; ";
    return names;
}

std::string with_title(const std::string& json_text) {
    return R"({"Title":")" + json_text + R"(","Type":"Quiz","Score":1})";
}

}  // namespace

TEST_CASE("a grade is read in any letter case, and unknown fields are ignored") {
    const grade expected{"Quiz 3", "Quiz", 87.5};
    for (const auto* text : {R"({"Title":"Quiz 3","Type":"Quiz","Score":87.5})",
                             R"({"title":"Quiz 3","type":"quiz","score":87.5,"room":12})",
                             R"({"TITLE":"Quiz 3","tYPE":"QUIZ","SCORE":8.75e1})"}) {
        const auto j = validate_grade(text);
        REQUIRE(j.value);
        CHECK(*j.value == expected);
    }
}

TEST_CASE("the ends of the allowed ranges are allowed") {
    for (const auto* score : {"0", "-0.0", "100", "100.0"}) {
        const auto j = validate_grade(R"({"Title":"T","Type":"Exam","Score":)" + std::string(score) + "}");
        REQUIRE(j.value);
        CHECK_FALSE(std::signbit(j.value->score));
    }
    std::string long_title;
    for (std::size_t i = 0; i < max_title; ++i) long_title += "\xc3\xa9";  // two bytes, one character
    CHECK(validate_grade(with_title(long_title)).value);
    CHECK_FALSE(validate_grade(with_title(long_title + "e")).value);
}

TEST_CASE("text that is not a JSON object is a matter of syntax") {
    for (const auto* text :
         {"", "{", "Score=85", "[]", "\"grade\"", "null", "{\"Title\":\"\xff\"}", "{} {}"}) {
        const auto j = validate_grade(text);
        CHECK_FALSE(j.value);
        CHECK_FALSE(j.syntax_error.empty());
        CHECK(j.errors.empty());
    }
}

TEST_CASE("content that breaks rules names every field and the rule") {
    CHECK(fields_of(validate_grade("{}")) == "Title is missing; Type is missing; Score is missing; ");
    CHECK(fields_of(validate_grade(R"({"Title":"","Type":"Party","Score":101})")) ==
          "Title must have 1 to 200 characters that are not all spaces; Type must be Quiz, Test, Exam or "
          "Homework; "
          "Score must be from 0 to 100, is 101; ");
    CHECK(fields_of(validate_grade(R"({"Title":5,"Type":null,"Score":"85"})")) ==
          "Title expected a string, found a number; Type is missing; "
          "Score expected a number from 0 to 100, found a string; ");
    CHECK(fields_of(validate_grade(R"({"Title":"T","Type":"Quiz","Score":-0.5})")) ==
          "Score must be from 0 to 100, is -0.5; ");
    // The second is zero to everybody but the JSON parser, which multiplies zero by too much.
    for (const auto* score : {"1e999", "0e309"})
        CHECK(
            fields_of(validate_grade(R"({"Title":"T","Type":"Quiz","Score":)" + std::string(score) + "}")) ==
            "Score expected a number from 0 to 100, found a number out of range; ");
    for (const auto* title : {"a\\nb", "\\u0000", "\\u007f", "\\u0085", "tab\\t"})
        CHECK_THAT(fields_of(validate_grade(with_title(title))), Catch::Contains("control characters"));
}

TEST_CASE("the highest score is what the operator chose") {
    const auto text = R"({"Title":"T","Type":"Quiz","Score":120})";
    CHECK(validate_grade(text, {150}).value);
    CHECK(fields_of(validate_grade(text, {110})) == "Score must be from 0 to 110, is 120; ");
}

TEST_CASE("a student needs two names of 1 to 100 characters") {
    const auto good = validate_name(R"({"firstName":"Zo\u00eb","last_name":"O'Neil","Grades":null})");
    REQUIRE(good.value);
    CHECK(*good.value == full_name{"Zo\xc3\xab", "O'Neil"});
    CHECK(fields_of(validate_name(R"({"FirstName":"  "})")) ==
          "FirstName must have 1 to 100 characters that are not all spaces; LastName is missing; ");
    CHECK(fields_of(
              validate_name(R"({"FirstName":")" + std::string(101, 'x') + R"(","LastName":"a\u0001"})")) ==
          "FirstName must have 1 to 100 characters, has 101; "
          "LastName must not contain control characters or line breaks; ");
    CHECK_FALSE(validate_name("[]").syntax_error.empty());
}

TEST_CASE("weights that are not named stay as they are") {
    const auto j = validate_weights(R"({"exam":3,"Quiz":0.5})", type_weights{{1, 2, 1, 4}});
    REQUIRE(j.value);
    CHECK(*j.value == type_weights{{0.5, 2, 3, 4}});
    CHECK(fields_of(validate_weights(R"({"Exam":-1,"Party":1,"Quiz":"2"})", {})) ==
          "Quiz expected a number from 0 to 1000, found a string; Exam must be from 0 to 1000, is -1; "
          "Party is not a type; must be Quiz, Test, Exam or Homework; ");
}
