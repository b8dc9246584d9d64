// The whole grade book in one answer: as a table, and as a copy that another one can start with.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "role/grading_fixture.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

http_answer get_slowly(grade_book& g, const std::string& path) {
    return exchange("GET", g.url() + path, {}, {}, [&] {
        g.w.loop.restart();
        g.w.loop.run_for(milliseconds(1));  // another thread prepares the answer
    });
}

}  // namespace

TEST_CASE("the grade book is exported as a table in which nothing is a formula") {
    grade_book g;
    CHECK(g.send("POST", "/students", R"({"FirstName":"=A1","LastName":"B"})").status == 201);
    const auto a = g.get("/export.csv");
    CHECK(a.status == 200);
    CHECK_THAT(a.header("Content-Type"), StartsWith("text/csv"));
    CHECK_THAT(
        a.body,
        StartsWith("StudentID,FirstName,LastName,GradeID,Title,Type,Score\r\n1,Nick,Carter,1,Quiz 1,") &&
            Contains("\r\n6,'=A1,B,,,,\r\n"));
}

TEST_CASE("a backup of the live store is a grade book that can be started") {
    grade_book g;
    CHECK(g.add("1", R"({"Title":"Essay","Type":"Homework","Score":87.5})").status == 201);
    const auto backup = get_slowly(g, "/backup");
    REQUIRE(backup.status == 200);
    CHECK_THAT(backup.body, StartsWith("SQLite format 3"));
    const auto folder = std::filesystem::path(g.w.data_dir("grades")) / "grading";
    CHECK_FALSE(std::filesystem::exists(folder / "grades.db.copy"));
    CHECK(get_slowly(g, "/backup").status == 200);

    in_process_world other;
    const auto place = std::filesystem::path(other.data_dir("restored")) / "grading";
    std::filesystem::create_directories(place);
    std::ofstream(place / "grades.db", std::ios::binary) << backup.body;
    other.start("restored", "grading");
    const auto shown = other.http("GET", other.address("restored", "grading") + "/students");
    CHECK(shown.body == g.get("/students").body);
}
