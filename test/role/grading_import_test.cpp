// Tables that are taken in: first looked at, then confirmed.
#include <catch2/catch.hpp>

#include "role/grading/schema.hpp"
#include "role/grading_fixture.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

http_answer import(grade_book& g, const std::string& query, const std::string& table) {
    return g.send("POST", "/import" + query, table, {}, "text/csv");
}

std::string token_of(const http_answer& a) {
    const auto at = a.body.find(R"("Token":")");
    if (at == std::string::npos) return "none";
    const auto from = at + 9;
    return a.body.substr(from, a.body.find('"', from) - from);
}

const std::string table =
    "StudentID,FirstName,LastName,GradeID,Title,Type,Score\r\n"
    "1,Nick,Carter,1,Quiz 1,Quiz,90\r\n"
    ",Zoë,Müller,,Essay,Homework,87.5\r\n"
    "99,,,,Essay,Homework,1\r\n";

}  // namespace

TEST_CASE("a dry run lists what would be done and changes nothing; its token confirms it") {
    grade_book g;
    const auto before = g.get("/students").body;
    const auto dry = import(g, "?dry_run=true", table);
    CHECK(dry.status == 200);
    CHECK_THAT(dry.body,
               StartsWith(R"({"Lines":3,"Added":1,"Changed":1,"Unchanged":0,"Rejected":1,"Report":[)") &&
                   Contains(R"({"Line":4,"Outcome":"rejected","Detail":"StudentID:)"));
    CHECK(g.get("/students").body == before);

    CHECK(import(g, "?dry_run=false", table).status == 412);
    CHECK(import(g, "?dry_run=false&token=" + token_of(dry), table + " ").status == 412);
    CHECK(g.get("/students").body == before);
    const auto done = import(g, "?dry_run=false&token=" + token_of(dry), table);
    CHECK(done.status == 200);
    CHECK_THAT(g.get("/students/6").body, Contains("Zoë") && Contains(R"("Score":87.5)"));
    CHECK_THAT(g.get("/students/1/grades/1").body, Contains(R"("Score":90)"));
    CHECK_THAT(g.get("/history").body,
               Contains("grade_changed") && Contains("student_added") && Contains("grade_added"));
    CHECK(import(g, "?dry_run=false&token=" + token_of(dry), table).status == 412);  // once
    const auto all = g.get("/students").body;
    g.restart();
    CHECK(g.get("/students").body == all);
}

TEST_CASE("a token is invalid once the book was changed") {
    grade_book g;
    const auto dry = import(g, "", table);
    CHECK(g.add("3", R"({"Title":"T","Type":"Quiz","Score":1})").status == 201);
    CHECK(import(g, "?dry_run=false&token=" + token_of(dry), table).status == 412);
}

TEST_CASE("the service answers other requests during an import, which is then complete") {
    grade_book g;
    constexpr int lines = 3000;
    std::string big = "StudentID,FirstName,LastName,GradeID,Title,Type,Score\n";
    for (int i = 0; i < lines; ++i)
        big += ",First" + std::to_string(i) + ",Last,,Essay,Homework," + std::to_string(i % 100) + "\n";
    const auto token = token_of(import(g, "", big));

    // Another one holds the file: the writer has to wait, and has the whole table before it then.
    sqlite::database other(g.w.data_dir("grades") + "/grading/grades.db", grading::gradebook_schema());
    other.begin();
    auto peer = [&] {
        const auto at_once = exchange("GET", g.url() + "/students/1", {}, {}, [&] { g.w.pump(); });
        CHECK(at_once.status == 200);
    };
    int looks = 0;
    const auto done =
        exchange("POST", g.url() + "/import?dry_run=false&token=" + token, big, "text/csv", [&] {
            g.w.pump();
            constexpr int enough = 20;
            if (looks > enough) return;
            peer();
            if (++looks == enough) other.rollback();
        });
    CHECK(looks > 1);
    CHECK(done.status == 200);
    CHECK(g.get("/students?limit=1").header("X-Total-Count") == std::to_string(5 + lines));
    const auto all = g.get("/students").body;
    g.restart();
    CHECK(g.get("/students").body == all);
}

TEST_CASE("a change right after an import applies to its result") {
    grade_book g;
    std::string big = "FirstName,LastName\n";
    for (int i = 0; i < 1200; ++i) big += "First" + std::to_string(i) + ",Last\n";
    const auto token = token_of(import(g, "", big));
    CHECK(import(g, "?dry_run=false&token=" + token, big).status == 200);
    CHECK(g.add("1205", R"({"Title":"T","Type":"Quiz","Score":1})").status == 201);
    CHECK_THAT(g.get("/students/1205").body, Contains("First1199") && Contains(R"("Title":"T")"));
}

TEST_CASE("an invalid table is refused with the line of the error") {
    grade_book g;
    const auto a = import(g, "", "StudentID\n\"");
    CHECK(a.status == 422);
    CHECK_THAT(a.body, Contains("line 2: a quoted cell is not closed"));
    CHECK(import(g, "?dry_run=maybe", table).status == 400);
    const auto form = g.send("POST", "/import", "--x", {}, "multipart/form-data; boundary=x");
    CHECK(form.status == 415);
    CHECK_THAT(form.body, Contains("--data-binary"));
}
