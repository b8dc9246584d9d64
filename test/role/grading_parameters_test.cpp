#include <catch2/catch.hpp>

#include "role/grading_fixture.hpp"

using namespace distd::test;
using Catch::Contains;

TEST_CASE("a query parameter that grading does not know, or one given twice, is answered 400 and named") {
    grade_book g;
    const auto before = g.get("/students").body;
    const std::string student = R"({"FirstName":"Zoe","LastName":"Muller"})";
    const std::string grade = R"({"Title":"T","Type":"Quiz","Score":1})";
    const struct {
        const char* method;
        std::string path;
        std::string body;
    } requests[] = {
        {"GET", "/students?limt=2", {}},
        {"GET", "/students/1?limit=2", {}},
        {"GET", "/students/1/grades/1?x", {}},
        {"GET", "/tests?q=a", {}},
        {"GET", "/tests/Essay?q=a", {}},
        {"GET", "/weights?Exam=2", {}},
        {"GET", "/limits?x=1", {}},
        {"GET", "/export.csv?sort=name", {}},
        {"GET", "/backup?full=1", {}},
        {"GET", "/history?before=3", {}},
        {"GET", "/students/1/history?sort=id", {}},
        {"POST", "/students?dry_run=true", student},
        {"PUT", "/students/1?FirstName=Zoe", student},
        {"DELETE", "/students/1?version=2", {}},
        {"POST", "/students/1/grades?dry_run=true", grade},
        {"PUT", "/students/1/grades/1?x=1", grade},
        {"DELETE", "/students/1/grades/1?x=1", {}},
        {"PUT", "/weights?dry_run=true", R"({"Exam":3})"},
        {"POST", "/history/1/undo?x=1", {}},
        {"POST", "/import?dryrun=true", "FirstName,LastName\nZoe,Muller\n"},
    };
    for (const auto& r : requests) {
        INFO(r.method << ' ' << r.path);
        const auto a = g.send(r.method, r.path, r.body);
        CHECK(a.status == 400);
        auto name = r.path.substr(r.path.find('?') + 1);
        name = name.substr(0, name.find('='));
        CHECK_THAT(a.body, Contains("Wrong parameter") && Contains("found '" + name + "'"));
    }
    CHECK(g.get("/students").body == before);

    const auto twice = g.get("/students?q=a&q=b");
    CHECK(twice.status == 400);
    CHECK_THAT(twice.body, Contains("q occurs twice"));
    CHECK_THAT(g.get("/students?limt=2").body, Contains("expected one of q, sort, page, limit"));
}
