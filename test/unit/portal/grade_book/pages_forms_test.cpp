// Forms that are shown: with labels, with what was typed and its errors, and with both values of a conflict.
#include <catch2/catch.hpp>
#include <string>

#include "unit/portal/grade_book/pages_fixture.hpp"

using namespace distd;
using namespace distd::portal;

TEST_CASE("every control has a label") {
    const auto page = make_pages().student_page(nick);
    for (const auto* id : {"title", "type", "score"}) {
        CHECK(holds(page, "<label for=\"" + std::string(id) + "\">"));
        CHECK(holds(page, "id=\"" + std::string(id) + "\""));
    }
}

TEST_CASE("a refused form keeps its input and has the error beside the field") {
    const typed_grade typed{"Quiz 3", "Homework", "ninety"};
    const auto page = make_pages().student_page(nick, {typed, validate(typed).errors, ""});
    CHECK(holds(page, R"(value="Quiz 3")"));
    CHECK(holds(page, R"(value="ninety")"));
    CHECK(holds(page, R"(<option value="Homework" selected>)"));
    CHECK(holds(page, R"(id="score-error">The score is a number from 0 to 100)"));
    CHECK(times(page, "aria-invalid") == 1);
    CHECK(holds(page, R"(aria-describedby="score-error score-hint")"));
}

TEST_CASE("pages use the configured highest score") {
    const pages p(distd::web::web_files("portal"), "Portald", 20);
    const student s{1, "A", "B", {{"Oral", "Test", 15}}, {}, {}};
    const auto page = p.student_page(s, {}, csrf);
    CHECK(holds(page, "0–20<"));
    CHECK(holds(page, ">15.0<"));
    CHECK_FALSE(holds(page, "15.0%"));
    CHECK(holds(page, R"(class="fill" width="75")"));
}

TEST_CASE("a conflict shows both values and lets one choose") {
    grade_edit e{1, 11, "Nick Carter", 9, {{"Quiz 1", "Quiz", "90"}, {}, {}}, grade{"Quiz 1", "Exam", 80}};
    const auto page = make_pages().edit_grade(e, csrf);
    CHECK(holds(page, R"(<th scope="row">Title</th><td>Quiz 1</td><td>Quiz 1</td>)"));
    CHECK(holds(page, "<td><strong>80</strong></td><td><strong>90</strong></td>"));
    CHECK(holds(page, "Keep what is stored"));
    CHECK(holds(page, R"(name="Version" value="9")"));
    CHECK(holds(page, ">Store mine</button>"));
}
