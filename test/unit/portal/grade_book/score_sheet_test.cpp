// One test for all students: what was typed, and what of it is stored.
#include "role/portal/grade_book/score_sheet.hpp"

#include <catch2/catch.hpp>

using namespace distd::portal;

namespace {
form_fields typed(std::string nick, std::string emma, std::string title = "Quiz 4") {
    return {{"Title", std::move(title)},  {"Type", "quiz"},   {"Search", "a"}, {"Score-1", std::move(nick)},
            {"Score-3", std::move(emma)}, {"Stored-2", "70"}, {"Score-x", "1"}};
}
}  // namespace

TEST_CASE("a sheet is parsed with stored scores, and blank fields are no grades") {
    auto sheet = read_sheet(typed(" 85 ", " "));
    CHECK(sheet.rows.size() == 3);
    CHECK(sheet.search == "a");
    CHECK(sheet.stored() == 1);
    CHECK(sheet.typed() == 1);
    const auto accepted = validate(sheet);
    REQUIRE(accepted.size() == 1);
    CHECK(accepted[0].first == 1);
    CHECK(same_content(accepted[0].second, {"Quiz 4", "Quiz", 85}));
    CHECK_FALSE(sheet.any_errors());
}

TEST_CASE("one invalid score blocks the sheet, with the reason beside it") {
    auto sheet = read_sheet(typed("85", "101"));
    CHECK(validate(sheet).empty());
    CHECK(sheet.rows[1].error.empty());
    CHECK(sheet.rows[3].error.find("0 to 100") != std::string::npos);
    CHECK(sheet.rows[3].typed == "101");
}

TEST_CASE("a sheet without a title stores nothing") {
    auto sheet = read_sheet(typed("85", "", " "));
    CHECK(validate(sheet).empty());
    CHECK_FALSE(sheet.errors.title.empty());
}
