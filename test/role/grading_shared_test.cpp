// Several grading services on one store: each shows its own writes and those of the others at once, and what
// holds for two people at one instance holds for two people at two.
#include <catch2/catch.hpp>

#include "role/grading_fixture.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;

struct two_books {
    two_books() {
        start("one");
        start("two");
    }
    void start(const std::string& name) {
        w.start(name, "grading", {"--grading-store=" + w.data_dir("shared.db")});
    }
    http_answer get(const std::string& name, const std::string& path) { return send(name, "GET", path); }
    http_answer send(const std::string& name, const std::string& method, const std::string& path,
                     const std::string& body = {}, const std::string& headers = {}) {
        return exchange(
            method, w.address(name, "grading") + path, body, "application/json", [this] { w.pump(); },
            headers);
    }
    void check_same(const std::string& path) { CHECK(get("one", path).body == get("two", path).body); }

    in_process_world w;
};

std::string grade_called(const std::string& title) {
    return R"({"Title":")" + title + R"(","Type":"Quiz","Score":1})";
}

}  // namespace

TEST_CASE("two grade books on one store show their own and each other's writes at once") {
    two_books g;
    for (int i = 0; i < 6; ++i) {
        const auto* writer = i % 2 == 0 ? "one" : "two";
        const auto title = "G" + std::to_string(i);
        REQUIRE(g.send(writer, "POST", "/students/1/grades", grade_called(title)).status == 201);
        CHECK_THAT(g.get("two", "/students/1").body, Contains(title));
        CHECK_THAT(g.get("one", "/students/1").body, Contains(title));
    }
    CHECK(g.send("two", "POST", "/students", R"({"FirstName":"Zoë","LastName":"Stone"})").status == 201);
    CHECK(g.send("one", "POST", "/students/6/grades", grade_called("First")).status == 201);
    CHECK(g.send("two", "PUT", "/students/6", R"({"FirstName":"Zoe","LastName":"Stone"})").status == 200);
    CHECK(g.send("one", "PUT", "/students/1/grades/1", grade_called("Changed")).status == 200);
    CHECK(g.send("two", "DELETE", "/students/1/grades/2").status == 204);
    CHECK(g.send("one", "DELETE", "/students/2").status == 204);
    CHECK(g.get("two", "/students/2").status == 404);
    CHECK(g.send("two", "PUT", "/weights", R"({"Exam":3})").status == 200);
    CHECK(g.send("two", "POST", "/history/12/undo").status == 201);
    CHECK_THAT(g.get("one", "/students/2").body, Contains("Roberto"));
    for (const auto* path : {"/students", "/students/1", "/students?q=zoe", "/students?sort=-average",
                             "/tests", "/weights", "/history", "/export.csv"})
        g.check_same(path);

    const auto all = g.get("two", "/students").body;
    g.w.stop("one");
    CHECK(g.send("two", "POST", "/students/3/grades", grade_called("Alone")).status == 201);
    g.start("one");
    CHECK_THAT(g.get("one", "/students/3").body, Contains("Alone"));
    g.check_same("/students");
}

TEST_CASE("versions, idempotency keys and import tokens are shared by the instances of a store") {
    two_books g;
    const auto tag = "If-Match: " + g.get("one", "/students/1").header("ETag") + "\r\n";
    CHECK(g.send("two", "POST", "/students/1/grades", grade_called("T"), tag).status == 201);
    const auto late = g.send("one", "DELETE", "/students/1", {}, tag);
    CHECK(late.status == 412);
    CHECK_THAT(late.body, Contains(R"("currentVersion":2)") && Contains(R"("Title":"T")"));

    const std::string key = "Idempotency-Key: 7f3a\r\n";
    const auto first = g.send("one", "POST", "/students/1/grades", grade_called("Once"), key);
    const auto again = g.send("two", "POST", "/students/1/grades", grade_called("Once"), key);
    CHECK(again.status == 201);
    CHECK(again.body == first.body);
    CHECK(again.header("Idempotency-Replayed") == "true");

    const std::string table = "StudentID,Title,Type,Score\n4,Essay,Homework,5\n";
    const auto dry = g.send("one", "POST", "/import", table).body;
    const auto from = dry.find(R"("Token":")") + 9;
    const auto token = dry.substr(from, dry.find('"', from) - from);
    CHECK(g.send("two", "POST", "/students/5/grades", grade_called("Between")).status == 201);
    CHECK(g.send("one", "POST", "/import?dry_run=false&token=" + token, table).status == 412);
    g.check_same("/students");
}
