// The list of students and the page of one: names, averages, search, and what a service does not offer.
#include <catch2/catch.hpp>

#include "unit/portal/grade_book/pages_fixture.hpp"

using namespace distd;
using namespace distd::portal;

TEST_CASE("the list is headed Grade Book and links every student by last name, with the average") {
    const auto page = list_of({nick, newcomer});
    CHECK(holds(page, "<h1>Grade Book</h1>"));
    CHECK(holds(page, R"(<a href="/students/1">Carter, Nick</a>)"));
    CHECK(holds(page, "87.0%"));
    CHECK(holds(page, R"(<a href="/students/6">Lovelace, Ada</a>)"));
}

TEST_CASE("a student without grades has a dash for an average and does not lower the class") {
    const auto page = list_of({nick, newcomer, nick});
    CHECK(holds(page, R"(title="no grades yet">–</span>)"));
    CHECK(holds(page, "3 students, class average 87.0%"));
    CHECK_FALSE(holds(page, "nan"));
    CHECK_FALSE(holds(list_of({newcomer}), "%"));
}

TEST_CASE("an empty grade book says so") { CHECK(holds(list_of({}), "There are no students yet.")); }

TEST_CASE("a student's page shows the grades and a form") {
    const auto page = make_pages().student_page(nick);
    CHECK(holds(page, "<h1>Nick Carter</h1>"));
    CHECK(holds(page, "Final Exam"));
    CHECK(holds(page, R"(<span class="figure">94</span>)"));
    CHECK(holds(page, R"(<form class="card" method="post" action="/students/1/grades">)"));
    for (const auto* name : {R"(name="Title")", R"(name="Type")", R"(name="Score")"})
        CHECK(holds(page, name));
    for (const auto type : grade_types) CHECK(holds(page, R"(<option value=")" + std::string(type)));
    CHECK_FALSE(holds(page, "No grades available"));
    CHECK_FALSE(holds(page, "aria-invalid"));
}

TEST_CASE("a student without grades reads No grades available") {
    const auto page = make_pages().student_page(newcomer);
    CHECK(holds(page, "No grades available"));
    CHECK_FALSE(holds(page, "Average"));
}

TEST_CASE("a name with only one part, or none, still reads as a name") {
    CHECK(holds(list_of({{8, "", "Cher", {}}}), ">Cher</a>"));
    CHECK(holds(list_of({{9, "", "", {}}}), ">Student 9</a>"));
}

TEST_CASE("the average is the service's own when it computes one") {
    auto s = nick;
    s.version.value = 4;
    s.average.value = 12.25;
    CHECK(holds(list_of({s}), "12.2%"));
    s.average.value.reset();  // none counts
    CHECK(holds(list_of({s}), "no grades yet"));
}

TEST_CASE("the list of a service that can search offers search, both orders and pages") {
    student_list_query asked;
    asked.search = "a&b";
    asked.page = 2;
    asked.sort = "-average";
    const auto page = listed({nick, newcomer}, 120, asked);
    CHECK(holds(page, R"(name="q" type="search" value="a&amp;b")"));
    CHECK(holds(page, R"(aria-sort="descending"><a href="/students?sort=average&amp;q=a%26b">Average)"));
    CHECK(holds(page, R"(<a href="/students?sort=name&amp;q=a%26b">Name)"));
    CHECK(holds(page, "Page 2 of 3"));
    CHECK(holds(page, R"(<a href="/students?sort=-average&amp;q=a%26b" rel="prev">)"));
    CHECK(holds(page, R"(<a href="/students?sort=-average&amp;q=a%26b&amp;page=3" rel="next">)"));
    CHECK(holds(page, "120 students found"));
    CHECK_FALSE(holds(page, "class average"));  // of one page it would be wrong
}

TEST_CASE("what a service of another make does not offer is left out") {
    const auto list = list_of({nick});
    for (const auto* part : {R"(name="q")", "sort=", "/import", "/export.csv", "/students/new"})
        CHECK_FALSE(holds(list, part));
    const auto page = make_pages().student_page(nick, {}, csrf);
    for (const auto* part : {"/history", "/delete", ">Edit"}) CHECK_FALSE(holds(page, part));
    CHECK(holds(make_pages().tests({}, false), "keeps no figures"));
    student_list_query asked;
    asked.search = "Nick";
    CHECK(holds(make_pages().students({{nick}, {}}, asked), "cannot search"));
}

TEST_CASE("grades with an ID can be changed and deleted, each with a name of its own for the link") {
    auto s = nick;
    s.version.value = 4;
    s.grades[0].id.value = 11;
    const auto page = make_pages().student_page(s, {}, csrf);
    CHECK(holds(page, R"(<a href="/students/1/grades/11">Edit<span class="unseen"> Quiz 1</span>)"));
    CHECK(holds(page, R"(<a href="/students/1/grades/11/delete">Delete)"));
    CHECK(times(page, ">Edit<") == 1);
}
