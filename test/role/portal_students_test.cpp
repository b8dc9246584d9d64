// The list of students as a visitor gets at it, and the students themselves: added, renamed, removed.
#include <catch2/catch.hpp>

#include "role/portal_fixture.hpp"

using namespace distd::test;
using Catch::Contains;

TEST_CASE("the list is searched, sorted and paged with links alone") {
    class_room r;
    const auto found = r.get("/students?q=CARTER").body;
    CHECK_THAT(found, Contains("Carter, Nick"));
    CHECK_THAT(found, !Contains("Stone, Emma"));
    CHECK_THAT(found, Contains("1 student found"));
    const auto best = r.get("/students?sort=-average").body;
    CHECK(best.find("Baggio") < best.find("Carter"));
    CHECK(best.find("Carter") < best.find("xiaoqiao"));
    for (const auto* strange : {"/students?sort=score", "/students?page=0", "/students?page=x",
                                "/students?page=9999999999999999999", "/students?q=%ff%3Cscript%3E"}) {
        INFO(strange);
        CHECK(r.get(strange).status == 200);
    }
    CHECK_THAT(r.get("/students?q=Nobody").body, Contains("Nobody is called “Nobody”."));
}

TEST_CASE("a cached list is never shown for another query") {
    class_room room;
    const auto first = room.get("/students").body;
    CHECK(room.get("/students").body == first);
    REQUIRE(room.post("/students/1/grades", "Title=Essay&Type=Homework&Score=1").status == 303);
    const auto second = room.get("/students").body;
    CHECK(second != first);
    CHECK(room.get("/students").body == second);
    CHECK(room.get("/students?sort=-name").body != second);
}

TEST_CASE("students are added, renamed, removed after a confirmation, and restored") {
    class_room r;
    CHECK(r.post("/students", "FirstName=Ada&LastName=+").status == 422);
    const auto made = r.post("/students", "FirstName=Ada&LastName=Lovelace");
    REQUIRE(made.status == 303);
    const auto home = made.header("Location");
    const auto version = hidden(r.visit(home + "/name"), "Version");
    CHECK(r.post(home + "/name", "FirstName=Ada&LastName=King&Version=" + version).status == 303);
    CHECK_THAT(r.get(home).body, Contains("<h1>Ada King</h1>"));
    const auto both = r.post(home + "/name", "FirstName=A.&LastName=Byron&Version=" + version);
    CHECK(both.status == 409);
    CHECK_THAT(both.body, Contains("<strong>Ada King</strong>") && Contains("<strong>A. Byron</strong>"));

    const auto question = r.visit(home + "/delete");
    CHECK_THAT(question, Contains("Remove Ada King?"));
    const auto gone = r.post(home + "/delete", "Version=" + hidden(question, "Version"));
    CHECK(gone.status == 303);
    CHECK(gone.header("Location") == home + "/history");
    CHECK(r.get(home).status == 404);
    const auto history = r.visit(home + "/history");
    CHECK_THAT(history, Contains("History of Ada King"));
    CHECK(r.post(between(history, "<form method=\"post\" action=\"", "\""), "").status == 303);
    CHECK(r.get(home).status == 200);
}

TEST_CASE("a removal or undo that is confirmed twice is done once") {
    class_room r;
    const auto version = "Version=" + hidden(r.visit("/students/5/delete"), "Version");
    for (int click = 0; click < 2; ++click) {
        const auto gone = r.post("/students/5/delete", version);
        CHECK(gone.status == 303);
        CHECK(gone.header("Location") == "/students/5/history");
    }
    const auto history = r.visit("/students/5/history");
    const auto undo = between(history, "<form method=\"post\" action=\"", "\"");
    const auto key = "Key=" + hidden(history, "Key");
    for (int click = 0; click < 2; ++click) CHECK(r.post(undo, key).status == 303);
    CHECK(r.get("/students/5").status == 200);
    CHECK_THAT(r.get("/students/5/history").body, Contains("2 changes, newest first"));
    CHECK(r.post(undo, "").status == 409);
    CHECK(r.post("/students/99/delete", version).header("Location") == "/students/99/history");
    CHECK(r.get("/students/99/history").status == 404);
}
