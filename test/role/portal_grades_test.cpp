// One grade through the forms of the portal: added, corrected, deleted, brought back.
#include <catch2/catch.hpp>

#include "role/portal_fixture.hpp"

using namespace distd::test;
using Catch::Contains;

TEST_CASE("a type that is none stays in the form, with the reason beside it") {
    class_room c;
    const auto answer = c.post("/students/1/grades", "Title=A&Type=Essay&Score=5");
    CHECK(answer.status == 422);
    CHECK_THAT(answer.body, Contains("<option value=\"Essay\" selected>") && Contains("id=\"type-error\""));
}

TEST_CASE("a form that is sent twice adds its grade once, and a corrected one adds another") {
    class_room r;
    const auto key = "&Key=" + hidden(r.visit("/students/1"), "Key");
    const std::string grade = "Title=Twice&Type=Exam&Score=64";
    CHECK(r.post("/students/1/grades", grade + key).status == 303);
    CHECK(r.post("/students/1/grades", grade + key).status == 303);
    CHECK(r.post("/students/1/grades", "Title=Twice&Type=Exam&Score=65" + key).status == 303);
    const auto book = r.elsewhere("GET", "/students/1").body;
    CHECK_THAT(book, Contains(R"("Title":"Twice","Type":"Exam","Score":64)"));
    CHECK(book.find(R"("Title":"Twice")") + 1 < book.rfind(R"("Title":"Twice")"));
    const auto first = book.find(R"("Score":64)");
    CHECK(book.find(R"("Score":64)", first + 1) == book.npos);
}

TEST_CASE("a grade is changed, deleted after a question, and brought back from the history") {
    class_room r;
    const auto url = r.added("Essay", "50");
    const auto form = r.visit(url);
    CHECK_THAT(form, Contains("value=\"Essay\""));
    const auto version = hidden(form, "Version");

    const auto wrong = r.post(url, "Title=Essay&Type=Quiz&Score=fifty&Version=" + version);
    CHECK(wrong.status == 422);
    CHECK_THAT(wrong.body, Contains("value=\"fifty\"") && Contains("role=\"alert\"") &&
                               Contains("id=\"score-error\"") && Contains("href=\"#score\""));
    const auto changed = r.post(url, "Title=Essay&Type=Exam&Score=55&Version=" + version);
    CHECK(changed.status == 303);
    CHECK(changed.header("Location") == "/students/1");
    CHECK_THAT(r.elsewhere("GET", "/students/1").body,
               Contains(R"("Title":"Essay","Type":"Exam","Score":55)"));

    const auto question = r.visit(url + "/delete");
    CHECK_THAT(question, Contains("Delete this grade?") && Contains("Essay (Exam), 55, of Nick Carter"));
    CHECK(r.post(url + "/delete", "Version=" + hidden(question, "Version")).status == 303);
    CHECK_THAT(r.elsewhere("GET", "/students/1").body, !Contains("Essay"));
    CHECK(r.get(url).status == 404);

    const auto history = r.visit("/students/1/history");
    CHECK_THAT(history, Contains("Grade deleted") && Contains("Essay (Quiz): 50"));
    const auto undo = between(history, "<form method=\"post\" action=\"", "\"");  // the newest entry
    const auto done = r.post(undo, "");
    CHECK(done.status == 303);
    CHECK(done.header("Location") == "/students/1/history");
    CHECK_THAT(r.elsewhere("GET", "/students/1").body, Contains("Essay"));
    const auto twice = r.post(undo, "");
    CHECK(twice.status == 409);
    CHECK_THAT(twice.body, Contains("cannot be undone") && Contains("role=\"alert\""));
}
