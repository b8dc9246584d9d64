// Pages with many grades at once: the sheet of a test, its distribution, and the preview of a table.
#include <catch2/catch.hpp>
#include <vector>

#include "unit/portal/grade_book/pages_fixture.hpp"

using namespace distd;
using namespace distd::portal;

TEST_CASE("the sheet marks what is stored, what is wrong, and who has this grade already") {
    score_sheet sheet;
    sheet.title = "Quiz 1";
    sheet.type = "Test";
    sheet.rows[1] = {"ninety", "The score is a number.", {}};
    sheet.rows[6] = {{}, {}, "77"};
    const auto page = make_pages().sheet(sheet, {{nick, newcomer}, 2}, csrf);
    CHECK(holds(page, R"(<label for="score-1">Carter, Nick</label>)"));
    CHECK(holds(page, "has 85 already"));
    CHECK(holds(page,
                R"(value="ninety" autocomplete="off" aria-invalid="true" aria-describedby="score-1-error")"));
    CHECK(holds(page, R"(<a href="#score-1">Carter, Nick: The score is a number.</a>)"));
    CHECK(holds(page, "✓ stored 77"));
    CHECK(holds(page, R"(name="Stored-6" value="77")"));
    CHECK_FALSE(holds(page, R"(name="Score-6")"));
    CHECK(times(page, "autofocus") == 1);
    // Enter presses the first button of a form: it must not be the one that stores.
    CHECK(page.find(R"(value="check")") < page.find(R"(value="store")"));
}

TEST_CASE(
    "a sheet for more students than fit says so, and how to get at the others where there is a search") {
    const auto part = make_pages().sheet({}, {{nick}, 500}, csrf);
    CHECK(holds(part, "These are the first 1 of 500 students. Search to find the others."));
    const std::vector<student> crowd(1001, nick);
    const auto all = make_pages().sheet({}, {crowd, {}}, csrf);
    CHECK(holds(all, "These are the first 1000 of 1001 students."));
    CHECK_FALSE(holds(all, "Search for"));
    CHECK_FALSE(holds(make_pages().sheet({}, {{nick}, 1}, csrf), "These are the first"));
}

TEST_CASE("the chart of a distribution has the numbers of its table") {
    const test_figures figures{"Quiz 1", 5, 60, 60, 5, 100, {1, 0, 0, 0, 0, 0, 0, 0, 0, 4}};
    const auto page = make_pages().distribution(figures);
    CHECK(holds(page, R"(<rect class="fill" x="364" y="25" width="32" height="120" rx="2"/>)"));
    CHECK(holds(page, R"(<rect class="fill" x="4" y="115" width="32" height="30" rx="2"/>)"));
    CHECK(holds(page, R"(<th scope="row">90 to 100</th><td class="number">4</td>)"));
    CHECK(holds(page, R"(<th scope="row">0 to under 10</th><td class="number">1</td>)"));
    CHECK(times(page, "<rect") == 10);
}

TEST_CASE("the preview of a table shows each line and carries the table to its confirmation") {
    const import_report report{
        2, 1, 0, 0, 1, {{2, "added", "a grade"}, {3, "rejected", "Score is missing"}}, "t-1"};
    const auto page = make_pages().import_preview(report, "Title\r\n\"x\"\r\n", "", csrf);
    CHECK(holds(page, "✓ added"));
    CHECK(holds(page, "✕ rejected"));
    CHECK(holds(page, "Score is missing"));
    CHECK(holds(page, R"(name="ImportToken" value="t-1")"));
    CHECK(holds(page, "name=\"Table\" value=\"Title\r\n&quot;x&quot;\r\n\""));
    const import_report nothing{1, 0, 0, 1, 0, {}, "t-2"};
    CHECK(holds(make_pages().import_preview(nothing, "Title", "", csrf), "There is nothing to do."));
}
