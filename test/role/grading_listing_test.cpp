// Lists of students, page by page, and the figures of the tests.
#include <catch2/catch.hpp>

#include "role/grading_fixture.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

}  // namespace

TEST_CASE("students are listed page by page with links to the others") {
    grade_book g;
    const auto page = g.get("/students?sort=-average&page=2&limit=2");
    CHECK(page.status == 200);
    CHECK(page.header("X-Total-Count") == "5");
    CHECK(page.header("Link") ==
          "</students?sort=-average&limit=2&page=1>; rel=\"first\", "
          "</students?sort=-average&limit=2&page=1>; rel=\"prev\", "
          "</students?sort=-average&limit=2&page=3>; rel=\"next\", "
          "</students?sort=-average&limit=2&page=3>; rel=\"last\"");
    const auto emma = g.get("/students/3").body;
    const auto zhangsan = g.get("/students/4").body;
    CHECK(page.body == "[" + emma + "," + zhangsan + "]");
    CHECK(g.get("/students?page=9").body == "[]");
    for (const auto* wrong : {"sort=grades", "page=0", "limit=0", "limit=1001", "limit=x"}) {
        const auto a = g.get("/students?" + std::string(wrong));
        CHECK(a.status == 400);
        CHECK_THAT(a.body, Contains("Wrong parameter"));
    }
}

TEST_CASE("a search finds names whatever their case and accents, and follows changes") {
    grade_book g;
    CHECK(g.send("POST", "/students", R"({"FirstName":"Zoë","LastName":"Müller"})").status == 201);
    const auto found = g.get("/students?q=MULLER+zoe");
    CHECK(found.body == "[" + g.get("/students/6").body + "]");
    CHECK(found.header("X-Total-Count") == "1");
    CHECK_THAT(found.header("Link"),
               StartsWith("</students?q=MULLER%20zoe&sort=id&limit=50&page=1>; rel=\"first\""));
    const auto tag = "If-None-Match: " + found.header("ETag") + "\r\n";
    CHECK(g.send("GET", "/students?q=zoe", {}, tag).status == 304);
    CHECK(g.add("6", R"({"Title":"T","Type":"Quiz","Score":1})").status == 201);
    CHECK(g.send("GET", "/students?q=zoe", {}, tag).status == 200);
    CHECK(g.send("DELETE", "/students/6").status == 204);
    CHECK(g.get("/students?q=zoe").body == "[]");
}

TEST_CASE("each test has its figures") {
    grade_book g;
    CHECK(g.get("/tests/Quiz%201").body ==
          R"({"Title":"Quiz 1","Count":5,"Mean":63.8,"Median":67,"Min":23,"Max":100,)"
          R"("Distribution":[0,0,1,0,1,0,1,0,1,1]})");
    CHECK_THAT(g.get("/tests").body, StartsWith(R"([{"Title":"Final Exam","Count":5,)"));
    CHECK(g.get("/tests/Quiz%209").status == 404);
    CHECK(g.send("DELETE", "/students/2").status == 204);
    CHECK_THAT(g.get("/tests/Quiz%201").body, Contains(R"("Count":4,)") && Contains(R"("Max":85,)"));
}
