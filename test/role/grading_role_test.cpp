// The grade book over HTTP, as the protocol says it.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "role/grading_fixture.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;

const std::string nick = R"({"ID":1,"FirstName":"Nick","LastName":"Carter","Grades":[)"
                         R"({"Title":"Quiz 1","Type":"Quiz","Score":85,"ID":1},)"
                         R"({"Title":"Final Exam","Type":"Exam","Score":94,"ID":2},)"
                         R"({"Title":"Quiz 2","Type":"Quiz","Score":82,"ID":3}],)"
                         R"("Average":87,"Averages":{"Quiz":83.5,"Exam":94},"Version":1})";

}  // namespace

TEST_CASE("a new grade book has the five students") {
    grade_book g;
    const auto all = g.get("/students");
    CHECK(all.status == 200);
    CHECK(all.header("Content-Type") == "application/json");
    CHECK_THAT(all.body, Catch::StartsWith("[" + nick) && Contains(R"("LastName":"qiao")"));
    CHECK(g.get("/students/1").body == nick);
    for (const auto* id : {"0", "6", "-1", "abc", "1x", "+1", "99999999999999999999999"}) {
        const auto a = g.get("/students/" + std::string(id));
        CHECK(a.status == 404);
        CHECK(a.header("Content-Type") == "application/problem+json");
    }
}

TEST_CASE("a grade is answered with 201 once it is durable, and is there after a restart") {
    grade_book g;
    const auto before = g.get("/students/1").header("ETag");
    const auto a = g.add("1", R"({"title":"Essay","TYPE":"homework","score":87.5,"other":1})");
    CHECK(a.status == 201);
    CHECK(a.body == R"({"Title":"Essay","Type":"Homework","Score":87.5,"ID":16})");
    CHECK(a.header("Location") == "/students/1/grades/16");
    const auto after = g.get("/students/1");
    CHECK_THAT(after.body, Contains(R"(,{"Title":"Essay","Type":"Homework","Score":87.5,"ID":16}],)"));
    CHECK(after.header("ETag") != before);
    CHECK_THAT(g.get("/students").body, Contains("Essay"));
    g.restart();
    CHECK(g.get("/students/1").body == after.body);
    CHECK(g.get("/students/1").header("ETag") == after.header("ETag"));
}

TEST_CASE("a grade that cannot be stored is refused with the reason, and changes nothing") {
    grade_book g;
    const auto before = g.get("/students").body;
    const std::string good = R"({"Title":"T","Type":"Quiz","Score":1})";
    CHECK(g.add("6", good).status == 404);
    CHECK(g.add("x", good).status == 404);
    CHECK(g.add("1", "{").status == 400);
    CHECK(g.add("1", "").status == 400);
    const auto a = g.add("1", R"({"Title":"","Type":"Quiz","Score":101})");
    CHECK(a.status == 422);
    CHECK_THAT(a.body, Contains(R"("errors":[{"field":"Title","detail":"must have 1 to 200 characters)") &&
                           Contains(R"({"field":"Score","detail":"must be from 0 to 100, is 101"})"));
    CHECK(g.add("1", std::string(70'000, ' ') + good).status == 413);
    CHECK(g.get("/students").body == before);
}

TEST_CASE("unsupported methods of the grade book are answered with 405 and Allow") {
    grade_book g;
    const auto a = g.w.http("PATCH", g.url() + "/students/1");
    CHECK(a.status == 405);
    CHECK_THAT(a.header("Allow"), Contains("GET"));
}

TEST_CASE("a damaged grade book is not opened, and not touched") {
    in_process_world w;
    const auto folder = std::filesystem::path(w.data_dir("grades")) / "grading";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "grades.db") << std::string(8192, 'x');
    CHECK_THROWS_WITH(w.start("grades", "grading"), Contains("is damaged") && Contains("grades.db"));
    CHECK(std::filesystem::file_size(folder / "grades.db") == 8192);
}
