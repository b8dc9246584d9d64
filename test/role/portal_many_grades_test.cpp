// Many grades at once: one test of all students on a page, and tables that go out and come in.
#include <catch2/catch.hpp>
#include <string>

#include "role/portal_fixture.hpp"

namespace {

using namespace distd::test;
using Catch::Contains;

std::string plain(std::string text) {
    for (auto at = text.find("&quot;"); at != text.npos; at = text.find("&quot;", at))
        text.replace(at, 6, "\"");
    return text;
}

}  // namespace

TEST_CASE("one test is entered for all students on one page") {
    class_room r;
    CHECK_THAT(r.visit("/tests/enter"), Contains("<label for=\"score-1\">Carter, Nick</label>"));
    const auto check = r.post("/tests/enter", "Title=Quiz+9&Type=Quiz&Score-1=80&Score-2=&Step=check");
    CHECK(check.status == 200);
    CHECK_THAT(check.body,
               Contains("name=\"Title\" type=\"text\" value=\"Quiz 9\"") && Contains("value=\"80\""));
    const auto wrong = r.post("/tests/enter", "Title=Quiz+9&Type=Quiz&Score-1=80&Score-3=x&Step=store");
    CHECK(wrong.status == 422);
    CHECK_THAT(wrong.body, Contains("id=\"score-3-error\""));
    CHECK(r.post("/tests/enter", "Title=Quiz+9&Type=Quiz&Step=store").status == 422);
    CHECK_THAT(r.elsewhere("GET", "/tests").body, !Contains("Quiz 9"));

    const auto form =
        "Title=Quiz+9&Type=Quiz&Score-1=80&Score-3=90&Score-77=1&Step=store&Key=" + hidden(check.body, "Key");
    const auto partly = r.post("/tests/enter", form);
    CHECK(partly.status == 422);
    CHECK_THAT(partly.body, Contains("✓ stored 80") && Contains("name=\"Stored-3\" value=\"90\""));
    const auto done = r.post("/tests/enter", "Title=Quiz+9&Type=Quiz&Stored-1=80&Score-2=70&Step=store");
    CHECK(done.status == 303);
    const auto figures = r.get(done.header("Location")).body;
    CHECK_THAT(figures, Contains("<h1>Quiz 9</h1>") && Contains("3 grades"));
    CHECK(r.post("/tests/enter", form).status == 422);  // the same form again
    CHECK_THAT(r.get(done.header("Location")).body, Contains("3 grades"));
    CHECK(r.get("/tests/distribution?title=No").status == 404);

    std::string crowd = "Title=a&Type=Quiz&Step=store";
    for (int id = 1; id <= 1001; ++id) crowd += "&Score-" + std::to_string(id) + "=1";
    CHECK(r.post("/tests/enter", crowd).status == 422);
}

TEST_CASE("a table is exported, and imported after a preview") {
    class_room r;
    const auto table = r.get("/export.csv");
    CHECK(table.status == 200);
    CHECK_THAT(table.header("Content-Type"), Contains("text/csv"));
    r.visit("/import");
    const auto same = r.upload("/import", {{"Token", r.token}, {"Table", table.body}});
    CHECK(same.status == 200);
    CHECK_THAT(same.body, Contains("There is nothing to do."));

    const std::string file =
        "FirstName,LastName,Title,Type,Score\nAda,Lovelace,\"Say \"\"hi\"\"\",Quiz,80\nX,Y,a,Party,1\n";
    const auto preview = r.upload("/import", {{"Token", r.token}, {"Table", file}});
    CHECK(preview.status == 200);
    CHECK_THAT(preview.body, Contains("✓ added") && Contains("✕ rejected") && Contains("Type"));
    CHECK_THAT(r.get("/students").body, !Contains("Lovelace"));
    const auto confirm = [&](const std::string& page) {
        return r.upload("/import/confirm", {{"Token", r.token},
                                            {"ImportToken", hidden(page, "ImportToken")},
                                            {"Table", plain(hidden(page, "Table"))}});
    };
    static_cast<void>(r.added("Meanwhile", "1"));
    const auto late = confirm(preview.body);
    CHECK(late.status == 409);
    CHECK_THAT(late.body, Contains("nothing was done") && Contains("✓ added"));
    const auto done = confirm(late.body);
    CHECK(done.status == 303);
    CHECK_THAT(r.get(done.header("Location")).body, Contains("Added: 1, changed: 0"));
    CHECK_THAT(r.get("/students").body, Contains("Lovelace, Ada"));
    CHECK_THAT(r.elsewhere("GET", "/students/6").body, Contains(R"(Say \"hi\")"));

    CHECK(r.upload("/import", {{"Token", r.token}, {"Table", "a,b\n1,2\n"}}).status == 422);
    CHECK(r.upload("/import", {{"Token", r.token}, {"Table", "Zo\xeb"}}).status == 422);
    CHECK(r.upload("/import", {{"Token", r.token}}).status == 422);
}
